"""Values of a file kept by hand, in the terms of the model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

BOOLEANS = frozenset({"required", "restricted", "trusted_holder", "needs_cesrees", "needs_cnil"})

FACT = {"v": "value", "c": "certainty", "s": "sources", "note": "note"}


def expanded(value: Any, key: str = "") -> Any:
    """Return a part of the model in the form of its document; raises ValueError for a boolean that is none.

    Parameters
    ----------
    key
        Name of the field that has the value.
    """
    if isinstance(value, Mapping):
        if key == "codes":
            return [[text(code), text(label)] for code, label in value.items()]
        if "v" in value:
            return {FACT.get(str(name), str(name)): expanded(each) for name, each in value.items()}
        names = {"label_fr": "label"}
        return {names.get(str(k), str(k)): expanded(each, str(k)) for k, each in value.items()}
    if isinstance(value, list):
        return [expanded(each) for each in value]
    if key in BOOLEANS and not isinstance(value, bool | None):
        raise ValueError(f"{key} is neither true nor false")
    return value.isoformat() if isinstance(value, date) else value


def each_of(value: Any) -> list[Any]:
    """Return the values where one may stand for a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a list, or the one that stands for it."""
    return tuple(map(text, each_of(value)))


def text(value: Any) -> str:
    """Return a value as text; raises ValueError for what is nothing, or a mapping."""
    if value is None or isinstance(value, Mapping):
        raise ValueError("a text is expected")
    if isinstance(value, list):
        return ", ".join(map(text, value))
    return str(value)
