"""Requests for access to datasets, through the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.catalogue.access_requests import AccessRequests
from hdh_jupyter.catalogue.seed import seed
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.catalogue.tables import AccessRequestRow
from hdh_jupyter.db import Database, open_database
from hdh_jupyter.gateway.app import GatewayApplication

from .browsing import Browser, Reply
from .conftest import Hub

PATH = "hdh/access-requests"
PURPOSE = "Comparer les passages aux urgences et les décès des mêmes semaines."


@pytest.fixture
def database(hub: Hub, gateway: GatewayApplication) -> Iterator[Database]:
    database = open_database(hub.state.database_url)
    seed(CatalogueStore(database))
    with database.write() as session:
        session.execute(delete(AccessRequestRow))
    yield database
    database.engine.dispose()


async def ask(browser: Browser, content: Any) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    for _ in range(5):
        reply = await browser.fetch("POST", PATH, {"Content_Type": "application/json"}, data=body)
        if reply.status != 503:  # the proxy's own word when the refusal came before it had sent the body
            break
    return reply


async def test_a_member_asks_each_steward_once(ada: Browser, hub: Hub, database: Database) -> None:
    reply = await ask(ada, {"datasets": ["cepidc", "oscour", "sos_medecins"], "purpose": PURPOSE})
    assert reply.status == 201, reply.text
    requests = reply.json["requests"]
    assert sorted((r["steward"].split(",")[0], len(r["datasets"])) for r in requests)[-1] == (
        "Santé publique France",
        2,
    )
    assert {(r["person"], r["state"], r["purpose"]) for r in requests} == {("ada", "sent", PURPOSE)}
    listed = await ada.fetch("GET", PATH)
    assert {r["id"] for r in listed.json["requests"]} == {r["id"] for r in requests}
    kept = AccessRequests(database, AuditLog(database, hub.state.key("audit"))).of_project("vega")
    assert {r.person for r in kept} == {"ada"}
    again = await ask(ada, {"datasets": ["oscour"], "purpose": PURPOSE})
    assert (again.status, again.json["code"]) == (409, "catalogue.request.already_asked")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"not json", 400, "gateway.bad_access_request", id="00"),
        pytest.param({"datasets": "oscour", "purpose": PURPOSE}, 400, "gateway.bad_access_request", id="01"),
        pytest.param({"datasets": [1], "purpose": PURPOSE}, 400, "gateway.bad_access_request", id="02"),
        pytest.param({"datasets": ["x" * 65], "purpose": PURPOSE}, 400, "gateway.bad_access_request", id="03"),
        pytest.param({"datasets": ["oscour"], "purpose": None}, 400, "gateway.bad_access_request", id="04"),
        pytest.param({"datasets": [], "purpose": PURPOSE}, 400, "catalogue.request.bad_basket", id="05"),
        pytest.param({"datasets": ["oscour"], "purpose": "court"}, 400, "catalogue.request.bad_purpose", id="06"),
        pytest.param({"datasets": ["nothing"], "purpose": PURPOSE}, 404, "catalogue.unknown_dataset", id="07"),
        pytest.param(b"[" * 70_000, 413, "gateway.too_large", id="08"),
    ],
)
async def test_a_bad_request_is_refused_and_keeps_nothing(
    ada: Browser, database: Database, content: Any, status: int, code: str
) -> None:
    reply = await ask(ada, content)
    assert (reply.status, reply.json["code"]) == (status, code), reply.text
    assert (await ada.fetch("GET", PATH)).json == {"requests": []}


async def test_a_stranger_neither_reads_nor_asks(visitor: Browser, database: Database) -> None:
    assert (await visitor.fetch("GET", PATH)).status == 403
    assert (await ask(visitor, {"datasets": ["oscour"], "purpose": PURPOSE})).status == 403


async def test_who_may_enter_without_being_in_the_project_does_not_speak_for_it(
    visitor: Browser, hub: Hub, database: Database
) -> None:
    # The hub lets them in by the group; the registry does not know them.
    await hub.api("POST", "users/eve")
    await hub.api("POST", "groups/vega/users", json={"users": ["eve"]})
    try:
        await visitor.sign_in("eve")
        await visitor.visit("lab")
        assert (await visitor.show("lab")).status == 200
        reply = await ask(visitor, {"datasets": ["oscour"], "purpose": PURPOSE})
        assert (reply.status, reply.json["code"]) == (403, "gateway.members_only")
        assert (await visitor.fetch("GET", PATH)).status == 403
    finally:
        await hub.api("DELETE", "groups/vega/users", json={"users": ["eve"]})
