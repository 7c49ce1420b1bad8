"""What a provider says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from hdh_jupyter.auth.openid_provider import is_safe, read_metadata
from hdh_jupyter.errors import PublicError

ISSUER = "https://idp.example/realms/hdh"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
    "userinfo_endpoint": f"{ISSUER}/me",
    "end_session_endpoint": f"{ISSUER}/end",
    "authorization_response_iss_parameter_supported": True,
    "claims_parameter_supported": True,
}


def test_description_is_read() -> None:
    metadata = read_metadata(DOCUMENT, ISSUER)
    assert (metadata.jwks_uri, metadata.tells_issuer, metadata.takes_claims) == (f"{ISSUER}/keys", True, True)


def test_a_provider_may_have_less() -> None:
    least = {name: DOCUMENT[name] for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")}
    metadata = read_metadata(least, ISSUER)
    assert (metadata.userinfo_endpoint, metadata.end_session_endpoint) == (None, None)
    assert not metadata.tells_issuer


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"issuer": ISSUER + "/"}, "discovery_issuer", id="00 issuer with a slash more"),
        pytest.param({"issuer": None}, "discovery_issuer", id="01 no issuer"),
        pytest.param({"token_endpoint": None}, "bad_discovery", id="02 no token endpoint"),
        pytest.param({"token_endpoint": "http://idp.example/token"}, "bad_discovery", id="03 in clear"),
        pytest.param({"jwks_uri": ["https://idp.example"]}, "bad_discovery", id="04 a list"),
        pytest.param({"userinfo_endpoint": "file:///etc/passwd"}, "bad_discovery", id="05 a file"),
        pytest.param({"authorization_endpoint": "javascript:alert(1)"}, "bad_discovery", id="06 a script"),
        pytest.param({"end_session_endpoint": "https:///end"}, "bad_discovery", id="07 no host"),
    ],
)
def test_descriptions_that_are_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(PublicError) as raised:
        read_metadata({**DOCUMENT, **change}, ISSUER)
    assert (raised.value.code, raised.value.status) == (f"auth.openid.{code}", 502)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        pytest.param("https://idp.example", True, id="00"),
        pytest.param("http://127.0.0.1:8080/x", True, id="01 this machine"),
        pytest.param("http://localhost:8080", True, id="02 this machine"),
        pytest.param("http://[::1]:8080", True, id="03 this machine"),
        pytest.param("http://idp.example", False, id="04 in clear"),
        pytest.param("http://localhost.example", False, id="05 another machine"),
        pytest.param("http://127.0.0.1.example", False, id="06 another machine"),
        pytest.param("http://localhost@idp.example", False, id="07 another machine"),
        pytest.param("https://", False, id="08 nobody"),
        pytest.param("https://[", False, id="09 no address"),
        pytest.param("ftp://idp.example", False, id="10 another protocol"),
    ],
)
def test_safe_addresses(url: str, safe: bool) -> None:
    assert is_safe(url) is safe
