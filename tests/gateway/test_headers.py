"""Headers that cross between a browser and a workspace."""

from __future__ import annotations

from tornado.httputil import HTTPHeaders

from hdh_jupyter.gateway.headers import content_security_policy, upstream_headers

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
