"""Groups whose members nearly all fall into one sensitive category: who belongs to the group is known to be in it.

An ordinary table has such rows where the category is the usual one (nearly everybody survives, nearly nobody carries a
gene), and structural zeros (no pregnancy among men). Neither tells anything. A group tells something when it falls into
a sensitive category that holds less than half of the other groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..documents import Document
from ..masking import masked
from ..model import Finding
from ..policy import Policy
from . import vocabulary
from .columns import Profile, profiles
from .counts import column_place
from .crosstabs import Crosstab, crosstabs
from .meaning import Meaning, meanings

RULES = ("categories.full_group",)
UNUSUAL = 0.5
"""Share of the other groups below which a category is not the usual one."""


def full_groups(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find groups that fall into one sensitive category, one finding per category."""
    threshold = policy.thresholds["category_share"].value
    for seen in profiles(document, policy.min_count):
        found: dict[tuple[int, int], tuple[float, str, str]] = {}
        for table in crosstabs(seen):
            found |= _full(table, threshold)
        found |= _percents(seen, threshold)
        told: set[str] = set()
        for (row, column), (share, group, category) in found.items():
            if category in told:
                continue
            told.add(category)
            where = replace(column_place(seen, column), row=seen.table.first_row + row)
            params: dict[str, str | int] = {
                "share": f"{100 * share:.0f}",
                "group": masked(group),
                "category": masked(category),
                "threshold": f"{100 * threshold:.0f}",
            }
            rule = "categories.full_group"
            yield Finding(rule, policy.severities[rule], file, where, "meaning.full_group", params)


def _full(table: Crosstab, threshold: float) -> dict[tuple[int, int], tuple[float, str, str]]:
    found = {}
    whole = [sum(value or 0 for value in row) for row in table.counts]
    for k, category in enumerate(table.categories):
        if not vocabulary.is_sensitive(category):
            continue
        inside = [row[k] or 0 for row in table.counts]
        for g, row in enumerate(table.counts):
            others, outside = sum(inside) - inside[g], sum(whole) - whole[g]
            if None in row or not whole[g] or not outside:
                continue
            if inside[g] >= threshold * whole[g] and others < UNUSUAL * outside:
                found[table.places[g][k]] = (inside[g] / whole[g], table.groups[g], category)
    return found


def _percents(seen: Profile, threshold: float) -> dict[tuple[int, int], tuple[float, str, str]]:
    """Return what columns of percentages of a sensitive category say."""
    found: dict[tuple[int, int], tuple[float, str, str]] = {}
    for column, meaning in enumerate(meanings(seen)):
        title = seen.table.titles[column]
        if meaning is not Meaning.PERCENT or not vocabulary.is_sensitive(title) or not seen.cells:
            continue
        shown = [(r, row[column]) for r, row in enumerate(seen.written)]
        values = {r: cell.value for r, cell in shown if cell is not None}
        scale = 1.0 if seen.columns[column].maximum <= 1 and seen.columns[column].decimals else 100.0
        for r, value in values.items():
            others = [v for other, v in values.items() if other != r]
            if others and scale >= value >= threshold * scale and sum(others) < UNUSUAL * scale * len(others):
                found[r, column] = (value / scale, seen.labels[r], title)
    return found
