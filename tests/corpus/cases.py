"""What a labelled file is, and the list of all of them.

A maker is a function that draws one result, given a :class:`Draw`. The decorator :func:`case` registers it once for
each format in which its result is written; a maker that draws bytes names its formats by extension (`.png`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np

from .words import HALVES, Words
from .writers import WRITERS, Sheet

T = TypeVar("T")


class Label(StrEnum):
    """What a file asks for."""

    MUST_BLOCK = "must_block"
    MUST_FLAG = "must_flag"
    CLEAN = "clean"


class Draw:
    """Everything that differs between two files of one maker: the same for the same seed and name, on any machine.

    Attributes
    ----------
    variant
        Position of this file among those of its maker.
    words
        Diseases, places and titles: the first half for odd seeds, the second for even ones.
    """

    def __init__(self, seed: int, name: str, variant: int) -> None:
        self.random = random.Random(f"{seed}:{name}")
        self.numpy = np.random.default_rng(self.random.getrandbits(64))
        self.half = (seed + 1) % 2
        self.variant = variant
        self.words: Words = HALVES[self.half]

    def turn(self, *options: T) -> T:
        """Return another option for each variant, and for each half."""
        return options[(self.variant + self.half) % len(options)]

    def some(self, options: Sequence[T], number: int) -> list[T]:
        """Return a few of the options, in their order."""
        chosen = sorted(self.random.sample(range(len(options)), min(number, len(options))))
        return [options[index] for index in chosen]

    def count(self, typical: float, low: int = 40) -> int:
        """Return a count of persons that differs from `typical` by a factor of some two or three, and is not small."""
        return max(low + self.random.randrange(9), round(typical * self.random.lognormvariate(0, 0.5)))

    def between(self, low: float, high: float, decimals: int = 1) -> float:
        """Return a number."""
        return round(self.random.uniform(low, high), decimals)


@dataclass(frozen=True)
class Case:
    """One labelled file.

    Attributes
    ----------
    family
        Group of dangers, or of clean results, for which figures are given.
    reason
        Why the label is right: a claim that may be disputed.
    difficulty
        From 1, plain, to 5.
    rules
        Prefixes of rules of which one should find it; empty where any will do.
    tolerated
        Whether a clean file may be held for review, because what it is cannot be told from its bytes.
    held_out
        Whether it belongs to the half on which nobody tunes alone.
    """

    name: str
    label: Label
    family: str
    reason: str
    difficulty: int
    rules: tuple[str, ...]
    tolerated: bool
    format: str
    variant: int
    held_out: bool
    maker: Callable[[Draw], Sheet | bytes]

    def content(self, seed: int = 1) -> bytes:
        """Make the file's bytes."""
        draw = Draw(seed, self.name, self.variant)
        made = self.maker(draw)
        return made if isinstance(made, bytes) else WRITERS[self.format].write(made)


@dataclass(frozen=True)
class Group:
    """Files that are labelled together.

    Attributes
    ----------
    order
        `together`: one request. `sequential`: the last is asked out after the others were released.
    maker
        Returns name -> bytes, in order.
    """

    name: str
    label: Label
    family: str
    reason: str
    difficulty: int
    order: str
    variant: int
    maker: Callable[[Draw], dict[str, bytes]]

    def contents(self, seed: int = 1) -> dict[str, bytes]:
        """Make the files' bytes."""
        return self.maker(Draw(seed, self.name, self.variant))


CASES: list[Case] = []
GROUPS: list[Group] = []


def cases_of(seed: int) -> list[Case]:
    """Return the files of a half: even seeds have makers of their own besides."""
    return [case for case in CASES if seed % 2 == 0 or not case.held_out]


Maker = Callable[[Draw], Sheet] | Callable[[Draw], bytes]
M = TypeVar("M", bound=Callable[..., object])


def case(
    label: Label,
    family: str,
    *formats: str,
    reason: str = "",
    difficulty: int = 2,
    rules: tuple[str, ...] = (),
    tolerated: bool = False,
    held_out: bool = False,
) -> Callable[[M], M]:
    """Register a maker, once for each of the formats; the same format twice gives two files."""

    def register(maker: M) -> M:
        for variant, written in enumerate(formats):
            extension = written if written.startswith(".") else WRITERS[written].extension
            name = f"{maker.__name__}_{variant + 1}{extension}"
            why = reason or " ".join((maker.__doc__ or "").split())
            CASES.append(
                Case(name, label, family, why, difficulty, rules, tolerated, written, variant, held_out, maker)  # type: ignore[arg-type]
            )
        return maker

    return register


def group(
    label: Label, family: str, order: str, variants: int = 1, difficulty: int = 3
) -> Callable[[Callable[[Draw], dict[str, bytes]]], Callable[[Draw], dict[str, bytes]]]:
    """Register a maker of several files that are labelled together."""

    def register(maker: Callable[[Draw], dict[str, bytes]]) -> Callable[[Draw], dict[str, bytes]]:
        why = " ".join((maker.__doc__ or "").split())
        for variant in range(variants):
            GROUPS.append(
                Group(f"{maker.__name__}_{variant + 1}", label, family, why, difficulty, order, variant, maker)
            )
        return maker

    return register
