"""Numbers that stand for persons named before: « quatre ont eu une rupture utérine », `of whom 3 died`.

A number counts persons where a verb or a state of persons follows it and the last noun before it that may be counted is
one of persons: « Parmi les 12 variables, quatre ont été retenues » counts none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import re2

from ..numbers import WORDS
from .vocabulary import STAFF, THINGS, UNITS
from .vocabulary import WORDS as LISTS

REACH = 240
"""Characters before a number within which persons are named, in the same paragraph."""


def _any(words: frozenset[str] | list[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


NUMBER = "(" + "|".join([*(word for word, value in WORDS.items() if 2 <= value <= 16), r"\d{1,2}"]) + ")"
AMONG = r"(?: (?:d['’]entre (?:eux|elles)|autres?|others?|of (?:them|these|those|whom)|seulement|only|more|de plus))?"
ADVERBS = (
    r"(?:(?: ?\(.{0,20}\))? (?:n['’] ?|ne |en |y |l['’]|se |s['’]|also |then |later |subsequently )?(?:egalement )?)"
)
SUBJECT = re2.compile(rf"(?:^|[ («,;:]){NUMBER}{AMONG}{ADVERBS}{_any(LISTS['verbs'])}\b")
"""What persons do or are, after their number."""
OF_WHOM = re2.compile(
    r"(?:\b(?:dont|of whom|of which|including|lesquels|lesquelles|soit|y compris|et|and|puis|then)|[,;:(])"
    r" (?:seulement |only )?"
    rf"{NUMBER} (?:d['’]entre (?:eux|elles)\b|of (?:them|these|those|whom)\b|(?:en |in |in the |a l['’]|a |au |chez )?"
    rf"{_any(LISTS['states'])}\b)"
)
"""A part of those who were named before."""
OBSERVED = re2.compile(
    rf"(?:^|[ («,;:.]){NUMBER} ([a-z'’\-]+(?: [a-z'’\-]+){{0,3}}?) "
    rf"(?:(?:ont|avaient|ayant|have|had) (?:ete |been )|(?:sont|etaient|were|are|furent) )?{_any(LISTS['observed'])}\b"
)
"""Events of persons that were observed: « huit convulsions fébriles ont été signalées »."""
COUNTED = re2.compile(
    rf"\b{_any(LISTS['counting'])} (?:egalement |aussi |seulement |only |also )?{NUMBER} ([a-z'’\-]+(?: [a-z'’\-]+)?)"
)
"""Events of persons after a verb that counts them: « on dénombre 3 thromboses »."""
PART = re2.compile(
    rf"\b(?:dont|of whom|of which|including|parmi lesquel(?:le)?s) (?:seulement |only )?{NUMBER} ([a-z'’\-]+)"
)
"""A part of those who were named, by any noun: « dont 5 formes infantiles »."""
TIMES = re2.compile(
    r"\b(?:ans?|annees?|mois|jours?|semaines?|heures?|minutes?|years?|months?|weeks?|days?|hours?|fois|times)\b"
)
PATTERNS = re2.compile(rf"\b{_any(LISTS['patterns'])}\b")
OUTCOME = re2.compile(
    rf"(?:^|[\n*•\-(|] ?|info:? |\d[.)] ) *(?:nb |nombre |n )?{_any(LISTS['outcomes'])}(?: [a-z'’\- ]{{0,40}})? ?[:=] ?"
    r"(\d{1,2})(?: (?:patients?|personnes|cas))?(?:\n|$|[).;,]| \()"
)
"""What happened to persons, with a number after a colon: « perdus de vue : 8 »."""
PERSONS = re2.compile(rf"\b{_any(LISTS['people'])}\b")
OTHERS = re2.compile(rf"\b{_any(THINGS | UNITS | STAFF)}\b")
NUMBERED = re2.compile(
    r"\b(?:sur|parmi|des|les|ces|the|these|out of|of|in|dans|figure|fig\.|table|tableau|grade|stade|stage|type|phase"
    r"|niveau|level|groupe|group|bras|arm|classe|class|cluster|model|modele|score"
    r"|an|annee|year|jour|day|mois|month|vague|wave)\s*$"
)
"""Words before a number that is a name, or that the noun follows."""


def found(text: str, below: int) -> Iterator[tuple[int, int, int]]:
    """Yield where numbers below a limit that stand for persons begin and end in a text, and their values."""
    told = text.translate(LETTERS)
    for match in OUTCOME.finditer(told):
        if 1 <= (value := int(match[1])) < below:
            yield match.start(1), match.end(1), value
    plain = told.replace("\n", " ")
    for pattern in (OBSERVED, COUNTED, PART, SUBJECT, OF_WHOM):
        for match in pattern.finditer(plain):
            start, noun = match.start(1), match[2] if pattern.groups > 1 else ""
            value = WORDS.get(match[1]) or int(match[1])
            if not 1 <= value < below or (noun and _is_no_event(noun, part=pattern is PART)):
                continue
            if _of_persons(text, plain, start) and not NUMBERED.search(plain[max(start - 12, 0) : start]):
                yield start, match.end(1), value


def _is_no_event(noun: str, *, part: bool) -> bool:
    """Tell whether a noun is of things, of time, or, unless a part of persons is named by it, of what figures show."""
    return bool(OTHERS.search(noun) or TIMES.search(noun) or (not part and PATTERNS.search(noun)))


class _Letters(dict[int, str]):
    """Lower-case letters without accents, by code point, one character for one."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = " " if character in "\t\u00a0\u202f" else unicodedata.normalize("NFKD", character)[0].lower()[0]
        return self[code]


LETTERS = _Letters()


def _of_persons(text: str, plain: str, position: int) -> bool:
    """Tell whether the last noun before a place of a text that may be counted is of persons."""
    begin = max(position - REACH, text.rfind("\n\n", 0, position) + 1, 0)
    before = plain[begin:position]
    persons = max((m.end() for m in PERSONS.finditer(before)), default=-1)
    return persons > max((m.end() for m in OTHERS.finditer(before)), default=-1)
