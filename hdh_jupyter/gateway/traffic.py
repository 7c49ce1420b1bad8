"""Meters what goes to browsers: counts every message, stops what is beyond the budget, keeps the figures.

Counting is done in memory, at once; every few seconds what was counted goes to the database together with the alerts,
and what administrators granted comes back. A stop loses nothing; `kill -9` loses what was counted since the last write.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter

from ..errors import PublicError
from ..metering.budgets import Budgets
from ..metering.meter import Crossing, Meter, Standing, State
from ..metering.requests import TrafficRequests
from ..metering.standing import clock
from ..metering.usage import Counted, Direction, Extras, Flow, UsageStore
from ..metering.window import SlidingHour, bucket_of
from .table import Channel
from .watch import TRY_AGAIN, AccessWatch

LOG = logging.getLogger(__name__)

DAY = 86_400.0
SPENT = 4290
"""The close code of a websocket whose person, or project, has spent the budget."""


class Traffic:
    """The traffic of everybody, against their budgets.

    Parameters
    ----------
    watch
        Knows the open websockets, which are muted or closed when a budget is spent.
    """

    def __init__(
        self,
        budgets: Budgets,
        store: UsageStore,
        requests: TrafficRequests,
        watch: AccessWatch,
    ) -> None:
        self.requests = requests
        self._budgets = budgets
        self._store = store
        self._watch = watch
        self._meter: Meter | None = None
        self._sizes: Counter[tuple[int, Flow]] = Counter()
        self._crossings: list[Crossing] = []
        self._confirmed = time.monotonic()
        self._forgotten = 0.0
        self._reduced: dict[tuple[str, str], SlidingHour] = {}
        self._alert = asyncio.Event()
        self._syncing = asyncio.Lock()

    def admit(self, project: str, person: str, channel: Channel) -> None:
        """Let a request in that will show something, before the workspace is asked.

        Raises
        ------
        PublicError
            `gateway.budget_spent` (429), or `gateway.meter_down` (503) when the figures are not known.
        """
        if channel is not Channel.NONE and self.standing(project, person).state is State.CUT:
            raise self._refusal(project, person)

    def admit_reduced(self, project: str, person: str) -> None:
        """Let a request in that saves or stops something, though a budget be spent: then only so many in an hour.

        Raises
        ------
        PublicError
            As :meth:`admit`.
        """
        if self.standing(project, person).state is not State.CUT:
            return
        done = self._reduced.setdefault((project, person), SlidingHour())
        bucket = bucket_of(time.time())
        if done.used(bucket) >= self._budgets.reduced_replies:
            raise self._refusal(project, person)
        done.add(bucket, 1)

    def charge(self, project: str, person: str, channel: Channel, size: int) -> None:
        """Count a message that is about to go to a browser; it must not go when this raises.

        Raises
        ------
        PublicError
            As :meth:`admit`.
        """
        if channel is Channel.NONE:
            return
        now = time.time()
        crossings = self._known().charge(project, person, size, now)
        if crossings is None:
            raise self._refusal(project, person)
        self._sizes[bucket_of(now), Flow(project, person, channel.value, "out")] += size
        for crossing in crossings:
            self._cross(crossing)

    def charge_reduced(self, project: str, person: str, channel: Channel, size: int) -> None:
        """Count a reply that the gateway has reduced to next to nothing, and that goes though a budget is spent.

        Raises
        ------
        PublicError
            `gateway.meter_down`.
        """
        now = time.time()
        self._known().add(project, person, size, now)
        self._sizes[bucket_of(now), Flow(project, person, channel.value, "out")] += size

    def receive(self, project: str, person: str, channel: Channel, size: int) -> None:
        """Count what comes from a browser, which nothing limits here."""
        if channel is not Channel.NONE:
            self._sizes[bucket_of(time.time()), Flow(project, person, channel.value, "in")] += size

    def standing(self, project: str, person: str) -> Standing:
        """Return where somebody stands.

        Raises
        ------
        PublicError
            `gateway.meter_down`.
        """
        return self._known().standing(project, person, time.time())

    def is_cut(self, project: str, person: str) -> bool:
        """Say whether somebody may be shown nothing, as far as is known."""
        try:
            return self.standing(project, person).state is State.CUT
        except PublicError:
            return True

    async def run(self) -> None:
        """Keep the figures, for ever."""
        while True:
            try:
                async with asyncio.timeout(self._budgets.flush_interval):
                    await self._alert.wait()
            except TimeoutError:
                pass
            self._alert.clear()
            await self.sync()

    async def sync(self) -> None:
        """Write what was counted and read what was granted; at the first time, read what was counted before."""
        async with self._syncing:
            try:
                await self._exchange()
            except Exception:
                LOG.exception("The traffic figures could not be kept or read")
        if time.monotonic() - self._confirmed > self._budgets.store_grace:
            self._watch.cut_all(TRY_AGAIN, "gateway.meter_down")
        elif self._meter is not None:
            self._enforce(self._meter)

    def total(self, project: str, person: str, direction: Direction) -> int:
        """Return the bytes of a person that were not written yet."""
        wanted = (project, person, direction)
        return sum(n for (_, flow), n in self._sizes.items() if (flow.project, flow.person, flow.direction) == wanted)

    async def _exchange(self) -> None:
        sizes, self._sizes = self._sizes, Counter()
        crossings, self._crossings = self._crossings, []
        try:
            if sizes or crossings:
                # Shielded: at a stop it is written to its end, by the thread that has begun it.
                await asyncio.shield(asyncio.to_thread(self._store.keep, Counted(sizes, crossings)))
        except Exception:
            # Nothing of it was written; it goes with the next.
            self._sizes.update(sizes)
            self._crossings[:0] = crossings
            raise
        now = time.time()
        if self._meter is None:
            self._meter = await asyncio.to_thread(self._store.meter, self._budgets.limits, now)
        else:
            extras: Extras = await asyncio.to_thread(self._store.extras, now)
            self._meter.grant(extras)
        self._confirmed = time.monotonic()
        if time.monotonic() - self._forgotten > DAY or not self._forgotten:
            await asyncio.to_thread(self._store.forget, self._budgets.kept_days, now)
            self._forgotten = time.monotonic()

    def _enforce(self, meter: Meter) -> None:
        # A grant that was taken back, or that ended at midnight, spends a budget without a message that crosses it.
        now = time.time()
        for project, person in self._watch.people():
            if meter.standing(project, person, now).state is State.CUT:
                self._silence(project, person)
            else:
                self._watch.reopen(project, person)

    def _silence(self, project: str, person: str | None) -> None:
        self._watch.silence(project, person, SPENT, "gateway.budget_spent")

    def _cross(self, crossing: Crossing) -> None:
        level = crossing.level
        LOG.warning(
            "%s in %s: %s of the budget (%s), %d of %d bytes",
            crossing.person,
            crossing.project,
            level.state.word,
            level.window.value,
            level.used,
            level.limit,
        )
        self._crossings.append(crossing)
        self._alert.set()
        if level.state is State.CUT:
            person = None if level.window.value == "project_day" else crossing.person
            # After the message that crossed the limit has gone.
            asyncio.get_running_loop().call_soon(self._silence, crossing.project, person)

    def _known(self) -> Meter:
        stale = time.monotonic() - self._confirmed > self._budgets.store_grace
        if self._meter is None or stale:
            raise PublicError("gateway.meter_down", 503)
        return self._meter

    def _refusal(self, project: str, person: str) -> PublicError:
        return PublicError("gateway.budget_spent", 429, until=clock(self.standing(project, person)))
