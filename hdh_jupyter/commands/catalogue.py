"""`hdh-jupyter catalogue`: searching and showing records, bringing them in and out, stewards."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from ..catalogue.exchange.kinds import READ, WRITTEN, Format
from ..catalogue.exchange.publication import Publication
from ..errors import PublicError
from ..state import StateFolder
from .parsing import Parser, WordsCommand, changing, common, one_of, reading, text

MOST_HITS = 1_000


class Catalogue(WordsCommand):
    """Search, show, import, export and check the catalogue of health databases, and say who answers for them."""

    name = "catalogue"

    def build(self, parser: Parser) -> None:
        commands = parser.add_subparsers(required=True, metavar="COMMAND")
        _add_reading(commands)
        _add_exchange(commands)
        _add_stewards(commands)


def later(module: str, name: str) -> Callable[[StateFolder, Namespace], Any]:
    """Return a command that is loaded when it is asked for: the libraries of some take seconds."""

    def act(state: StateFolder, asked: Namespace) -> Any:
        return getattr(import_module(f".{module}", __package__), name)(state, asked)

    return act


def _add_reading(commands: Any) -> None:
    leaf = commands.add_parser("search", parents=[reading()], help="search datasets and variables")
    leaf.add_argument("query", type=text, nargs="+", metavar="WORD", help="words, or the code of a variable")
    leaf.add_argument(
        "--facet", action="append", default=[], type=condition, metavar="NAME=VALUE",
        help="only what has this value (as often as needed): regime=open, result=variable, themes=urgences",
    )  # fmt: skip
    leaf.add_argument("--facets", action="store_true", help="also print how many of the hits have each value")
    leaf.add_argument("--limit", type=limit, default=20, metavar="N", help="print so many hits at most (20)")
    leaf.set_defaults(act=later("catalogue_reading", "search"))

    leaf = commands.add_parser("show", parents=[reading()], help="show a record with its conditions and tables")
    leaf.add_argument("dataset", type=text, metavar="ID", help="the dataset's id")
    leaf.add_argument("--table", type=text, metavar="NAME", help="show the variables of this table")
    leaf.add_argument("--number", type=limit, metavar="N", help="show this version, not the one in the catalogue")
    leaf.set_defaults(act=later("catalogue_reading", "show"))

    leaf = commands.add_parser("index", parents=[common()], help="build the search index anew, and swap it")
    leaf.set_defaults(act=later("catalogue_reading", "index"))


def _add_exchange(commands: Any) -> None:
    leaf = commands.add_parser("import", parents=[changing()], help="publish the records of a file or folder")
    leaf.add_argument("path", type=Path, metavar="PATH", help="a file, or a folder with all its files")
    _add_format(leaf, READ, "recognised by the file")
    leaf.add_argument(
        "--into", type=text, metavar="ID", help="the dataset whose tables those of the file replace (tableschema, csv)"
    )
    leaf.add_argument("--reason", type=text, metavar="TEXT", help="why, for the history and the log")
    leaf.add_argument("--dry-run", action="store_true", help="publish nothing; show what would change")
    leaf.add_argument(
        "--over-stewards", action="store_true",
        help="also publish records that a steward is working on or has withdrawn",
    )  # fmt: skip
    leaf.add_argument("--json", action="store_true", help="print JSON, whose keys do not change with the language")
    leaf.set_defaults(act=later("catalogue_import", "bring_in"))

    leaf = commands.add_parser("export", parents=[common(), publishing()], help="write records to a file")
    leaf.add_argument("datasets", type=text, nargs="*", metavar="ID", help="without any, every record")
    _add_format(leaf, WRITTEN, "turtle")
    leaf.add_argument("--public", action="store_true", help="only what anybody may know, in the standards' terms")
    leaf.add_argument("-o", "--out", type=Path, metavar="FILE", help="where to write; without it, standard output")
    leaf.set_defaults(act=later("catalogue_export", "export"))

    leaf = commands.add_parser(
        "validate", parents=[reading(), publishing()], help="say what descriptions lack (exit status 0 or 1)"
    )
    leaf.add_argument("path", type=Path, nargs="?", metavar="PATH", help="without it, the records that are published")
    _add_format(leaf, READ, "recognised by the file")
    leaf.add_argument(
        "--shapes", action="append", default=[], type=Path, metavar="FILE",
        help="validate by these SHACL shapes (as often as needed); "
        "without any, DCAT-AP 3.0.1 and HealthDCAT-AP release 5",
    )  # fmt: skip
    leaf.set_defaults(act=later("catalogue_export", "validate"))

    leaf = commands.add_parser("push", parents=[changing(), publishing()], help="send records to another catalogue")
    leaf.add_argument("datasets", type=text, nargs="*", metavar="ID", help="without any, every record")
    leaf.add_argument("--to", type=text, required=True, metavar="URL", help="where its interface begins")
    leaf.add_argument("--key-file", type=Path, required=True, metavar="FILE", help="a file with the key, on one line")
    leaf.add_argument("--withdraw", type=text, metavar="ID_THERE", help="withdraw a record by its identifier there")
    leaf.add_argument("--despite-faults", action="store_true", help="send what validation finds incomplete, too")
    leaf.set_defaults(act=later("catalogue_push", "push_records"))


def _add_stewards(commands: Any) -> None:
    group = commands.add_parser("steward", help="say who answers for which dataset")
    stewards = group.add_subparsers(required=True, metavar="COMMAND")

    leaf = stewards.add_parser("list", parents=[reading()], help="show the stewards of every dataset")
    leaf.set_defaults(act=later("catalogue_stewards", "list_stewards"))

    for name, said in (("assign", "make a person a steward of a dataset"), ("remove", "take a dataset from a steward")):
        leaf = stewards.add_parser(name, parents=[changing()], help=said)
        leaf.add_argument("dataset", type=text, metavar="ID", help="the dataset's id; it need not have a record yet")
        leaf.add_argument("person", type=text, metavar="PERSON", help="the account's name")
        leaf.set_defaults(act=later("catalogue_stewards", name))


def _add_format(leaf: Parser, formats: tuple[Format, ...], otherwise: str) -> None:
    leaf.add_argument(
        "--format", type=one_of(Format), metavar="FORMAT",
        help=f"one of {', '.join(form.value for form in formats)}; without it, {otherwise}",
    )  # fmt: skip


def publishing() -> Parser:
    """Return the options for what descriptions say of the platform, for `parents`."""
    usual = Publication()
    parser = Parser(add_help=False)
    parser.add_argument(
        "--base", type=text, default=usual.base, metavar="IRI", help=f"records have theirs below it ({usual.base})"
    )
    parser.add_argument("--platform", type=text, default=usual.platform, metavar="NAME", help="who gives access")
    parser.add_argument("--email", type=text, default=usual.email, metavar="ADDRESS", help="how to reach them")
    parser.add_argument("--homepage", type=text, default=usual.homepage, metavar="URL", help="their page")
    return parser


def publication(asked: Namespace) -> Publication:
    """Return what was asked of :func:`publishing`; raises `catalogue.exchange.bad_publication`."""
    return Publication(asked.base, asked.platform, asked.email, asked.homepage)


def condition(typed: str) -> tuple[str, str]:
    """Return the name and the value of a facet; raises `catalogue.command.bad_condition`."""
    name, sign, value = text(typed).partition("=")
    if not sign or not name or not value:
        raise PublicError("catalogue.command.bad_condition", text=typed)
    return name.strip(), value.strip()


def limit(typed: str) -> int:
    """Return a number from 1 to :data:`MOST_HITS`; raises `catalogue.bad_number`."""
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed) <= MOST_HITS:
        raise PublicError("catalogue.bad_number", name=typed, least=1, most=MOST_HITS)
    return int(typed)
