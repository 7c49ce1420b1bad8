"""What somebody else changed in a description, put into the record that it was made from.

A description says less than its record: certainty, sources, the restriction of variables have no place in it. So what
was changed is taken over field by field, and the rest stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ..facts import Fact
from ..variables import Table, Variable
from .csvw import described


def merged(record: Any, expected: Any, told: Any) -> Any:
    """Return a part of a record with what differs between two descriptions.

    Parameters
    ----------
    expected
        The part as the record's own description reads.
    told
        The part as the description at hand reads.
    """
    if told == expected:
        return record
    if isinstance(told, tuple) and all(isinstance(part, Table | Variable) for part in (*told, *_parts(record))):
        return _by_name(record, expected, told)
    if isinstance(told, Variable) and told.description == described(record):
        # Where a variable has no description its label stands for one: that the label is another changes nothing here.
        told = replace(told, description=expected.description)
    if is_dataclass(told) and not isinstance(told, Fact | type) and type(told) is type(record) is type(expected):
        changed = {
            field.name: merged(getattr(record, field.name), getattr(expected, field.name), getattr(told, field.name))
            for field in fields(told)
        }
        return replace(record, **changed)
    return told


def changed_fields(expected: Any, told: Any) -> dict[str, Any]:
    """Return the fields in which two descriptions differ, with the values of the second."""
    pairs = {field.name: (getattr(expected, field.name), getattr(told, field.name)) for field in fields(told)}
    return {name: after for name, (before, after) in pairs.items() if before != after}


def _by_name(record: Any, expected: Any, told: Any) -> Any:
    """Return tables, or variables, in the order of the record, then those that are new."""
    ours, before, after = _named(record), _named(expected), _named(told)
    # What the description never named (a restricted variable that it left out) was not removed by anybody.
    kept = {name: part for name, part in ours.items() if name in after or name not in before}
    both = {name: merged(part, before[name], after[name]) if name in before and name in after else part
            for name, part in kept.items()}  # fmt: skip
    return tuple({**both, **{name: part for name, part in after.items() if name not in ours}}.values())


def _named(parts: Any) -> Mapping[tuple[str, int], Any]:
    """Return tables or variables by name; those that share one are told apart by their order."""
    found: dict[tuple[str, int], Any] = {}
    seen: dict[str, int] = {}
    for part in parts:
        number = seen.get(part.name, 0)
        seen[part.name] = number + 1
        found[part.name, number] = part
    return found


def _parts(record: Any) -> tuple[Any, ...]:
    return record if isinstance(record, tuple) else ()
