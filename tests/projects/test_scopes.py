"""The hub's roles that a person's projects give."""

from __future__ import annotations

from datetime import date

import pytest
from jupyterhub.roles import _validate_role_name
from jupyterhub.scopes import _check_scopes_exist

from hdh_jupyter.projects import scopes
from hdh_jupyter.projects.model import Authorisation, BasisKind, Member, Person, PlatformRole, Project, ProjectRole

TODAY = date(2025, 6, 15)
MR = Authorisation(BasisKind.REFERENCE_METHODOLOGY, reference="MR-004")
ENDED = Authorisation(BasisKind.REFERENCE_METHODOLOGY, reference="MR-004", valid_until=date(2025, 6, 14))
RESEARCHER, LEAD = Member("ann", ProjectRole.RESEARCHER), Member("ann", ProjectRole.LEAD)
OTHER = Member("leo", ProjectRole.LEAD)


def project(name: str, basis: Authorisation | None, *members: Member) -> Project:
    return Project(name, name.title(), authorisation=basis, members=members)


@pytest.mark.parametrize(
    ("roles", "projects", "names"),
    [
        pytest.param((), [], [], id="00 in nothing"),
        pytest.param((), [project("vox", MR, RESEARCHER)], ["project-vox-member"], id="01 researcher"),
        pytest.param((), [project("vox", MR, LEAD)], ["project-vox-member"], id="02 lead"),
        pytest.param((), [project("vox", MR, OTHER)], [], id="03 others only"),
        pytest.param((), [project("vox", None, LEAD)], [], id="04 closed"),
        pytest.param((), [project("vox", ENDED, LEAD)], [], id="05 ended yesterday"),
        pytest.param(tuple(PlatformRole), [project("vox", MR, OTHER)], [], id="06 every platform role"),
        pytest.param(
            (PlatformRole.ADMIN,), [project("vox", MR, RESEARCHER)], ["project-vox-member"], id="07 admin and member"
        ),
        pytest.param(
            (), [project("vox", MR, LEAD), project("lux", ENDED, LEAD), project("nox", MR, OTHER, RESEARCHER)],
            ["project-vox-member", "project-nox-member"], id="08 several",
        ),
    ],
)  # fmt: skip
def test_hub_roles(roles: tuple[PlatformRole, ...], projects: list[Project], names: list[str]) -> None:
    given = scopes.hub_roles(Person("ann", "Ann", roles=frozenset(roles)), projects, TODAY)
    assert given[0] == {"name": "user"}
    assert [role["name"] for role in given[1:]] == names


def test_a_member_gets_the_one_workspace_and_nothing_else() -> None:
    (_, role) = scopes.hub_roles(Person("ann", "Ann"), [project("vox", MR, RESEARCHER)], TODAY)
    assert set(role["scopes"]) == {"access:servers!user=prj-vox", "servers!user=prj-vox"}


def test_the_hub_takes_the_roles() -> None:
    longest = "a" + "b-" * 14 + "c"
    (_, role) = scopes.hub_roles(Person("ann", "Ann"), [project(longest, MR, LEAD)], TODAY)
    _validate_role_name(role["name"])
    _check_scopes_exist(role["scopes"])


@pytest.mark.parametrize(
    ("account", "project_id"),
    [
        pytest.param("prj-vox", "vox", id="00"),
        pytest.param("prj-prj-vox", "prj-vox", id="01"),
        pytest.param("vox", None, id="02"),
        pytest.param("", None, id="03"),
        pytest.param("annprj-vox", None, id="04"),
    ],
)
def test_accounts_and_projects(account: str, project_id: str | None) -> None:
    assert scopes.project_of(account) == project_id
    if project_id is not None:
        assert scopes.hub_account(project_id) == account


def test_accounts_of_projects() -> None:
    assert scopes.hub_accounts([project("vox", MR), project("lux", None)]) == ["prj-vox", "prj-lux"]
