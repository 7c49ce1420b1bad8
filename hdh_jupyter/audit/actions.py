"""What each action records: one JSON schema per action, in the form of Jupyter's own event schemas.

A schema describes the whole event: who (`actor`), where (`project`), about what (`subject`), and the `detail`. It
allows no field that it does not name, so that nothing of a health record slips into the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml
from jsonschema import Draft7Validator


class UnknownAction(Exception):
    """No schema describes this action: a mistake of the programmer."""


class InvalidEvent(Exception):
    """The event is not what its schema describes: a mistake of the programmer."""


@cache
def actions() -> tuple[str, ...]:
    """Return every action that the log knows, in alphabetical order."""
    return tuple(sorted(file.name.removesuffix(".yaml") for file in _folder() if file.name.endswith(".yaml")))


@cache
def schema(action: str) -> Mapping[str, Any]:
    """Return the schema of `action`.

    Raises
    ------
    UnknownAction
    """
    if action not in actions():
        raise UnknownAction(action)
    text = (resources.files(__package__) / "schemas" / f"{action}.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def validate(action: str, event: Mapping[str, Any]) -> None:
    """Check an event's `actor`, `project`, `subject` and `detail` against the schema of its action.

    Raises
    ------
    UnknownAction
    InvalidEvent
        Says which field is wrong and why.
    """
    for error in _validator(action).iter_errors(dict(event)):
        raise InvalidEvent(f"{action}: {error.json_path}: {error.message}")


@cache
def _validator(action: str) -> Draft7Validator:
    return Draft7Validator(schema(action))


def _folder() -> Any:
    return (resources.files(__package__) / "schemas").iterdir()
