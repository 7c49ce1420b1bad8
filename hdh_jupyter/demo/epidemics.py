"""How many visits are expected per day and diagnosis: calendar, seasons, epidemics, lockdowns.

The course is the one remembered of France from 2020 to 2025, in broad strokes; no figure comes from real visits.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FIRST_DAY = date(2020, 1, 1)
LAST_DAY = date(2025, 12, 31)
DAYS = (LAST_DAY - FIRST_DAY).days + 1

WEEKDAYS = (1.11, 1.01, 0.97, 0.97, 0.99, 0.97, 0.98)
YEARLY_GROWTH = 0.012

LOCKDOWNS = (
    (date(2020, 3, 17), date(2020, 5, 11), 0.50),
    (date(2020, 10, 30), date(2020, 12, 15), 0.80),
    (date(2021, 4, 3), date(2021, 5, 3), 0.86),
)
"""First day, last day, and the share of usual visits that remain."""

COVID_WAVES = (
    (date(2020, 3, 29), 1.00, 11),
    (date(2020, 11, 1), 0.85, 17),
    (date(2021, 4, 5), 0.65, 22),
    (date(2021, 8, 15), 0.40, 18),
    (date(2022, 1, 10), 0.95, 20),
    (date(2022, 3, 28), 0.45, 16),
    (date(2022, 7, 8), 0.50, 15),
    (date(2022, 10, 10), 0.33, 18),
    (date(2022, 12, 12), 0.33, 16),
    (date(2023, 3, 20), 0.16, 22),
    (date(2023, 12, 10), 0.20, 20),
    (date(2024, 7, 5), 0.11, 24),
    (date(2025, 9, 25), 0.11, 24),
)
"""Peak day, height as a share of the highest, width (standard deviation, days)."""
COVID_START = date(2020, 2, 24)
COVID_PEAK = 0.13
"""Visits for Covid-19 at the highest peak, as a share of an ordinary day."""
COVID_FLOOR = 0.004

BARRIER_MEASURES = (date(2020, 4, 1), date(2021, 9, 1), 0.06)
"""First day, last day, and what remains of the seasonal epidemics of influenza and bronchiolitis."""

AGE_BRACKETS = ((0, 5), (5, 15), (15, 45), (45, 65), (65, 75), (75, 105))


@dataclass(frozen=True)
class Diagnosis:
    """A reason for visits.

    Attributes
    ----------
    code
        ICD-10.
    share
        Its weight in an ordinary year.
    peak_day, strength
        Day of the year when it is most frequent, and how marked the season is.
    epidemic, avoidable, weekend
        Whether barrier measures stop it; how far a lockdown keeps people away (0 to 1); factor on Saturday and Sunday.
    ages
        Weights of the six age brackets.
    male
        Share of male patients.
    gravity
        Shift of the severity, in standard deviations.
    """

    code: str
    label: str
    share: float
    peak_day: int | None
    strength: float
    epidemic: bool
    avoidable: float
    weekend: float
    ages: tuple[float, ...]
    male: float
    gravity: float
    psychiatric: bool


@dataclass(frozen=True)
class Department:
    """A department: its code, its weight, and how hard the first wave hit it."""

    code: str
    weight: float
    early_wave: float


def diagnoses() -> tuple[Diagnosis, ...]:
    """Return the reasons for visits; the first is Covid-19."""
    return tuple(
        Diagnosis(
            row["code"],
            row["label"],
            float(row["share"]),
            int(row["peak_day"]) if row["peak_day"] else None,
            float(row["strength"]),
            row["epidemic"] == "1",
            float(row["avoidable"]),
            float(row["weekend"]),
            tuple(float(row[name]) for name in ("a0", "a5", "a15", "a45", "a65", "a75")),
            float(row["male"]),
            float(row["gravity"]),
            row["psychiatric"] == "1",
        )
        for row in _rows("diagnoses.csv")
    )


def departments() -> tuple[Department, ...]:
    """Return the 101 departments, weighted by their inhabitants."""
    rows = _rows("departments.csv")
    return tuple(Department(r["code"], float(r["thousands"]), float(r["early_wave"])) for r in rows)


def expected_visits(reasons: tuple[Diagnosis, ...]) -> Floats:
    """Return the relative number of visits by day (rows) and diagnosis (columns)."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    number = np.arange(DAYS, dtype=np.float64)
    calendar = np.array([WEEKDAYS[day.weekday()] for day in days]) * (1 + YEARLY_GROWTH * number / 365.25)
    weekend = np.array([day.weekday() >= 5 for day in days])
    presence = _presence(number)
    barrier = _smooth(np.where(_between(number, *BARRIER_MEASURES[:2]), BARRIER_MEASURES[2], 1.0), 21)
    day_of_year = np.array([day.timetuple().tm_yday for day in days], dtype=np.float64)
    columns = []
    for reason in reasons:
        level = np.full(DAYS, reason.share)
        if reason.peak_day is not None:
            angle = 2 * np.pi * (day_of_year - reason.peak_day) / 365.25
            # Divided by its mean, so that the share stays the share of the year.
            season = np.exp(reason.strength * np.cos(angle))
            level *= season / season.mean()
        if reason.epidemic:
            level *= barrier
        level *= presence**reason.avoidable * np.where(weekend, reason.weekend, 1.0)
        columns.append(level * calendar)
    ordinary = sum(reason.share for reason in reasons)
    columns[0] = ordinary * _covid(number) * calendar
    return np.stack(columns, axis=1)


def age_weights(reason: Diagnosis) -> Floats:
    """Return the weight of each age from 0 to 104 years."""
    ages = np.arange(AGE_BRACKETS[-1][1], dtype=np.float64)
    weights = np.zeros_like(ages)
    for (first, end), share in zip(AGE_BRACKETS, reason.ages, strict=True):
        inside = (ages >= first) & (ages < end)
        shape = np.exp(-(((ages - 82) / 9) ** 2)) if first == 75 else np.exp(-ages / 3) if first == 0 else ages * 0 + 1
        weights += np.where(inside, shape / shape[inside].sum() * share, 0)
    normalised: Floats = weights / weights.sum()
    return normalised


def _presence(number: Floats) -> Floats:
    remaining = np.ones(DAYS)
    for first, last, share in LOCKDOWNS:
        remaining = np.where(_between(number, first, last), share, remaining)
    return _smooth(remaining, 9)


def _covid(number: Floats) -> Floats:
    level = np.full(DAYS, COVID_FLOOR)
    for peak, height, width in COVID_WAVES:
        distance = (number - (peak - FIRST_DAY).days) / width
        level += COVID_PEAK * height * np.exp(-0.5 * distance**2)
    return np.where(number < (COVID_START - FIRST_DAY).days, 0, level)


def _between(number: Floats, first: date, last: date) -> npt.NDArray[np.bool_]:
    return (number >= (first - FIRST_DAY).days) & (number <= (last - FIRST_DAY).days)


def _smooth(values: Floats, width: int) -> Floats:
    """Return a moving average over `width` days (an odd number), the ends held."""
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")


def _rows(name: str) -> list[dict[str, Any]]:
    text = (resources.files(__package__) / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
