"""`hdh-jupyter person`: the people of the platform, their platform roles and passwords."""

from __future__ import annotations

import getpass
import sys
import warnings
from argparse import Namespace
from typing import Any

from ..auth.accounts import LocalAccounts
from ..auth.openid_people import unlink
from ..errors import PublicError
from ..i18n import translate
from ..projects.model import Person, PlatformRole
from ..projects.registry import Registry
from ..state import StateFolder
from .administration import Administration, Change, JoinedDatabase, open_platform
from .base import speak, terminal_language
from .output import print_json, print_table
from .parsing import Parser, WordsCommand, changing, choices, email, one_of, reading, text

LONGEST_LINE = 16_384
"""Bytes read from standard input for a password; far more than a password may have."""


class People(WordsCommand):
    """Manage the people of the platform."""

    name = "person"

    def build(self, parser: Parser) -> None:
        commands = parser.add_subparsers(required=True, metavar="COMMAND")
        role: dict[str, Any] = {"type": one_of(PlatformRole), "action": "append", "default": [], "metavar": "ROLE"}
        roles = f"{choices(PlatformRole)}; repeat the option for several"

        leaf = commands.add_parser("list", parents=[reading()], help="show everybody")
        leaf.set_defaults(act=list_people)

        leaf = commands.add_parser("add", parents=[changing()], help="register somebody")
        leaf.add_argument("name", type=text, metavar="NAME", help="the account's name, lower-case, which never changes")
        leaf.add_argument("--display-name", type=text, required=True, metavar="TEXT", help="the name others see")
        leaf.add_argument("--email", type=email, required=True, metavar="ADDRESS", help="the e-mail address")
        leaf.add_argument("--role", help=f"a platform role: {roles}", **role)
        leaf.set_defaults(act=add_person)

        leaf = commands.add_parser("role", parents=[changing()], help="give or take platform roles")
        leaf.add_argument("name", type=text, metavar="NAME", help="the account's name")
        leaf.add_argument("--add", help=f"give this role: {roles}", **role)
        leaf.add_argument("--remove", help=f"take this role: {roles}", **role)
        leaf.set_defaults(act=change_roles)

        leaf = commands.add_parser(
            "password", parents=[changing()], help="set a password, which also reopens an account closed by failures"
        )
        leaf.add_argument("name", type=text, metavar="NAME", help="the account's name")
        leaf.add_argument(
            "--stdin", action="store_true", help="read one line of standard input instead of asking twice"
        )
        leaf.set_defaults(act=set_password)

        leaf = commands.add_parser(
            "unlink", parents=[changing()], help="free an account for another identity of its person at the provider"
        )
        leaf.add_argument("name", type=text, metavar="NAME", help="the account's name")
        leaf.set_defaults(act=unlink_identity)


def list_people(state: StateFolder, asked: Namespace) -> None:
    """Show everybody."""
    people = Registry(open_platform(state)).people()
    if asked.json:
        print_json([person_document(person) for person in people])
    else:
        rows = [(p.name, p.display_name, p.email, ", ".join(sorted(p.roles))) for p in people]
        print_table(("name", "display_name", "email", "roles"), rows)


def add_person(state: StateFolder, asked: Namespace) -> None:
    """Register somebody, with the platform roles they begin with."""
    administration = Administration(state, asked.acting_as)
    person = Person(asked.name, asked.display_name, asked.email, frozenset(asked.role))
    with administration.change() as change:
        administration.registry.add_person(person, change.session)
        change.note("registry.person_added", subject=person.name)
        _note_roles(change, person.name, person.roles, "added")
    speak("admin.person_added", name=person.name)


def change_roles(state: StateFolder, asked: Namespace) -> None:
    """Give somebody platform roles, or take some from them."""
    given, taken = frozenset(asked.add), frozenset(asked.remove)
    if not given | taken:
        raise PublicError("admin.no_role")
    if given & taken:
        raise PublicError("admin.role_given_and_taken", roles=", ".join(sorted(given & taken)))
    administration = Administration(state, asked.acting_as)
    with administration.change() as change:
        held = administration.registry.person(asked.name).roles
        roles = (held | given) - taken
        administration.registry.set_roles(asked.name, roles, change.session)
        _note_roles(change, asked.name, roles - held, "added")
        _note_roles(change, asked.name, held - roles, "removed")
    key = "admin.unchanged" if roles == held else "admin.roles_changed"
    speak(key, name=asked.name, roles=", ".join(sorted(roles)) or "-")


def set_password(state: StateFolder, asked: Namespace) -> None:
    """Set somebody's password; it is in no argument, because other accounts can read those of a process."""
    administration = Administration(state, asked.acting_as)
    administration.registry.person(asked.name)
    password = _password_from_input() if asked.stdin else _password_from_terminal(asked.name)
    with administration.change() as change:
        LocalAccounts(JoinedDatabase(administration.database, change.session)).set_password(asked.name, password)
        change.note("registry.password_set", subject=asked.name)
    speak("admin.password_set", name=asked.name)


def unlink_identity(state: StateFolder, asked: Namespace) -> None:
    """Let the next to sign in under an account's name at the identity provider have it."""
    administration = Administration(state, asked.acting_as)
    administration.registry.person(asked.name)
    with administration.change() as change:
        freed = unlink(change.session, asked.name)
        if freed:
            change.note("openid.unlinked", subject=asked.name)
    speak("admin.unlinked" if freed else "admin.never_linked", name=asked.name)


def person_document(person: Person) -> dict[str, object]:
    """Return a person as JSON shows them."""
    return {
        "name": person.name,
        "display_name": person.display_name,
        "email": person.email,
        "roles": sorted(person.roles),
    }


def _note_roles(change: Change, person: str, roles: frozenset[PlatformRole], what: str) -> None:
    for role in sorted(roles):
        change.note("registry.role_changed", subject=person, detail={"role": role.value, "change": what})


def _password_from_input() -> str:
    line = sys.stdin.buffer.readline(LONGEST_LINE)
    try:
        return line.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise PublicError("admin.password_not_utf8") from None


def _password_from_terminal(name: str) -> str:
    first = _ask("admin.ask_password", name)
    if _ask("admin.ask_again", name) != first:
        raise PublicError("admin.passwords_differ")
    return first


def _ask(key: str, name: str) -> str:
    question = translate(key, terminal_language(), name=name)
    with warnings.catch_warnings():
        # Where there is no terminal to silence, getpass would warn and read with echo.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except (getpass.GetPassWarning, EOFError):
            raise PublicError("admin.no_terminal") from None
