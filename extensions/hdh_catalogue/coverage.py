"""The period that a dataset covers: in a few words, and year by year for a chart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.variables import Variable
from hdh_jupyter.i18n import translate

from .rows import value_of

NO_COVERAGE = "—"
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
EARLIEST = 1900
MARKS = ("mandatory_since", "hdh_copy_start", "warehouse_since", "planned_end")
"""Kinds of milestones that the chart marks beside the beginning and the end."""


def coverage(dataset: Dataset, language: str) -> str:
    """Return the period covered in a few words."""
    start = dataset.milestone("start") or dataset.milestone("source_start")
    end = dataset.milestone("end")
    if start and end:
        return translate(
            "catalogue.coverage.range", language, start=value_of(start, language), end=value_of(end, language)
        )
    if start:
        return translate("catalogue.coverage.since", language, start=value_of(start, language))
    if end:
        return translate("catalogue.coverage.until", language, end=value_of(end, language))
    for kind in ("waves", "editions", "schema_year"):
        if fact := dataset.milestone(kind):
            return translate(f"catalogue.coverage.{kind}", language, value=value_of(fact, language))
    first, last = dataset.first_year, dataset.last_year
    if first is not None and last is not None:
        return translate("catalogue.coverage.range", language, start=first, end=last)
    return translate("catalogue.coverage.since", language, start=first) if first is not None else NO_COVERAGE


def years(dataset: Dataset, today: date, language: str) -> dict[str, Any] | None:
    """Return the chart's data: the years covered, with how many variables are filled in each; None if not known.

    Years are known from the record's own numbers, else from its milestones, else from its variables.
    """
    first, last = _period(dataset, today)
    if first is None:
        return None
    filled = _filled(dataset.variables, first, last, today)
    return {
        "first": first,
        "last": last,
        "goes_on": _end(dataset) is None and last >= today.year,
        "years": [{"year": year, "variables": filled.get(year)} for year in range(first, last + 1)],
        "marks": list(_marks(dataset, language)),
    }


def _period(dataset: Dataset, today: date) -> tuple[int | None, int]:
    own = [v.first_year for v in dataset.variables if v.first_year is not None]
    first = dataset.first_year or _year_of(dataset, "start", "source_start") or (min(own) if own else None)
    if first is None or first > today.year:
        return None, today.year
    last = _end(dataset)
    return max(first, EARLIEST), min(last, today.year) if last and last >= first else today.year


def _end(dataset: Dataset) -> int | None:
    return dataset.last_year or _year_of(dataset, "end")


def _year_of(dataset: Dataset, *kinds: str) -> int | None:
    for kind in kinds:
        fact = dataset.milestone(kind)
        if fact is not None and (found := YEAR.search(str(fact.value))):
            return int(found[0])
    return None


def _filled(variables: tuple[Variable, ...], first: int, last: int, today: date) -> dict[int, int]:
    """Return how many variables are filled in each year; nothing when no variable tells its years.

    Differences are summed up, so that a record of many variables over many years is walked through once.
    """
    if all(v.first_year is None and v.last_year is None for v in variables):
        return {}
    change = dict.fromkeys(range(first, last + 2), 0)
    missing = dict.fromkeys(range(first, last + 1), 0)
    for variable in variables:
        start = max(variable.first_year or first, first)
        end = min(variable.last_year or today.year, last)
        if start <= end:
            change[start] += 1
            change[end + 1] -= 1
            for year in set(variable.missing_years):
                if start <= year <= end:
                    missing[year] += 1
    counts, filled = {}, 0
    for year in range(first, last + 1):
        filled += change[year]
        counts[year] = filled - missing[year]
    return counts


def _marks(dataset: Dataset, language: str) -> Iterator[dict[str, Any]]:
    for milestone in dataset.coverage:
        found = YEAR.search(str(milestone.fact.value))
        if milestone.kind in MARKS and found:
            label = translate(f"catalogue.milestone.{milestone.kind}", language)
            yield {"year": int(found[0]), "label": label, "value": value_of(milestone.fact, language)}
