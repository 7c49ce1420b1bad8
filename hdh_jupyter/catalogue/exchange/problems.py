"""What was wrong with a part of an import, which goes on without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hdh_jupyter.i18n import DEFAULT_LANGUAGE, translate


@dataclass(frozen=True)
class Problem:
    """A faulty entry.

    Attributes
    ----------
    code
        Key of its sentence below `catalogue.exchange.problem`.
    where
        File, table and variable, as far as they are known.
    """

    code: str
    where: str
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the sentence for a person."""
        sentence = translate(f"catalogue.exchange.problem.{self.code}", language, **self.params)
        return f"{self.where}{' : ' if language == 'fr' else ': '}{sentence}"
