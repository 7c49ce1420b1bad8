"""What leaves: an archive of the sanitised bytes that the checkers saw, with a machine-readable record of the criteria.

    files/<name>     the sanitised bytes
    manifest.json    what they are, under which rules they were checked, who decided what and when

The manifest leaves with the files, so it holds nothing that a checker did not clear: of findings it names the rule and
the place, never the values, and the checkers' comments stay inside.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from .. import __version__
from ..audit.log import AuditLog
from ..db import Database
from ..disclosure.model import Report
from ..errors import PublicError
from . import records, register, review, states
from .model import SYSTEM, Action, Actor, Request, RequestFile, Status
from .store import Store
from .tables import ReleaseRow, RequestRow

SCHEMA_VERSION = 1
"""Version of the manifest's form."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


class Releases:
    """The archives of released requests.

    Parameters
    ----------
    clock
        Gives the present moment.
    """

    def __init__(self, database: Database, store: Store, audit: AuditLog, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._store = store
        self._audit = audit
        self._clock = clock

    def waiting(self) -> tuple[int, ...]:
        """Return the requests that are approved and have no archive yet."""
        with self._database.read() as session:
            chosen = select(RequestRow.id).where(RequestRow.status == Status.APPROVED.value).order_by(RequestRow.id)
            return tuple(session.scalars(chosen))

    def release(self, request_id: int) -> None:
        """Build the archive of an approved request and release it; any other request is left alone.

        The archive is built outside the transaction, since it may be large; whoever comes second finds the request
        released and throws its copy away.

        Raises
        ------
        PublicError
            `egress.store_damaged` (500), or `egress.not_cleared` (500) when the approval does not hold on a second
            look. Nothing is released then.
        OSError
            The archive could not be written.
        """
        with self._database.read() as session:
            row = session.get(RequestRow, request_id)
            if row is None or row.status != Status.APPROVED.value:
                return
            request = records.whole(session, row).request
            check = register.newest_check(session, request_id)
            policy, counts = (None, None) if check is None else (check.policy, check.register)
        if review.conclusion(request.decisions, request.turn) is not Action.APPROVE or policy is None:
            raise PublicError("egress.not_cleared", 500)
        if review.unready(request.check, request.files, request.turn) is not None:
            raise PublicError("egress.not_cleared", 500)
        at = self._clock()
        with self._store.scratch() as path:
            write_archive(self._store, request, manifest(request, policy, at), path)
            sha256, size = self._store.put_file(path)
        with self._database.write() as session:
            # Two requests of a project are released one after the other, so that the second is compared with the first.
            together = select(RequestRow).where(RequestRow.project == row.project)
            approved = together.where(RequestRow.status == Status.APPROVED.value).order_by(RequestRow.id)
            session.scalars(approved.with_for_update()).all()
            row = records.locked(session, request_id)
            if row.status != Status.APPROVED.value:
                return
            if register.is_outdated(session, row):
                records.order_check(session, row, at)
                return
            to = states.target(Action.RELEASE, Status.APPROVED, {Actor.SYSTEM})
            session.add(ReleaseRow(request=request_id, sha256=sha256, size=size, released_at=at, register=counts))
            records.note(session, row, Action.RELEASE, SYSTEM, to, at, {"sha256": sha256, "size": size})
            self._audit.append(
                "egress.released",
                actor=SYSTEM,
                project=row.project,
                subject=str(row.id),
                detail={"sha256": sha256, "size": size, "tables": len((counts or register.NOTHING)["tables"])},
                session=session,
            )

    def archive(self, request_id: int) -> Path:
        """Return the archive of a released request, its bytes verified.

        Raises
        ------
        PublicError
            `egress.wrong_status` (409) or `egress.store_damaged` (500).
        """
        with self._database.read() as session:
            row = session.get(ReleaseRow, request_id)
        if row is None:
            raise PublicError("egress.wrong_status", 409)
        return self._store.verify(row.sha256)


def manifest(request: Request, policy: Mapping[str, Any], released_at: datetime) -> dict[str, Any]:
    """Return the record that goes with the files.

    Parameters
    ----------
    policy
        The whole policy of the turn's check: rules, severities, thresholds, limits.
    """
    report = Report.from_stored(request.check.report or {})
    submitted = next(e for e in reversed(request.history) if e.action is Action.SUBMIT)
    return {
        "schema_version": SCHEMA_VERSION,
        "software": {"name": "hdh-jupyter", "version": __version__},
        "request": {
            "id": request.id,
            "project": request.project,
            "turn": request.turn,
            "title": request.title,
            "purpose": request.purpose,
            "recipient": request.recipient,
            "justification": request.justification,
            "author": request.author,
            "submitted_by": submitted.actor,
            "submitted_at": _instant(submitted.at),
        },
        "files": [_file(f) for f in request.files],
        "check": {
            "finished_at": _instant(request.check.finished_at),
            "verdict": report.verdict.value,
            "policy": dict(policy),
            "findings": [
                {
                    "rule": f.rule,
                    "severity": f.severity.value,
                    "file": f.file,
                    "where": f.where.to_stored(),
                    "policy": report.policy.sha256,
                }
                for f in report.findings
            ],
        },
        "decisions": [
            {"reviewer": d.reviewer, "decision": d.decision.value, "turn": d.turn, "decided_at": _instant(d.decided_at)}
            for d in request.decisions
        ],
        "released_at": _instant(released_at),
    }


def write_archive(store: Store, request: Request, record: Mapping[str, Any], path: Path) -> None:
    """Write the archive; the same request and record give the same bytes.

    Raises
    ------
    PublicError
        `egress.store_damaged` (500): `path` then holds nothing to be used.
    """
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        text = json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True).encode()
        archive.writestr(_entry("manifest.json", len(text)), text)
        for file in sorted(request.files, key=lambda f: f.name):
            if file.sanitised_sha256 is None or file.sanitised_size is None:
                raise PublicError("egress.not_cleared", 500)
            with archive.open(_entry(f"files/{file.name}", file.sanitised_size), "w") as target:
                for chunk in store.read(file.sanitised_sha256):
                    target.write(chunk)


def policy_record(policy: Any) -> dict[str, Any]:
    """Return a disclosure policy as JSON."""
    record: dict[str, Any] = json.loads(json.dumps(asdict(policy)))
    return record


def _file(file: RequestFile) -> dict[str, Any]:
    return {
        "path": f"files/{file.name}",
        "kind": file.kind,
        "verdict": file.verdict,
        "sha256": file.sanitised_sha256,
        "size": file.sanitised_size,
        "original_sha256": file.sha256,
        "original_size": file.size,
    }


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    # Known beforehand, it decides whether the entry needs the large (Zip64) form.
    entry.file_size = size
    return entry


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
