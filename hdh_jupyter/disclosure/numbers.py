"""Numbers as people write them in the cells of tables: `1 234`, `12 (5 %)`, `<5`, `4 patients`, `="4"`, `trois`.

Everything that reads a cell as a number reads it here, so that a count is the same count however it is written.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import re2
import yaml

from .policy import word_list

Kind = Literal[
    "number",
    "count",
    "percent",
    "count_and_share",
    "fraction",
    "value_and_spread",
    "bound_below",
    "bound_at_most",
    "bound_above",
    "bound_at_least",
    "range",
    "measure",
]

VOCABULARY = yaml.safe_load(word_list("vocabulary"))
COUNTS = frozenset(VOCABULARY["counters"]) | frozenset(VOCABULARY["counted"])
UNITS = frozenset(VOCABULARY["counted"]) - {"total", "all", "tous"}
"""What is counted, after a number."""
MEASURED = frozenset(VOCABULARY["measures"]) | frozenset(VOCABULARY["statistics"]) | {"de", "du", "d", "of", "en"}
ABBREVIATED = frozenset(
    {"pers", "pts", "pt", "pat", "ind", "obs", "indiv", "hab", "benef", "patient", "personne", "cas"}
)
RATES = frozenset(VOCABULARY["percents"]) | frozenset(VOCABULARY["rates"]) | frozenset(VOCABULARY["means"])
SINGULAR = frozenset(word.removesuffix("s") for word in UNITS)
WORDS = {
    word: value
    for value, words in enumerate(
        (
            "zero aucun aucune none",
            "un une one",
            "deux two",
            "trois three",
            "quatre four",
            "cinq five",
            "six",
            "sept seven",
            "huit eight",
            "neuf nine",
            "dix ten",
            "onze eleven",
            "douze twelve",
            "treize thirteen",
            "quatorze fourteen",
            "quinze fifteen",
            "seize sixteen",
        )
    )
    for word in words.split()
}
LONGEST = 80
"""Characters beyond which a cell is a sentence."""

_DIGITS = r"(?:\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+|\d+)"
_PLAIN = rf"[+\-]?(?:{_DIGITS}(?:[.,]\d*)?|[.,]\d+)(?:e[+\-]?\d+)?"
_NOTE = r"(?: ?(?:[*†‡§#]+|\([a-z*†‡§#]+\)|\[[a-z0-9*]\]))?"
PLAIN = re2.compile(rf"^({_PLAIN})$")
NOTED = re2.compile(rf"^(?:~|≈|env\.?|environ|about|approx\.?|ca\.?)? ?({_PLAIN}){_NOTE}$")
NAMED = re2.compile(rf"^(?:n|nb|nombre|effectif|count|total|no) ?[=:] ?({_PLAIN}){_NOTE}$")
PERCENT = re2.compile(rf"^({_PLAIN}) ?(?:%|pct|pour cent|percent|p\. ?100)$")
COUNT_AND_SHARE = re2.compile(rf"^(?:n ?= ?)?({_DIGITS}(?:[.,]0*)?) ?(?:[(\[;/|,\-] ?)({_PLAIN}) ?% ?[)\]]?{_NOTE}$")
SHARE_AND_COUNT = re2.compile(rf"^({_PLAIN}) ?% ?[(\[] ?(?:n ?= ?)?({_DIGITS}) ?[)\]]{_NOTE}$")
FRACTION = re2.compile(rf"^({_DIGITS}) ?(?:/|sur|of|out of) ?({_DIGITS})(?: ?[(\[]? ?({_PLAIN}) ?% ?[)\]]?)?$")
SPREAD = re2.compile(rf"^({_PLAIN}) ?(?:\(|\[|±|\+/-) ?({_PLAIN})(?: ?(?:[;,\-–]|a|to) ?{_PLAIN})? ?[)\]]?$")
BOUND = re2.compile(
    rf"^(?:n ?[=:]? ?)?(<=|≤|=<|>=|≥|=>|<|>|moins de|inferieur a|inf\.? a|less than|under|below|fewer than|au plus"
    rf"|at most|plus de|superieur a|more than|over|above|au moins|at least) ?({_PLAIN})(?: ?([a-z%][a-z()%.]*))?$"
)
RANGE = re2.compile(rf"^(?:entre |between |de |from )?({_DIGITS}) ?(?:-|–|a|et|to|and|\.\.|;) ?({_DIGITS})$")
UNIT = re2.compile(rf"^({_PLAIN}) ?([a-z€$£µ°][a-z()./²³\-]*)$")
WORDED = re2.compile(r"^([a-z]+)(?: ([a-z()]+))?$")
FORMULA = re2.compile(r'^=\s*"?([^"]*)"?$')
BOUNDS: dict[str, Kind] = {
    **dict.fromkeys(("<=", "≤", "=<", "au plus", "at most"), "bound_at_most"),
    **dict.fromkeys((">=", "≥", "=>", "au moins", "at least"), "bound_at_least"),
    **dict.fromkeys((">", "plus de", "superieur a", "more than", "over", "above"), "bound_above"),
}
SEPARATORS = str.maketrans(
    {"\u066b": ".", "\u066c": " ", "\u2019": "'", "−": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-"}
)


@dataclass(frozen=True)
class Written:
    """What a cell says.

    Attributes
    ----------
    value
        The number, or the bound. Of `12 (5 %)` the 12, of `5 %` the 5.
    kind
        `number`: nothing but a number. `count`: it says what it counts (`4 patients`, `n=4`). `count_and_share`:
        `12 (5 %)`. `fraction`: `4/120`. `value_and_spread`: `54,2 (12,1)`. `range`: `1-4`. `measure`: a number with a
        unit that is no count. `bound_below` is `<5`, `bound_at_most` is `≤ 5`, and so above.
    decimals
        Digits after the decimal separator of `value`, or of the share of `count_and_share`.
    other
        The share of `count_and_share`, the base of `fraction`, the end of `range`, the spread of `value_and_spread`.
    """

    value: float
    kind: Kind
    decimals: int = 0
    other: float | None = None
    unit: str = ""

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between what the cell says a count to be, from 1 for `<5`; None when it says no count."""
        if self.kind in ("number", "count", "count_and_share", "fraction"):
            return (self.value, self.value) if self.value >= 0 and self.value.is_integer() else None
        if not self.value.is_integer():
            return None
        if self.kind == "bound_below":
            return 1.0, self.value - 1
        if self.kind == "bound_at_most":
            return 1.0, self.value
        if self.kind == "range" and self.other is not None and self.other > self.value:
            return self.value, self.other
        if self.kind in ("bound_above", "bound_at_least"):
            return self.value + (self.kind == "bound_above"), float("inf")
        return None


@lru_cache(maxsize=1 << 15)
def read(cell: str) -> Written | None:
    """Return what a cell says when it says a number, else None.

    A comma or a point followed by other than three digits is a decimal separator; `1,234` is 1234, as in English, and
    `1.234` is 1.234: a column that holds `1.234.567` says otherwise by :func:`with_points`.
    """
    if len(cell) > LONGEST:
        return None
    text = plain(cell)
    if not text:
        return None
    if match := PLAIN.match(text):
        return _number(match[1])
    if not any(c.isdigit() for c in text):
        return _worded(text)
    if match := PERCENT.match(text):
        return Written(_float(match[1]), "percent", _decimals(match[1]))
    if (match := NOTED.match(text)) is not None:
        return _number(match[1])
    if match := NAMED.match(text):
        return Written(_float(match[1]), "count", _decimals(match[1]))
    if match := COUNT_AND_SHARE.match(text):
        return Written(_float(match[1]), "count_and_share", _decimals(match[2]), _float(match[2]))
    if match := SHARE_AND_COUNT.match(text):
        return Written(_float(match[2]), "count_and_share", _decimals(match[1]), _float(match[1]))
    return _compound(text)


def with_points(cell: str) -> str:
    """Return a cell of a column that parts thousands by points, with them removed."""
    return cell.replace(".", "") if re2.match(r"^\s*[+\-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?\s*$", cell) else cell


def names_a_count(title: str) -> bool:
    """Tell whether a line of text says that the numbers below it are counts."""
    words = re2.split(r"[^a-z]+", plain(title))
    return any(word in COUNTS for word in words) and not any(word in RATES for word in words) and "%" not in title


def names_a_measure(title: str) -> bool:
    """Tell whether a title is nothing but a measure or a statistic: `Points`, `Durée moyenne`."""
    words = {word for word in re2.split(r"[^a-z0-9]+", plain(title)) if word}
    return bool(words) and words <= MEASURED


def plain(cell: str) -> str:
    """Return a cell in lower case, with ASCII digits and plain spaces, without accents, quotes, marks of a formula."""
    text = cell.strip()
    if not text.isascii():
        text = "".join(_character(c) for c in text if unicodedata.category(c) != "Cf").translate(SEPARATORS)
    if text.startswith(("=", "'", '"', "`")):
        if match := FORMULA.match(text):
            text = match[1]
        text = text.strip("'\"`")
    return " ".join(text.lower().split())


def _character(character: str) -> str:
    """Return a character without accent or width; raised figures are notes, and go."""
    if character.isascii() or character in "≤≥±†‡§€£µ°–":
        return character
    decimal = unicodedata.decimal(character, None)
    if decimal is not None:
        return str(decimal)
    if "SUPERSCRIPT" in unicodedata.name(character, ""):
        return ""
    return "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))


def _number(digits: str) -> Written:
    return Written(_float(digits), "number", _decimals(digits))


def _float(digits: str) -> float:
    digits = digits.replace(" ", "").replace("'", "")
    if re2.match(r"^[+\-]?[1-9]\d{0,2}(?:,\d{3})+$", digits):
        return float(digits.replace(",", ""))
    return float(digits.replace(",", "."))


def _decimals(digits: str) -> int:
    if re2.match(r"^[+\-]?[1-9]\d{0,2}(?:,\d{3})+$", digits):
        return 0
    match: Any = re2.search(r"[.,](\d*)(?:e|$)", digits)
    return len(match[1]) if match else 0


def _worded(text: str) -> Written | None:
    match = WORDED.match(text)
    if match is None or match[1] not in WORDS:
        return None
    if match[2] is None:
        return Written(float(WORDS[match[1]]), "number")
    return Written(float(WORDS[match[1]]), "count", unit=match[2]) if _is_counted(match[2]) else None


def _is_counted(unit: str) -> bool:
    word = unit.replace("(s)", "").replace("(e)", "").rstrip(".)(")
    return word in UNITS or word in ABBREVIATED or word in SINGULAR


def _compound(text: str) -> Written | None:
    if match := BOUND.match(text):
        if match[3] == "%":
            return None
        kind = BOUNDS.get(match[1], "bound_below")
        if match[3] and not _is_counted(match[3]):
            return Written(_float(match[2]), "measure", _decimals(match[2]), unit=match[3])
        return Written(_float(match[2]), kind, _decimals(match[2]), unit=match[3] or "")
    if match := FRACTION.match(text):
        return Written(_float(match[1]), "fraction", 0, _float(match[2]))
    if match := RANGE.match(text):
        return Written(_float(match[1]), "range", 0, _float(match[2]))
    if match := SPREAD.match(text):
        return Written(_float(match[1]), "value_and_spread", _decimals(match[1]), _float(match[2]))
    if match := UNIT.match(text):
        counted = _is_counted(match[2])
        return Written(_float(match[1]), "count" if counted else "measure", _decimals(match[1]), unit=match[2])
    return None
