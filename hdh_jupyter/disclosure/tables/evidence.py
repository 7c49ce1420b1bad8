"""Whether the figures of a table bear out that some of its cells are the sums of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .system import Equation, Floats

SHARE_BORNE_OUT = 0.9
"""Of the sums that can be verified, how many must hold."""


@dataclass(frozen=True)
class Claim:
    """Sums that hold together or not at all.

    Attributes
    ----------
    sure
        Whether words say so, so that it is believed unless the figures speak against it.
    """

    equations: tuple[Equation, ...]
    sure: bool


def borne_out(claims: Sequence[Claim], low: Floats, high: Floats) -> tuple[Equation, ...]:
    """Return the sums of every claim that the figures bear out, each once.

    Parameters
    ----------
    low, high
        Between what each cell is known to be.
    """
    found: dict[Equation, None] = {}
    for claim in claims:
        verified = wrong = telling = 0
        for equation in claim.equations:
            parts = list(equation.parts)
            below, above = low[parts].sum(), high[parts].sum()
            at_least, at_most = low[equation.total], high[equation.total]
            exact = below == above and at_least == at_most
            fails = below > at_most + 0.5 or above < at_least - 0.5
            verified += exact or fails
            wrong += fails
            telling += exact and not fails and (low[parts] > 0).sum() > 1
        if wrong > (1 - SHARE_BORNE_OUT) * verified:
            continue
        if claim.sure or telling:
            found.update(dict.fromkeys(claim.equations))
    return tuple(found)
