"""A platform in small: a database, a registry with people of every kind, an egress service, and files on their way."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Base, Database
from hdh_jupyter.disclosure.model import FileReport, Finding, Place, Report, Severity, Verdict
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.egress.check_queue import CheckedFile, CheckQueue
from hdh_jupyter.egress.forms import CASE
from hdh_jupyter.egress.model import Limits, Request
from hdh_jupyter.egress.release import policy_record
from hdh_jupyter.egress.service import EgressService
from hdh_jupyter.egress.store import Store
from hdh_jupyter.projects.model import (
    Authorisation,
    BasisKind,
    Member,
    Person,
    PlatformRole,
    Project,
    ProjectRole,
)
from hdh_jupyter.projects.registry import Registry

CHECKER = frozenset({PlatformRole.CHECKER})
PEOPLE = (
    Person("rosa", "Rosa, researcher"),
    Person("remi", "Rémi, researcher"),
    Person("lea", "Léa, lead"),
    Person("luc", "Luc, second lead, who is also a checker", roles=CHECKER),
    Person("carl", "Carl, checker", roles=CHECKER),
    Person("cleo", "Cléo, checker", roles=CHECKER),
    Person("cyril", "Cyril, checker", roles=CHECKER),
    Person("ines", "Inès, checker and researcher of the project", roles=CHECKER),
    Person("sven", "Sven, steward", roles=frozenset({PlatformRole.STEWARD})),
    Person("ada", "Ada, admin", roles=frozenset({PlatformRole.ADMIN})),
    Person("otto", "Otto, lead of another project"),
)
FILES = {"results/weekly.csv": b"week,visits\n2020-01,120\n2020-02,340\n", "results/trend.csv": b"year,n\n2020,55\n"}
STATED = {
    "purpose": "Publication d'un article sur la grippe saisonnière.",
    "recipient": "Eurosurveillance",
    "justification": "Agrégats hebdomadaires par département, aucun effectif inférieur à onze personnes.",
}


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def pass_time(self, **kwargs: float) -> None:
        self.at += timedelta(**kwargs)


@dataclass(frozen=True)
class Staged:
    """A file as the gateway would give it."""

    name: str
    size: int
    sha256: str
    chunks: AsyncIterator[bytes]


async def stream(content: bytes, step: int = 7) -> AsyncIterator[bytes]:
    for start in range(0, len(content), step):
        yield content[start : start + step]


def staged(name: str, content: bytes) -> Staged:
    return Staged(name, len(content), hashlib.sha256(content).hexdigest(), stream(content))


async def each(files: Iterable[Staged]) -> AsyncIterator[Staged]:
    for file in files:
        yield file


def all_staged(files: Mapping[str, bytes]) -> AsyncIterator[Staged]:
    return each([staged(name, content) for name, content in files.items()])


@dataclass
class Platform:
    database: Database
    registry: Registry
    audit: AuditLog
    store: Store
    service: EgressService
    clock: Clock
    queue: CheckQueue

    async def draft(self, author: str = "rosa", files: Mapping[str, bytes] = FILES) -> Request:
        return await self.service.receive("flu", author, all_staged(files), "Grippe")

    async def checked_draft(self, author: str = "rosa") -> Request:
        draft = await self.draft(author)
        self.finish_check()
        return self.service.edit(draft.id, "lea", **STATED)

    async def submitted(self, author: str = "rosa") -> Request:
        draft = await self.checked_draft(author)
        self.service.submit(draft.id, "lea", turn=draft.turn)
        self.finish_check()
        return self.service.request(draft.id, "lea")

    async def released(self) -> Request:
        request = await self.submitted()
        for checker in ("carl", "cleo"):
            self.service.decide(request.id, checker, "approve", turn=1)
        return self.service.request(request.id, "lea")

    def finish_check(self, blocked: Iterable[str] = ()) -> None:
        """Finish the check that waits longest, as a worker would whose checks block the files named."""
        job = self.queue.claim()
        assert job is not None
        stuck = set(blocked)
        reports, findings, checked = [], [], []
        for file in job.files:
            blocks = file.name in stuck
            verdict = Verdict.BLOCK if blocks else Verdict.PASS
            reports.append(FileReport(file.name, file.size, file.sha256, "csv", verdict, not blocks))
            if blocks:
                findings.append(Finding("identifiers.nir", Severity.BLOCK, file.name, Place(row=2), "email", {}))
            clean = self.store.put_open(_sanitised(self.store, file.sha256)) if not blocks else (None, None)
            checked.append(CheckedFile(file.number, "csv", verdict.value, *clean))
        policy = default_policy()
        report = Report(policy.reference, tuple(reports), tuple(findings))
        self.queue.finish(job, report, policy_record(policy), checked)

    def fail_check(self) -> None:
        job = self.queue.claim()
        assert job is not None
        self.queue.fail(job, "egress.check.crashed")

    def told(self, action: str) -> list[dict[str, object]]:
        """Return the audit log's events of one kind."""
        return [
            {"actor": e.actor, "project": e.project, "subject": e.subject, **e.detail}
            for e in self.audit.tail(10_000)
            if e.action == action
        ]


def _sanitised(store: Store, sha256: str) -> io.BytesIO:
    return io.BytesIO(b"".join(store.read(sha256)) + b"# sanitised\n")


def make_platform(folder: Path, limits: Limits | None = None) -> Platform:
    database = Database(f"sqlite:///{folder / 't.sqlite'}")
    Base.metadata.create_all(database.engine)
    registry, audit, clock = Registry(database), AuditLog(database, bytes(32)), Clock()
    for person in PEOPLE:
        registry.add_person(person)
    basis = Authorisation(BasisKind.EXEMPTION, reason="Démonstration", valid_until=date(2026, 12, 31))
    members = {"rosa": "researcher", "remi": "researcher", "ines": "researcher", "lea": "lead", "luc": "lead"}
    team = tuple(Member(person, ProjectRole(role)) for person, role in members.items())
    registry.add_project(Project("flu", "Grippe", authorisation=basis, members=team))
    registry.add_project(Project("asthma", "Asthme", authorisation=basis, members=(Member("otto", ProjectRole.LEAD),)))
    registry.add_project(Project("closed", "Fermé", members=(Member("rosa", ProjectRole.RESEARCHER),)))
    store = Store(folder / "egress")
    service = EgressService(database, store, audit, registry, limits=limits, clock=clock)
    queue = CheckQueue(database, audit, clock, timedelta(seconds=60))
    return Platform(database, registry, audit, store, service, clock, queue)


assert set(STATED) == set(CASE)
