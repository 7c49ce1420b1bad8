"""Every route of the real server of a workspace has a decision, and the gateway's table keeps to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tornado.routing import PathMatches
from tornado.web import RequestHandler

from hdh_jupyter.gateway.table import TABLE, Kind, find_route

from .real_server import BASE, real_server

DECISIONS: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("routes.yaml").read_text("utf-8"))
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TO_THE_WORKSPACE = (Kind.JSON, Kind.IMAGE, Kind.WEBSOCKET, Kind.PING)


def rules(router: Any) -> Iterator[Any]:
    for rule in router.rules:
        if hasattr(rule.target, "rules"):
            yield from rules(rule.target)
        elif isinstance(rule.matcher, PathMatches):
            yield rule


def methods(handler: type[RequestHandler]) -> set[str]:
    """The methods that a handler answers; what its base refuses does not count."""
    return {m for m in METHODS if getattr(handler, m.lower()) is not getattr(RequestHandler, m.lower())}


def name(pattern: str) -> str:
    """The pattern below the base URL, without what the framework adds."""
    return (
        pattern.replace(re.escape(BASE), BASE)
        .removeprefix(BASE)
        .removeprefix("/")
        .removesuffix("$")
        .replace("\\.txt", ".txt")
        .replace("\\.ico", ".ico")
    )


async def real_routes(folder: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    async with real_server(folder) as server:
        for router in (server.app.web_app.wildcard_router, server.app.web_app.default_router):
            for rule in rules(router):
                found.setdefault(name(rule.matcher.regex.pattern), set()).update(methods(rule.target))
    return found


def undecided(routes: dict[str, set[str]]) -> dict[str, list[str]]:
    """The routes, or methods of routes, that nobody decided on."""
    found = {}
    for route, answered in routes.items():
        decision = DECISIONS.get(route)
        decided = set() if decision is None else {*decision.get("open", []), *decision.get("closed", [])}
        if decision is None or answered - decided:
            found[route] = sorted(answered - decided)
    return found


async def test_every_route_of_the_server_has_a_decision(tmp_path: Path) -> None:
    routes = await real_routes(tmp_path)
    assert len(routes) > 40
    new = undecided(routes)
    assert not new, f"Routes of the server that are closed until tests/gateway/routes.yaml decides on them: {new}"
    gone = [route for route in DECISIONS if route not in routes]
    assert not gone, f"Decisions in tests/gateway/routes.yaml on routes that the server no longer has: {gone}"


def test_a_new_route_or_method_would_be_named() -> None:
    routes = {"api/me": {"GET", "PATCH", "PUT"}, "api/magic/(.*)": {"GET"}}
    assert undecided(routes) == {"api/me": ["PUT"], "api/magic/(.*)": ["GET"]}
    assert find_route("GET", "api/magic/x") is None


@pytest.mark.parametrize(
    ("route", "method"),
    [(r, m) for r, d in DECISIONS.items() for m in ("HEAD", "OPTIONS", *d.get("open", []), *d.get("closed", []))],
)
def test_the_table_keeps_to_the_decisions(route: str, method: str) -> None:
    decision = DECISIONS[route]
    example = decision.get("example", route if re.fullmatch(route, route) else route.strip("()"))
    assert re.fullmatch(route, example)
    assert decision["why"]
    found = find_route(method, example)
    passes = found is not None and found.kind in TO_THE_WORKSPACE
    assert passes == (method in decision.get("open", []))


def test_no_row_of_the_table_reaches_the_workspace_without_a_decision() -> None:
    """What the table opens is opened for a route of the server, by name."""
    opened = [(d.get("example", r), m) for r, d in DECISIONS.items() for m in d.get("open", [])]
    used = {id(find_route(method, example)) for example, method in opened}
    logo = find_route("GET", "kernelspecs/python3/logo-64x64.png")
    rows = [row for row in TABLE if row.kind in TO_THE_WORKSPACE and row is not logo]
    spare = [f"{sorted(row.methods)} {row.pattern.pattern}" for row in rows if id(row) not in used]
    # The restart's row stands for the interrupt's.
    assert [row for row in spare if "interrupt" not in row] == []


def test_json_is_passed_in_a_shape_alone() -> None:
    for row in TABLE:
        assert (row.shape is not None) == (row.kind is Kind.JSON)
