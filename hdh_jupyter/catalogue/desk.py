"""The stewards' desk: drafts of records, from the first word to publication and withdrawal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

from . import completeness, editing, forms, negotiation
from .drafting import Action, Actor
from .drafts import Draft, begin, draft_of, place, to_change, write
from .forms import Values
from .model import Dataset, from_document
from .stewardship import Stewardship, stewards_of
from .store import newest, publish
from .tables import DraftRow, EditRow, WithdrawalRow
from .variables import Table

LOG = logging.getLogger(__name__)

REASON = 2_000
"""Characters of a reason."""


class EditConflict(PublicError):
    """Two people changed the same inputs; nothing was saved, and nothing is lost.

    Attributes
    ----------
    by
        Who saved last.
    values
        What the form should hold now: their changes where only they made any, one's own elsewhere.
    theirs
        Input -> what the other had saved, where both changed it.
    revision
        What to name when saving again.
    """

    def __init__(self, by: str, values: Values, theirs: Values, revision: int) -> None:
        super().__init__("catalogue.record.edited_meanwhile", 409, person=by)
        self.by = by
        self.values = values
        self.theirs = theirs
        self.revision = revision


@dataclass(frozen=True)
class Saved:
    """A save that succeeded; `joined_with` names who had saved other fields meanwhile."""

    revision: int
    joined_with: str | None = None


class Desk:
    """What stewards and the platform's side do with records; who may do what is decided here and in :mod:`.drafts`.

    Parameters
    ----------
    refresh
        Called after what is published changed, so that workspaces see it.
    """

    def __init__(
        self, database: Database, audit: AuditLog, stewardship: Stewardship, refresh: Callable[[], object]
    ) -> None:
        self.database = database
        self.stewardship = stewardship
        self._audit = audit
        self._refresh = refresh

    def create(self, actor: Actor, dataset: str, values: Values) -> Draft:
        """Begin the record of a new dataset; whoever does is its steward.

        Raises
        ------
        PublicError
            `catalogue.unknown_dataset` (404) for who is no steward, `catalogue.record.exists` (409).
        InvalidForm
        """
        if not actor.is_steward:
            raise PublicError("catalogue.unknown_dataset", 404, dataset=dataset)
        record = editing.new_record(dataset, values)
        with self.database.write() as session:
            stewards = stewards_of(session, dataset)
            taken = session.get(DraftRow, dataset) or newest(session, dataset)
            if taken is not None or (stewards and actor.name not in stewards):
                raise PublicError("catalogue.record.exists", 409, dataset=dataset)
            if not stewards:
                self.stewardship.add(session, dataset, actor.name, actor.name)
            row = begin(session, actor, record, None)
            self._note(session, "catalogue.draft_started", actor, dataset, {"base": 0})
            return draft_of(row)

    def start(self, actor: Actor, dataset: str) -> None:
        """Begin a draft from the newest version.

        Raises
        ------
        PublicError
            `catalogue.unknown_dataset` (404), `catalogue.record.not_now` (409).
        """
        with self.database.write() as session:
            here, base = place(session, actor, dataset), newest(session, dataset)
            if Action.START not in here.actions or base is None:
                raise PublicError("catalogue.record.not_now", 409)
            begin(session, actor, from_document(base.document), base)
            self._note(session, "catalogue.draft_started", actor, dataset, {"base": base.version})

    def save(self, actor: Actor, dataset: str, revision: int, values: Values) -> Saved:
        """Keep what a form holds.

        Parameters
        ----------
        revision
            The draft's revision when the form was opened. What others changed since in other fields is kept.

        Raises
        ------
        PublicError
            `catalogue.unknown_dataset` (404), `catalogue.record.not_now` (409).
        InvalidForm
        EditConflict
        """
        with self.database.write() as session:
            row, _ = to_change(session, actor, dataset, Action.EDIT)
            record, other = from_document(row.document), None
            if revision != row.revision:
                theirs, other = editing.to_values(record), row.edited_by
                values, conflicts = forms.merge(_values_at(session, row, revision), values, theirs)
                if conflicts:
                    raise EditConflict(other, values, {name: theirs[name] for name in conflicts}, row.revision)
            made = editing.apply(record, values)
            self._write(session, row, actor, made)
            return Saved(row.revision, other)

    def set_tables(self, actor: Actor, dataset: str, tables: tuple[Table, ...], from_file: str) -> None:
        """Replace the draft's tables by those read from a file; raises as :meth:`save`, the conflict aside."""
        with self.database.write() as session:
            row, _ = to_change(session, actor, dataset, Action.EDIT)
            made = replace(from_document(row.document), tables=tables)
            self._write(session, row, actor, made, from_file)

    def move(self, actor: Actor, dataset: str, action: Action) -> None:
        """Send, take back, declare ready, reopen or discard a draft.

        Raises
        ------
        PublicError
            `catalogue.unknown_dataset` (404), `catalogue.record.not_now`, `catalogue.record.incomplete` (409).
        """
        with self.database.write() as session:
            row, here = to_change(session, actor, dataset, action)
            if action is Action.FINISH:
                _require_mandatory(from_document(row.document))
            if action is Action.DISCARD:
                session.delete(row)
            self._note(
                session, "catalogue.draft_moved", actor, dataset, {"before": here.stage.value, "after": row.stage}
            )

    def publish(self, actor: Actor, dataset: str, newest_seen: int, reason: str) -> tuple[int, bool]:
        """Publish a draft that is ready; return the version, and whether workspaces see it already.

        Parameters
        ----------
        newest_seen
            The newest version that the person knows of, 0 for none: another one may have come from elsewhere.

        Raises
        ------
        PublicError
            `catalogue.unknown_dataset` (404), `catalogue.record.not_now`, `catalogue.record.incomplete`,
            `catalogue.record.newer_version` (409), `catalogue.record.bad_reason` (400).
        """
        said = _reason(reason)
        with self.database.write() as session:
            row, _ = to_change(session, actor, dataset, Action.PUBLISH)
            last = newest(session, dataset)
            if newest_seen != (0 if last is None else last.version):
                raise PublicError("catalogue.record.newer_version", 409)
            record = from_document(row.document)
            _require_mandatory(record)
            agreements = negotiation.agreements_of(negotiation.from_document(row.terms))
            version = publish(session, record, actor.name, said, agreements)
            session.delete(row)
            open_terms = [theme.value for theme in record.convention.terms_open]
            detail = {"version": version, "reason": said, "terms_open": open_terms}
            self._note(session, "catalogue.record_published", actor, dataset, detail)
        return version, self._show()

    def withdraw(self, actor: Actor, dataset: str, reason: str) -> bool:
        """Take a record out of the catalogue, its versions kept; return whether workspaces see it already.

        Raises
        ------
        PublicError
            `catalogue.unknown_dataset` (404), `catalogue.record.not_now` (409), `catalogue.record.bad_reason` (400).
        """
        said = _reason(reason)
        with self.database.write() as session:
            if Action.WITHDRAW not in place(session, actor, dataset).actions:
                raise PublicError("catalogue.record.not_now", 409)
            session.add(WithdrawalRow(dataset=dataset, person=actor.name, reason=said, at=datetime.now(UTC)))
            self._note(session, "catalogue.record_withdrawn", actor, dataset, {"reason": said})
        return self._show()

    def _write(self, session: Session, row: DraftRow, actor: Actor, record: Dataset, from_file: str = "") -> None:
        fields = write(session, row, actor, record)
        if fields:
            detail = {"revision": row.revision, "fields": list(fields), "file": from_file}
            self._note(session, "catalogue.draft_saved", actor, row.dataset, detail)

    def _note(self, session: Session, action: str, actor: Actor, dataset: str, detail: dict[str, object]) -> None:
        self._audit.append(action, actor=actor.name, subject=dataset, detail=detail, session=session)

    def _show(self) -> bool:
        try:
            self._refresh()
        except Exception:
            # What is published is published; the snapshot is made again at the next publication or start.
            LOG.exception("The catalogue's snapshot was not refreshed")
            return False
        return True


def _values_at(session: Session, row: DraftRow, revision: int) -> Values:
    """Return what the form held at a revision; of one that is not known, nothing, so that every change conflicts."""
    edit = session.scalar(select(EditRow).where(EditRow.dataset == row.dataset, EditRow.revision == revision).limit(1))
    return {} if edit is None else editing.to_values(from_document(edit.document))


def _require_mandatory(record: Dataset) -> None:
    missing = completeness.score(record).blocking
    if missing:
        raise PublicError("catalogue.record.incomplete", 409, count=len(missing))


def _reason(text: str) -> str:
    said = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not said or len(said) > REASON:
        raise PublicError("catalogue.record.bad_reason", 400, most=REASON)
    return said
