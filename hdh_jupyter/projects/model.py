"""People, projects, and the regulatory basis that lets a project use health data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PlatformRole(StrEnum):
    """What a person does for the platform as a whole; none of these opens a workspace."""

    CHECKER = "checker"
    STEWARD = "steward"
    ADMIN = "admin"


class ProjectRole(StrEnum):
    """What a person is in one project. A lead is a researcher who may also submit and download."""

    RESEARCHER = "researcher"
    LEAD = "lead"


class BasisKind(StrEnum):
    """The three ways in which French law lets a project use health data (loi n° 78-17, articles 64 to 77)."""

    AUTHORISATION = "authorisation"
    REFERENCE_METHODOLOGY = "reference_methodology"
    EXEMPTION = "exemption"


class Opinion(StrEnum):
    """The opinion of the CESREES, the committee that assesses projects before the CNIL."""

    PENDING = "pending"
    FAVOURABLE = "favourable"
    UNFAVOURABLE = "unfavourable"


@dataclass(frozen=True)
class Person:
    """A person known to the platform; `name` is the account's name in the hub."""

    name: str
    display_name: str
    email: str = ""
    roles: frozenset[PlatformRole] = frozenset()


@dataclass(frozen=True)
class Member:
    """A person's place in a project; `person` is the person's name."""

    person: str
    role: ProjectRole


@dataclass(frozen=True)
class Authorisation:
    """The regulatory basis of a project.

    Attributes
    ----------
    opinion, opinion_date, cnil_number
        Of an `authorisation`: the opinion of the CESREES, its day, and the number of the CNIL's decision.
    valid_from, valid_until
        First and last day on which the basis holds, both included.
    reference
        Of a `reference_methodology`: which one, such as `MR-004`.
    reason
        Of an `exemption`: why none of the other two is needed.
    """

    kind: BasisKind
    opinion: Opinion | None = None
    opinion_date: date | None = None
    cnil_number: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Grant:
    """A dataset that a project may read, from a first to a last day, both included; no day means no limit."""

    dataset: str
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Project:
    """A research project, which has one workspace."""

    id: str
    title: str
    summary: str = ""
    authorisation: Authorisation | None = None
    members: tuple[Member, ...] = ()
    grants: tuple[Grant, ...] = ()

    def role_of(self, person: str) -> ProjectRole | None:
        """Return what the person of that name is in the project, or None."""
        return next((member.role for member in self.members if member.person == person), None)
