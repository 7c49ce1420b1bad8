"""Rules: each looks at a document and yields findings; none knows of another file, or of a format.

A rule declares in `RULES` the names under which the policy gives its findings a severity. Rules import the floor's
`documents`, `masking`, `model` and `policy`, and the vocabulary and column profiles here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..documents import Document
from ..model import Finding
from ..policy import Policy
from . import counts, hidden, identifiers, recoverable, rows

Rule = Callable[[Document, str, Policy], Iterator[Finding]]

REGISTRY: Mapping[Rule, tuple[str, ...]] = {
    identifiers.direct_identifiers: identifiers.RULES,
    rows.row_level: rows.RULES,
    counts.small_counts: counts.RULES,
    recoverable.recoverable_cells: recoverable.RULES,
    hidden.hidden_content: hidden.RULES,
}
"""Every rule with the names of its findings."""
