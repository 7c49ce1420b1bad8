"""What the stewards' desk shows of records; a steward is shown their own and no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

from .completeness import Completeness, score
from .drafting import Actor, Stage, Standing, side_of
from .drafts import Draft, Place, draft_of, place, standing_of
from .model import Dataset, from_document
from .negotiation import Side
from .negotiation import from_document as terms_from_document
from .stewardship import stewards_of
from .store import newest
from .tables import CatalogueRecord, DraftRow, EditRow, StewardRow, WithdrawalRow

EDITS = 50
"""Saves that are listed, the newest."""


@dataclass(frozen=True)
class Summary:
    """A record in a list.

    Attributes
    ----------
    waiting
        How many themes wait for this person's side.
    open_terms
        How many themes are not agreed.
    """

    dataset: str
    name: str
    steward: str
    side: Side
    stage: Stage
    standing: Standing
    version: int
    completeness: Completeness | None
    waiting: int
    open_terms: int
    changed_at: datetime | None
    stewards: tuple[str, ...]


@dataclass(frozen=True)
class Edit:
    """A save of a draft."""

    revision: int
    person: str
    at: datetime
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Withdrawal:
    """How a record left the catalogue."""

    person: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class RecordView:
    """A record, as those see it whom it concerns.

    Attributes
    ----------
    published
        The newest version, in the catalogue or withdrawn.
    """

    place: Place
    draft: Draft | None
    published: Dataset | None
    version: int
    withdrawal: Withdrawal | None
    stewards: tuple[str, ...]
    edits: tuple[Edit, ...]

    @property
    def record(self) -> Dataset | None:
        """The draft where there is one, else the newest version."""
        return self.published if self.draft is None else self.draft.record

    @property
    def completeness(self) -> Completeness | None:
        return None if self.record is None else score(self.record)

    @property
    def is_outdated(self) -> bool:
        """Whether a version was published elsewhere since the draft was begun."""
        return self.draft is not None and self.draft.base != self.version


class DeskViews:
    """Reads what the desk shows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def records(self, actor: Actor) -> tuple[Summary, ...]:
        """Return the records that concern a person, those that wait for them first, then by name."""
        with self._database.read() as session:
            stewards = _stewards(session)
            versions = dict(
                session.execute(
                    select(CatalogueRecord.dataset, func.max(CatalogueRecord.version)).group_by(CatalogueRecord.dataset)
                ).all()
            )
            drafts = {row.dataset: row for row in session.scalars(select(DraftRow))}
            found = []
            for dataset in sorted({*stewards, *versions, *drafts}):
                side = side_of(actor, stewards.get(dataset, frozenset()))
                if side is None or (side is Side.HDH and dataset not in versions and dataset not in drafts):
                    continue
                people = tuple(sorted(stewards.get(dataset, ())))
                found.append(_summary(session, dataset, side, drafts.get(dataset), versions.get(dataset, 0), people))
        return tuple(sorted(found, key=lambda each: (not each.waiting, each.name.casefold())))

    def record(self, actor: Actor, dataset: str) -> RecordView:
        """Return a record.

        Raises
        ------
        PublicError
            `catalogue.unknown_dataset` (404): there is none, or it does not concern this person.
        """
        with self._database.read() as session:
            here = place(session, actor, dataset)
            row, last = session.get(DraftRow, dataset), newest(session, dataset)
            gone = session.get(WithdrawalRow, dataset)
            edits = session.scalars(
                select(EditRow)
                .options(defer(EditRow.document))
                .where(EditRow.dataset == dataset)
                .order_by(EditRow.id.desc())
                .limit(EDITS)
            )
            return RecordView(
                here,
                None if row is None else draft_of(row),
                None if last is None else from_document(last.document),
                0 if last is None else last.version,
                None if gone is None else Withdrawal(gone.person, gone.reason, gone.at),
                tuple(sorted(stewards_of(session, dataset))),
                tuple(Edit(each.revision, each.person, each.at, tuple(each.fields)) for each in edits),
            )

    def draft(self, actor: Actor, dataset: str) -> tuple[RecordView, Draft]:
        """Return a record that has a draft; raises as :meth:`record`, also when it has none."""
        found = self.record(actor, dataset)
        if found.draft is None:
            raise PublicError("catalogue.unknown_dataset", 404, dataset=dataset)
        return found, found.draft


def _summary(
    session: Session, dataset: str, side: Side, draft: DraftRow | None, version: int, people: tuple[str, ...]
) -> Summary:
    last = newest(session, dataset) if draft is None else None
    document = draft.document if draft is not None else last.document if last is not None else None
    record = None if document is None else from_document(document)
    stage = Stage.NONE if draft is None else Stage(draft.stage)
    waiting = 0
    if draft is not None and stage is Stage.NEGOTIATION:
        waiting = sum(term.waits_for(side) for term in terms_from_document(draft.terms).values())
    return Summary(
        dataset=dataset,
        name=dataset if record is None else record.name,
        steward="" if record is None else record.steward.value,
        side=side,
        stage=stage,
        standing=standing_of(session, dataset, version > 0),
        version=version,
        completeness=None if record is None else score(record),
        waiting=waiting,
        open_terms=0 if record is None else len(record.convention.terms_open),
        changed_at=draft.edited_at if draft is not None else None if last is None else last.created_at,
        stewards=people,
    )


def _stewards(session: Session) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in session.scalars(select(StewardRow)):
        found.setdefault(row.dataset, set()).add(row.person)
    return {dataset: frozenset(people) for dataset, people in found.items()}
