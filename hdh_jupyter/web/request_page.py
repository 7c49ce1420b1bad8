"""What the page of one request shows, put together from the services."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ..disclosure.model import Finding, Place, Report, Severity, Verdict
from ..disclosure.previewing import Preview as Made
from ..egress.forms import CASE
from ..egress.model import SYSTEM, Action, CheckState, Request, RequestFile, Status
from ..projects import gate
from ..projects.model import Project, ProjectRole
from .previews import Preview, kind_of, preview
from .services import Services, Viewer
from .tables import page_of
from .view import CHECKER, MEMBER, Limits, Unavailable

MOST_FINDINGS = 100
"""Findings of one file on the page; beyond that a list helps nobody."""

_NUMBERS = re.compile(r"\d{1,9}")

SANITISED, EXACT = "sanitised", "exact"


@dataclass(frozen=True)
class Condition:
    """Something that must hold before a request can be submitted."""

    key: str
    met: bool
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class NextStep:
    """What comes next, for this viewer: the key of the sentence, and the conditions to meet."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class ShownFinding:
    """A finding with its place, and the page of the preview that shows it."""

    finding: Finding
    page: int | None


@dataclass(frozen=True)
class Chosen:
    """What of the request the viewer looks at: a file by its number, in which version, on which page."""

    file: int | None = None
    version: str = ""
    page: int = 1


@dataclass(frozen=True)
class RequestPage:
    """A request with one of its files opened."""

    request: Request
    project: Project
    member: bool
    original: bool
    file: RequestFile | None
    version: str
    findings: tuple[ShownFinding, ...]
    more_findings: int
    finding_counts: Mapping[str, int]
    preview: Preview
    next_step: NextStep
    people: Mapping[str, str]


def compose(services: Services, viewer: Viewer, request_id: int, chosen: Chosen) -> RequestPage:
    """Return the page of a request.

    Raises
    ------
    PublicError
        `egress.unknown_request` (404), also for people who may not know of it.
    """
    request = services.egress.request(request_id, viewer.name)
    project = services.registry.project(request.project)
    member = project.role_of(viewer.name) is not None
    findings = Report.from_stored(request.check.report).findings if request.check.report is not None else ()
    file = next((f for f in request.files if f.index == chosen.file), request.files[0] if request.files else None)
    own = [finding for finding in findings if file is not None and finding.file == file.name]
    places = [place for finding in own if finding.severity is not Severity.INFO for place in _places(finding)]
    original = _may_see_original(file, project, viewer)
    version = EXACT if original and chosen.version == EXACT else SANITISED
    limits = MEMBER if member else CHECKER
    actors = {request.author, *(d.reviewer for d in request.decisions), *(e.actor for e in request.history)}
    return RequestPage(
        request=request,
        project=project,
        member=member,
        original=original,
        file=file,
        version=version,
        findings=tuple(ShownFinding(f, _page(f.where, limits)) for f in own[:MOST_FINDINGS]),
        more_findings=max(0, len(own) - MOST_FINDINGS),
        finding_counts=Counter(finding.file for finding in findings),
        preview=_preview(services, viewer, request, file, version, limits, places, chosen.page),
        next_step=_next_step(services, request, project, member),
        people={**services.display_names(actors - {SYSTEM}), SYSTEM: ""},
    )


def _may_see_original(file: RequestFile | None, project: Project, viewer: Viewer) -> bool:
    """Tell whether the file as it came may be shown: to a lead, who answers for it, unless something in it blocks.

    What blocks stays in the workspace: shown here, page after page, it would have left without a review.
    """
    lead = project.role_of(viewer.name) is ProjectRole.LEAD
    return lead and file is not None and file.verdict in (Verdict.PASS.value, Verdict.REVIEW.value)


def _places(finding: Finding) -> list[Place]:
    """Return every place of a finding that names several rows, or lines, of which its own place is the first."""
    place = finding.where
    if place.cell is not None:
        return [place]
    # A line of a delimited file is a row of it, unless a cell holds several lines.
    first = place.line if place.row is None else place.row
    named = finding.params.get("rows" if place.line is None else "lines")
    rows = {int(number) for number in _NUMBERS.findall(named)} if isinstance(named, str) and first else set()
    return [replace(place, row=row, line=None) for row in sorted(rows | ({first} if first else set()))] or [place]


def _page(place: Place, limits: Limits) -> int | None:
    row = place.line if place.row is None else place.row
    return None if row is None or place.cell is not None else page_of(row, limits)


def _preview(
    services: Services,
    viewer: Viewer,
    request: Request,
    file: RequestFile | None,
    version: str,
    limits: Limits,
    places: list[Place],
    page: int,
) -> Preview:
    if file is None:
        return Unavailable("no_file")
    if limits is MEMBER and version == SANITISED and file.sanitised_sha256 is None:
        return Unavailable("unchecked" if file.verdict is None else "blocked")
    path = _bytes(services, viewer, request, file, version, limits)
    if path is None:
        return Unavailable("closed")
    # Places are those of the file as it came; in the sanitised form of a notebook they still name the same outputs.
    sanitised = version == SANITISED
    made = Made.from_stored(json.loads(path.read_bytes())) if sanitised and file.preview_sha256 else None
    kind = file.kind or kind_of(file.name)
    return preview(kind, path, sanitised=sanitised, places=places, limits=limits, page=page, made=made)


def _bytes(
    services: Services, viewer: Viewer, request: Request, file: RequestFile, version: str, limits: Limits
) -> Path | None:
    if limits is CHECKER:
        if request.status is not Status.SUBMITTED or file.sanitised_sha256 is None:
            return None
        return services.egress.reviewed_bytes(request.id, viewer.name, file.index)
    sha256 = file.sha256 if version == EXACT else file.preview_sha256 or file.sanitised_sha256
    return None if sha256 is None else services.egress.store.path(sha256)


def _next_step(services: Services, request: Request, project: Project, member: bool) -> NextStep:
    if not member:
        return NextStep(_for_checker(request))
    if request.status not in (Status.DRAFT, Status.RETURNED):
        return NextStep(f"web.next.{request.status.value}", {"decided": request.decided})
    if Action.STATE_CASE not in request.actions:
        leads = [member.person for member in project.members if member.role is ProjectRole.LEAD]
        names = ", ".join(services.display_names(leads).values())
        return NextStep("web.next.ask_lead" if leads else "web.next.no_lead", {"names": names})
    key = "web.next.to_submit" if request.status is Status.DRAFT else "web.next.to_resubmit"
    return NextStep(key, conditions=tuple(_conditions(request, project)))


def _for_checker(request: Request) -> str:
    if request.status is not Status.SUBMITTED:
        return "web.decide.concluded"
    if request.check.state is not CheckState.DONE or request.check.turn != request.turn:
        return "web.decide.checking"
    # Until the turn is concluded, the only decision of it that a checker can see is their own.
    own = any(decision.turn == request.turn for decision in request.decisions)
    return "web.decide.waiting_for_other" if own else "web.decide.not_yours"


def _conditions(request: Request, project: Project) -> Iterator[Condition]:
    yield Condition("web.next.project_open", gate.state(project, date.today()).open)
    done = request.check.state is CheckState.DONE
    yield Condition("web.next.checked", done)
    if done and request.blocked_files:
        names = ", ".join(file.name for file in request.blocked_files)
        yield Condition("web.next.files_blocked", False, {"names": names})
    for name, rule in CASE.items():
        text: str = getattr(request, name)
        yield Condition(f"web.next.{name}", len(text) >= rule.least, {"least": rule.least, "length": len(text)})
