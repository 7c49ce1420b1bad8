"""Command lines with words: `hdh-jupyter person role nadia --add checker`.

Applications of traitlets know options alone; commands about something named go through argparse. What a person typed
wrong becomes a :class:`PublicError`.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sqlalchemy.exc import OperationalError
from traitlets.config import Application

from ..errors import PublicError
from ..state import StateFolder

Choice = TypeVar("Choice", bound=StrEnum)


class Parser(ArgumentParser):
    """An argument parser that takes no abbreviated option and raises what it would print.

    Raises
    ------
    PublicError
        `admin.usage`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        raise PublicError("admin.usage", reason=message, program=self.prog)


class WordsCommand(Application):
    """A group of commands, in the place of an application of traitlets.

    A subclass describes its commands in `build`; each leaf names the function that carries it out:
    `leaf.set_defaults(act=function)`, called with the state folder and the parsed arguments.
    """

    arguments: Namespace

    def build(self, parser: Parser) -> None:
        """Add the group's commands to `parser`."""
        raise NotImplementedError

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Parse `argv` with the group's own parser."""
        parser = Parser(prog=f"hdh-jupyter {self.name}", description=type(self).__doc__)
        self.build(parser)
        self.arguments = parser.parse_args(argv or [])

    def start(self) -> None:
        """Carry out what was asked.

        Raises
        ------
        PublicError
            What the command says, or `admin.database` when the database cannot be used: locked for long, full, older
            than this version.
        """
        try:
            self.arguments.act(StateFolder(Path(self.arguments.state).absolute()), self.arguments)
        except OperationalError as error:
            raise PublicError("admin.database", 503, reason=error.orig) from error


def common() -> Parser:
    """Return the option of every command, for `parents`."""
    parser = Parser(add_help=False)
    parser.add_argument("--state", default="state", metavar="FOLDER", help="the platform's state folder (state)")
    return parser


def reading() -> Parser:
    """Return the options of commands that show something, for `parents`."""
    parser = Parser(add_help=False, parents=[common()])
    parser.add_argument("--json", action="store_true", help="print JSON, whose keys do not change with the language")
    return parser


def changing() -> Parser:
    """Return the options of commands that change something, for `parents`."""
    parser = Parser(add_help=False, parents=[common()])
    parser.add_argument(
        "--as",
        dest="acting_as",
        type=text,
        metavar="NAME",
        help="note the change in the audit log under this person, who must be an admin; "
        "without it, under the operating system account (os:login)",
    )
    return parser


def add_dates(parser: Parser, without: str = "no limit") -> None:
    """Add the options for a first and a last day, whose help says what happens `without` them."""
    for option, which in (("from", "first"), ("until", "last")):
        parser.add_argument(
            f"--{option}",
            dest=f"valid_{option}",
            type=day,
            metavar="YYYY-MM-DD",
            help=f"the {which} day, included; without it, {without}",
        )


def text(typed: str) -> str:
    """Return a word or a line without the spaces around it.

    Raises
    ------
    PublicError
        `admin.empty_text`; `admin.bad_text` when it holds line breaks, terminal escapes or bytes of another encoding.
    """
    stripped = typed.strip()
    if not stripped:
        raise PublicError("admin.empty_text")
    if not stripped.isprintable():
        raise PublicError("admin.bad_text", text=repr(stripped))
    return stripped


def email(typed: str) -> str:
    """Return an e-mail address, of which only the shape is checked.

    Raises
    ------
    PublicError
        `admin.bad_email`, or as :func:`text`.
    """
    address = text(typed)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise PublicError("admin.bad_email", text=address)
    return address


def day(typed: str) -> date:
    """Return the day written as YYYY-MM-DD.

    Raises
    ------
    PublicError
        `admin.bad_date`.
    """
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
            raise ValueError(typed)
        return date.fromisoformat(typed)
    except ValueError:
        raise PublicError("admin.bad_date", text=repr(typed)) from None


def one_of(kind: type[Choice]) -> Callable[[str], Choice]:
    """Return what reads a value of `kind`; it raises `admin.bad_choice` for any other."""

    def read(typed: str) -> Choice:
        try:
            return kind(typed)
        except ValueError:
            raise PublicError("admin.bad_choice", text=repr(typed), choices=choices(kind)) from None

    return read


def choices(kind: type[StrEnum]) -> str:
    """Return the values of `kind` as a list for people."""
    return ", ".join(each.value for each in kind)
