"""Where the hub zone keeps published records: every version, immutable, and what has left the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

from .model import Dataset, from_document, to_document
from .tables import CatalogueRecord, WithdrawalRow

DATASET_ID = re.compile(r"[a-z][a-z0-9_-]{0,62}[a-z0-9]")
"""A dataset's id is also the name of its folder below `/data`."""


@dataclass(frozen=True)
class Version:
    """A published version, without its document."""

    dataset: str
    number: int
    author: str
    reason: str
    published_at: datetime


class CatalogueStore:
    """The published records, with their earlier versions."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, *datasets: Dataset, author: str = "system", reason: str = "") -> None:
        """Publish records, all or none. A record equal to its newest version makes no new version.

        A record that was withdrawn is in the catalogue again.

        Raises
        ------
        PublicError
            An id cannot name a folder.
        """
        for dataset in datasets:
            check_id(dataset.id)
        with self.database.write() as session:
            for dataset in datasets:
                publish(session, dataset, author, reason)

    def get(self, dataset: str) -> Dataset:
        """Return the published record.

        Raises
        ------
        PublicError
            There is none, or it was withdrawn: `catalogue.unknown_dataset` (404).
        """
        with self.database.read() as session:
            record = newest(session, dataset)
            if record is None or session.get(WithdrawalRow, dataset) is not None:
                raise PublicError("catalogue.unknown_dataset", 404, dataset=dataset)
        return from_document(record.document)

    def all(self) -> list[Dataset]:
        """Return every record that is in the catalogue, by id."""
        query = _newest_of_each().where(CatalogueRecord.dataset.not_in(select(WithdrawalRow.dataset)))
        with self.database.read() as session:
            return [from_document(record.document) for record in session.execute(query).scalars()]

    def versions(self, dataset: str) -> tuple[Version, ...]:
        """Return the versions of a record, the newest first; a withdrawn record keeps them."""
        table = CatalogueRecord
        query = (
            select(table.dataset, table.version, table.author, table.reason, table.created_at)
            .where(table.dataset == dataset)
            .order_by(table.version.desc())
        )
        with self.database.read() as session:
            return tuple(Version(*row) for row in session.execute(query))

    def version(self, dataset: str, number: int) -> Dataset:
        """Return a version of a record.

        Raises
        ------
        PublicError
            `catalogue.record.unknown_version` (404).
        """
        with self.database.read() as session:
            record = session.get(CatalogueRecord, (dataset, number))
        if record is None:
            raise PublicError("catalogue.record.unknown_version", 404, dataset=dataset, number=number)
        return from_document(record.document)

    def put_if_empty(self, datasets: Iterable[Dataset]) -> bool:
        """Publish first records, unless there is any record already; return whether they were published."""
        with self.database.write() as session:
            if session.scalar(select(CatalogueRecord.dataset).limit(1)) is not None:
                return False
            for dataset in datasets:
                publish(session, dataset, "system", "")
        return True


def check_id(dataset: str) -> None:
    """Refuse an id that cannot name a folder: `catalogue.bad_id`."""
    if not DATASET_ID.fullmatch(dataset):
        raise PublicError("catalogue.bad_id", id=dataset)


def newest(session: Session, dataset: str) -> CatalogueRecord | None:
    """Return the newest version of a record, withdrawn or not."""
    return session.scalar(
        select(CatalogueRecord)
        .where(CatalogueRecord.dataset == dataset)
        .order_by(CatalogueRecord.version.desc())
        .limit(1)
    )


def publish(
    session: Session, dataset: Dataset, author: str, reason: str, agreements: dict[str, Any] | None = None
) -> int:
    """Add a version in a session of the caller, unless the newest says the same, and return the newest's number.

    Parameters
    ----------
    agreements
        Which themes were agreed and by whom, the newest version's when None; a version that differs by this alone is
        a version too.
    """
    document, known = to_document(dataset), newest(session, dataset.id)
    if agreements is None:
        # They count only for a theme whose text is still the same.
        agreements = {} if known is None else known.agreements
    withdrawn = session.get(WithdrawalRow, dataset.id)
    if withdrawn is not None:
        session.delete(withdrawn)
    if known is not None and known.document == document and known.agreements == agreements:
        return known.version
    row = CatalogueRecord(
        dataset=dataset.id,
        version=1 if known is None else known.version + 1,
        document=document,
        published=True,
        created_at=datetime.now(UTC),
        author=author,
        reason=reason,
        agreements=agreements,
    )
    session.add(row)
    session.flush()
    return row.version


def _newest_of_each() -> Select[CatalogueRecord]:
    last = (
        select(CatalogueRecord.dataset, func.max(CatalogueRecord.version).label("version"))
        .group_by(CatalogueRecord.dataset)
        .subquery()
    )
    return (
        select(CatalogueRecord)
        .join(last, (CatalogueRecord.dataset == last.c.dataset) & (CatalogueRecord.version == last.c.version))
        .order_by(CatalogueRecord.dataset)
    )
