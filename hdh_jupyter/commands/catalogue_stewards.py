"""`hdh-jupyter catalogue steward`: who answers for which dataset."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from ..audit.log import AuditLog
from ..catalogue.stewardship import Stewardship
from ..errors import PublicError
from ..projects.model import PlatformRole
from ..state import StateFolder
from .administration import Administration, JoinedDatabase, open_platform
from .base import speak
from .output import print_json, print_table


def list_stewards(state: StateFolder, asked: Namespace) -> None:
    """Show the stewards of every dataset that has any."""
    database = open_platform(state)
    found = Stewardship(database, AuditLog(database, state.key("audit"))).everybody()
    if asked.json:
        print_json({dataset: list(people) for dataset, people in found.items()})
    else:
        print_table(("dataset", "catalogue.stewards"), ((d, ", ".join(people)) for d, people in found.items()))


def assign(state: StateFolder, asked: Namespace) -> None:
    """Make a person with the role of a steward a steward of a dataset."""
    with _changing(state, asked) as (administration, stewardship, actor):
        if PlatformRole.STEWARD not in administration.registry.person(asked.person).roles:
            raise PublicError("catalogue.record.not_a_steward", 409, person=asked.person)
        stewardship.assign(asked.dataset, asked.person, actor)
    speak("catalogue.command.assigned", dataset=asked.dataset, person=asked.person)


def remove(state: StateFolder, asked: Namespace) -> None:
    """Take a dataset from a steward."""
    with _changing(state, asked) as (_, stewardship, actor):
        stewardship.remove(asked.dataset, asked.person, actor)
    speak("catalogue.command.removed", dataset=asked.dataset, person=asked.person)


@contextmanager
def _changing(state: StateFolder, asked: Namespace) -> Iterator[tuple[Administration, Stewardship, str]]:
    administration = Administration(state, asked.acting_as)
    with administration.change() as change:
        database = JoinedDatabase(administration.database, change.session)
        yield administration, Stewardship(database, change.audit, change.account), change.actor
