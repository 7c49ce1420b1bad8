"""What claims mean for the platform."""

from __future__ import annotations

from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.auth import openid_claims
from hdh_jupyter.auth.openid import OpenIDAuthenticator
from hdh_jupyter.auth.openid_claims import Profile, Rights
from hdh_jupyter.errors import PublicError
from hdh_jupyter.projects.model import PlatformRole, ProjectRole
from hdh_jupyter.projects.registry import PROJECT_ID

PATTERN = re2.compile(OpenIDAuthenticator.project_pattern.default_value)
LOOSE = re2.compile(r"(?P<project>.*?)(?::(?P<role>.*))?")
LEAD, RESEARCHER = ProjectRole.LEAD, ProjectRole.RESEARCHER
ROLES = {"hdh-checkers": PlatformRole.CHECKER, "hdh-admins": PlatformRole.ADMIN, "dpo": PlatformRole.CHECKER}


@pytest.mark.parametrize(
    ("claims", "acr", "amr", "met"),
    [
        pytest.param({}, [], [], True, id="00 nothing asked"),
        pytest.param({}, ["two"], [], False, id="01 nothing told"),
        pytest.param({"acr": "one"}, ["two"], [], False, id="02 weaker"),
        pytest.param({"acr": "two"}, ["two", "three"], [], True, id="03 one of those asked"),
        pytest.param({"acr": ["two"]}, ["two"], [], False, id="04 not a text"),
        pytest.param({"acr": "tw"}, ["two"], [], False, id="05 part of one"),
        pytest.param({"amr": ["pwd"]}, [], ["otp", "mfa"], False, id="06 a password"),
        pytest.param({"amr": ["pwd", "otp"]}, [], ["otp", "mfa"], True, id="07 a password and a code"),
        pytest.param({"amr": "otp"}, [], ["otp"], False, id="08 not a list"),
        pytest.param({"amr": [["otp"]]}, [], ["otp"], False, id="09 a list in a list"),
        pytest.param({"acr": "two", "amr": ["pwd"]}, ["two"], ["otp"], False, id="10 both asked, one met"),
        pytest.param({"acr": "two", "amr": ["otp"]}, ["two"], ["otp"], True, id="11 both asked, both met"),
        pytest.param({"acr": None, "amr": None}, ["two"], [], False, id="12 told to be nothing"),
    ],
)
def test_second_factor(claims: dict[str, Any], acr: list[str], amr: list[str], met: bool) -> None:
    assert openid_claims.has_second_factor(claims, acr, amr) is met


@pytest.mark.parametrize(
    ("claims", "name_claim", "name"),
    [
        pytest.param({"preferred_username": "ann"}, "preferred_username", "ann", id="00"),
        pytest.param({"preferred_username": " Ann.B "}, "preferred_username", "ann.b", id="01 folded"),
        pytest.param({"email": "a@b.fr", "email_verified": True}, "email", "a@b.fr", id="02 verified address"),
        pytest.param({"hdh": {"login": "ann"}}, "hdh.login", "ann", id="03 inside another claim"),
        pytest.param({"urn:x.y/name": "ann"}, "urn:x.y/name", "ann", id="04 a name with dots"),
    ],
)
def test_account(claims: dict[str, Any], name_claim: str, name: str) -> None:
    assert openid_claims.account(claims, name_claim) == name


@pytest.mark.parametrize(
    ("claims", "name_claim", "code"),
    [
        pytest.param({}, "preferred_username", "auth.openid.bad_name", id="00 none"),
        pytest.param({"preferred_username": ["ann"]}, "preferred_username", "auth.openid.bad_name", id="01 a list"),
        pytest.param({"preferred_username": "a/b"}, "preferred_username", "auth.openid.bad_name", id="02 a slash"),
        pytest.param({"preferred_username": "a" * 65}, "preferred_username", "auth.openid.bad_name", id="03 long"),
        pytest.param({"preferred_username": "7f-11"}, "preferred_username", "auth.openid.bad_name", id="04 a number"),
        pytest.param({"preferred_username": "prj-vox"}, "preferred_username", "auth.project_account", id="05 project"),
        pytest.param({"preferred_username": "PRJ-VOX"}, "preferred_username", "auth.project_account", id="06 project"),
        pytest.param({"preferred_username": "аnn"}, "preferred_username", "auth.openid.bad_name", id="07 Cyrillic a"),
        pytest.param({"email": "a@b.fr"}, "email", "auth.openid.email_unverified", id="08 address, not verified"),
        pytest.param(
            {"email": "a@b.fr", "email_verified": "true"}, "email", "auth.openid.email_unverified", id="09 a text"
        ),
    ],
)
def test_no_account(claims: dict[str, Any], name_claim: str, code: str) -> None:
    with pytest.raises(PublicError) as raised:
        openid_claims.account(claims, name_claim)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        pytest.param({}, set(), id="00 absent"),
        pytest.param({"groups": None}, set(), id="01 nothing"),
        pytest.param({"groups": []}, set(), id="02 empty"),
        pytest.param({"groups": ["staff", "users"]}, set(), id="03 others"),
        pytest.param({"groups": ["hdh-checkers", "staff"]}, {"checker"}, id="04 one"),
        pytest.param({"groups": "hdh-admins"}, {"admin"}, id="05 a text"),
        pytest.param({"groups": "hdh-admins hdh-checkers"}, set(), id="06 a text with spaces is one value"),
        pytest.param({"groups": ["hdh-checkers", "dpo", "hdh-admins"]}, {"checker", "admin"}, id="07 several"),
        pytest.param({"groups": ["admin", "HDH-ADMINS"]}, set(), id="08 the role's own name, another case"),
    ],
)
def test_roles(claims: dict[str, Any], roles: set[str]) -> None:
    assert openid_claims.roles(claims, "groups", ROLES) == roles


@pytest.mark.parametrize(
    ("pattern", "values", "projects", "refused"),
    [
        pytest.param(PATTERN, [], {}, (), id="00 none"),
        pytest.param(PATTERN, ["/projects/vox"], {"vox": RESEARCHER}, (), id="01 no role"),
        pytest.param(PATTERN, ["/projects/vox/lead"], {"vox": LEAD}, (), id="02 lead"),
        pytest.param(PATTERN, ["/projects/vox/researcher"], {"vox": RESEARCHER}, (), id="03 researcher"),
        pytest.param(PATTERN, ["/projects/vox/lead", "/projects/vox"], {"vox": LEAD}, (), id="04 both"),
        pytest.param(PATTERN, ["/projects/vox", "/projects/vox/lead"], {"vox": LEAD}, (), id="05 both"),
        pytest.param(PATTERN, ["/projects/vox/owner"], {}, ("/projects/vox/owner",), id="06 no such role"),
        pytest.param(PATTERN, ["/projects/prj-vox"], {}, ("/projects/prj-vox",), id="07 a project's account"),
        pytest.param(PATTERN, ["/projects/-"], {}, ("/projects/-",), id="08 no project's name"),
        pytest.param(PATTERN, ["/staff", "x/projects/vox", "/projects/vox/"], {}, (), id="09 other forms"),
        pytest.param(PATTERN, ["/projects/vox\n"], {}, (), id="10 a line more"),
        pytest.param(
            PATTERN, ["/projects/prj-vox", "/projects/lux"], {"lux": RESEARCHER}, ("/projects/prj-vox",), id="11"
        ),
        pytest.param(
            LOOSE, ["", "a b:lead", "vox:", "vox:LEAD"], {"vox": RESEARCHER}, ("", "a b:lead", "vox:LEAD"), id="12"
        ),
    ],
)
def test_projects(pattern: Any, values: list[str], projects: dict[str, ProjectRole], refused: tuple[str, ...]) -> None:
    assert openid_claims.projects({"groups": values}, "groups", pattern) == (projects, refused)


@pytest.mark.parametrize("value", [7, {"vox": True}, ["/projects/vox", 7], True])
def test_claims_of_another_form_are_refused_whole(value: object) -> None:
    for read in (
        lambda: openid_claims.roles({"groups": value}, "groups", ROLES),
        lambda: openid_claims.projects({"groups": value}, "groups", PATTERN),
    ):
        with pytest.raises(PublicError) as raised:
            read()
        assert raised.value.code == "auth.openid.bad_claim"


@given(st.lists(st.text(max_size=30) | st.from_regex(r"/projects/[a-z-]{1,31}(/[a-z]{1,10})?", fullmatch=True)))
def test_whatever_claims_say_they_give_projects_and_roles_that_can_be(values: list[str]) -> None:
    for pattern in (PATTERN, LOOSE):
        given_, _ = openid_claims.projects({"groups": values}, "groups", pattern)
        assert all(PROJECT_ID.fullmatch(project) and not project.startswith("prj-") for project in given_)
        assert set(given_.values()) <= set(ProjectRole)


@pytest.mark.parametrize(
    ("claims", "profile"),
    [
        pytest.param({"name": "Ann B", "email": "a@b.fr"}, Profile("Ann B", "a@b.fr"), id="00"),
        pytest.param({"email": "a@b.fr", "email_verified": False}, Profile("ann", ""), id="01 not verified"),
        pytest.param({"name": " ", "email": 7}, Profile("ann", ""), id="02 nothing of use"),
        pytest.param({"name": "Ann\n\x1b[2KAda"}, Profile("Ann[2KAda", ""), id="03 several lines"),
    ],
)
def test_profile(claims: dict[str, Any], profile: Profile) -> None:
    assert openid_claims.profile(claims, "ann") == profile


@pytest.mark.parametrize(
    ("rights", "empty"),
    [
        pytest.param(Rights(None, None), False, id="00 the registry decides"),
        pytest.param(Rights(frozenset(), None), True, id="01 no role"),
        pytest.param(Rights(frozenset({PlatformRole.ADMIN}), {}), False, id="02 a role, no project"),
        pytest.param(Rights(frozenset(), {"vox": LEAD}), False, id="03 a project, no role"),
        pytest.param(Rights(None, {}), True, id="04 no project"),
    ],
)
def test_rights_that_give_nothing(rights: Rights, empty: bool) -> None:
    assert rights.empty is empty
