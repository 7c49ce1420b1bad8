"""What is proposed, and why it may not be possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...errors import PublicError
from ...i18n import DEFAULT_LANGUAGE, translate
from ..model import Report


@dataclass(frozen=True)
class Proposal:
    """A remedy that would work on a file.

    Attributes
    ----------
    id
        What to ask :func:`~.applied.apply` for: `suppress`, `round-5`, `round-10`, `nearest-5`,
        `nearest-10`, `merge`, `top-code`, `drop-columns`.
    key
        Of its sentence `disclosure.remedy.<key>`.
    params
        What the sentence names.
    cells_lost
        Counts that no longer show, or no longer exactly.
    information_lost
        Between 0 and 1: the share that is lost of the sum of log(1 + count).
    """

    id: str
    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    cells_lost: int = 0
    information_lost: float = 0.0

    def to_dict(self, language: str = DEFAULT_LANGUAGE) -> dict[str, str | int | float]:
        """Return the proposal for a person."""
        return {
            "id": self.id,
            "message": translate(f"disclosure.remedy.{self.key}", language, **self.params),
            "cells_lost": self.cells_lost,
            "information_lost": round(self.information_lost, 4),
        }


class NotPossible(PublicError):
    """A remedy does not lead to a file that may leave.

    Parameters
    ----------
    key
        Of the sentence `disclosure.remedy.<key>`.
    report
        What the check said of the file that it would have made.
    """

    def __init__(self, key: str, report: Report | None = None, **params: str | int) -> None:
        super().__init__(f"disclosure.remedy.{key}", 422, **params)
        self.report = report
