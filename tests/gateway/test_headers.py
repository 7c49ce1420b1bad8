"""Headers that cross between a browser and a workspace."""

from __future__ import annotations

import pytest
from tornado.httputil import HTTPHeaders

from hdh_jupyter.gateway.headers import content_security_policy, own_location, passed_back, upstream_headers

ORIGIN = "http://prj-vega.hdh.localhost:8000"
BASE = "/user/prj-vega/"


def test_the_policy_names_this_project_alone() -> None:
    policy = dict(d.strip().partition(" ")[::2] for d in content_security_policy(ORIGIN, BASE).split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == (
        f"'unsafe-eval' {ORIGIN}{BASE}static/lab/ {ORIGIN}{BASE}static/hdh/ {ORIGIN}{BASE}lab/extensions/"
    )
    assert policy["connect-src"] == f"{ORIGIN}{BASE} ws://prj-vega.hdh.localhost:8000{BASE}"
    assert "allow-downloads" not in policy["sandbox"]
    assert "allow-popups" not in policy["sandbox"]
    assert "wss://prj-vega" in content_security_policy(ORIGIN.replace("http", "https"), BASE)


def test_a_workspace_sees_few_headers() -> None:
    sent = HTTPHeaders(
        {
            "Cookie": "a=b",
            "authorization": "token x",
            "x-hdh-user": "forged",
            "accept": "text/html",
            "X-Forwarded-For": "10.0.0.1",
            "Referer": "http://x",
            "Content-Type": "application/json",
        }
    )
    assert upstream_headers(sent, "me") == {
        "Accept": "text/html",
        "Content-Type": "application/json",
        "Host": "localhost",
        "Accept-Encoding": "identity",
        "X-HDH-User": "me",
    }


def test_few_headers_come_back() -> None:
    sent = HTTPHeaders({"Etag": '"x"', "Last-Modified": "y" * 300, "Set-Cookie": "a=b", "Content-Disposition": "x"})
    assert passed_back(sent) == {"Etag": '"x"'}


@pytest.mark.parametrize(
    ("case", "location", "expected"),
    [
        ("00", "/user/prj-vega/lab?reset", "/user/prj-vega/lab?reset"),
        ("01", "http://localhost/user/prj-vega/lab", "/user/prj-vega/lab"),
        ("02", f"{ORIGIN}/user/prj-vega/lab", "/user/prj-vega/lab"),
        ("03", "http://evil.test/user/prj-vega/lab", None),
        ("04", "//evil.test/user/prj-vega/lab", None),
        ("05", "/user/prj-altair/lab", None),
        ("06", "/hub/logout", None),
        ("07", "javascript:alert(1)", None),
        ("08", "", None),
        ("09", "/user/prj-vega/\r\nSet-Cookie: a=b", None),
        ("10", "http://[", None),
        ("11", "/user/prj-vega/../../hub/logout", None),
        ("12", "/user/prj-vega/%2e%2e/%2e%2e/hub/logout", None),
        ("13", "/user/prj-vega/\\evil.test", None),
    ],
)
def test_redirects_stay_inside(case: str, location: str, expected: str | None) -> None:
    assert own_location(location, ORIGIN, BASE) == expected
