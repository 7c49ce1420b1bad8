"""`hdh-jupyter catalogue push`: published records to a national catalogue, validated before."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from pathlib import Path

from ..catalogue.exchange.hostile import read_bytes
from ..catalogue.exchange.push import Target, push, withdraw
from ..catalogue.exchange.shapes_files import own_shapes
from ..catalogue.exchange.validation import validate
from ..catalogue.exchange.violations import Severity
from ..catalogue.store import CatalogueStore
from ..errors import PublicError
from ..i18n import translate
from ..state import StateFolder
from .administration import Administration, open_platform
from .base import speak, terminal_language
from .catalogue import publication
from .catalogue_export import chosen, description, print_violations

LONGEST_KEY = 4_096
"""Bytes of a file with a key."""


def push_records(state: StateFolder, asked: Namespace) -> None:
    """Send records one after the other; what was sent is in the log, also when a later one is refused."""
    target = Target(asked.to, _key(asked.key_file))
    store, administration = CatalogueStore(open_platform(state)), Administration(state, asked.acting_as)
    with administration.change():
        # Who may not change anything sends nothing either.
        pass
    if asked.withdraw is not None:
        _withdraw(administration, target, asked)
        return
    datasets, told = chosen(store, asked.datasets), publication(asked)
    found = validate(description(datasets, told), own_shapes())
    faulty = [violation for violation in found if violation.severity is Severity.VIOLATION]
    if faulty and not asked.despite_faults:
        print_violations(faulty)
        raise PublicError("catalogue.command.not_pushed", 409)
    for number, dataset in enumerate(datasets, 1):
        if sys.stderr.isatty():
            line = translate("catalogue.command.pushing", terminal_language(), number=number, all=len(datasets))
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        pushed = asyncio.run(push(dataset, told, target))
        _note(administration, dataset.id, target, pushed.outcome.value, pushed.id)
        speak(f"catalogue.command.{pushed.outcome}", dataset=dataset.id, identifier=pushed.id or "-")


def _withdraw(administration: Administration, target: Target, asked: Namespace) -> None:
    if len(asked.datasets) != 1:
        raise PublicError("catalogue.command.withdraw_one")
    [dataset] = asked.datasets
    if not asyncio.run(withdraw(asked.withdraw, target)):
        raise PublicError("catalogue.command.not_there", 404, identifier=asked.withdraw)
    _note(administration, dataset, target, "withdrawn", asked.withdraw)
    speak("catalogue.command.withdrawn", dataset=dataset, identifier=asked.withdraw)


def _note(administration: Administration, dataset: str, target: Target, outcome: str, identifier: str) -> None:
    detail = {"target": target.url, "outcome": outcome, "identifier": identifier}
    with administration.change() as change:
        change.note("catalogue.record_pushed", subject=dataset, detail=detail)


def _key(path: Path) -> str:
    return read_bytes(path, LONGEST_KEY).decode("utf-8", "replace").strip()
