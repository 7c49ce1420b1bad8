"""Disclosure control: reads finished files, judges them by a policy, and writes the form that may leave.

Pure: no database, no HTTP, no Jupyter server; the same code advises inside a workspace and decides outside. It imports
`errors` and `i18n` alone. :func:`check` judges, :func:`sanitise` writes, :mod:`.worker` does both in a limited process.
"""

from .engine import check, check_and_sanitise
from .model import FileReport, Finding, Place, Report, Severity, Verdict
from .policy import Policy, default_policy
from .sanitise import Sanitised, sanitise

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
