"""What an identity provider says of a person, read as the platform's: account, second factor, roles, projects. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import PublicError
from ..projects import scopes
from ..projects.model import PlatformRole, ProjectRole
from ..projects.registry import PERSON_NAME, PROJECT_ID
from .openid_refusals import refusal


@dataclass(frozen=True)
class Profile:
    """How a person is shown."""

    display_name: str
    email: str


@dataclass(frozen=True)
class Rights:
    """What the provider gives a person here; None where the registry alone decides."""

    roles: frozenset[PlatformRole] | None
    projects: Mapping[str, ProjectRole] | None

    @property
    def empty(self) -> bool:
        """Whether claims decide, and give nothing."""
        decides = self.roles is not None or self.projects is not None
        return decides and not self.roles and not self.projects


def find(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim, or None; `realm_access.roles` also means `roles` inside `realm_access`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def account(claims: Mapping[str, Any], name_claim: str) -> str:
    """Return the account's name that the claims give.

    Raises
    ------
    PublicError
        `auth.openid.bad_name`, `auth.openid.email_unverified`, or `auth.project_account`.
    """
    found = find(claims, name_claim)
    name = found.strip().lower() if isinstance(found, str) else ""
    if scopes.project_of(name) is not None:
        raise PublicError("auth.project_account", 403)
    if not PERSON_NAME.fullmatch(name):
        raise refusal("bad_name")
    if name_claim == "email" and claims.get("email_verified") is not True:
        raise refusal("email_unverified")
    return name


def profile(claims: Mapping[str, Any], name: str) -> Profile:
    """Return how the person is shown, by the standard claims (Core, 5.1)."""
    email = _line(claims.get("email")) if claims.get("email_verified", True) is True else ""
    return Profile(_line(claims.get("name")) or name, email)


def has_second_factor(claims: Mapping[str, Any], acr: Collection[str], amr: Collection[str]) -> bool:
    """Tell whether the person signed in as strongly as asked: one of `acr`, and one of `amr`; nothing asked is met."""
    used = claims.get("amr")
    methods = {each for each in used if isinstance(each, str)} if isinstance(used, list) else set()
    return (not acr or claims.get("acr") in acr) and (not amr or bool(methods & set(amr)))


def roles(claims: Mapping[str, Any], name: str, mapping: Mapping[str, PlatformRole]) -> frozenset[PlatformRole]:
    """Return the platform roles that a claim gives; its other values say nothing.

    Raises
    ------
    PublicError
        `auth.openid.bad_claim`.
    """
    return frozenset(mapping[value] for value in _values(claims, name) if value in mapping)


def projects(claims: Mapping[str, Any], name: str, pattern: Any) -> tuple[dict[str, ProjectRole], tuple[str, ...]]:
    """Return the projects that a claim gives, and its values that would give a role or a project there cannot be.

    Parameters
    ----------
    pattern
        A compiled expression with a group `project`, and perhaps a group `role`; without a role one is a researcher.
        Values that do not match say nothing.

    Raises
    ------
    PublicError
        `auth.openid.bad_claim`.
    """
    given: dict[str, ProjectRole] = {}
    refused: list[str] = []
    for value in _values(claims, name):
        match = pattern.fullmatch(value)
        if match is None:
            continue
        groups = match.groupdict()
        project, role = groups["project"] or "", groups.get("role") or ProjectRole.RESEARCHER
        if not PROJECT_ID.fullmatch(project) or scopes.project_of(project) is not None or role not in set(ProjectRole):
            refused.append(value)
        elif given.get(project) is not ProjectRole.LEAD:
            given[project] = ProjectRole(role)
    return given, tuple(refused)


def _line(value: object) -> str:
    return "".join(each for each in value if each.isprintable()).strip() if isinstance(value, str) else ""


def _values(claims: Mapping[str, Any], name: str) -> Sequence[str]:
    # A provider leaves an empty list out: a claim that is not there gives nothing.
    found = find(claims, name)
    values = [] if found is None else [found] if isinstance(found, str) else found
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise refusal("bad_claim")
    return values
