"""Which categories to merge so that no count is small: along their order, their hierarchy, or into "others"."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import re2

from .hierarchy import ages
from .system import Floats

PERIOD = re2.compile(r"^(?:(?:19|20)\d\d)(?:[-/. ]?[WSTQM]?\d{1,2})?(?:[-/]\d{2})?$|^[SWTQM]\d{1,2}$")
CODE = re2.compile(r"^[A-Z]{1,3}\d+[A-Z0-9]*(?:\.[0-9A-Z]+)?$")
OTHERS = "Autres"
NAMED = 2
"""Categories whose names are kept in that of what they are merged into."""


def partition(categories: Sequence[str], counts: Floats, threshold: float) -> list[tuple[int, ...]] | None:
    """Return groups of categories in which no count is small, as many as can be, or None when all would become one.

    Parameters
    ----------
    counts
        By category, what it counts in every cell of the other dimensions.
    threshold
        A count from 1 to below it is small.
    """
    ordered = is_ordered(categories)
    groups: list[tuple[int, ...]] = [(i,) for i in range(len(categories))]
    while (weak := _weakest(groups, counts, threshold)) is not None:
        if len(groups) <= 2:
            return None
        other = _partner(groups, weak, categories, counts, ordered)
        merged = tuple(sorted((*groups[weak], *groups[other])))
        groups = sorted([g for i, g in enumerate(groups) if i not in (weak, other)] + [merged])
    return groups


def ends_coded(categories: Sequence[str], counts: Floats, threshold: float) -> list[tuple[int, ...]] | None:
    """Return ordered categories with the first and the last ones merged until no count is small, or None.

    Top and bottom coding: `80-84`, `85-89` and `90+` become `80+`.
    """
    if not is_ordered(categories):
        return None
    small = [i for i in range(len(categories)) if _is_small(counts[i], threshold)]
    middle = len(categories) / 2
    first = max((i for i in small if i < middle), default=-1) + 1
    last = min((i for i in small if i >= middle), default=len(categories))
    bottom, top = tuple(range(first)), tuple(range(last, len(categories)))
    while bottom and (len(bottom) < 2 or _is_small(counts[list(bottom)].sum(axis=0), threshold)):
        bottom = (*bottom, len(bottom))
        if len(bottom) >= len(categories):
            return None
    while top and (len(top) < 2 or _is_small(counts[list(top)].sum(axis=0), threshold)):
        if top[0] == 0:
            return None
        top = (top[0] - 1, *top)
    between = range(len(bottom), top[0] if top else len(categories))
    if (bottom and top and top[0] < len(bottom)) or len(between) < 1:
        return None
    return [group for group in (bottom, *((i,) for i in between), top) if group]


def is_ordered(categories: Sequence[str]) -> bool:
    """Tell whether categories are classes of age or periods that follow one another."""
    classes = [ages(category) for category in categories]
    if all(one is not None for one in classes):
        starts = [one[0] for one in classes if one is not None]
        return starts == sorted(starts)
    periods = [category.strip() for category in categories]
    return all(PERIOD.match(period) for period in periods) and periods == sorted(periods)


def name_of(categories: Sequence[str]) -> str:
    """Return what categories are called together."""
    if len(categories) == 1:
        return categories[0]
    classes = [ages(category) for category in categories]
    if all(one is not None for one in classes):
        low = min(one[0] for one in classes if one is not None)
        high = max(one[1] for one in classes if one is not None)
        unit = " ans" if any("ans" in category for category in categories) else ""
        return f"{low:g}+{unit}" if np.isinf(high) else f"{low:g}-{high:g}{unit}"
    if is_ordered(categories):
        return f"{categories[0].strip()} – {categories[-1].strip()}"
    return " + ".join(category.strip() for category in categories) if len(categories) <= NAMED else OTHERS


def _weakest(groups: Sequence[tuple[int, ...]], counts: Floats, threshold: float) -> int | None:
    """Return the group with a small count whose sum is least."""
    sums = [counts[list(group)].sum(axis=0) for group in groups]
    weak = [i for i, cells in enumerate(sums) if _is_small(cells, threshold)]
    return min(weak, key=lambda i: (sums[i].sum(), i), default=None)


def _is_small(cells: Floats, threshold: float) -> bool:
    return bool(((cells > 0) & (cells < threshold)).any())


def _partner(
    groups: Sequence[tuple[int, ...]], weak: int, categories: Sequence[str], counts: Floats, ordered: bool
) -> int:
    """Return the group to merge a weak one with: a neighbour, what has the longest beginning in common, the least."""
    others = [i for i in range(len(groups)) if i != weak]
    if ordered:
        others = [i for i in (weak - 1, weak + 1) if 0 <= i < len(groups)]
    names = [[categories[i].strip() for i in group] for group in groups]
    coded = all(CODE.match(name) for own in names for name in own)

    def distance(i: int) -> tuple[float, float, int]:
        common = _common([*names[i], *names[weak]]) if coded else 0
        return -common, float(counts[list(groups[i])].sum()), i

    return min(others, key=distance)


def _common(names: Sequence[str]) -> int:
    """Return how many first characters names have in common."""
    return sum(1 for _ in itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False)))
