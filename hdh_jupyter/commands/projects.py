"""`hdh-jupyter project`: projects, their members, regulatory basis and granted datasets."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from enum import StrEnum

from ..catalogue.store import CatalogueStore
from ..projects.gate import state as state_of
from ..projects.model import Grant, Project, ProjectRole
from ..projects.registry import Registry
from ..state import StateFolder
from .administration import Administration, open_platform
from .authorise import build as build_authorise
from .base import speak, terminal_language
from .output import print_json, print_table
from .parsing import Parser, WordsCommand, add_dates, changing, choices, one_of, reading, text
from .project_output import iso, print_project, project_document


class Place(StrEnum):
    """A person's place in a project, in words to type."""

    RESEARCHER = ProjectRole.RESEARCHER.value
    LEAD = ProjectRole.LEAD.value
    NONE = "none"


class Projects(WordsCommand):
    """Manage projects, who is in them, and what they may use."""

    name = "project"

    def build(self, parser: Parser) -> None:
        commands = parser.add_subparsers(required=True, metavar="COMMAND")

        leaf = commands.add_parser("list", parents=[reading()], help="show every project with its state today")
        leaf.set_defaults(act=list_projects)

        leaf = commands.add_parser("show", parents=[reading()], help="show a project with members, basis and datasets")
        _add_project_argument(leaf)
        leaf.set_defaults(act=show_project)

        leaf = commands.add_parser("add", parents=[changing()], help="register a project, closed until `authorise`")
        _add_project_argument(leaf)
        leaf.add_argument("--title", type=text, required=True, metavar="TEXT", help="the title people see")
        leaf.add_argument("--summary", type=text, metavar="TEXT", help="what it is about, in a sentence")
        leaf.set_defaults(act=add_project)

        leaf = commands.add_parser("member", parents=[changing()], help="bring somebody in, change or end their place")
        _add_project_argument(leaf)
        leaf.add_argument("person", type=text, metavar="PERSON", help="the account's name")
        leaf.add_argument("place", type=one_of(Place), metavar="ROLE", help=f"one of {choices(Place)}")
        leaf.set_defaults(act=set_member)

        leaf = commands.add_parser("authorise", help="replace the regulatory basis whole")
        _add_project_argument(leaf)
        build_authorise(leaf)

        leaf = commands.add_parser("grant", parents=[changing()], help="grant a dataset, or replace a grant's dates")
        _add_project_argument(leaf)
        leaf.add_argument("dataset", type=text, metavar="DATASET", help="the dataset's id in the catalogue")
        add_dates(leaf)
        leaf.set_defaults(act=grant_dataset)

        leaf = commands.add_parser("revoke", parents=[changing()], help="take a dataset away")
        _add_project_argument(leaf)
        leaf.add_argument("dataset", type=text, metavar="DATASET", help="the dataset's id")
        leaf.set_defaults(act=revoke_dataset)


def list_projects(state: StateFolder, asked: Namespace) -> None:
    """Show every project with its state today."""
    projects, today = Registry(open_platform(state)).projects(), date.today()
    if asked.json:
        print_json([project_document(project, today) for project in projects])
        return
    language = terminal_language()
    rows = [
        (p.id, p.title, len(p.members), ", ".join(g.dataset for g in p.grants), state_of(p, today).message(language))
        for p in projects
    ]
    print_table(("project", "title", "members", "datasets", "state"), rows)


def show_project(state: StateFolder, asked: Namespace) -> None:
    """Show a project with members, basis and datasets."""
    project, today = Registry(open_platform(state)).project(asked.project), date.today()
    if asked.json:
        print_json(project_document(project, today))
    else:
        print_project(project, today)


def add_project(state: StateFolder, asked: Namespace) -> None:
    """Register a project, without members, basis or datasets."""
    administration = Administration(state, asked.acting_as)
    project = Project(asked.project, asked.title, asked.summary or "")
    with administration.change() as change:
        administration.registry.add_project(project, change.session)
        change.note("registry.project_added", project=project.id, detail={"title": project.title})
    speak("admin.project_added", project=project.id)


def set_member(state: StateFolder, asked: Namespace) -> None:
    """Give somebody a place in a project, or end it."""
    administration = Administration(state, asked.acting_as)
    role = None if asked.place is Place.NONE else ProjectRole(asked.place)
    with administration.change() as change:
        before = administration.registry.project(asked.project).role_of(asked.person)
        administration.registry.set_member(asked.project, asked.person, role, change.session)
        if role is not before:
            places = {"before": before or Place.NONE, "after": role or Place.NONE}
            detail = {name: place.value for name, place in places.items()}
            change.note("registry.member_changed", project=asked.project, subject=asked.person, detail=detail)
    key = "admin.unchanged" if role is before else "admin.member_changed"
    speak(key, project=asked.project, name=asked.person, place=asked.place)


def grant_dataset(state: StateFolder, asked: Namespace) -> None:
    """Grant a dataset of the catalogue to a project, or replace the dates of its grant."""
    administration = Administration(state, asked.acting_as)
    CatalogueStore(administration.database).get(asked.dataset)
    grant = Grant(asked.dataset, asked.valid_from, asked.valid_until)
    with administration.change() as change:
        changed = grant not in administration.registry.project(asked.project).grants
        administration.registry.set_grant(asked.project, grant, change.session)
        if changed:
            dates = {"valid_from": iso(grant.valid_from), "valid_until": iso(grant.valid_until)}
            detail = {"change": "granted", **{name: day for name, day in dates.items() if day is not None}}
            change.note("registry.grant_changed", project=asked.project, subject=asked.dataset, detail=detail)
    speak("admin.granted" if changed else "admin.unchanged", project=asked.project, dataset=asked.dataset)


def revoke_dataset(state: StateFolder, asked: Namespace) -> None:
    """Take a dataset from a project."""
    administration = Administration(state, asked.acting_as)
    with administration.change() as change:
        administration.registry.revoke_grant(asked.project, asked.dataset, change.session)
        change.note(
            "registry.grant_changed", project=asked.project, subject=asked.dataset, detail={"change": "revoked"}
        )
    speak("admin.revoked", project=asked.project, dataset=asked.dataset)


def _add_project_argument(parser: Parser) -> None:
    parser.add_argument("project", type=text, metavar="ID", help="the project's id")
