"""A sliding hour, in buckets of five minutes."""

from __future__ import annotations

from collections import deque

BUCKET = 300
"""Seconds."""

SPAN = 3600 // BUCKET + 1
"""Buckets that count: this one and the twelve before it, so that any sixty minutes lie inside."""


def bucket_of(now: float) -> int:
    """Return the number of the bucket that a moment (seconds since the epoch) falls in."""
    return int(now // BUCKET)


class SlidingHour:
    """What was used in the last sixty to sixty-five minutes. Adding and asking take constant time."""

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, int]] = deque()
        self._total = 0

    def add(self, bucket: int, size: int) -> None:
        """Count `size` more bytes. A clock that was put back counts in the newest bucket there is."""
        if self._buckets and bucket <= self._buckets[-1][0]:
            newest, used = self._buckets.pop()
            self._buckets.append((newest, used + size))
        else:
            self._buckets.append((bucket, size))
        self._total += size

    def used(self, bucket: int) -> int:
        """Return the bytes of the hour that ends in `bucket`."""
        while self._buckets and self._buckets[0][0] <= bucket - SPAN:
            self._total -= self._buckets.popleft()[1]
        return self._total

    def below(self, limit: int) -> int | None:
        """Return the first bucket in which less than `limit` is left if nothing more is used.

        None when it is so now, or never.
        """
        left = self._total
        if left < limit:
            return None
        for bucket, size in self._buckets:
            left -= size
            if left < limit:
                return bucket + SPAN
        return None
