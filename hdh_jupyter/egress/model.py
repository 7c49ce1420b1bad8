"""The terms of egress: a request, its files, its check, its decisions, its history.

Frozen views: what a viewer may see of a request, made by :mod:`.records`, never changed in place.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from ..i18n import DEFAULT_LANGUAGE, translate

SYSTEM = ":system"
"""The actor of what no person did; no account can have a name with a colon."""


class Status(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RELEASED = "released"
    REJECTED = "rejected"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class CheckState(StrEnum):
    """Where the disclosure check of a request's files stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Decision(StrEnum):
    """What an output checker decides of a request in one turn."""

    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"


class Actor(StrEnum):
    """In what capacity somebody acts on a request."""

    AUTHOR = "author"
    LEAD = "lead"
    CHECKER = "checker"
    SYSTEM = "system"


class Action(StrEnum):
    """What can be done to a request; what happens to one is noted in its history under these names."""

    DRAFT = "draft"
    EDIT_TITLE = "edit_title"
    STATE_CASE = "state_case"
    REMOVE_FILE = "remove_file"
    RECHECK = "recheck"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    DECIDE = "decide"
    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"
    SEND_BACK = "send_back"
    RELEASE = "release"
    DOWNLOAD = "download"


@dataclass(frozen=True)
class Limits:
    """How much one request may carry; sizes in bytes."""

    files: int = 50
    file_size: int = 256 * 2**20
    total_size: int = 2**30
    open_drafts: int = 100
    """Drafts of one project, neither submitted nor withdrawn: a page in a workspace could make them without end."""


class IncomingFile(Protocol):
    """A file on its way out of a workspace, as the gateway pulls it; `size` and `sha256` are claims."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def chunks(self) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True)
class RequestFile:
    """A file of a request, with what the newest check says of it.

    Attributes
    ----------
    index
        Its number in the request, from 0; it stays when another file is removed.
    kind, verdict
        The check's (`table`, `notebook`...; `pass`, `review`, `block`); None until a check is done.
    releasable
        Whether the sanitised form holds no blocking finding; False until a check is done.
    sanitised_sha256, sanitised_size
        The bytes that would be released; None when there are none.
    preview_sha256
        What is shown of a file that no page shows from its bytes (`disclosure.previewing`).
    """

    index: int
    name: str
    size: int
    sha256: str
    kind: str | None = None
    verdict: str | None = None
    releasable: bool = False
    sanitised_sha256: str | None = None
    sanitised_size: int | None = None
    preview_sha256: str | None = None


@dataclass(frozen=True)
class Check:
    """The newest check of a request's files.

    Attributes
    ----------
    report
        The stored, language-free form of the report (`disclosure.Report.from_dict` reads it) once done.
    failure
        The key of the sentence that says why it failed.
    turn
        The turn for which it ran.
    """

    state: CheckState
    turn: int
    asked_at: datetime
    finished_at: datetime | None = None
    report: Mapping[str, Any] | None = None
    failure: str | None = None

    def failure_message(self, language: str = DEFAULT_LANGUAGE) -> str | None:
        """Return why the check failed, for a person; None when it did not."""
        return translate(self.failure, language) if self.failure else None


@dataclass(frozen=True)
class ReviewDecision:
    """What one output checker decided in one turn."""

    turn: int
    reviewer: str
    decision: Decision
    comment: str
    decided_at: datetime


@dataclass(frozen=True)
class HistoryEvent:
    """One thing that happened to a request; `actor` is a person's name, or :data:`SYSTEM`."""

    at: datetime
    actor: str
    action: Action
    turn: int
    source: Status | None
    target: Status
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A request to take files out of a project, as one viewer may see it.

    Attributes
    ----------
    turn
        How many times it was submitted; 0 for a draft that never was.
    decided
        How many have decided in this turn, whatever the viewer may read of it.
    decisions, history
        Blinded: without what the viewer may not know yet.
    sent_back
        Why the system returned it, when it did: the key of the sentence.
    actions
        What this viewer may do now.
    """

    id: int
    project: str
    author: str
    title: str
    purpose: str
    recipient: str
    justification: str
    status: Status
    turn: int
    check: Check
    files: tuple[RequestFile, ...]
    decided: int
    decisions: tuple[ReviewDecision, ...]
    history: tuple[HistoryEvent, ...]
    created_at: datetime
    updated_at: datetime
    sent_back: str | None = None
    actions: frozenset[Action] = frozenset()

    @property
    def blocked_files(self) -> tuple[RequestFile, ...]:
        """The files that a check done says cannot leave even sanitised."""
        return tuple(f for f in self.files if not f.releasable) if self.check.state is CheckState.DONE else ()
