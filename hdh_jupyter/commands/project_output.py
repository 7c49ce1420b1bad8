"""Projects as people and scripts see them."""

from __future__ import annotations

from datetime import date

from ..projects.gate import grants_in_force
from ..projects.gate import state as state_of
from ..projects.model import Authorisation, Project
from .base import terminal_language
from .output import print_fields, print_table


def project_document(project: Project, on: date) -> dict[str, object]:
    """Return a project as JSON shows it, with its state on the day `on`; dates are YYYY-MM-DD."""
    state, in_force = state_of(project, on), grants_in_force(project, on)
    return {
        "id": project.id,
        "title": project.title,
        "summary": project.summary,
        "state": {"open": state.open, "code": state.code, "message": state.message(terminal_language())},
        "authorisation": None if project.authorisation is None else basis_document(project.authorisation),
        "members": [{"person": member.person, "role": member.role.value} for member in project.members],
        "grants": [
            {
                "dataset": grant.dataset,
                "valid_from": iso(grant.valid_from),
                "valid_until": iso(grant.valid_until),
                "in_force": grant in in_force,
            }
            for grant in project.grants
        ],
    }


def basis_document(basis: Authorisation) -> dict[str, str | None]:
    """Return every field of a regulatory basis as text; dates are YYYY-MM-DD, and what is missing is None."""
    return {
        "kind": basis.kind.value,
        "opinion": None if basis.opinion is None else basis.opinion.value,
        "opinion_date": iso(basis.opinion_date),
        "cnil_number": basis.cnil_number or None,
        "valid_from": iso(basis.valid_from),
        "valid_until": iso(basis.valid_until),
        "reference": basis.reference or None,
        "reason": basis.reason or None,
    }


def print_project(project: Project, on: date) -> None:
    """Print a project with its state on the day `on`, what its basis holds, its members and its datasets."""
    fields: list[tuple[str, object]] = [("project", project.id), ("title", project.title)]
    fields += [("summary", project.summary), ("state", state_of(project, on).message(terminal_language()))]
    if project.authorisation is not None:
        fields += [(name, value) for name, value in basis_document(project.authorisation).items() if value is not None]
    print_fields(fields)
    if project.members:
        print()
        print_table(("person", "role"), ((member.person, member.role.value) for member in project.members))
    if project.grants:
        print()
        rows = ((grant.dataset, iso(grant.valid_from), iso(grant.valid_until)) for grant in project.grants)
        print_table(("dataset", "valid_from", "valid_until"), rows)


def iso(day: date | None) -> str | None:
    """Return a day as YYYY-MM-DD."""
    return None if day is None else day.isoformat()
