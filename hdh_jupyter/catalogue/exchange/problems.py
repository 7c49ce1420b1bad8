"""What was wrong with a part of an import, which goes on without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hdh_jupyter.errors import PublicError
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
    params
        What its sentence names; an error of ours among them stands for its own sentence.
    """

    code: str
    where: str
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the sentence for a person."""
        told = {k: v.message(language) if isinstance(v, PublicError) else v for k, v in self.params.items()}
        sentence = translate(f"catalogue.exchange.problem.{self.code}", language, **told)
        return f"{self.where}{' : ' if language == 'fr' else ': '}{sentence}"
