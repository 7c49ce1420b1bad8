"""`hdh-jupyter project authorise`: a project's regulatory basis, one sub-command per kind of basis."""

from __future__ import annotations

from argparse import Namespace
from datetime import date

from ..projects.gate import state as state_of
from ..projects.model import Authorisation, BasisKind, Opinion
from ..state import StateFolder
from .administration import Administration
from .base import speak, terminal_language
from .parsing import Parser, add_dates, changing, choices, day, one_of, text
from .project_output import basis_document


def build(parser: Parser) -> None:
    """Add the kinds of basis to the parser of `authorise`."""
    kinds = parser.add_subparsers(required=True, metavar="KIND")

    leaf = kinds.add_parser(
        "authorisation", parents=[changing()], help="CNIL authorisation, after the opinion of the CESREES"
    )
    leaf.add_argument(
        "--opinion", type=one_of(Opinion), required=True, metavar="OPINION", help=f"one of {choices(Opinion)}"
    )
    leaf.add_argument("--opinion-date", type=day, metavar="YYYY-MM-DD", help="the day of the opinion")
    leaf.add_argument("--cnil-number", type=text, metavar="NUMBER", help="the number of the CNIL's decision")
    add_dates(leaf, without="the project stays closed")
    leaf.epilog = "The project stays closed without a favourable opinion, a CNIL number and both its days."
    leaf.set_defaults(act=authorise_project, basis=_authorisation)

    leaf = kinds.add_parser(
        "reference-methodology", parents=[changing()], help="conformity with a reference methodology, such as MR-004"
    )
    leaf.add_argument("--reference", type=text, required=True, metavar="NAME", help="which one, such as MR-004")
    add_dates(leaf)
    leaf.set_defaults(act=authorise_project, basis=_methodology)

    leaf = kinds.add_parser("exemption", parents=[changing()], help="a reasoned exemption from both")
    leaf.add_argument("--reason", type=text, required=True, metavar="TEXT", help="why neither is needed")
    add_dates(leaf)
    leaf.set_defaults(act=authorise_project, basis=_exemption)

    leaf = kinds.add_parser("none", parents=[changing()], help="withdraw the basis, which closes the project")
    leaf.set_defaults(act=authorise_project, basis=_none)


def authorise_project(state: StateFolder, asked: Namespace) -> None:
    """Replace a project's regulatory basis whole, and say what the project's state becomes."""
    administration = Administration(state, asked.acting_as)
    basis = asked.basis(asked)
    with administration.change() as change:
        before = administration.registry.project(asked.project)
        administration.registry.set_authorisation(asked.project, basis, change.session)
        if basis != before.authorisation:
            change.note("registry.authorisation_changed", project=asked.project, detail=_detail(basis))
    speak("admin.unchanged" if basis == before.authorisation else "admin.authorised", project=asked.project)
    after = administration.registry.project(asked.project)
    print(state_of(after, date.today()).message(terminal_language()))


def _authorisation(asked: Namespace) -> Authorisation:
    return Authorisation(
        BasisKind.AUTHORISATION,
        opinion=asked.opinion,
        opinion_date=asked.opinion_date,
        cnil_number=asked.cnil_number or "",
        valid_from=asked.valid_from,
        valid_until=asked.valid_until,
    )


def _methodology(asked: Namespace) -> Authorisation:
    return Authorisation(
        BasisKind.REFERENCE_METHODOLOGY,
        reference=asked.reference,
        valid_from=asked.valid_from,
        valid_until=asked.valid_until,
    )


def _exemption(asked: Namespace) -> Authorisation:
    return Authorisation(
        BasisKind.EXEMPTION, reason=asked.reason, valid_from=asked.valid_from, valid_until=asked.valid_until
    )


def _none(asked: Namespace) -> None:
    return None


def _detail(basis: Authorisation | None) -> dict[str, str]:
    if basis is None:
        return {"kind": "none"}
    return {name: value for name, value in basis_document(basis).items() if value is not None}
