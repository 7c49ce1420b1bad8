"""Records that came from elsewhere, beside what is published of them: what would change, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.orm import Session

from ..drafting import Stage
from ..model import Dataset, from_document
from ..store import check_id, newest
from ..tables import CatalogueRecord, DraftRow, WithdrawalRow
from ..versions import Change, diff


class Outcome(StrEnum):
    """What publishing a record would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Incoming:
    """A record that came, as it would be published.

    Attributes
    ----------
    version
        The newest one that is published, 0 for none.
    stage
        How far the draft is that a steward works on.
    withdrawn
        Whether it was taken out of the catalogue.
    keeps_convention
        The two sides agreed on terms that are not the file's: theirs stay.
    """

    dataset: Dataset
    version: int
    outcome: Outcome
    changes: tuple[Change, ...]
    stage: Stage
    withdrawn: bool
    keeps_convention: bool

    @property
    def in_hand(self) -> bool:
        """Whether publishing it would go over somebody's head: a steward works on it, or took it away."""
        return (self.stage is not Stage.NONE and self.outcome is not Outcome.SAME) or self.withdrawn


def compared(session: Session, dataset: Dataset) -> Incoming:
    """Return a record beside what is published of it.

    Raises
    ------
    PublicError
        `catalogue.bad_id`.
    """
    check_id(dataset.id)
    known, draft = newest(session, dataset.id), session.get(DraftRow, dataset.id)
    before = None if known is None else from_document(known.document)
    kept = known is not None and before is not None and _is_agreed(known, before)
    after = replace(dataset, convention=before.convention) if kept and before is not None else dataset
    outcome = Outcome.NEW if before is None else Outcome.SAME if before == after else Outcome.CHANGED
    return Incoming(
        after,
        0 if known is None else known.version,
        outcome,
        () if before is None else diff(before, after),
        Stage.NONE if draft is None else Stage(draft.stage),
        session.get(WithdrawalRow, dataset.id) is not None,
        after.convention != dataset.convention,
    )


def _is_agreed(known: CatalogueRecord, record: Dataset) -> bool:
    """Tell whether anything of a convention was agreed on the platform, which no file may change."""
    return bool(known.agreements) or record.convention.signed is not None
