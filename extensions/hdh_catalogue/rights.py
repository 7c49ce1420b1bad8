"""What this project may use, as the hub zone wrote it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import translate

from .rows import day


class Usable(StrEnum):
    """Whether a project may use a dataset on a day."""

    GRANTED = "granted"
    NOT_GRANTED = "not_granted"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Grant:
    """A dataset granted to the project, first and last day included; None is no limit."""

    path: Path
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class Right:
    """What the project may do with one dataset, and the sentence that says why."""

    usable: Usable
    grant: Grant | None = None
    not_started: bool = False

    def sentence(self, language: str) -> str:
        """Return the sentence for a person."""
        if self.grant is None:
            return translate("catalogue.usable.not_granted", language)
        if self.not_started:
            return translate("catalogue.usable.not_started", language, start=day(self.grant.valid_from, language))
        if self.grant.valid_until is None:
            return translate("catalogue.usable.granted_open_ended", language)
        return translate(f"catalogue.usable.{self.usable}", language, until=day(self.grant.valid_until, language))

    def reading(self, name: str, language: str) -> Grant:
        """Return the grant under which the dataset `name` is read.

        Raises
        ------
        PublicError
            The project may not read it today.
        """
        if self.grant is None:
            raise PublicError("catalogue.not_granted", 403, name=name)
        if self.not_started:
            raise PublicError("catalogue.grant_not_started", 403, name=name, start=day(self.grant.valid_from, language))
        if self.usable is not Usable.GRANTED:
            raise PublicError("catalogue.grant_expired", 403, name=name, until=day(self.grant.valid_until, language))
        return self.grant


class ProjectRights:
    """The grants of the project whose workspace this is.

    Parameters
    ----------
    path
        The project document, read anew at each question: it changes while the workspace runs.
    """

    def __init__(self, path: Path, log: logging.Logger | logging.LoggerAdapter[Any]) -> None:
        self._path = path
        self._log = log

    def on(self, today: date) -> Mapping[str, Right]:
        """Return the right to each dataset that the project ever had a grant for."""
        return {dataset: _right(grant, today) for dataset, grant in self._grants().items()}

    def _grants(self) -> dict[str, Grant]:
        try:
            entries = json.loads(self._path.read_text("utf-8"))["grants"]
            return {
                entry["dataset"]: Grant(Path(entry["path"]), _day(entry["valid_from"]), _day(entry["valid_until"]))
                for entry in entries
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._log.warning("No usable project document at %s: %s", self._path, error)
            return {}


def _right(grant: Grant, today: date) -> Right:
    if grant.valid_from is not None and today < grant.valid_from:
        return Right(Usable.NOT_GRANTED, grant, not_started=True)
    if grant.valid_until is not None and today > grant.valid_until:
        return Right(Usable.EXPIRED, grant)
    return Right(Usable.GRANTED, grant)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
