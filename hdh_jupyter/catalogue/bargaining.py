"""The two sides' dealings on the themes of a convention, kept in the database word by word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

from . import negotiation, term_forms
from .convention import ConventionStatus, Theme
from .drafting import Action, Actor
from .drafts import Place, set_terms, to_change, write
from .forms import Field, Kind, Reader, Values
from .model import from_document
from .negotiation import Side, Term
from .tables import TermEventRow

COMMENT = 5_000
"""Characters of a comment."""

SIGNATURE: tuple[Field, ...] = (
    Field("reference", required=True),
    Field("version"),
    Field("parties", Kind.LIST, has_help=True),
    Field("signed", Kind.DAY, required=True),
    Field("valid_until", Kind.DAY),
)
"""The form of the convention's signature."""


@dataclass(frozen=True)
class TermEvent:
    """Something that was said on a theme: `action` is `propose`, `retract`, `accept` or `comment`."""

    theme: Theme
    action: str
    side: Side
    person: str
    at: datetime
    comment: str
    value: Mapping[str, Any] | None


class Bargaining:
    """Proposals, acceptances, comments and the signature.

    Every call raises `catalogue.unknown_dataset` (404) for whom the record does not concern, and
    `catalogue.record.not_now` (409) when it is not theirs to act.
    """

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    def events(self, dataset: str) -> tuple[TermEvent, ...]:
        """Return all that was said on a record's convention, oldest first; who may read it is the caller's to check."""
        query = select(TermEventRow).where(TermEventRow.dataset == dataset).order_by(TermEventRow.id)
        with self._database.read() as session:
            return tuple(
                TermEvent(Theme(row.theme), row.action, Side(row.side), row.person, row.at, row.comment, row.value)
                for row in session.scalars(query)
            )

    def propose(self, actor: Actor, dataset: str, theme: Theme, seen: str, values: Values, comment: str = "") -> None:
        """Propose a text for a theme, and thereby accept it.

        Parameters
        ----------
        seen
            Digest of the proposal that stood when the form was opened.

        Raises
        ------
        PublicError
            `catalogue.record.proposal_changed` (409): the other side, or a colleague, proposed meanwhile.
        InvalidForm
        """
        self._put_forward(actor, dataset, theme, seen, term_forms.parse(theme, values), comment)

    def retract(self, actor: Actor, dataset: str, theme: Theme, seen: str, comment: str = "") -> None:
        """Take the proposal off the table: the theme is open again; raises as :meth:`propose`, the form aside."""
        self._put_forward(actor, dataset, theme, seen, None, comment)

    def accept(self, actor: Actor, dataset: str, theme: Theme, seen: str, comment: str = "") -> None:
        """Accept the proposal that the person read.

        Raises
        ------
        PublicError
            `catalogue.record.nothing_proposed`, `catalogue.record.proposal_changed` (409).
        """
        said = _comment(comment)
        with self._database.write() as session:
            row, here = to_change(session, actor, dataset, Action.ACCEPT)
            terms = negotiation.from_document(row.terms)
            term = negotiation.accept(terms.get(theme, Term()), here.side, actor.name, seen)
            set_terms(row, {**terms, theme: term})
            self._tell(session, actor, here, theme, "accept", said, term)

    def comment(self, actor: Actor, dataset: str, theme: Theme, comment: str) -> None:
        """Say something on a theme; raises `catalogue.record.no_comment` (400) for nothing."""
        said = _comment(comment)
        if not said:
            raise PublicError("catalogue.record.no_comment", 400)
        with self._database.write() as session:
            row, here = to_change(session, actor, dataset, Action.COMMENT)
            term = negotiation.from_document(row.terms).get(theme, Term())
            self._tell(session, actor, here, theme, "comment", said, term)

    def sign(self, actor: Actor, dataset: str, values: Values) -> None:
        """Record that the convention was signed, which takes all four themes agreed.

        Raises
        ------
        PublicError
            `catalogue.record.terms_open` (409).
        InvalidForm
        """
        reader = Reader(values)
        signed, until = reader.day("signed"), reader.day("valid_until")
        if signed is None and "signed" not in reader.problems:
            reader.wrong("signed", "needed")
        if signed is not None and signed > date.today():
            reader.wrong("signed", "day_to_come")
        if signed is not None and until is not None and until < signed:
            reader.wrong("valid_until", "days_reversed")
        reference, version, parties = reader.needed("reference"), reader.text("version"), reader.list("parties")
        reader.finish()
        with self._database.write() as session:
            row, _ = to_change(session, actor, dataset, Action.SIGN)
            record = from_document(row.document)
            if record.convention.terms_open:
                raise PublicError("catalogue.record.terms_open", 409, count=len(record.convention.terms_open))
            convention = replace(
                record.convention,
                status=ConventionStatus.SIGNED,
                reference=reference,
                version=version,
                parties=parties,
                signed=signed,
                valid_until=until,
            )
            write(session, row, actor, replace(record, convention=convention))
            detail = {"reference": reference, "signed": signed and signed.isoformat()}
            self._audit.append(
                "catalogue.convention_signed", actor=actor.name, subject=dataset, detail=detail, session=session
            )

    def _put_forward(
        self, actor: Actor, dataset: str, theme: Theme, seen: str, value: Mapping[str, Any] | None, comment: str
    ) -> None:
        said = _comment(comment)
        with self._database.write() as session:
            row, here = to_change(session, actor, dataset, Action.PROPOSE)
            terms = negotiation.from_document(row.terms)
            before = terms.get(theme, Term())
            if seen != before.digest:
                raise PublicError("catalogue.record.proposal_changed", 409)
            if value is None and before.value is None:
                raise PublicError("catalogue.record.nothing_proposed", 409)
            term = negotiation.propose(before, here.side, actor.name, value)
            set_terms(row, {**terms, theme: term})
            self._tell(session, actor, here, theme, "retract" if value is None else "propose", said, term)

    def _tell(
        self, session: Session, actor: Actor, here: Place, theme: Theme, action: str, comment: str, term: Term
    ) -> None:
        session.add(
            TermEventRow(
                dataset=here.dataset,
                theme=theme.value,
                action=action,
                side=here.side.value,
                person=actor.name,
                at=datetime.now(UTC),
                comment=comment,
                value=None if action == "comment" or term.value is None else dict(term.value),
            )
        )
        detail = {
            "theme": theme.value,
            "step": action,
            "side": here.side.value,
            "sha256": term.digest,
            "agreed": term.is_agreed,
        }
        self._audit.append(
            "catalogue.term_discussed", actor=actor.name, subject=here.dataset, detail=detail, session=session
        )


def _comment(text: str) -> str:
    kept = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or c == "\n").strip()
    if len(kept) > COMMENT:
        raise PublicError("catalogue.record.comment_too_long", 400, most=COMMENT)
    return kept
