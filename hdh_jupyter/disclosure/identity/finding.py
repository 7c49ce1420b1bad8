"""Identifiers in a text: each pattern's matches, kept where the key or the words around bear them out."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from typing import Any

import re2

from . import patterns
from .keys import compact, glued_nirs, has_valid_key, is_decimal, is_iban, is_inside_network, is_ip, is_rpps
from .words import WORDS, is_first_name, plain

GLUED_LIMIT = 20_000
"""Characters of a run of digits that are looked at."""
BEFORE, AFTER = 160, 120
"""Characters of the same line in which words explain what stands between them."""


@dataclass(frozen=True)
class Identifier:
    """An identifier that stands in a text, from `start` to `end`.

    Attributes
    ----------
    kind
        `nir`, `nir_masked`, `nir_unkeyed`, `professional`, `hospital_number`, `phone`, `email`, `contact` (of a
        service), `signed_phone` and `signed_email` (of an author or another person who may be named), `address`,
        `birth_date`, `name`, `name_mention`, `ip`, `ip_alone`, `iban`, `position`.
    """

    kind: str
    start: int
    end: int
    value: str


def identifiers(
    text: str, *, decimal_comma: bool = True, code: bool = False, enough: int | None = None
) -> Iterator[Identifier]:
    """Find identifiers in a normalised text.

    Parameters
    ----------
    decimal_comma
        Whether a comma between digits may be a decimal separator.
    code
        Whether the text is the source of a program, where `object@slot` is no address.
    enough
        How many of each form are looked for; all when None.
    """
    spans = _telling_lines(text)
    if not spans:
        return
    # Only lines that may hold something are looked at again, once for each pattern.
    begins = list(accumulate((end - start + 1 for start, end in spans), initial=0))
    context = _Context("\n".join(text[start:end] for start, end in spans), decimal_comma, code)
    for pattern, finder in FINDERS:
        for one in islice(_found(pattern, finder, context), enough):
            line = bisect_right(begins, one.start) - 1
            moved = spans[line][0] - begins[line]
            yield replace(one, start=one.start + moved, end=one.end + moved)


def _telling_lines(text: str) -> list[tuple[int, int]]:
    """Return the lines, start and end, in which some pattern matches."""
    spans: list[tuple[int, int]] = []
    for match in patterns.ANY.finditer(text):
        if spans and match.end() <= spans[-1][1]:
            continue
        start = max(text.rfind("\n", 0, match.start()) + 1, spans[-1][1] + 1 if spans else 0)
        end = text.find("\n", match.end())
        spans.append((start, end if end >= 0 else len(text)))
    return spans


@dataclass(frozen=True)
class _Context:
    """A text, and what is known of it."""

    text: str
    decimal_comma: bool
    code: bool

    def before(self, start: int) -> str:
        return self.text[max(start - BEFORE, 0) : start].rpartition("\n")[2]

    def after(self, end: int) -> str:
        return self.text[end : end + AFTER].partition("\n")[0]

    def around(self, start: int, end: int) -> str:
        return f"{self.before(start)} {self.after(end)}"


def _found(
    pattern: Any, finder: Callable[[_Context, int, int, str], str | None], context: _Context
) -> Iterator[Identifier]:
    for match in pattern.finditer(context.text):
        start, end, value = match.start(1), match.end(1), match.group(1)
        if (kind := finder(context, start, end, value)) is not None:
            yield Identifier(kind, start, end, value)


def _nir(context: _Context, start: int, end: int, value: str) -> str | None:
    return "nir" if has_valid_key(value) and not _is_fraction(context, start) and not is_decimal(value) else None


def _glued(context: _Context, start: int, end: int, value: str) -> str | None:
    return "nir" if glued_nirs(value[:GLUED_LIMIT]) else None


def _nir_named(context: _Context, start: int, end: int, value: str) -> str | None:
    plain_value = compact(value)
    if is_decimal(value):
        return None
    return None if has_valid_key(value) or "000" in (plain_value[7:10], plain_value[10:13]) else "nir_unkeyed"


def _nir_masked(context: _Context, start: int, end: int, value: str) -> str | None:
    return "nir_masked"


def _rpps(context: _Context, start: int, end: int, value: str) -> str | None:
    digits = compact(value)
    # A prefix of one digit tells the kind of number (ANS, identifiants nationaux des professionnels).
    return "professional" if is_rpps(digits[-11:]) and len(digits) in (11, 12) else None


def _adeli(context: _Context, start: int, end: int, value: str) -> str | None:
    return "professional" if len(set(compact(value))) > 2 else None


def _hospital(context: _Context, start: int, end: int, value: str) -> str | None:
    return None if patterns.UNIT.match(context.after(end)) else "hospital_number"


def _iban(context: _Context, start: int, end: int, value: str) -> str | None:
    return "iban" if is_iban(value) else None


def _ip(context: _Context, start: int, end: int, value: str) -> str | None:
    beside = context.text[max(start - 1, 0) : start] + "|" + context.text[end : end + 2]
    if context.code or patterns.LONGER_VERSION.search(beside) or not is_ip(value):
        return None
    if patterns.IP_CONTEXT.search(context.before(start)):
        return "ip"
    return None if is_inside_network(value) else "ip_alone"


def _phone(context: _Context, start: int, end: int, value: str) -> str | None:
    return _of_service(context, start) if _is_phone(context, start, end, value) else None


def _phone_abroad(context: _Context, start: int, end: int, value: str) -> str | None:
    if value.startswith(("+33", "0033")) or not 10 <= len(compact(value)) <= 15:
        return None
    return _of_service(context, start) if patterns.PHONE_CONTEXT.search(context.before(start)) else None


def _of_service(context: _Context, start: int) -> str:
    before = context.before(start)
    return "signed_phone" if patterns.AUTHORSHIP.search(before) and not patterns.CARE.search(before) else "phone"


def _email(context: _Context, start: int, end: int, value: str) -> str | None:
    """Tell a person's address from that of a service, and from that of an author who gives it to be written to."""
    if context.code and context.text[end : end + 1] in ("(", "[", "$", "="):
        return None
    local, _, domain = plain(value).partition("@")
    if local in WORDS["roles"] or re2.split(r"[._\-+]", local)[0] in WORDS["roles"]:
        return "contact"
    around = context.around(start, end)
    signed = patterns.AUTHORSHIP.search(around) is not None and patterns.CARE.search(around) is None
    return "signed_email" if signed and domain.partition(".")[0] not in WORDS["personal_domains"] else "email"


def _address(context: _Context, start: int, end: int, value: str) -> str | None:
    return "address"


def _birth(context: _Context, start: int, end: int, value: str) -> str | None:
    criterion = patterns.CRITERION.match(context.after(end)) is not None
    compared = context.code and "==" in context.text[max(start - 6, 0) : start]
    return None if criterion or compared else "birth_date"


def _position(context: _Context, start: int, end: int, value: str) -> str | None:
    return "position"


def _civil(context: _Context, start: int, end: int, value: str) -> str | None:
    around = context.around(start, end)
    if patterns.CARE.search(around):
        return "name"
    cited = patterns.CITED.match(context.after(end)) is not None
    return None if cited or patterns.AUTHORSHIP.search(around) else "name_mention"


def _doctor(context: _Context, start: int, end: int, value: str) -> str | None:
    return "name" if patterns.CARED_BY.search(context.before(start)) else None


def _named(context: _Context, start: int, end: int, value: str) -> str | None:
    words = value.split()
    return "name" if any(map(is_first_name, (words[0], words[-1]))) else None


FINDERS: tuple[tuple[Any, Callable[[_Context, int, int, str], str | None]], ...] = (
    (patterns.NIR, _nir),
    (patterns.GLUED, _glued),
    (patterns.NIR_NAMED, _nir_named),
    (patterns.NIR_MASKED, _nir_masked),
    (patterns.PROFESSIONAL, _rpps),
    (patterns.ADELI, _adeli),
    (patterns.HOSPITAL, _hospital),
    (patterns.IBAN, _iban),
    (patterns.IP, _ip),
    (patterns.PHONE, _phone),
    (patterns.PHONE_ABROAD, _phone_abroad),
    (patterns.EMAIL, _email),
    (patterns.ADDRESS, _address),
    (patterns.BIRTH, _birth),
    (patterns.POSITION, _position),
    (patterns.CIVIL, _civil),
    (patterns.DOCTOR, _doctor),
    (patterns.NAMED, _named),
    (patterns.AGED, _named),
)
"""What each pattern's matches are, None where key or context say that they are something else."""


def _is_fraction(context: _Context, start: int) -> bool:
    """Tell whether the digits at `start` are the fraction of a decimal number."""
    before = context.text[max(start - 2, 0) : start]
    return (
        len(before) == 2 and before[0].isdigit() and (before[1] == "." or (before[1] == "," and context.decimal_comma))
    )


def _is_phone(context: _Context, start: int, end: int, value: str) -> bool:
    if _is_fraction(context, start) or value == "0123456789" or not _is_written_alike(value):
        return False
    # What stands before is a part of the same number: a date, a code of several parts.
    if re2.search(r"\d[.\-/]$", context.text[max(start - 2, 0) : start]):
        return False
    pairs = value.split()
    if len(pairs) == 5 and all(len(p) == 2 for p in pairs):
        numbers = [int(p) for p in pairs]
        if len({b - a for a, b in itertools.pairwise(numbers)}) == 1:
            return False
        # A longer run of pairs is a row of a table (departments, weeks), not a number to call.
        text = context.text
        if re2.match(r"^ \d{2}\b", text[end : end + 4]) or re2.search(r"\b\d{2} $", text[max(start - 4, 0) : start]):
            return False
    return True


def _is_written_alike(number: str) -> bool:
    """Tell whether a number's last four pairs are parted in one way; dates in a row are not."""
    pairs = re2.search(r"(?:[^\d]?\d\d){4}$", number).group()
    parted = {c for c in pairs if not c.isdigit()}
    return len(parted) < 2 and not ("-" in parted and re2.search(r"\d{4}", pairs))
