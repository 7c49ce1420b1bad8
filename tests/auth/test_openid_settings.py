"""Which configurations are refused at the start."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets import TraitError

from hdh_jupyter.auth.openid import OpenIDAuthenticator

ISSUER = "https://idp.example"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param({"issuer": "http://idp.example"}, "issuer must begin with https://", id="00 in clear"),
        pytest.param({"post_logout_url": "//evil"}, "post_logout_url must begin", id="01 no address"),
        pytest.param({"algorithms": ["RS256", "none"]}, "not \\['none'\\]", id="02 unsigned tokens"),
        pytest.param({"algorithms": ["HS256"]}, "not \\['HS256'\\]", id="03 HMAC"),
        pytest.param({"algorithms": []}, "algorithms must be some of", id="04 no algorithm"),
        pytest.param({"enable_pkce": False}, "enable_pkce must stay on", id="05 without PKCE"),
        pytest.param({"validate_server_cert": False}, "must stay on", id="06 any certificate"),
        pytest.param({"enable_auth_state": False}, "must stay on", id="07 tokens nowhere"),
        pytest.param({"clock_skew": 301}, "from 0 to 300", id="08 any clock"),
        pytest.param({"offline_grace": 3601}, "from 0 to 3600", id="09 for ever"),
        pytest.param({"provider_refresh_age": -1}, "from 0 to 3600", id="10 never"),
        pytest.param({"provider_timeout": 0}, "from 0.1 to 60", id="11 no time"),
        pytest.param({"scope": ["profile"]}, "must include openid", id="12 not OpenID"),
        pytest.param({"username_claim": ""}, "must name a claim", id="13 no name"),
        pytest.param({"username_claim": len}, "must name a claim", id="14 a function"),
        pytest.param({"role_map": {"g": "root"}}, "roles that there are not: root", id="15 no such role"),
        pytest.param({"role_map": {"g": "lead"}}, "roles that there are not: lead", id="16 a project's role"),
        pytest.param({"project_pattern": "("}, "is not an expression", id="17 no expression"),
        pytest.param({"project_pattern": "(?P<id>.*)"}, "group", id="18 no project in it"),
        pytest.param({"auth_refresh_age": 0}, "at least 1 second", id="19 never again"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TraitError, match=sentence):
        OpenIDAuthenticator(**settings)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param({}, "issuer must be set", id="00"),
        pytest.param({"issuer": ISSUER}, "client_id must be set", id="01"),
        pytest.param({"issuer": ISSUER, "client_id": "x", "role_claim": "g"}, "role_claim without", id="02"),
    ],
)
def test_settings_that_are_missing(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TraitError, match=sentence):
        OpenIDAuthenticator(**settings).check_allow_config()


def test_defaults_are_the_safe_ones() -> None:
    authenticator = OpenIDAuthenticator(issuer=ISSUER, client_id="x")
    authenticator.check_allow_config()
    assert authenticator.enable_auth_state
    assert authenticator.enable_pkce
    assert authenticator.manage_roles
    assert not authenticator.create_people
    assert not set(authenticator.algorithms) & {"none", "HS256", "HS384", "HS512"}
    assert authenticator.provider_refresh_age + authenticator.offline_grace <= 300
