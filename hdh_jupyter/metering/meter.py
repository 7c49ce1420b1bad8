"""Counts what goes to people against their budgets. Pure: time comes in as a parameter.

A message passes while the budget is not spent, and is counted whole: at most one message goes beyond a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum

from .budgets import Limits
from .window import BUCKET, SlidingHour, bucket_of


class State(IntEnum):
    """How far a budget is used."""

    OK = 0
    WARNING = 1
    CUT = 2

    @property
    def word(self) -> str:
        """The name that leaves the process: `ok`, `warning` or `cut`."""
        return self.name.lower()


class Window(StrEnum):
    """What is limited."""

    HOUR = "hour"
    DAY = "day"
    PROJECT_DAY = "project_day"


@dataclass(frozen=True)
class Level:
    """How much of one limit is used, bytes."""

    window: Window
    used: int
    limit: int
    soft_share: float

    @property
    def state(self) -> State:
        if self.used >= self.limit:
            return State.CUT
        return State.WARNING if self.used >= self.soft_share * self.limit else State.OK


@dataclass(frozen=True)
class Standing:
    """Where a person stands in a project.

    Attributes
    ----------
    until
        When something passes again; None unless the budget is spent.
    """

    hour: Level
    day: Level
    project_day: Level
    until: datetime | None

    @property
    def levels(self) -> tuple[Level, ...]:
        return self.hour, self.day, self.project_day

    @property
    def tightest(self) -> Level:
        """The level that says most: in the worst state, and of those the fullest."""
        return max(self.levels, key=lambda level: (level.state, level.used / level.limit))

    @property
    def state(self) -> State:
        return self.tightest.state


@dataclass(frozen=True)
class Crossing:
    """A limit, or its soft share, that somebody's traffic went over."""

    project: str
    person: str
    level: Level


@dataclass
class _Account:
    hour: SlidingHour = field(default_factory=SlidingHour)
    day: int = 0
    extra: int = 0


@dataclass
class _Project:
    day: int = 0
    extra: int = 0


class Meter:
    """The running sums of everybody, and the decisions on them.

    Times are seconds since the epoch; days are those of the machine's time zone.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._accounts: dict[tuple[str, str], _Account] = {}
        self._projects: dict[str, _Project] = {}
        self._day_starts = self._day_ends = 0.0

    def restore(self, project: str, person: str, bucket: int, size: int, now: float) -> None:
        """Count what was used before, in the order of the buckets."""
        self._turn_page(now)
        account, whole = self._of(project, person)
        account.hour.add(bucket, size)
        if bucket * BUCKET >= self._day_starts:
            account.day += size
            whole.day += size

    def grant(self, extras: Mapping[tuple[str, str], int]) -> None:
        """Replace what is granted today beyond the budgets, bytes by project and person."""
        for account in self._accounts.values():
            account.extra = 0
        for whole in self._projects.values():
            whole.extra = 0
        for (project, person), extra in extras.items():
            account, whole = self._of(project, person)
            account.extra += extra
            whole.extra += extra

    def charge(self, project: str, person: str, size: int, now: float) -> tuple[Crossing, ...] | None:
        """Count a message that is about to pass, or return None when it must not: a budget is spent.

        Returns
        -------
        The limits that this message crosses, usually none.
        """
        self._turn_page(now)
        account, whole = self._of(project, person)
        bucket = bucket_of(now)
        before = account.hour.used(bucket), account.day, whole.day
        most = self._most(account, whole)
        if before[0] >= most[0] or before[1] >= most[1] or before[2] >= most[2]:
            return None
        account.hour.add(bucket, size)
        account.day += size
        whole.day += size
        share = self.limits.soft_share
        if before[0] + size < share * most[0] and account.day < share * most[1] and whole.day < share * most[2]:
            # Nearly every message: nothing is near.
            return ()
        was_at = (Level(window, used, limit, share) for window, used, limit in zip(Window, before, most, strict=True))
        return tuple(
            Crossing(project, person, now_at)
            for then, now_at in zip(was_at, self._levels(account, whole, bucket), strict=True)
            if now_at.state > then.state
        )

    def add(self, project: str, person: str, size: int, now: float) -> None:
        """Count what passes whether a budget is spent or not."""
        self._turn_page(now)
        account, whole = self._of(project, person)
        account.hour.add(bucket_of(now), size)
        account.day += size
        whole.day += size

    def standing(self, project: str, person: str, now: float) -> Standing:
        """Return where somebody stands."""
        self._turn_page(now)
        account, whole = self._of(project, person)
        hour, day, project_day = self._levels(account, whole, bucket_of(now))
        until: float | None = None
        if hour.state is State.CUT:
            free = account.hour.below(hour.limit)
            until = None if free is None else free * BUCKET
        if State.CUT in (day.state, project_day.state):
            until = max(until or 0.0, self._day_ends)
        return Standing(hour, day, project_day, None if until is None else datetime.fromtimestamp(until, UTC))

    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Return the projects and people that anything was counted or granted for."""
        return tuple(self._accounts)

    def _levels(self, account: _Account, whole: _Project, bucket: int) -> tuple[Level, Level, Level]:
        hour, day, project_day = self._most(account, whole)
        share = self.limits.soft_share
        return (
            Level(Window.HOUR, account.hour.used(bucket), hour, share),
            Level(Window.DAY, account.day, day, share),
            Level(Window.PROJECT_DAY, whole.day, project_day, share),
        )

    def _most(self, account: _Account, whole: _Project) -> tuple[int, int, int]:
        limits = self.limits
        return limits.hour + account.extra, limits.day + account.extra, limits.project_day + whole.extra

    def _of(self, project: str, person: str) -> tuple[_Account, _Project]:
        account = self._accounts.get((project, person))
        if account is None:
            account = self._accounts[project, person] = _Account()
        whole = self._projects.get(project)
        if whole is None:
            whole = self._projects[project] = _Project()
        return account, whole

    def _turn_page(self, now: float) -> None:
        # A clock that was put back into yesterday does not open a new day: that would empty the sums.
        if now < self._day_ends:
            return
        first = not self._day_ends
        self._day_starts, self._day_ends = day_around(now)
        if not first:
            for account in self._accounts.values():
                account.day = account.extra = 0
            self._projects.clear()


def day_around(now: float) -> tuple[float, float]:
    """Return the two midnights, in the machine's time zone, between which a moment lies."""
    today = date.fromtimestamp(now)
    return _midnight(today), _midnight(today + timedelta(days=1))


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day).timestamp()
