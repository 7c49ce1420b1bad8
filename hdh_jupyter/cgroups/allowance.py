"""What a group of processes may use, and what it used."""

from __future__ import annotations

from dataclasses import dataclass

CPU_PERIOD = 100_000
"""Microseconds over which the kernel counts processor time against a limit (its own default)."""


@dataclass(frozen=True)
class Allowance:
    """What a group may use.

    Attributes
    ----------
    memory
        Bytes, files in memory (`/tmp`, `/dev/shm`) included; swap is not used.
    cpu
        Cores, in fractions.
    processes
        Processes and threads together.
    """

    memory: int
    cpu: float
    processes: int


@dataclass(frozen=True)
class Reading:
    """What a group uses at a moment; None where the host does not tell.

    Attributes
    ----------
    memory
        Bytes that the kernel cannot take back: its cache of files on disk is left out.
    cpu_seconds
        Processor time since the group was made.
    memory_kills
        Processes that the kernel ended at the limit, since the group was made.
    refused_forks
        Processes that were refused at the limit, since the group was made.
    """

    memory: int | None = None
    processes: int | None = None
    cpu_seconds: float | None = None
    memory_kills: int = 0
    refused_forks: int = 0


def flat_keyed(text: str) -> dict[str, int]:
    """Return the values of a file of lines `key value`, as the kernel writes them."""
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
