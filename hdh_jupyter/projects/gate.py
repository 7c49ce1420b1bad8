"""Whether a project may be open on a day, and why not. Pure; whatever is missing or in doubt closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ..i18n import DEFAULT_LANGUAGE, translate
from .model import Authorisation, BasisKind, Grant, Opinion, Project


@dataclass(frozen=True)
class ProjectState:
    """Whether a project is open, with the key and values of the sentence that says why.

    Dates stay dates in `params`: each language's sentence formats them its own way.
    """

    open: bool
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the sentence for a person."""
        kind = self.params.get("kind")
        basis = "" if kind is None else translate(f"projects.basis.{kind}", language, **self.params)
        return translate(self.code, language, **{**self.params, "basis": basis})


def state(project: Project, on: date) -> ProjectState:
    """Return whether `project` may be open on the day `on`.

    An authorisation needs a favourable opinion of the CESREES, the number of the CNIL's decision and both its dates;
    a reference methodology needs its name and an exemption its reason, their dates being optional (loi n° 78-17,
    articles 66, 73 and 76).
    """
    basis = project.authorisation
    if basis is None:
        return ProjectState(False, "projects.state.no_basis")
    lacking = _LACKING[basis.kind](basis)
    if lacking is not None:
        return ProjectState(False, lacking)
    params = {
        "kind": basis.kind.value,
        "cnil_number": basis.cnil_number,
        "reference": basis.reference,
        "reason": basis.reason,
        "valid_from": basis.valid_from,
        "valid_until": basis.valid_until,
    }
    if basis.valid_from is not None and on < basis.valid_from:
        return ProjectState(False, "projects.state.not_yet_valid", params)
    if basis.valid_until is not None and on > basis.valid_until:
        return ProjectState(False, "projects.state.expired", params)
    return ProjectState(True, "projects.state.open", params)


def grants_in_force(project: Project, on: date) -> tuple[Grant, ...]:
    """Return the datasets that `project` may read on the day `on`: none while it is closed."""
    if not state(project, on).open:
        return ()
    return tuple(grant for grant in project.grants if _includes(grant, on))


def _includes(grant: Grant, on: date) -> bool:
    started = grant.valid_from is None or grant.valid_from <= on
    return started and (grant.valid_until is None or on <= grant.valid_until)


def _authorisation_lacks(basis: Authorisation) -> str | None:
    if basis.opinion is Opinion.UNFAVOURABLE:
        return "projects.state.refused"
    if basis.opinion is not Opinion.FAVOURABLE:
        return "projects.state.awaiting_opinion"
    if not basis.cnil_number.strip() or basis.valid_from is None or basis.valid_until is None:
        return "projects.state.awaiting_authorisation"
    return None


def _methodology_lacks(basis: Authorisation) -> str | None:
    return None if basis.reference.strip() else "projects.state.no_basis"


def _exemption_lacks(basis: Authorisation) -> str | None:
    return None if basis.reason.strip() else "projects.state.no_basis"


_LACKING = {
    BasisKind.AUTHORISATION: _authorisation_lacks,
    BasisKind.REFERENCE_METHODOLOGY: _methodology_lacks,
    BasisKind.EXEMPTION: _exemption_lacks,
}
