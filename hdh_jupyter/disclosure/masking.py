"""Masking identifiers before anything is said about them, and undoing what hides them from a pattern."""

from __future__ import annotations

import unicodedata

import re2

from .identity.finding import identifiers

PSEUDONYM = re2.compile(
    r"^(?:[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Z0-9]{10,64}|[A-Za-z0-9+/_\-]{20,}={0,2})$"
)
"""The shape of hashes, UUIDs and drawn strings; :func:`is_pseudonym` also asks for letters and digits."""

OTHER_DIGIT = re2.compile(r"[^\P{Nd}0-9]")
"""A digit that patterns do not know: Arabic, Devanagari."""
REFERENCE = re2.compile(r"^(?:urn:(?:uuid|oid):|https?://[^\s]+/)?(?:[A-Z][A-Za-z]+/)?([^/\s]+)$")
"""How records refer to a person: `Patient/4f1a...`, `urn:uuid:...` (FHIR R4, Reference)."""

TO_A_PERSON = re2.compile(r"(?:^|/)(?:Patient|Person|RelatedPerson|Encounter|Practitioner)/")


def normalised(text: str) -> str:
    """Return the text with the characters that hide digits and letters from a pattern made plain.

    Digits of every alphabet become 0 to 9, no-break spaces spaces; invisible characters (zero-width, direction marks)
    go.
    Line ends stay where they are.
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    if OTHER_DIGIT.search(plain) is not None:
        plain = "".join(str(unicodedata.decimal(c, c)) for c in plain)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf") if has_invisible(plain) else plain


def has_invisible(text: str) -> bool:
    """Tell whether a text has format characters, which show nothing."""
    return re2.search(r"\p{Cf}", text) is not None


def is_pseudonym(value: str) -> bool:
    """Tell whether a value has the shape of a hash, a UUID or a drawn string, or refers to such a one."""
    if ("/" in value or value.startswith("urn:")) and (reference := REFERENCE.match(value)) is not None:
        value = reference.group(1)
        if TO_A_PERSON.search(reference.group()) and len(value) >= 6 and any(c.isdigit() for c in value):
            return True
    return (
        PSEUDONYM.match(value) is not None
        and any(c.isdigit() for c in value)
        and (sum(c.isalpha() for c in value) >= 3 or len(value) >= 32)
    )


def mask(value: str) -> str:
    """Return what may be shown of an identifier: its first character and its length in dots."""
    return value[0] + "•" * (min(len(value), 20) - 1) if len(value) > 2 else "•" * len(value)


def masked(text: str, width: int = 60) -> str:
    """Return a title or label with every identifier and pseudonym in it masked, cut to `width` characters."""
    plain = " ".join(normalised(text).split())
    for start, end in reversed(_joined(sorted((found.start, found.end) for found in identifiers(plain)))):
        plain = plain[:start] + mask(plain[start:end]) + plain[end:]
    plain = " ".join(mask(word) if is_pseudonym(word) or _is_long_number(word) else word for word in plain.split(" "))
    return plain if len(plain) <= width else plain[: width - 1] + "…"


def _is_long_number(word: str) -> bool:
    return sum(c.isdigit() for c in word) >= 10


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Make one of each run of spans that overlap."""
    made: list[tuple[int, int]] = []
    for start, end in spans:
        if made and start < made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made
