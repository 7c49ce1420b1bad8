"""What differs between two versions of a record, in words. Pure.

Records are compared as documents. What has a name (a table, a variable, a source...) is compared with its namesake;
what has none, as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from hdh_jupyter.i18n import sentences, translate

from .model import Dataset, to_document

NAMES = {
    "tables": ("name",),
    "variables": ("name",),
    "sources": ("id",),
    "procedures": ("id",),
    "distributions": ("title",),
    "links": ("kind", "target"),
    "coverage": ("kind",),
    "prices": ("payer",),
    "steps": ("name",),
}
"""What the entries of a list are known by."""

WORDS = {
    "regime": "catalogue.regime.",
    "membership": "catalogue.membership.",
    "coverage": "catalogue.milestone.",
    "remarks": "catalogue.remark.",
    "status": "catalogue.record.convention_status.",
    "model": "catalogue.record.pricing_model.",
    "links": "catalogue.record.link_kind.",
}
"""Fields whose values, or the kinds of whose entries, are words of ours: where their sentences are."""

Path = tuple[str, ...]

_ORDER = {field.name: place for place, field in enumerate(fields(Dataset))}


class ChangeKind(StrEnum):
    """How something changed."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """Something that differs.

    Attributes
    ----------
    path
        Names of fields and entries, the record's field first: `("tables", "rpu", "variables", "age", "label")`.
    old, new
        As text; None where there is nothing.
    """

    path: Path
    old: str | None
    new: str | None

    @property
    def kind(self) -> ChangeKind:
        if self.old is None:
            return ChangeKind.ADDED
        return ChangeKind.REMOVED if self.new is None else ChangeKind.CHANGED

    def label(self, language: str) -> str:
        """Return the path in words."""
        known = sentences(language)
        words = []
        for place, name in enumerate(self.path):
            here = WORDS.get(self.path[place - 1], "") if place else "catalogue.record.field."
            words.append(known.get(here + name) or known.get(f"catalogue.record.field.{name}") or name)
        return " › ".join(words)

    def before(self, language: str) -> str | None:
        """Return the old value in words."""
        return self._in_words(self.old, language)

    def after(self, language: str) -> str | None:
        """Return the new value in words."""
        return self._in_words(self.new, language)

    def _in_words(self, value: str | None, language: str) -> str | None:
        if value is None:
            return None
        if value in ("true", "false"):
            return translate(f"catalogue.record.boolean.{value}", language)
        return sentences(language).get(WORDS.get(self.path[-1], "") + value, value)


def diff(old: Dataset | None, new: Dataset | None) -> tuple[Change, ...]:
    """Return the changes from one version to another, in the order of the record's fields; None for no version."""
    before = {} if old is None else to_document(old)
    after = {} if new is None else to_document(new)
    return tuple(sorted(_compare((), before, after), key=lambda change: _ORDER[change.path[0]]))


def _compare(path: Path, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if _is_fact(old) or _is_fact(new):
        yield from _facts(path, old, new)
    elif isinstance(old, Mapping | None) and isinstance(new, Mapping | None):
        before, after = old or {}, new or {}
        for name in dict.fromkeys((*before, *after)):
            yield from _compare((*path, name), before.get(name), after.get(name))
    elif _is_list(old) and _is_list(new):
        yield from _lists(path, old or (), new or ())
    else:
        yield Change(path, _text(old), _text(new))


def _facts(path: Path, old: Any, new: Any) -> Iterator[Change]:
    before, after = old or {}, new or {}
    if before.get("value") != after.get("value"):
        yield Change(path, _text(before.get("value")), _text(after.get("value")))
    if not before or not after:
        return
    for name in ("certainty", "sources", "note"):
        if before.get(name) != after.get(name):
            yield Change((*path, name), _text(before.get(name)), _text(after.get(name)))


def _lists(path: Path, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    known_by = NAMES.get(path[-1])
    if known_by is None:
        before, after = _texts(old), _texts(new)
        for text in before:
            if text not in after:
                yield Change(path, text, None)
        for text in after:
            if text not in before:
                yield Change(path, None, text)
        if before and before.keys() == after.keys() and list(before) != list(after):
            yield Change(path, ", ".join(before), ", ".join(after))
        return
    before_by, after_by = _named(old, known_by), _named(new, known_by)
    for name in dict.fromkeys((*before_by, *after_by)):
        was, now = before_by.get(name), after_by.get(name)
        if was is None or now is None:
            yield Change((*path, name), _entry(was), _entry(now))
        else:
            yield from _compare((*path, name), was, now)


def _named(entries: Sequence[Mapping[str, Any]], known_by: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        name = " ".join(str(entry.get(part, "")) for part in known_by)
        # A name that comes twice is told apart by its place.
        found[name if name not in found else f"{name} ({len(found) + 1})"] = entry
    return found


def _texts(entries: Sequence[Any]) -> dict[str, None]:
    return dict.fromkeys(_text(entry) or "" for entry in entries)


def _entry(entry: Mapping[str, Any] | None) -> str | None:
    """Return an entry as text, a table with the number of its variables rather than all of them."""
    if entry is None:
        return None
    if "fact" in entry:
        return _text(entry["fact"])
    said = [
        f"{len(value)} {name}" if name in ("variables", "code_lists") else _text(value) or ""
        for name, value in entry.items()
        if name != "name"
    ]
    return ", ".join(part for part in said if part) or str(entry.get("name", ""))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_fact(value):
        return _text(value["value"])
    if isinstance(value, Mapping):
        return ", ".join(_text(each) or "" for each in value.values())
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) or "" for each in value)
    return str(value)


def _is_fact(value: Any) -> bool:
    return isinstance(value, Mapping) and "value" in value and "certainty" in value


def _is_list(value: Any) -> bool:
    return value is None or isinstance(value, list | tuple)
