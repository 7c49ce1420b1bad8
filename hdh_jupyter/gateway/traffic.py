"""Counts the bytes that each person sends into and takes out of each workspace."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from .table import Kind

Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Flow:
    """One countable stream: whose, of which project, by which kind of route, in which direction."""

    project: str
    person: str
    kind: Kind
    direction: Direction


class Traffic:
    """The bytes of every flow since the gateway's start."""

    def __init__(self) -> None:
        self._bytes: Counter[Flow] = Counter()

    def add(self, flow: Flow, size: int) -> None:
        """Count `size` more bytes."""
        self._bytes[flow] += size

    def total(self, project: str, person: str, direction: Direction) -> int:
        """Return the bytes of a person in a project, all kinds of routes together."""
        wanted = (project, person, direction)
        return sum(n for flow, n in self._bytes.items() if (flow.project, flow.person, flow.direction) == wanted)
