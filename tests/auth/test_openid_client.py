"""Where browsers come back to."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from hdh_jupyter.auth.openid import OpenIDAuthenticator


@pytest.mark.parametrize(
    ("configured", "public", "expected"),
    [
        pytest.param("", "https://hdh.example/", "https://hdh.example/hub/oauth_callback", id="00 public address"),
        pytest.param("", None, "http://forged.example/hub/oauth_callback", id="01 as the browser says"),
        pytest.param("https://a.example/x", "https://hdh.example/", "https://a.example/x", id="02 as configured"),
    ],
)
def test_where_the_provider_sends_browsers_back(configured: str, public: str | None, expected: str) -> None:
    request = SimpleNamespace(protocol="http", host="forged.example")
    hub = SimpleNamespace(base_url="/hub/", server=SimpleNamespace(base_url="/hub/"))
    settings = {"public_url": None if public is None else urlsplit(public)}
    handler = SimpleNamespace(request=request, hub=hub, settings=settings)
    authenticator = OpenIDAuthenticator(issuer="https://idp.example", client_id="x", oauth_callback_url=configured)
    assert authenticator.get_callback_url(handler) == expected
