"""Dominance: totals that one contributor nearly makes alone, where the table tells its contribution.

The (n, k) rule: the n largest contributors hold at most the share k of a total. The p% rule: the second largest must
not be able to estimate the largest to within p per cent (Insee, manuel de protection des tableaux; Handbook on
Statistical Disclosure Control, 4.2.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import re2

from ..documents import Document
from ..model import Finding
from ..policy import Policy
from . import vocabulary
from .columns import Profile, profiles
from .counts import column_place
from .meaning import Meaning, meanings
from .relations import total_rows, values

RULES = ("concentration.dominance", "concentration.p_percent")
UNITS_WORDS = (
    r"contribut\w*|acteur|player|poste|unit[ée]?|client|donneur|payeur|payer|prescripteur|prescriber|fournisseur|supplier|provider"
    r"|[ée]tablissement|h[ôo]pital|hospital|centre|center|clinique|clinic|laboratoire|laboratory|lab|entreprise|firm|company|pharmacie"
    r"|pharmacy|praticien|m[ée]decin|physician|doctor|op[ée]rateur|offreur|service|producteur|producer|vendeur|seller|patient"
)
LARGEST = re2.compile(
    r"(?i)(?:^|[ _(])(?:plus[ _](?:gros|grosse|grand|grande|important|fort)|premier|1er|largest|biggest|greatest"
    r"|top[ _]?1|principal|dominant|max(?:i|imum|imale?)?)(?:$|[ _).])"
)
SECOND = re2.compile(r"(?i)(?:deuxi[eè]me|second|2(?:e|[eè]me|nd)\b|top[ _]?2\b)")
SCORED = frozenset(
    {"model", "models", "modele", "modeles", "accuracy", "epoch", "auc", "f1", "precision", "classifier"}
)
"""Words of titles beside which `top1` is how often a prediction is right."""
SHARES = r"(?:part|poids|share|pct|pourcentage|percent\w*|%|contribution|concentration|proportion|weight)"
LEADER = (
    r"(?:(?:plus[ _](?:gros|grosse|grand|grande|important|importante|fort)|premier|premi[eè]re|1er|1[eè]?re|largest"
    r"|biggest|greatest|main|leader|leading|principale?|dominante?|first|num[ée]ro[ _]1|n°[ _]?1|max|maxi?male?|maximum"
    rf"|top[ _]?1)(?:[ _]+(?:{UNITS_WORDS}))?)"
)
SHARE_OF_LARGEST = re2.compile(
    rf"(?i)(?:^|[ _]){SHARES}(?:[ _](?:de[ _]march[ée]|du[ _]total))?[ _]+(?:(?:de|d|du|of|in|held[ _]by)[ _'’]+)?"
    rf"(?:(?:la|le|the)[ _])?(?:single[ _])?{LEADER}[ _]*(?:$|[(\[%:;,])"
    rf"|^{LEADER}[ _]{SHARES}|^(?:cr|top)[ _]?1(?:[ _(]*(?:%|pct|share|part)[ )]*)?$"
    r"|^c[ _]?1[ _(]+(?:%|pct|share|part)[ )]*$"
)
"""A title that says how much of a total its largest contributor makes: « part du premier (%) », `top1_share`."""
CONTRIBUTOR = re2.compile(
    r"(?i)contribut|[ée]tablissement|entreprise|h[ôo]pital|hospital|laboratoire|prescripteur|fournisseur|patient"
    r"|praticien|unit[ée]|op[ée]rateur|top[ _]?\d|^maxi?(?:mum)?$"
)
NAMES_UNIT = re2.compile(
    r"(?i)finess|siret|siren|[ée]tablissement|h[ôo]pital|hospital|clinique|entreprise|laboratoire|fournisseur|praticien"
)
MOSTLY_ONE = 0.9
"""Distinct names per row from which a table has a row for each contributor."""


@dataclass(frozen=True)
class _Columns:
    """Where a table tells a total, its largest contribution, and the second one."""

    largest: int
    total: int | None
    second: int | None
    share: bool


def dominance(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find totals that few contributors dominate, one finding per column."""
    for seen in profiles(document, policy.min_count):
        columns = _columns(seen) if seen.cells else None
        limit = policy.thresholds["dominance_k"].value
        if columns is None:
            yield from _by_contributor(seen, limit, file, policy)
            continue
        shares = _shares(seen, columns)
        dominated = {row: share for row, share in shares.items() if limit < share <= 1}
        if dominated:
            row = max(dominated, key=lambda r: dominated[r])
            params = _params(seen, dominated, f"{100 * dominated[row]:.1f}", f"{100 * limit:g}")
            yield _finding("concentration.dominance", "dominance", seen, columns, row, params, file, policy)
            continue
        within = policy.thresholds["p_percent"].value
        close = {r: left for r, left in _left(seen, columns).items() if 0 <= left < within}
        if close:
            row = min(close, key=lambda r: close[r])
            params = _params(seen, close, f"{close[row]:.1f}", f"{within:g}")
            yield _finding("concentration.p_percent", "p_percent", seen, columns, row, params, file, policy)


def _by_contributor(seen: Profile, limit: float, file: str, policy: Policy) -> Iterator[Finding]:
    """Find groups of which one contributor makes nearly all, where each contributor has a row of its own."""
    named = [i for i, title in enumerate(seen.table.titles) if NAMES_UNIT.search(title)]
    keys = [i for i in named if seen.columns[i].distinct_share > MOSTLY_ONE]
    amounts = [i for i, meaning in enumerate(meanings(seen)) if meaning is Meaning.AMOUNT]
    groups = [i for i, c in enumerate(seen.columns) if i not in named and not c.numbers and c.distinct_share <= 0.5]
    if not seen.cells or not keys or not groups:
        return
    rows = [r for r in range(seen.rows) if r not in total_rows(seen)]
    for column in amounts:
        parts: dict[str, list[tuple[float, int]]] = {}
        for row, value in ((r, values(seen, column)[r]) for r in rows):
            if value is not None and value > 0:
                parts.setdefault(seen.cells[row][groups[0]], []).append((value, row))
        shares = {
            max(of_group)[1]: max(of_group)[0] / sum(value for value, _ in of_group)
            for of_group in parts.values()
            if len(of_group) > 1
        }
        dominated = {row: share for row, share in shares.items() if share > limit}
        if dominated:
            row = max(dominated, key=lambda r: dominated[r])
            params = _params(seen, dominated, f"{100 * dominated[row]:.1f}", f"{100 * limit:g}")
            place = _Columns(column, None, None, False)
            yield _finding("concentration.p_percent", "dominance", seen, place, row, params, file, policy)


def _columns(seen: Profile) -> _Columns | None:
    titles, kinds = seen.table.titles, meanings(seen)
    numbers = [i for i, column in enumerate(seen.columns) if column.numbers * 2 >= column.filled > 0]
    if any(vocabulary.words(title) & SCORED for title in titles):
        numbers = [i for i in numbers if not titles[i].lower().startswith("top")]
    stated = [i for i in numbers if SHARE_OF_LARGEST.search(titles[i].strip())]
    if stated:
        return _Columns(stated[0], None, None, True)
    largest = [i for i in numbers if LARGEST.search(titles[i]) and _is_contribution(titles[i])]
    if not largest:
        return None
    title = titles[largest[0]]
    share = kinds[largest[0]] is Meaning.PERCENT or bool(vocabulary.words(title) & vocabulary.PERCENTS)
    second = next((i for i in numbers if i not in largest and SECOND.search(titles[i])), None)
    sums = [i for i in numbers if i not in largest and i != second and kinds[i] in (Meaning.AMOUNT, Meaning.MEASURE)]
    sums += [
        i for i in numbers if i not in (*largest, *sums, second) and vocabulary.words(titles[i]) & vocabulary.TOTALS
    ]
    if not sums and not share:
        return None
    preferred = [i for i in sums if vocabulary.words(titles[i]) & vocabulary.TOTALS] or sums
    return _Columns(largest[0], None if share else preferred[0], second, share)


def _is_contribution(title: str) -> bool:
    return CONTRIBUTOR.search(title) is not None or bool(vocabulary.words(title) & vocabulary.AMOUNTS)


def _shares(seen: Profile, columns: _Columns) -> dict[int, float]:
    largest = values(seen, columns.largest)
    rows = [r for r in range(seen.rows) if r not in total_rows(seen)]
    if columns.total is None:
        scale = 1.0 if seen.columns[columns.largest].maximum <= 1 else 100.0
        return {r: value / scale for r in rows if (value := largest[r]) is not None}
    totals = values(seen, columns.total)
    return {
        r: value / total
        for r in rows
        if (value := largest[r]) is not None and (total := totals[r]) is not None and total > 0
    }


def _left(seen: Profile, columns: _Columns) -> dict[int, float]:
    """Return what the others than the two largest leave, in per cent of the largest: what the second cannot know."""
    if columns.total is None or columns.second is None:
        return {}
    found = {}
    parts = (values(seen, columns.largest), values(seen, columns.second), values(seen, columns.total))
    for row, (first, second, total) in enumerate(zip(*parts, strict=True)):
        if first is not None and second is not None and total is not None and first > 0:
            found[row] = 100 * (total - first - second) / first
    return found


def _params(seen: Profile, rows: dict[int, float], value: str, limit: str) -> dict[str, str | int]:
    numbers = ", ".join(str(seen.table.first_row + r) for r in sorted(rows)[:5]) + ("…" if len(rows) > 5 else "")
    return {"value": value, "limit": limit, "total": len(rows), "rows": numbers}


def _finding(
    rule: str,
    key: str,
    seen: Profile,
    columns: _Columns,
    row: int,
    params: dict[str, str | int],
    file: str,
    policy: Policy,
) -> Finding:
    where = replace(column_place(seen, columns.largest), row=seen.table.first_row + row)
    return Finding(rule, policy.severities[rule], file, where, f"meaning.{key}", params)
