"""What people and workspaces write into a request, cleaned: file names, titles, the case that the lead states. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..errors import PublicError
from ..i18n import DEFAULT_LANGUAGE, translate

NAME_LENGTH = 200
"""Longest file name, folders included, in characters; names are a channel too, so they are kept short."""

TITLE_LENGTH = 200
COMMENT_LENGTH = 10_000

_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FORBIDDEN_CHARACTERS = frozenset('\\:*?"<>|')


@dataclass(frozen=True)
class Field:
    """A field of the case that the lead states; lengths in characters."""

    least: int
    most: int


CASE = {"purpose": Field(20, 2_000), "recipient": Field(3, 300), "justification": Field(40, 10_000)}
"""What must be stated before a request is submitted. The lengths keep out "test" and "as discussed"."""


class FormError(PublicError):
    """An incomplete form.

    Parameters
    ----------
    problems
        Field -> (key of the sentence, its parameters).
    """

    def __init__(self, problems: Mapping[str, tuple[str, Mapping[str, object]]]) -> None:
        super().__init__("egress.form_incomplete", 422, fields=", ".join(problems))
        self.problems = dict(problems)

    def by_field(self, language: str = DEFAULT_LANGUAGE) -> dict[str, str]:
        """Return the sentence for each field at fault."""
        return {field: translate(key, language, **params) for field, (key, params) in self.problems.items()}

    def message(self, language: str = DEFAULT_LANGUAGE) -> str:
        return " ".join((translate(self.code, language), *self.by_field(language).values()))


def require_case(values: Mapping[str, str]) -> None:
    """Refuse a case that is not fully stated.

    Raises
    ------
    FormError
        With every field at fault.
    """
    problems: dict[str, tuple[str, Mapping[str, object]]] = {}
    for name, field in CASE.items():
        length = len(values[name])
        if length == 0:
            problems[name] = (f"egress.form.{name}_missing", {})
        elif length < field.least:
            problems[name] = (f"egress.form.{name}_short", {"least": field.least, "length": length})
    if problems:
        raise FormError(problems)


def clean_case(name: str, text: str) -> str:
    """Return a field of the case as it is kept.

    Raises
    ------
    FormError
        It is too long, or holds characters that do not show.
    """
    cleaned = _clean_text(name, text)
    if len(cleaned) > CASE[name].most:
        raise FormError({name: ("egress.form.too_long", {"most": CASE[name].most, "length": len(cleaned)})})
    return cleaned


def clean_title(text: str) -> str:
    """Return a title as it is kept, on one line.

    Raises
    ------
    FormError
        It is empty, too long, or holds characters that do not show.
    """
    cleaned = " ".join(_clean_text("title", text).split())
    if not cleaned:
        raise FormError({"title": ("egress.form.title_missing", {})})
    if len(cleaned) > TITLE_LENGTH:
        raise FormError({"title": ("egress.form.too_long", {"most": TITLE_LENGTH, "length": len(cleaned)})})
    return cleaned


def clean_comment(text: str, *, required: bool) -> str:
    """Return a checker's comment as it is kept.

    Raises
    ------
    FormError
        It is missing where the decision demands one, too long, or holds characters that do not show.
    """
    cleaned = _clean_text("comment", text)
    if required and not cleaned:
        raise FormError({"comment": ("egress.form.comment_missing", {})})
    if len(cleaned) > COMMENT_LENGTH:
        raise FormError({"comment": ("egress.form.too_long", {"most": COMMENT_LENGTH, "length": len(cleaned)})})
    return cleaned


def clean_name(name: str, taken: Iterable[str]) -> str:
    """Return a file's name, a relative POSIX path below the project's home, as it is kept.

    The archive is unpacked on machines of every kind: what is special to one of them is refused, and two names that
    a machine without case or accents' forms would confuse are too.

    Parameters
    ----------
    taken
        The names already in the request.

    Raises
    ------
    PublicError
        `egress.bad_name` or `egress.duplicate_name` (400).
    """
    cleaned = unicodedata.normalize("NFC", name)
    parts = cleaned.split("/")
    shown = printable(name)
    if not 0 < len(cleaned) <= NAME_LENGTH:
        raise PublicError("egress.bad_name", 400, name=shown)
    for part in parts:
        if part in ("", ".", "..") or part != part.strip() or part.endswith("."):
            raise PublicError("egress.bad_name", 400, name=shown)
    if not _FORBIDDEN_CHARACTERS.isdisjoint(cleaned) or not all(map(_shows, cleaned)):
        raise PublicError("egress.bad_name", 400, name=shown)
    key = _confusable(cleaned)
    for other in map(_confusable, taken):
        if key == other or key.startswith(f"{other}/") or other.startswith(f"{key}/"):
            raise PublicError("egress.duplicate_name", 400, name=shown)
    return cleaned


def printable(text: str, most: int = 80) -> str:
    """Return untrusted text fit to be quoted in a sentence."""
    return "".join(c if _shows(c) else "�" for c in text[:most]) + ("…" if len(text) > most else "")


def _clean_text(field: str, text: str) -> str:
    cleaned = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if not all(c in "\n\t" or _shows(c) for c in cleaned):
        raise FormError({field: ("egress.form.bad_characters", {})})
    return cleaned


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in _FORBIDDEN_CATEGORIES


def _confusable(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
