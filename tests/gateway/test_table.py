"""The route table, as a decision table."""

from __future__ import annotations

import pytest

from hdh_jupyter.gateway.table import TABLE, Kind, find_route

UUID = "0a1b2c3d-0000-4000-8000-0123456789ab"


@pytest.mark.parametrize(
    ("case", "method", "path", "kind"),
    [
        # JupyterLab's page and what it loads
        ("00", "GET", "lab", Kind.PAGE),
        ("01", "GET", "lab/tree/analyses/semaine%2042.ipynb", Kind.PAGE),
        ("02", "GET", "lab/workspaces/auto-X", Kind.PAGE),
        ("03", "GET", "doc/tree/a.ipynb", Kind.PAGE),
        ("04", "GET", "static/lab/main.efd36b46f3b45eb8.js", Kind.STATIC),
        ("05", "GET", "lab/extensions/@jupyter/x/static/remote.js", Kind.STATIC),
        ("06", "GET", "lab/api/themes/@jupyterlab/theme-light-extension/index.css", Kind.STATIC),
        ("07", "GET", "static/favicons/favicon.ico", Kind.STATIC),
        # its data
        ("10", "GET", "lab/api/settings", Kind.OWN),
        ("11", "PUT", "lab/api/settings/@jupyterlab/apputils-extension:themes", Kind.OWN),
        ("12", "DELETE", "lab/api/workspaces/x", Kind.OWN),
        ("13", "GET", "lab/api/translations/fr_FR", Kind.OWN),
        ("14", "GET", "api/me", Kind.JSON),
        ("15", "GET", "api/contents", Kind.JSON),
        ("16", "PUT", "api/contents/a/b.ipynb", Kind.JSON),
        ("17", "POST", "api/contents/a.ipynb/checkpoints", Kind.JSON),
        ("18", "GET", "api/kernelspecs", Kind.JSON),
        ("19", "GET", "kernelspecs/python3/logo-64x64.png", Kind.IMAGE),
        ("20", "POST", f"api/kernels/{UUID}/interrupt", Kind.JSON),
        ("21", "GET", f"api/kernels/{UUID}/channels", Kind.WEBSOCKET),
        ("22", "PATCH", f"api/sessions/{UUID}", Kind.JSON),
        ("23", "GET", "api/events/subscribe", Kind.WEBSOCKET),
        ("24", "GET", "terminals/websocket/1", Kind.WEBSOCKET),
        ("25", "PUT", "api/collaboration/session/a%2Fb.ipynb", Kind.JSON),
        ("26", "GET", f"api/collaboration/room/json%3Anotebook%3A{UUID}", Kind.WEBSOCKET),
        ("27", "POST", "hdh-egress/stage", Kind.JSON),
        ("28", "GET", "hdh-catalogue/datasets/oscour/snippet", Kind.JSON),
        ("29", "POST", "hdh/egress/drafts", Kind.OWN),
        ("30", "GET", "api", Kind.PING),
        ("31", "GET", "oauth_callback", Kind.SIGN_IN),
        ("32", "GET", "hdh-catalogue/suggest", Kind.JSON),
        ("33", "GET", "hdh-catalogue/matrix", Kind.JSON),
        ("34", "GET", "hdh-catalogue/openapi.json", Kind.JSON),
        ("35", "GET", "hdh-catalogue/datasets/oscour/variables", Kind.JSON),
        ("36", "GET", "hdh/access-requests", Kind.OWN),
        ("37", "POST", "hdh/access-requests", Kind.OWN),
        # raw bytes
        ("40", "GET", "files/data.csv", None),
        ("41", "GET", "%66iles/data.csv", None),
        ("42", "GET", "view/page.html", None),
        ("43", "GET", "nbconvert/html/a.ipynb", None),
        ("44", "POST", "nbconvert/html", None),
        ("45", "GET", "hdh-egress/staged/abc", None),
        ("46", "GET", "hdh-egress/staged/abc/0", None),
        ("47", "GET", "kernelspecs/evil/blob.bin", None),
        ("48", "GET", "kernelspecs/evil/x/logo-1.png", None),
        # tools that reach further than a notebook
        ("50", "POST", "git/r/push", None),
        ("51", "GET", "lsp/status", None),
        ("52", "GET", "proxy/8080/", None),
        ("53", "GET", "nbdime/api/diff", None),
        ("54", "POST", "api/shutdown", None),
        ("55", "POST", "lab/api/extensions", None),
        ("56", "POST", "lab/api/plugins", None),
        ("57", "POST", "lab/api/build", None),
        ("58", "GET", "lab/api/news", None),
        ("59", "GET", "metrics", None),
        ("60", "GET", "api/fileid/index", None),
        ("61", "GET", "api/collaboration/timeline/a.ipynb", None),
        ("62", "POST", "api/events", None),
        ("63", "POST", "api/security/csp-report", None),
        ("64", "GET", "api/spec.yaml", None),
        ("65", "GET", "api/status", None),
        ("66", "GET", "api/config/notebook", None),
        ("67", "GET", "api/resolvePath", None),
        ("68", "GET", "api/notebooks/a.ipynb", None),
        ("69", "PUT", "api/collaboration/fork/x", None),
        ("6a", "PUT", "api/collaboration/undo_redo/x", None),
        ("6b", "POST", "api/contents/a.ipynb/trust", None),
        ("6c", "POST", "api/contents/a.ipynb/trust/", None),
        ("6d", "GET", "api/fileid/path", None),
        ("6e", "PATCH", "api/me", None),
        ("6f", "GET", "kernelspecs/python3/kernel.js", None),
        # the wrong method, or a near miss
        ("70", "POST", "lab", None),
        ("71", "HEAD", "api/contents/a", None),
        ("72", "OPTIONS", "api/contents/a", None),
        ("73", "GET", "hdh-egress/check", None),
        ("74", "DELETE", "hdh/egress/drafts", None),
        ("75", "GET", "api/kernels/not-a-uuid/channels", None),
        ("76", "GET", "labx", None),
        ("77", "GET", "hdh/egress/drafts/1", None),
        ("78", "get", "lab", None),
        ("79", "GET", "lab\n", None),
        ("7a", "POST", "hdh-catalogue/search", None),
        ("7b", "GET", "hdh-catalogue/openapi-json", None),
        ("7c", "DELETE", "hdh/access-requests", None),
        ("7d", "GET", "hdh/access-requests/1", None),
    ],
)
def test_what_is_allowed(case: str, method: str, path: str, kind: Kind | None) -> None:
    route = find_route(method, path, "%2F" in path)
    assert (route and route.kind) == kind


def test_an_encoded_slash_passes_only_where_a_route_takes_one() -> None:
    assert find_route("GET", "api/contents/a%2Fb") is not None
    assert find_route("GET", "api/contents/a%2Fb", encoded_slash=True) is None


def test_every_proxied_route_names_its_content_types_and_nothing_else_does() -> None:
    for route in TABLE:
        assert bool(route.content_types) == (route.kind in (Kind.JSON, Kind.IMAGE))


def test_only_routes_that_take_a_body_have_room_for_one() -> None:
    for route in TABLE:
        assert (route.body_limit > 0) == bool(route.methods & {"POST", "PUT", "PATCH"})
