"""A workspace on a network is called at its recorded address and nowhere else."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway import upstream
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.proof import Proof
from hdh_jupyter.gateway.upstream import WorkspaceClient, read_bounded
from hdh_jupyter.gateway.ways import way_to

KEY = b"k" * 32
PROOF = Proof("/user/prj-vega/", KEY)


class Server:
    """A server that keeps what it was asked, and redirects to another one where a test wants it to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.key = KEY
        self.proofs = 0
        self.redirect = ""
        self.address = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/user/prj-vega/hdh-lockdown/proof":
            self.proofs += 1
            assert not {"Cookie", "Authorization", "X-HDH-User"} & request.headers.keys()
            proof = hmac.digest(self.key, request.query["nonce"].encode(), "sha256").hex()
            return web.json_response({"proof": proof})
        self.asked.append((request.headers["Host"], request.raw_path))
        if self.redirect:
            raise web.HTTPFound(self.redirect)
        if request.headers.get("Upgrade") == "websocket":
            websocket = web.WebSocketResponse()
            await websocket.prepare(request)
            await websocket.send_str("there")
            return websocket
        return web.Response(text="there")


async def serving(host: str) -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, host, 0)
    await site.start()
    server.address = f"http://{host}:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def workspace() -> AsyncIterator[Server]:
    async for server in serving("127.0.0.1"):
        yield server


@pytest.fixture
async def elsewhere() -> AsyncIterator[Server]:
    async for server in serving("127.0.0.2"):
        yield server


@pytest.fixture
async def client(workspace: Server) -> AsyncIterator[WorkspaceClient]:
    client = WorkspaceClient(workspace.address, GatewayLimits(connect_timeout=1.0), PROOF)
    yield client
    await client.close()


async def get(client: WorkspaceClient, target: str) -> tuple[int, bytes]:
    async with client.request("GET", target, {}) as reply:
        return reply.status, await read_bounded(reply, 1000)


async def test_a_workspace_answers_on_a_network(client: WorkspaceClient, workspace: Server) -> None:
    assert await get(client, "/user/prj-vega/api?a=%2F") == (200, b"there")
    websocket = await client.websocket("/user/prj-vega/api/events/subscribe", {}, ())
    assert (await websocket.receive()).data == "there"
    await websocket.close()
    port = workspace.address.rpartition(":")[2]
    assert workspace.asked == [
        (f"localhost:{port}", "/user/prj-vega/api?a=%2F"),
        (f"localhost:{port}", "/user/prj-vega/api/events/subscribe"),
    ]


async def test_a_redirect_is_not_followed(client: WorkspaceClient, workspace: Server, elsewhere: Server) -> None:
    workspace.redirect = f"{elsewhere.address}/taken"
    assert (await get(client, "/user/prj-vega/lab"))[0] == 302
    with pytest.raises(PublicError):
        await client.websocket("/user/prj-vega/api/events/subscribe", {}, ())
    assert elsewhere.asked == []


async def test_a_proxy_of_the_environment_is_not_asked(
    client: WorkspaceClient, elsewhere: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, elsewhere.address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert await get(client, "/user/prj-vega/api") == (200, b"there")
    # The control: a client that trusts the environment does ask it.
    async with aiohttp.ClientSession(trust_env=True) as session, session.get("http://192.0.2.1/x") as reply:
        assert await reply.text() == "there"
    assert [path for _, path in elsewhere.asked] == ["http://192.0.2.1/x"]


@pytest.mark.parametrize("target", ["@127.0.0.2:1/", ".evil.example/", ":1/", "", "user/prj-vega/api"])
@pytest.mark.parametrize("address", ["http://127.0.0.1:8888", "/run/ws.sock"])
def test_what_is_no_path_makes_no_url(address: str, target: str) -> None:
    with pytest.raises(ValueError, match="Not a path"):
        way_to(address).url(target)


async def test_the_way_leads_to_the_recorded_address_alone(workspace: Server, elsewhere: Server) -> None:
    async with aiohttp.ClientSession(connector=way_to(workspace.address).connector()) as session:
        for url in (f"{elsewhere.address}/x", workspace.address, "http://elsewhere.example/"):
            with pytest.raises(aiohttp.InvalidURL):
                await session.get(url)
        workspace.redirect = f"{elsewhere.address}/taken"
        with pytest.raises(aiohttp.InvalidURL):
            await session.get(way_to(workspace.address).url("/x"))
    assert elsewhere.asked == []
    assert len(workspace.asked) == 1


async def test_a_workspace_that_is_gone_is_told_in_a_sentence(client: WorkspaceClient) -> None:
    gone = WorkspaceClient("http://127.0.0.1:1", GatewayLimits(connect_timeout=1.0), PROOF)
    with pytest.raises(PublicError) as caught:
        await get(gone, "/user/prj-vega/api")
    assert caught.value.code == "gateway.workspace_down"
    await gone.close()


@pytest.mark.parametrize("address", ["", "http://workspace:8888", "https://10.1.2.3:8888", "http://10.1.2.3"])
def test_an_address_that_is_none_makes_no_client(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        WorkspaceClient(address, GatewayLimits(), PROOF)


def test_an_address_on_a_network_without_a_proof_makes_no_client() -> None:
    with pytest.raises(ValueError, match="proof"):
        WorkspaceClient("http://10.1.2.3:8888", GatewayLimits())


async def test_who_cannot_prove_to_be_the_workspace_is_told_nothing(client: WorkspaceClient, workspace: Server) -> None:
    workspace.key = b"o" * 32
    for attempt in (get(client, "/user/prj-vega/api"), client.websocket("/user/prj-vega/api/events/subscribe", {}, ())):
        with pytest.raises(PublicError) as caught:
            await attempt
        assert caught.value.code == "gateway.workspace_down"
    assert workspace.asked == []


async def test_another_pod_at_the_address_is_found_out(
    client: WorkspaceClient, workspace: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await get(client, "/user/prj-vega/api"))[0] == 200
    assert (await get(client, "/user/prj-vega/api"))[0] == 200
    assert workspace.proofs == 1, "a proof is believed for a moment"
    workspace.key = b"o" * 32
    monkeypatch.setattr(upstream, "PROOF_AGE", 0.0)
    with pytest.raises(PublicError):
        await get(client, "/user/prj-vega/api")
    assert len(workspace.asked) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"proof": null}',
        b'{"proof": 1}',
        b'{"proof": ""}',
        '{"proof": "é"}'.encode(),
        b"[",
    ],
)
def test_what_is_no_proof_proves_nothing(content: bytes) -> None:
    assert not PROOF.holds("0" * 32, content)


def test_a_proof_is_of_its_nonce() -> None:
    content = b'{"proof": "%s"}' % hmac.digest(KEY, b"0" * 32, "sha256").hex().encode()
    assert PROOF.holds("0" * 32, content)
    assert not PROOF.holds("1" * 32, content)
    assert KEY.hex() not in repr(PROOF)
    assert str(KEY) not in repr(PROOF)
