"""Who a person is to a request, what they see of it, and the trace that a refusal leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache

from ..audit.log import AuditLog
from ..db import Database
from ..errors import PublicError
from ..projects import gate
from ..projects.model import Project
from ..projects.registry import Registry
from . import review, states
from .forms import FormError
from .model import Action, CheckState, Request
from .records import Record
from .review import Standing
from .tables import RequestRow


class Access:
    """The registry and the audit log, as egress uses them.

    Parameters
    ----------
    clock
        Gives the present moment.
    """

    def __init__(self, database: Database, registry: Registry, audit: AuditLog, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._registry = registry
        self._audit = audit
        self._clock = clock

    def standing(self, record: Record, name: str) -> Standing:
        """Return what a person is to a request that they may know of.

        Raises
        ------
        PublicError
            `egress.unknown_request` (404) for people who may not, so that they learn nothing from the answer.
        """
        request = record.request
        who = review.standing(
            self._registry.person(name), self._registry.project(request.project), request.author, record.submitters
        )
        if not review.may_see(who, request.turn):
            raise PublicError("egress.unknown_request", 404)
        return who

    def visible(self, found: Iterable[Record], viewer: str) -> tuple[Request, ...]:
        """Return those of `found` that the viewer may know of, as they may see them."""
        person = self._registry.person(viewer)
        project = cache(self._registry.project)
        shown = []
        for record in found:
            request = record.request
            who = review.standing(person, project(request.project), request.author, record.submitters)
            if review.may_see(who, request.turn):
                shown.append(seen_by(who, record))
        return tuple(shown)

    def project(self, project_id: str) -> Project:
        """Return a project with its members, as the registry has it now."""
        return self._registry.project(project_id)

    def projects_of(self, name: str) -> frozenset[str]:
        """Return the ids of the projects that a person belongs to."""
        return frozenset(project.id for project in self._registry.projects_of(name))

    def require_open(self, project_id: str) -> None:
        """Refuse a project that is closed today.

        Raises
        ------
        PublicError
            `egress.project_closed` (409).
        """
        if not gate.state(self.project(project_id), self._clock().astimezone().date()).open:
            raise PublicError("egress.project_closed", 409)

    @contextmanager
    def refusals(self, action: Action, actor: str, request_id: int) -> Iterator[None]:
        """Note in the audit log what is refused in this block; a form to complete is no refusal."""
        try:
            yield
        except FormError:
            raise
        except PublicError as error:
            with self._database.read() as session:
                row = session.get(RequestRow, request_id)
            self.note_refusal(error, action, actor, row.project if row else None, request_id)
            raise

    def note_refusal(
        self, error: PublicError, action: Action, actor: str, project: str | None, request_id: int | None = None
    ) -> None:
        """Note in the audit log that `actor` was refused something."""
        self._audit.append(
            "egress.refused",
            actor=actor,
            project=project,
            subject=None if request_id is None else str(request_id),
            detail={"action": action.value, "reason": error.code},
        )


def seen_by(viewer: Standing, record: Record) -> Request:
    """Return the request as the viewer may see it: decisions and history blinded, and what they may do."""
    request = record.request
    return replace(
        request,
        decisions=review.visible_decisions(viewer.name, request.decisions),
        history=review.visible_history(viewer.name, request.history, request.decisions),
        actions=_offered(viewer, request),
    )


def _offered(viewer: Standing, request: Request) -> frozenset[Action]:
    offered = set(states.possible(request.status, viewer.roles))
    if request.check.state is not CheckState.FAILED:
        offered.discard(Action.RECHECK)
    if request.check.state is not CheckState.DONE or request.blocked_files:
        offered.discard(Action.SUBMIT)
    if len(request.files) < 2:
        offered.discard(Action.REMOVE_FILE)
    if review.ineligibility(viewer, request.turn, request.decisions) or review.unready(
        request.check, request.files, request.turn
    ):
        offered.discard(Action.DECIDE)
    return frozenset(offered)
