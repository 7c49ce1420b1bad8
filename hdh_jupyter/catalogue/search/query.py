"""How a query is understood: its words, and the requests that are tried one after the other.

Every word must be found, the last one by its beginning while it may still be being typed. When nothing is found, words
that stand nowhere are corrected by one typing error. When fewer than five hits have every word, those with at least
half of them are returned too. What was done is part of the answer.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ..words import meaningful, stem, words
from .entries import key
from .facets import Filter

MAX_WORDS = 16
"""Words of a query that count; the rest is left out."""

ENOUGH = 5
"""With fewer hits, having half of the words is enough."""

LEAST_PREFIX = 2
"""Letters from which the beginning of a word stands for it."""

LEAST_CORRECTED = 4
"""Letters from which a word is corrected: shorter ones are mostly codes, and near to too many others."""


@dataclass(frozen=True)
class Term:
    """A word of a query; with `prefix`, what begins with it is found too."""

    word: str
    stem: str
    prefix: bool


@dataclass(frozen=True)
class Request:
    """What an engine is asked.

    Attributes
    ----------
    least
        How many of the terms an entry must have.
    exact
        Entries with this code come first, then those with this label.
    fields
        The lists of words of an entry that are looked at.
    coded
        Only entries with the code.
    """

    terms: tuple[Term, ...]
    least: int
    exact: str
    filter: Filter
    fields: tuple[str, ...] = ("title", "body", "code")
    coded: bool = False


@dataclass(frozen=True)
class Plan:
    """The request that answers a query, and what is said of it."""

    request: Request
    total: int
    relaxed: bool = False
    corrected: str | None = None


def understood(query: str, within: Filter) -> Request:
    """Return the request for entries with every word of a query."""
    found = list(dict.fromkeys(meaningful(words(query))))[:MAX_WORDS]
    typing = bool(query) and not query[-1].isspace()
    terms = tuple(Term(word, stem(word), typing and word == found[-1] and len(word) >= LEAST_PREFIX) for word in found)
    return Request(terms, len(terms), key(query), within)


def planned(
    query: str,
    within: Filter,
    total: Callable[[Request], int],
    frequencies: Callable[[Iterable[str]], dict[str, int]],
) -> Plan:
    """Return how a query is answered.

    Parameters
    ----------
    total
        How many entries a request finds.
    frequencies
        Of words that stand in entries which the audience may see; others are left out.
    """
    strict = understood(query, within)
    found = total(strict)
    corrected = None if found else _corrected(strict.terms, within, total, frequencies)
    if corrected is not None:
        # A corrected word is whole: nothing more is typed after it.
        again = understood(corrected + " ", within)
        plan = _relaxed(again, total(again), total)
        if plan.total:
            return replace(plan, corrected=corrected)
    return _relaxed(strict, found, total)


def _relaxed(request: Request, found: int, total: Callable[[Request], int]) -> Plan:
    if found >= ENOUGH or len(request.terms) < 2 or (found and total(replace(request, coded=True))):
        return Plan(request, found)
    half = replace(request, least=(len(request.terms) + 1) // 2)
    loose = total(half)
    return Plan(half, loose, relaxed=True) if loose > found else Plan(request, found)


def _corrected(
    terms: tuple[Term, ...],
    within: Filter,
    total: Callable[[Request], int],
    frequencies: Callable[[Iterable[str]], dict[str, int]],
) -> str | None:
    """Return the words with those that stand nowhere corrected, None when none can be."""
    anywhere = Filter(within.hidden)
    corrected = [
        term.word if total(Request((term,), 1, "", anywhere)) else _nearest(term.word, frequencies) for term in terms
    ]
    return " ".join(corrected) if corrected != [term.word for term in terms] else None


def _nearest(word: str, frequencies: Callable[[Iterable[str]], dict[str, int]]) -> str:
    """Return the most frequent word that one typing error turns into `word`, or the word itself."""
    if len(word) < LEAST_CORRECTED or not word.isalpha():
        return word
    found = frequencies(dict.fromkeys(one_error(word)))
    return min(found, key=lambda near: (-found[near], near), default=word)


def one_error(word: str) -> Iterator[str]:
    """Return every word at one letter left out, added, replaced or exchanged with its neighbour."""
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in string.ascii_lowercase:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
