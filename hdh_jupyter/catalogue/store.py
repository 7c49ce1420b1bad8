"""Where the hub zone keeps catalogue records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

from .model import Dataset, from_document, to_document
from .tables import CatalogueRecord

DATASET_ID = re.compile(r"[a-z][a-z0-9_-]{0,62}[a-z0-9]")
"""A dataset's id is also the name of its folder below `/data`."""


class CatalogueStore:
    """The records, with their earlier versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, *datasets: Dataset) -> None:
        """Publish records, all or none. A record equal to its newest version makes no new version.

        Raises
        ------
        PublicError
            An id cannot name a folder.
        """
        for dataset in datasets:
            if not DATASET_ID.fullmatch(dataset.id):
                raise PublicError("catalogue.bad_id", id=dataset.id)
        with self._database.write() as session:
            for dataset in datasets:
                self._put(session, dataset)

    def get(self, dataset: str) -> Dataset:
        """Return the published record.

        Raises
        ------
        PublicError
            There is none.
        """
        with self._database.read() as session:
            record = _newest(session, dataset)
        if record is None:
            raise PublicError("catalogue.unknown_dataset", 404, dataset=dataset)
        return from_document(record.document)

    def all(self) -> list[Dataset]:
        """Return every published record, by id."""
        newest = (
            select(CatalogueRecord.dataset, func.max(CatalogueRecord.version).label("version"))
            .where(CatalogueRecord.published)
            .group_by(CatalogueRecord.dataset)
            .subquery()
        )
        query = (
            select(CatalogueRecord)
            .join(
                newest,
                (CatalogueRecord.dataset == newest.c.dataset) & (CatalogueRecord.version == newest.c.version),
            )
            .order_by(CatalogueRecord.dataset)
        )
        with self._database.read() as session:
            return [from_document(record.document) for record in session.scalars(query)]

    def put_if_empty(self, datasets: Iterable[Dataset]) -> bool:
        """Publish first records, unless there is any record already; return whether they were published."""
        with self._database.write() as session:
            if session.scalar(select(CatalogueRecord.dataset).limit(1)) is not None:
                return False
            for dataset in datasets:
                self._put(session, dataset)
        return True

    def _put(self, session: Session, dataset: Dataset) -> None:
        document = to_document(dataset)
        newest = _newest(session, dataset.id)
        if newest is not None and newest.document == document:
            return
        session.add(
            CatalogueRecord(
                dataset=dataset.id,
                version=1 if newest is None else newest.version + 1,
                document=document,
                published=True,
                created_at=datetime.now(UTC),
            )
        )


def _newest(session: Session, dataset: str) -> CatalogueRecord | None:
    return session.scalar(
        select(CatalogueRecord)
        .where(CatalogueRecord.dataset == dataset, CatalogueRecord.published)
        .order_by(CatalogueRecord.version.desc())
        .limit(1)
    )
