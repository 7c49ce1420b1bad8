"""What an identity provider says of people, in the register and in its log."""

from __future__ import annotations

from typing import Any

import pytest

from hdh_jupyter.audit import AuditLog
from hdh_jupyter.auth.openid_claims import Profile, Rights
from hdh_jupyter.auth.openid_people import OpenIDPeople
from hdh_jupyter.auth.tables import Identity
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError
from hdh_jupyter.projects.model import Member, Person, PlatformRole, Project, ProjectRole
from hdh_jupyter.projects.registry import Registry

LEAD, RESEARCHER = ProjectRole.LEAD, ProjectRole.RESEARCHER
CHECKER, STEWARD, ADMIN = PlatformRole.CHECKER, PlatformRole.STEWARD, PlatformRole.ADMIN
AS_IT_IS = Rights(None, None)
SHOWN = Profile("Ann B", "ann@example.org")


@pytest.fixture
def registry(database: Database) -> Registry:
    """Ann is a steward and a researcher of `vox`; `lux` has nobody."""
    registry = Registry(database)
    registry.add_person(Person("ann", "Ann", roles=frozenset({STEWARD})))
    registry.add_project(Project("vox", "Voix", members=(Member("ann", RESEARCHER),)))
    registry.add_project(Project("lux", "Lumière"))
    return registry


@pytest.fixture
def audit(database: Database) -> AuditLog:
    return AuditLog(database, b"k" * 32)


@pytest.fixture
def people(database: Database, registry: Registry, audit: AuditLog) -> OpenIDPeople:
    return OpenIDPeople(database, audit, "https://idp.example/realms/hdh")


def told(audit: AuditLog) -> list[tuple[str, str | None, Any]]:
    assert {event.actor for event in audit.since(0)} <= {"openid:idp.example"}
    return [(e.action.partition(".")[2], e.project, tuple(e.detail.values())) for e in audit.since(0)]


LINKED = ("linked", None, ("https://idp.example/realms/hdh", "f3a1"))


@pytest.mark.parametrize(
    ("rights", "roles", "places", "events"),
    [
        pytest.param(AS_IT_IS, {STEWARD}, {"vox": RESEARCHER}, [], id="00 the registry decides"),
        pytest.param(
            Rights(frozenset({STEWARD}), {"vox": RESEARCHER}), {STEWARD}, {"vox": RESEARCHER}, [], id="01 same"
        ),
        pytest.param(
            Rights(frozenset({CHECKER, ADMIN}), None),
            {CHECKER, ADMIN},
            {"vox": RESEARCHER},
            [
                ("role_changed", None, ("added", "admin")),
                ("role_changed", None, ("added", "checker")),
                ("role_changed", None, ("removed", "steward")),
            ],
            id="02 other roles",
        ),
        pytest.param(
            Rights(None, {"vox": LEAD}),
            {STEWARD},
            {"vox": LEAD},
            [("member_changed", "vox", ("lead", "researcher"))],
            id="03 lead",
        ),
        pytest.param(
            Rights(None, {"lux": RESEARCHER, "nix": LEAD}),
            {STEWARD},
            {"lux": RESEARCHER},
            [("member_changed", "lux", ("researcher", "none")), ("member_changed", "vox", ("none", "researcher"))],
            id="04 another project, and one that is not there",
        ),
        pytest.param(
            Rights(frozenset(), {}),
            set(),
            {},
            [("role_changed", None, ("removed", "steward")), ("member_changed", "vox", ("none", "researcher"))],
            id="05 all taken",
        ),
    ],
)
def test_rights_are_brought_in_line(
    people: OpenIDPeople,
    registry: Registry,
    audit: AuditLog,
    rights: Rights,
    roles: set[PlatformRole],
    places: dict[str, ProjectRole],
    events: list[tuple[str, str | None, Any]],
) -> None:
    people.arrive("ann", "f3a1", None, rights)
    assert registry.person("ann").roles == roles
    assert {p.id: p.role_of("ann") for p in registry.projects_of("ann")} == places
    assert told(audit) == [LINKED, *events]
    # Once in line, nothing is written or noted again.
    people.arrive("ann", "f3a1", None, rights)
    people.renew("ann", "f3a1", rights)
    assert told(audit) == [LINKED, *events]


def test_what_the_provider_takes_back_is_taken_back_at_a_renewal(
    people: OpenIDPeople, registry: Registry, audit: AuditLog
) -> None:
    people.arrive("ann", "f3a1", None, Rights(frozenset({ADMIN}), {"vox": LEAD, "lux": LEAD}))
    before = len(told(audit))
    people.renew("ann", "f3a1", Rights(frozenset(), {"lux": LEAD}))
    assert registry.person("ann").roles == set()
    assert [project.id for project in registry.projects_of("ann")] == ["lux"]
    assert told(audit)[before:] == [
        ("role_changed", None, ("removed", "admin")),
        ("member_changed", "vox", ("none", "lead")),
    ]


@pytest.mark.parametrize(
    ("profile", "rights", "added"),
    [
        pytest.param(None, AS_IT_IS, False, id="00 nobody is added"),
        pytest.param(None, Rights(frozenset({CHECKER}), None), False, id="01 nor with a role"),
        pytest.param(SHOWN, AS_IT_IS, True, id="02 whoever comes"),
        pytest.param(SHOWN, Rights(frozenset(), {}), False, id="03 whoever is given something, and is not"),
        pytest.param(SHOWN, Rights(frozenset({CHECKER}), {}), True, id="04 is given a role"),
        pytest.param(SHOWN, Rights(frozenset(), {"vox": LEAD}), True, id="05 is given a project"),
    ],
)
def test_who_is_registered(
    people: OpenIDPeople, registry: Registry, audit: AuditLog, profile: Profile | None, rights: Rights, added: bool
) -> None:
    if added:
        people.arrive("zoe", "f3a1", profile, rights)
        assert registry.person("zoe").display_name == "Ann B"
        assert registry.person("zoe").roles == (rights.roles or set())
        assert [action for action, _, _ in told(audit)][:2] == ["person_added", "linked"]
        return
    with pytest.raises(PublicError) as raised:
        people.arrive("zoe", "f3a1", profile, rights)
    assert raised.value.code == "auth.unknown_person"
    assert people.account_of("f3a1") is None
    assert told(audit) == []


def test_names_and_addresses_follow_the_provider_s(people: OpenIDPeople, registry: Registry, audit: AuditLog) -> None:
    people.arrive("ann", "f3a1", SHOWN, AS_IT_IS)
    assert registry.person("ann") == Person("ann", "Ann B", "ann@example.org", frozenset({STEWARD}))
    people.arrive("ann", "f3a1", Profile("A" * 999, ""), AS_IT_IS)
    assert registry.person("ann").display_name == "A" * 255
    assert [action for action, _, _ in told(audit)] == ["profile_changed", "linked", "profile_changed"]


@pytest.mark.parametrize(
    ("name", "subject"),
    [pytest.param("ann", "other", id="00 another person"), pytest.param("leo", "f3a1", id="01 another account")],
)
def test_an_account_is_linked_to_one_person(
    people: OpenIDPeople, registry: Registry, audit: AuditLog, name: str, subject: str
) -> None:
    registry.add_person(Person("leo", "Leo"))
    people.arrive("ann", "f3a1", None, AS_IT_IS)
    with pytest.raises(PublicError) as raised:
        people.arrive(name, subject, None, Rights(frozenset({ADMIN}), None))
    assert raised.value.code == "auth.openid.name_taken"
    assert registry.person(name).roles != {ADMIN}
    assert told(audit) == [LINKED]


def test_another_provider_numbers_its_own_people(people: OpenIDPeople, database: Database, audit: AuditLog) -> None:
    people.arrive("ann", "f3a1", None, AS_IT_IS)
    other = OpenIDPeople(database, audit, "https://other.example")
    assert other.account_of("f3a1") is None
    other.arrive("ann", "77", None, AS_IT_IS)
    assert (people.account_of("f3a1"), other.account_of("77")) == ("ann", "ann")


def test_whose_account_was_freed_is_not_renewed(people: OpenIDPeople, database: Database) -> None:
    people.arrive("ann", "f3a1", None, AS_IT_IS)
    with database.write() as session:
        session.delete(session.get_one(Identity, ("https://idp.example/realms/hdh", "f3a1")))
    with pytest.raises(PublicError) as raised:
        people.renew("ann", "f3a1", Rights(frozenset({ADMIN}), None))
    assert raised.value.code == "auth.openid.removed"
