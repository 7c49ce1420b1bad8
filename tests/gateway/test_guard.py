"""What a request must show, as a decision table."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from tornado.httputil import HTTPHeaders

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.guard import check_request
from hdh_jupyter.gateway.paths import Target
from hdh_jupyter.gateway.table import Route, find_route

ORIGIN = "http://prj-vega.hdh.localhost:8000"
HOST = "prj-vega.hdh.localhost:8000"
SIBLING = "http://prj-altair.hdh.localhost:8000"
UUID = "0a1b2c3d-0000-4000-8000-0123456789ab"
SAME = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
UPGRADE = {"Upgrade": "websocket"}


def route(method: str, path: str) -> Route:
    found = find_route(method, path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("case", "method", "path", "headers", "code"),
    [
        # data
        ("00", "GET", "api/me", SAME, None),
        ("01", "GET", "api/me", {}, None),
        ("02", "GET", "api/me", {"Origin": ORIGIN}, None),
        ("03", "GET", "api/me", {"Origin": SIBLING}, "gateway.foreign_origin"),
        ("04", "GET", "api/me", {"Origin": "null"}, "gateway.foreign_origin"),
        ("05", "GET", "api/me", {"Sec-Fetch-Site": "same-site"}, "gateway.foreign_origin"),
        ("06", "GET", "api/me", {"Sec-Fetch-Site": "cross-site"}, "gateway.foreign_origin"),
        ("07", "GET", "api/me", {"Sec-Fetch-Site": "none"}, "gateway.foreign_origin"),
        ("08", "GET", "api/contents/a", {**SAME, "Sec-Fetch-Dest": "document"}, "gateway.foreign_origin"),
        ("09", "GET", "api/contents/a", {**SAME, "Sec-Fetch-Dest": "iframe"}, "gateway.foreign_origin"),
        ("10", "GET", "api/contents/a", {**SAME, "Sec-Fetch-Dest": "script"}, "gateway.foreign_origin"),
        # changes
        ("20", "PUT", "api/contents/a", {"Origin": ORIGIN}, None),
        ("21", "PUT", "api/contents/a", {}, "gateway.foreign_origin"),
        ("22", "DELETE", "api/contents/a", {"Origin": SIBLING}, "gateway.foreign_origin"),
        ("23", "POST", "hdh/egress/drafts", {"Origin": "http://hdh.localhost:8000"}, "gateway.foreign_origin"),
        ("24", "POST", "hdh/egress/drafts", {"Origin": ORIGIN + ".evil.test"}, "gateway.foreign_origin"),
        ("25", "POST", "hdh/egress/drafts", {"Origin": ORIGIN.upper()}, "gateway.foreign_origin"),
        # pages
        ("30", "GET", "lab", {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, None),
        ("31", "GET", "lab", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, None),
        ("32", "GET", "lab", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"}, None),
        ("33", "GET", "lab", {"Sec-Fetch-Dest": "empty"}, "gateway.foreign_origin"),
        ("34", "GET", "lab", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}, "gateway.foreign_origin"),
        ("35", "GET", "lab", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "embed"}, "gateway.foreign_origin"),
        ("36", "GET", "lab", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "frame"}, "gateway.foreign_origin"),
        ("37", "GET", "login", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"}, "gateway.foreign_origin"),
        # scripts
        ("40", "GET", "static/lab/a.js", {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "script"}, None),
        ("41", "GET", "static/lab/a.js", {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, None),
        ("42", "GET", "static/lab/a.js", {"Sec-Fetch-Site": "same-site"}, "gateway.foreign_origin"),
        # websockets
        ("50", "GET", f"api/kernels/{UUID}/channels", {**UPGRADE, "Origin": ORIGIN}, None),
        ("51", "GET", f"api/kernels/{UUID}/channels", {**UPGRADE, "Origin": SIBLING}, "gateway.foreign_origin"),
        ("52", "GET", f"api/kernels/{UUID}/channels", UPGRADE, "gateway.foreign_origin"),
        ("53", "GET", f"api/kernels/{UUID}/channels", {"Origin": ORIGIN}, "gateway.route_closed"),
        ("54", "GET", "api/contents/a", {**UPGRADE, "Origin": ORIGIN}, "gateway.route_closed"),
        # credentials and hosts
        ("60", "GET", "api/me", {"Authorization": "token x"}, "gateway.credentials"),
        ("61", "GET", "api/me?token=x", {}, "gateway.credentials"),
        ("62", "GET", "api/me", {"Host": "prj-altair.hdh.localhost:8000"}, "gateway.wrong_host"),
        ("63", "GET", "api/me", {"Host": ""}, "gateway.wrong_host"),
        ("64", "GET", "static/lab/a.js", {"Host": "hdh.localhost:8000"}, "gateway.wrong_host"),
        ("65", "GET", "api/me", {"Host": HOST.upper()}, None),
    ],
)
def test_what_a_request_must_show(case: str, method: str, path: str, headers: dict[str, str], code: str | None) -> None:
    bare, _, query = path.partition("?")
    sent = HTTPHeaders({"Host": HOST, **headers})
    expected = pytest.raises(PublicError) if code else nullcontext()
    with expected as caught:
        check_request(method, sent, Target(f"/user/prj-vega/{bare}", query), route(method, bare), ORIGIN)
    assert (caught and caught.value.code) == code
