"""Disclosure control: reads finished files, judges them by a policy, and writes the form that may leave.

Pure: no database, no HTTP, no Jupyter server; the same code advises inside a workspace and decides outside. It imports
`errors` and `i18n` alone. :func:`check` judges, :func:`sanitise` writes, :mod:`.worker` does both in a limited process.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .model import FileReport, Finding, Place, Report, Severity, Verdict
from .policy import Policy, default_policy

if TYPE_CHECKING:
    from .engine import check_and_sanitise
    from .objects import check
    from .sanitised import Sanitised, sanitise

_LATE = {"check": "objects", "check_and_sanitise": "engine", "Sanitised": "sanitised", "sanitise": "sanitised"}
"""What needs the libraries that parse files: whoever only renders a report starts without them."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LATE[name]}", __name__), name)


__all__ = [
    "FileReport",
    "Finding",
    "Place",
    "Policy",
    "Report",
    "Sanitised",
    "Severity",
    "Verdict",
    "check",
    "check_and_sanitise",
    "default_policy",
    "sanitise",
]
