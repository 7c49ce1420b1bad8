"""The record of what people copy out of JupyterLab: who, how much, of what kind, and never the text."""

from __future__ import annotations

from collections import deque
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ..errors import PublicError

MOST = 30
"""Copies that one person may report within a minute: more are a program's, which would fill the log."""
MINUTE = 60.0


class Copied(Struct, forbid_unknown_fields=True):
    """A copy as the page reports it."""

    characters: Annotated[int, Meta(ge=1, le=10**9)]
    kind: Literal["cell", "output", "terminal", "other"]


class CopyRate:
    """Counts the reports of each person over the last minute."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], deque[float]] = {}

    def note(self, project: str, person: str, now: float) -> None:
        """Count one more.

        Raises
        ------
        PublicError
            `gateway.too_many_copies`.
        """
        times = self._times.setdefault((project, person), deque())
        while times and times[0] <= now - MINUTE:
            times.popleft()
        if len(times) >= MOST:
            raise PublicError("gateway.too_many_copies", 429)
        times.append(now)


def parse_copied(body: bytes) -> Copied:
    """Return the report of a copy.

    Raises
    ------
    PublicError
        `gateway.bad_copy`.
    """
    try:
        return msgspec.json.decode(body, type=Copied)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PublicError("gateway.bad_copy", 400) from error
