"""Identifiers in texts: finding them, and masking them before anything is said about them."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import re2

SEPARATOR = r"[ .\-\x{a0}\x{202f}\x{2009}]?"

NIR = re2.compile(
    r"\b[123478]S\d{2}S(?:0[1-9]|1[0-2]|[2-9]\d)S(?:\d{2}|2[ABab])S\d{3}S\d{3}S\d{2}\b".replace("S", SEPARATOR)
)
"""Sex, year, month (20 to 99 where it is unknown), département, commune, order, key (Insee, NIR)."""

PHONE = re2.compile(r"(?:\b0|(?:\+|\b00)33S(?:\(0\)S)?)[1-9](?:S\d{2}){4}\b".replace("S", SEPARATOR))
"""A French number: ten digits from 0, or +33 and nine digits."""

EMAIL = re2.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,}\b")

ANY = re2.compile("|".join((NIR.pattern, PHONE.pattern, EMAIL.pattern)))
"""Matches somewhere in every text where one of the three does: one pass tells that a text has none of them."""

PSEUDONYM = re2.compile(
    r"^(?:[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Z0-9]{10,64}|[A-Za-z0-9+/_\-]{20,}={0,2})$"
)
"""The shape of hashes, UUIDs and drawn strings; :func:`is_pseudonym` also asks for letters and digits."""


@dataclass(frozen=True)
class Identifier:
    """An identifier that stands in a text, from `start` to `end`."""

    kind: str
    start: int
    end: int
    value: str

    @property
    def masked(self) -> str:
        """What may be shown of it."""
        return mask(self.value)


def normalised(text: str) -> str:
    """Return the text with the characters that hide digits and letters from a pattern made plain.

    Full-width digits become digits, no-break spaces spaces; invisible characters (zero-width, direction marks) go.
    Line ends stay where they are.
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf") if has_invisible(plain) else plain


def has_invisible(text: str) -> bool:
    """Tell whether a text has format characters, which show nothing."""
    return re2.search(r"\p{Cf}", text) is not None


def identifiers(text: str, *, decimal_comma: bool = True, code: bool = False) -> Iterator[Identifier]:
    """Find NIR with a valid key, French telephone numbers and e-mail addresses in a normalised text."""
    if ANY.search(text) is None:
        return
    for match in NIR.finditer(text):
        if has_valid_key(match.group()) and not _is_fraction(text, match.start(), decimal_comma):
            yield Identifier("nir", match.start(), match.end(), match.group())
    for match in PHONE.finditer(text):
        if _is_phone(text, match.start(), match.end(), match.group(), decimal_comma):
            yield Identifier("phone", match.start(), match.end(), match.group())
    for match in EMAIL.finditer(text):
        if not (code and text[match.end() : match.end() + 1] in ("(", "[", "$", "=")):
            yield Identifier("email", match.start(), match.end(), match.group())


def has_valid_key(nir: str) -> bool:
    """Tell whether the last two digits of a 15-character NIR are its key.

    The key is 97 minus the rest of the division of the first 13 characters by 97, where Corsica's 2A counts as 19 and
    2B as 18 (Insee).
    """
    compact = "".join(c for c in nir if c.isalnum()).upper()
    digits = compact[:5] + compact[5:7].replace("2A", "19").replace("2B", "18") + compact[7:]
    return len(digits) == 15 and digits.isdigit() and int(digits[13:]) == 97 - int(digits[:13]) % 97


def is_pseudonym(value: str) -> bool:
    """Tell whether a value has the shape of a hash, a UUID or a drawn string."""
    return (
        PSEUDONYM.match(value) is not None
        and any(c.isdigit() for c in value)
        and (sum(c.isalpha() for c in value) >= 3 or len(value) >= 32)
    )


def mask(value: str) -> str:
    """Return what may be shown of an identifier: its first character and its length in dots."""
    return value[0] + "•" * (min(len(value), 20) - 1)


def masked(text: str, width: int = 60) -> str:
    """Return a title or label with every identifier and pseudonym in it masked, cut to `width` characters."""
    plain = " ".join(normalised(text).split())
    for found in sorted(identifiers(plain), key=lambda i: i.start, reverse=True):
        plain = plain[: found.start] + found.masked + plain[found.end :]
    plain = " ".join(mask(word) if is_pseudonym(word) or _is_long_number(word) else word for word in plain.split(" "))
    return plain if len(plain) <= width else plain[: width - 1] + "…"


def _is_long_number(word: str) -> bool:
    return sum(c.isdigit() for c in word) >= 10


def _is_fraction(text: str, start: int, decimal_comma: bool) -> bool:
    """Tell whether the digits at `start` are the fraction of a decimal number."""
    before = text[max(start - 2, 0) : start]
    return len(before) == 2 and before[0].isdigit() and (before[1] == "." or (before[1] == "," and decimal_comma))


def _is_phone(text: str, start: int, end: int, value: str, decimal_comma: bool) -> bool:
    if _is_fraction(text, start, decimal_comma):
        return False
    pairs = value.split()
    if len(pairs) == 5 and all(len(p) == 2 for p in pairs):
        numbers = [int(p) for p in pairs]
        if len({b - a for a, b in itertools.pairwise(numbers)}) == 1:
            return False
        # A longer run of pairs is a row of a table (departments, weeks), not a number to call.
        if re2.match(r"^ \d{2}\b", text[end : end + 4]) or re2.search(r"\b\d{2} $", text[max(start - 4, 0) : start]):
            return False
    return True
