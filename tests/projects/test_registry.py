"""The register of people and projects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import LANGUAGES
from hdh_jupyter.projects.model import (
    Authorisation,
    BasisKind,
    Grant,
    Member,
    Opinion,
    Person,
    PlatformRole,
    Project,
    ProjectRole,
)
from hdh_jupyter.projects.registry import Registry

ANN = Person("ann", "Ann Ø", "ann@example.org", frozenset({PlatformRole.CHECKER, PlatformRole.ADMIN}))
LEO = Person("leo.b-c_d@example.org", "Léo")
CNIL = Authorisation(
    BasisKind.AUTHORISATION, Opinion.FAVOURABLE, date(2024, 9, 1), "924123", date(2025, 1, 1), date(2025, 12, 31)
)
VOX = Project(
    "vox",
    "Voix",
    "Ce qui se dit",
    CNIL,
    (Member("ann", ProjectRole.LEAD),),
    (Grant("oscour", date(2025, 1, 1), None), Grant("snds")),
)


@pytest.fixture
def registry(database: Database) -> Registry:
    registry = Registry(database)
    registry.add_person(LEO)
    registry.add_person(ANN)
    registry.add_project(VOX)
    return registry


def test_what_was_added_is_read_back_whole(registry: Registry) -> None:
    assert registry.person("ann") == ANN
    assert registry.people() == (ANN, LEO)
    assert registry.project("vox") == VOX
    assert registry.projects() == (VOX,)


@pytest.mark.parametrize(
    "basis",
    [
        pytest.param(None, id="00"),
        pytest.param(CNIL, id="01"),
        pytest.param(Authorisation(BasisKind.AUTHORISATION, Opinion.PENDING), id="02"),
        pytest.param(Authorisation(BasisKind.REFERENCE_METHODOLOGY, reference="MR-004"), id="03"),
        pytest.param(Authorisation(BasisKind.EXEMPTION, reason="Données anonymes"), id="04"),
    ],
)
def test_a_basis_replaces_the_one_before_whole(registry: Registry, basis: Authorisation | None) -> None:
    registry.set_authorisation("vox", basis)
    assert registry.project("vox") == replace(VOX, authorisation=basis)


def test_members_come_change_and_go(registry: Registry) -> None:
    registry.set_member("vox", LEO.name, ProjectRole.RESEARCHER)
    assert registry.project("vox").role_of(LEO.name) is ProjectRole.RESEARCHER
    assert registry.projects_of(LEO.name) == registry.projects()
    registry.set_member("vox", LEO.name, ProjectRole.LEAD)
    assert registry.project("vox").role_of(LEO.name) is ProjectRole.LEAD
    registry.set_member("vox", LEO.name, None)
    registry.set_member("vox", LEO.name, None)
    assert registry.project("vox") == VOX
    assert registry.projects_of(LEO.name) == ()


def test_grants_come_and_change(registry: Registry) -> None:
    ended = Grant("snds", date(2024, 1, 1), date(2024, 12, 31))
    registry.set_grant("vox", ended)
    registry.set_grant("vox", Grant("pmsi"))
    assert registry.project("vox").grants == (VOX.grants[0], Grant("pmsi"), ended)


def test_a_revoked_grant_is_gone(registry: Registry) -> None:
    registry.revoke_grant("vox", "snds")
    assert registry.project("vox").grants == VOX.grants[:1]
    registry.set_grant("vox", Grant("snds"))
    assert registry.project("vox") == VOX


@pytest.mark.parametrize(
    "roles",
    [
        pytest.param(frozenset(), id="00 none"),
        pytest.param(frozenset({PlatformRole.ADMIN}), id="01 one kept"),
        pytest.param(frozenset({PlatformRole.ADMIN, PlatformRole.STEWARD}), id="02 one kept, one new"),
        pytest.param(frozenset(PlatformRole), id="03 all"),
        pytest.param(ANN.roles, id="04 the same"),
    ],
)
def test_roles_replace_those_before(registry: Registry, roles: frozenset[PlatformRole]) -> None:
    registry.set_roles("ann", roles)
    assert registry.people() == (replace(ANN, roles=roles), LEO)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda r, s: r.add_person(Person("zoe", "Zoé"), s), id="00"),
        pytest.param(lambda r, s: r.set_roles("ann", (), s), id="01"),
        pytest.param(lambda r, s: r.add_project(Project("nix", "Nix"), s), id="02"),
        pytest.param(lambda r, s: r.set_member("vox", LEO.name, ProjectRole.LEAD, s), id="03"),
        pytest.param(lambda r, s: r.set_authorisation("vox", None, s), id="04"),
        pytest.param(lambda r, s: r.set_grant("vox", Grant("pmsi"), s), id="05"),
        pytest.param(lambda r, s: r.revoke_grant("vox", "snds", s), id="06"),
    ],
)
def test_a_change_stands_or_falls_with_the_caller_s_transaction(
    registry: Registry, database: Database, act: Callable[[Registry, Session], object]
) -> None:
    def break_off() -> None:
        with database.write() as session:
            act(registry, session)
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert (registry.people(), registry.projects()) == ((ANN, LEO), (VOX,))
    with database.write() as session:
        act(registry, session)
    assert (registry.people(), registry.projects()) != ((ANN, LEO), (VOX,))


@pytest.mark.parametrize(
    ("act", "code", "status"),
    [
        pytest.param(lambda r: r.person("zoe"), "projects.unknown_person", 404, id="00"),
        pytest.param(lambda r: r.project("nix"), "projects.unknown_project", 404, id="01"),
        pytest.param(lambda r: r.set_member("nix", "ann", None), "projects.unknown_project", 404, id="02"),
        pytest.param(lambda r: r.set_member("vox", "zoe", None), "projects.unknown_person", 404, id="03"),
        pytest.param(lambda r: r.set_authorisation("nix", None), "projects.unknown_project", 404, id="04"),
        pytest.param(lambda r: r.set_grant("nix", Grant("a")), "projects.unknown_project", 404, id="05"),
        pytest.param(lambda r: r.add_person(ANN), "projects.person_exists", 409, id="06"),
        pytest.param(lambda r: r.add_project(VOX), "projects.project_exists", 409, id="07"),
        pytest.param(lambda r: r.add_person(Person("prj-vox", "")), "projects.bad_person_name", 400, id="08"),
        pytest.param(lambda r: r.add_person(Person("Ann", "")), "projects.bad_person_name", 400, id="09"),
        pytest.param(lambda r: r.add_person(Person("a/b", "")), "projects.bad_person_name", 400, id="10"),
        pytest.param(lambda r: r.add_person(Person("a\n", "")), "projects.bad_person_name", 400, id="11"),
        pytest.param(lambda r: r.add_person(Person("", "")), "projects.bad_person_name", 400, id="12"),
        pytest.param(lambda r: r.add_person(Person("a" * 65, "")), "projects.bad_person_name", 400, id="13"),
        pytest.param(lambda r: r.add_project(Project("Vox", "")), "projects.bad_project_id", 400, id="14"),
        pytest.param(lambda r: r.add_project(Project("ab", "")), "projects.bad_project_id", 400, id="15"),
        pytest.param(lambda r: r.add_project(Project("a" * 31, "")), "projects.bad_project_id", 400, id="16"),
        pytest.param(lambda r: r.add_project(Project("vox-", "")), "projects.bad_project_id", 400, id="17"),
        pytest.param(lambda r: r.add_project(Project("vox.lux", "")), "projects.bad_project_id", 400, id="18"),
        pytest.param(
            lambda r: r.add_project(Project("nix", "", members=(Member("zoe", ProjectRole.LEAD),))),
            "projects.unknown_person", 404, id="19",
        ),
        pytest.param(
            lambda r: r.set_grant("vox", Grant("snds", date(2025, 2, 1), date(2025, 1, 1))),
            "projects.dates_reversed", 400, id="20",
        ),
        pytest.param(
            lambda r: r.set_authorisation("vox", replace(CNIL, valid_until=date(2024, 1, 1))),
            "projects.dates_reversed", 400, id="21",
        ),
        pytest.param(lambda r: r.set_roles("zoe", ()), "projects.unknown_person", 404, id="22"),
        pytest.param(lambda r: r.revoke_grant("vox", "pmsi"), "projects.unknown_grant", 404, id="23"),
        pytest.param(lambda r: r.revoke_grant("nix", "snds"), "projects.unknown_project", 404, id="24"),
        pytest.param(lambda r: r.add_person(Person("zoe", "Z" * 256)), "projects.too_long", 400, id="25"),
        pytest.param(lambda r: r.add_project(Project("nix", "N" * 256)), "projects.too_long", 400, id="26"),
        pytest.param(
            lambda r: r.set_authorisation("vox", replace(CNIL, cnil_number="9" * 65)),
            "projects.too_long", 400, id="27",
        ),
        pytest.param(lambda r: r.set_grant("vox", Grant("d" * 65)), "projects.too_long", 400, id="28"),
    ],
)  # fmt: skip
def test_refusals_say_why_and_change_nothing(
    registry: Registry, act: Callable[[Registry], object], code: str, status: int
) -> None:
    with pytest.raises(PublicError) as raised:
        act(registry)
    assert (raised.value.code, raised.value.status) == (code, status)
    assert all(raised.value.message(language) for language in LANGUAGES)
    assert registry.people() == (ANN, LEO)
    assert registry.projects() == (VOX,)
