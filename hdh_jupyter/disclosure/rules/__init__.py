"""Rules: each looks at a document, or at all documents of a request together, and yields findings.

A rule knows no format. It declares in `RULES` the names under which the policy gives its findings a severity. Rules
import the floor's `documents`, `masking`, `model`, `policy` and `numbers`, the `tables` and `register` folders, and the
vocabulary and column profiles here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..documents import Document
from ..model import Finding
from ..policy import Policy
from ..register.model import Release
from . import (
    categories,
    channels,
    concentration,
    counts,
    differences,
    extremes,
    figures,
    formulas,
    free_text,
    hidden,
    identifier_columns,
    identifiers,
    linked,
    listings,
    models,
    percentages,
    potential_identifiers,
    recoverable,
    regressions,
    rows,
    sentences,
    statistics,
    units,
)

Rule = Callable[[Document, str, Policy], Iterator[Finding]]
"""Looks at one document, given its file's name."""

RequestRule = Callable[[Mapping[str, Document], Sequence[Release], Policy], Iterator[Finding]]
"""Looks at all documents of a request by their file's name, and at what was released before."""

REGISTRY: Mapping[Rule, tuple[str, ...]] = {
    identifiers.direct_identifiers: identifiers.RULES,
    identifier_columns.identifier_columns: identifier_columns.RULES,
    rows.row_level: rows.RULES,
    potential_identifiers.potential_identifiers: potential_identifiers.RULES,
    extremes.extremes: extremes.RULES,
    listings.listings: listings.RULES,
    free_text.free_text: free_text.RULES,
    counts.small_counts: counts.RULES,
    percentages.percentages: percentages.RULES,
    categories.full_groups: categories.RULES,
    concentration.dominance: concentration.RULES,
    differences.differences: differences.RULES,
    units.few_units: units.RULES,
    statistics.told_of_few: statistics.RULES,
    sentences.sentences: sentences.RULES,
    recoverable.recoverable_cells: recoverable.RULES,
    hidden.hidden_content: hidden.RULES,
    models.models: models.RULES,
    regressions.regressions: regressions.RULES,
    figures.figures: figures.RULES,
    channels.channels: channels.RULES,
    formulas.formulas: formulas.RULES,
}
"""Every rule with the names of its findings."""

REQUEST_REGISTRY: Mapping[RequestRule, tuple[str, ...]] = {linked.linked_tables: linked.RULES}
"""Every rule over a whole request, with the names of its findings."""
