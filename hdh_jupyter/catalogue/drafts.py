"""Drafts in the database, and the one place where is decided who may touch them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hdh_jupyter.errors import PublicError

from . import negotiation
from .convention import Theme
from .drafting import Action, Actor, Stage, Standing, actions, after, side_of
from .model import Dataset, from_document, to_document
from .negotiation import Side, Term
from .stewardship import stewards_of
from .store import newest
from .tables import CatalogueRecord, DraftRow, EditRow, WithdrawalRow
from .versions import diff


@dataclass(frozen=True)
class Draft:
    """A draft as it is read.

    Attributes
    ----------
    revision
        Counts the saves; whoever saves names the one they began from.
    base
        The version that it was begun from, 0 for none.
    """

    record: Dataset
    revision: int
    base: int
    stage: Stage
    terms: Mapping[Theme, Term]
    author: str
    begun_at: datetime
    edited_by: str
    edited_at: datetime

    def term(self, theme: Theme) -> Term:
        """Return what is proposed for a theme."""
        return self.terms.get(theme, Term())


@dataclass(frozen=True)
class Place:
    """Where a record stands, and what a person may do with it."""

    dataset: str
    side: Side
    stage: Stage
    standing: Standing
    actions: frozenset[Action]


def place(session: Session, actor: Actor, dataset: str) -> Place:
    """Return where a record stands for a person.

    Raises
    ------
    PublicError
        `catalogue.unknown_dataset` (404): there is none, or it is none of theirs, which they are not told apart.
    """
    side = side_of(actor, stewards_of(session, dataset))
    draft, published = session.get(DraftRow, dataset), _has_versions(session, dataset)
    # A steward may begin the record of a dataset that was given to them before anything is written of it.
    if side is None or (draft is None and not published and side is not Side.STEWARD):
        raise PublicError("catalogue.unknown_dataset", 404, dataset=dataset)
    stage = Stage.NONE if draft is None else Stage(draft.stage)
    standing = standing_of(session, dataset, published)
    return Place(dataset, side, stage, standing, actions(stage, standing, side))


def standing_of(session: Session, dataset: str, has_versions: bool) -> Standing:
    """Return where a record stands for everybody else."""
    if not has_versions:
        return Standing.UNPUBLISHED
    return Standing.PUBLISHED if session.get(WithdrawalRow, dataset) is None else Standing.WITHDRAWN


def to_change(session: Session, actor: Actor, dataset: str, action: Action) -> tuple[DraftRow, Place]:
    """Return the draft that an action changes, moved to the stage after it.

    Raises
    ------
    PublicError
        `catalogue.unknown_dataset` (404) for whom it does not concern, `catalogue.record.not_now` (409).
    """
    row = session.get(DraftRow, dataset, with_for_update=True)
    here = place(session, actor, dataset)
    stage = after(here.stage, here.side, action)
    if row is None:
        raise PublicError("catalogue.record.not_now", 409)
    row.stage = stage.value
    return row, here


def draft_of(row: DraftRow) -> Draft:
    """Return a draft as it is read."""
    return Draft(
        from_document(row.document),
        row.revision,
        row.base,
        Stage(row.stage),
        negotiation.from_document(row.terms),
        row.author,
        row.begun_at,
        row.edited_by,
        row.edited_at,
    )


def begin(session: Session, actor: Actor, record: Dataset, base: CatalogueRecord | None) -> DraftRow:
    """Add a draft; what was agreed of the convention it begins from stays agreed."""
    terms = {} if base is None else negotiation.terms_of(record.convention, base.agreements)
    record = replace(record, convention=negotiation.agreed(terms, record.convention))
    now = datetime.now(UTC)
    last = session.scalar(
        select(EditRow.revision).where(EditRow.dataset == record.id).order_by(EditRow.id.desc()).limit(1)
    )
    row = DraftRow(
        dataset=record.id,
        # Counting goes on from earlier drafts, so that a form opened on one of them is known to be old.
        revision=last or 0,
        base=0 if base is None else base.version,
        stage=Stage.DRAFT.value,
        document=to_document(record),
        terms=negotiation.to_document(terms),
        author=actor.name,
        begun_at=now,
        edited_by=actor.name,
        edited_at=now,
    )
    session.add(row)
    note_edit(session, row, actor, ())
    return row


def write(session: Session, row: DraftRow, actor: Actor, record: Dataset) -> tuple[str, ...]:
    """Keep a changed record, and return the names of the fields that changed."""
    changes = diff(from_document(row.document), record)
    fields = tuple(dict.fromkeys(change.path[0] for change in changes))
    if fields:
        row.document = to_document(record)
        row.edited_by, row.edited_at = actor.name, datetime.now(UTC)
        note_edit(session, row, actor, fields)
    return fields


def set_terms(row: DraftRow, terms: Mapping[Theme, Term]) -> None:
    """Keep changed terms; the record's convention says what is agreed of them and nothing else."""
    record = from_document(row.document)
    row.terms = negotiation.to_document(terms)
    row.document = to_document(replace(record, convention=negotiation.agreed(terms, record.convention)))


def note_edit(session: Session, row: DraftRow, actor: Actor, fields: tuple[str, ...]) -> None:
    """Count a save, and keep the record after it: two edits of the same revision are joined from these."""
    row.revision += 1
    session.add(
        EditRow(
            dataset=row.dataset,
            revision=row.revision,
            person=actor.name,
            at=datetime.now(UTC),
            fields=list(fields),
            # Tables are long, and no form holds them.
            document={name: value for name, value in row.document.items() if name != "tables"},
        )
    )


def _has_versions(session: Session, dataset: str) -> bool:
    return newest(session, dataset) is not None
