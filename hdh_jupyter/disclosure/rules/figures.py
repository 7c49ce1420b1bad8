"""Figures: points drawn from individuals, observations that a figure embeds, survival curves with single steps.

A scatter plot shows each person; an aggregate drawn as points (a series over time, a curve, one point per named area or
category) does not. Handbook on Statistical Disclosure Control; Guidelines for the checking of output based on microdata
research (graphs).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date
from statistics import fmean, median, pstdev

from ..documents import Document, Figure, Series
from ..masking import is_pseudonym, normalised
from ..model import Finding
from ..policy import Policy
from . import vocabulary

RULES = ("figures.individuals", "figures.points", "figures.embedded", "figures.survival_steps", "figures.for_the_eye")
RASTER_FACTOR = 4
"""How many times more marks than elsewhere make points of an image: what looks like a mark there may be none."""
MANY = 5
"""How many times more points than allowed leave no doubt: fewer may be areas or categories that no title names."""
UNITS = frozenset(
    [
        "departement",
        "departements",
        "region",
        "regions",
        "commune",
        "communes",
        "pays",
        "country",
        "countries",
        "hopital",
        "hopitaux",
        "hospital",
        "hospitals",
        "etablissement",
        "etablissements",
        "centres",
        "centers",
        "etudes",
        "studies",
        "gene",
        "genes",
        "iris",
        "canton",
        "cantons",
        "bassin",
        "bassins",
        "semaine",
        "semaines",
        "week",
        "weeks",
        "dep",
        "dpt",
        "dept",
        "ghm",
        "ghs",
        "atc",
        "ccam",
        "fpr",
        "tpr",
    ]
)
"""Words of a figure's titles that say that its points are not persons."""
LISTED = 100
"""Groups that a forest or dot plot lists one above the other at most."""
STEPS = 10
"""Steps of a survival curve from which single ones can be told."""


def figures(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Look at every figure of a document."""
    for figure in document.figures:
        if figure.raster:
            yield from _raster(figure, file, policy)
            continue
        yield from _individuals(figure, file, policy)
        yield from _survival(figure, file, policy)


def _raster(figure: Figure, file: str, policy: Policy) -> Iterator[Finding]:
    limit = int(policy.thresholds["individual_points"].value) * RASTER_FACTOR
    marks = max((s.marks for s in figure.series), default=0)
    size, maker = (*figure.titles, "", "")[:2]
    if marks > limit:
        yield _finding("points", "raster_points", figure, file, policy, marks=marks, limit=limit)
    else:
        key = "for_the_eye" if maker else "for_the_eye_unknown"
        yield _finding("for_the_eye", key, figure, file, policy, pixels=size, maker=maker)


def _individuals(figure: Figure, file: str, policy: Policy) -> Iterator[Finding]:
    limit = int(policy.thresholds["individual_points"].value)
    drawn = [s for s in figure.series if s.mark == "point" and s.marks > limit and not is_aggregate(s, figure.titles)]
    raw = [s for s in figure.series if s.mark == "raw" and s.marks > limit and not _says_units(*figure.titles, s.name)]
    if drawn:
        marks = max(s.marks for s in drawn)
        rule = "individuals" if marks > limit * MANY else "points"
        yield _finding(rule, "individuals", figure, file, policy, marks=marks, limit=limit)
    if raw:
        marks = max(s.marks for s in raw)
        rule = "embedded" if marks > limit * MANY else "points"
        yield _finding(rule, "embedded", figure, file, policy, marks=marks, limit=limit)


def is_aggregate(series: Series, titles: Sequence[str] = ()) -> bool:
    """Tell whether points are those of an aggregate.

    Named categories or areas, a series over time or over steps, a curve that only rises or falls within 0 and 1.
    """
    if _says_units(*titles, series.name):
        return True
    if _is_named(series.x) or _is_named(series.y) or _is_regular(series.x):
        return True
    # One above the other: a list of groups, which is never long.
    return (series.marks <= LISTED and _is_regular(series.y)) or _is_curve(series)


def _says_units(*titles: str) -> bool:
    """Tell whether titles name what is no person: an area, an establishment, a period."""
    # What follows « par » matters here: « mortalité par établissement ».
    return any(vocabulary.words(word) & UNITS for title in titles for word in normalised(title).split())


def _is_named(along: Sequence[float | str]) -> bool:
    """Tell whether an axis bears a name of its own for each point, which is no pseudonym."""
    words = [v for v in along if isinstance(v, str) and _day(v) is None]
    if len(words) < len(along) or not words or len(set(words)) < len(words):
        return False
    return not any(is_pseudonym(word) or any(c.isdigit() for c in word[2:]) for word in words)


def _is_regular(along: Sequence[float | str]) -> bool:
    """Tell whether an axis has one point per step: gaps that spread less than those of positions drawn at random."""
    numbers = [n for v in along if (n := _number(v)) is not None]
    if len(numbers) < 3 or len(numbers) < len(along):
        return False
    gaps = [b - a for a, b in itertools.pairwise(sorted(numbers))]
    return min(gaps) > 0 and pstdev(gaps) < 0.7 * fmean(gaps)


def _is_curve(series: Series) -> bool:
    x, y = ([v for v in along if isinstance(v, (int, float))] for along in (series.x, series.y))
    if len(x) != len(y) or len(x) < 3 or len(x) < len(series.x):
        return False
    inside = min(*x, *y) >= 0 and max(*x, *y) <= 1
    return inside and _is_monotone(x) and _is_monotone(y)


def _survival(figure: Figure, file: str, policy: Policy) -> Iterator[Finding]:
    for series in figure.series:
        if series.mark not in ("step", "line"):
            continue
        if (risk := at_risk(series)) is not None:
            key = "survival_last" if risk < policy.min_count else "survival_steps"
            yield _finding("survival_steps", key, figure, file, policy, risk=risk, threshold=policy.min_count)
            return
        if series.mark == "step" and has_single_steps(series):
            yield _finding("survival_steps", "single_steps", figure, file, policy, steps=series.marks)
            return


def has_single_steps(series: Series) -> bool:
    """Tell whether a falling curve has a step for each event, whatever its unit.

    Without a loss from sight, steps of one event are equal; after one, they are a little higher. Steps of a large
    cohort, where several events fall on one date or in one interval, differ by much more. Times drawn from events are
    uneven.
    """
    x, y = (tuple(v for v in along if isinstance(v, (int, float))) for along in (series.x, series.y))
    if len(y) <= STEPS or len(x) != len(y) or any(b >= a for a, b in itertools.pairwise(y)):
        return False
    falls = [a - b for a, b in itertools.pairwise(y)]
    like = sum(0.97 < b / a < 1.12 for a, b in itertools.pairwise(falls))
    gaps = [b - a for a, b in itertools.pairwise(x)]
    return like >= 0.6 * (len(falls) - 1) and pstdev(gaps) > 0.3 * fmean(gaps)


def at_risk(series: Series) -> int | None:
    """Return how few persons were at risk at some step of a curve that gives each event away, else None.

    Kaplan and Meier's estimate falls by the factor 1 - d/n at each step: where d is 1, the ratio of two steps gives n,
    a whole number that falls along the curve.
    """
    y = [v for v in series.y if isinstance(v, (int, float))]
    if len(y) < STEPS or len(y) < len(series.y) or not _is_monotone(y) or y[0] < y[-1]:
        return None
    top = 100.0 if y[0] > 1.5 else 1.0
    if not 0.9 * top <= y[0] <= top or y[-1] < 0:
        return None
    steps = [(a, b) for a, b in itertools.pairwise(y) if b < a and a > 0]
    numbers = [1 / (1 - b / a) for a, b in steps if b > 0]
    if len(numbers) < STEPS:
        return None
    exact = [n for n in numbers if abs(n - round(n)) < 0.01]
    if len(exact) < 0.6 * len(numbers) or median(exact[: len(exact) // 2]) <= median(exact[len(exact) // 2 :]):
        return None
    return round(min(exact))


def _is_monotone(values: Sequence[float]) -> bool:
    pairs = list(itertools.pairwise(values))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


def _number(value: float | str) -> float | None:
    if isinstance(value, (int, float)):
        return float(value)
    day = _day(value)
    return float(day.toordinal()) if day is not None else None


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _finding(rule: str, key: str, figure: Figure, file: str, policy: Policy, **params: str | int) -> Finding:
    rule = f"figures.{rule}"
    return Finding(rule, policy.severities[rule], file, figure.place, f"figures.{key}", params)
