"""Route records: found, renewed, gone, damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.workspaces import HubSettings, Workspaces
from hdh_jupyter.routes import RouteRecord, remove_route, write_route

RECORD = RouteRecord(
    "vega",
    "/user/prj-vega/",
    "/run/ws.sock",
    "secret",
    "jupyterhub-user-prj-vega",
    "http://prj-vega.HDH.localhost:8000/user/prj-vega/",
)


@pytest.fixture
def workspaces(tmp_path: Path) -> Workspaces:
    return Workspaces(tmp_path, HubSettings("/run/hub.sock", "http://hdh.localhost:8000"), GatewayLimits())


async def test_a_record_is_found_without_a_word_to_the_gateway(workspaces: Workspaces, tmp_path: Path) -> None:
    write_route(tmp_path, RECORD)
    workspace = await workspaces.get("vega")
    assert workspace.origin == "http://prj-vega.hdh.localhost:8000"
    assert workspace.sign_in.access_scopes == {"access:servers!server=prj-vega/"}
    assert workspace.sign_in.oauth_redirect_uri == f"{RECORD.public_url}oauth_callback"
    assert await workspaces.get("vega") is workspace


async def test_the_same_record_written_again_keeps_connections_and_another_does_not(
    workspaces: Workspaces, tmp_path: Path
) -> None:
    write_route(tmp_path, RECORD)
    workspace = await workspaces.get("vega")
    write_route(tmp_path, RECORD)
    assert await workspaces.get("vega") is workspace
    write_route(tmp_path, replace(RECORD, api_token="other"))
    assert (await workspaces.get("vega")).record.api_token == "other"


async def test_a_removed_record_is_a_workspace_that_is_down(workspaces: Workspaces, tmp_path: Path) -> None:
    write_route(tmp_path, RECORD)
    await workspaces.get("vega")
    remove_route(tmp_path, "vega")
    with pytest.raises(PublicError) as caught:
        await workspaces.get("vega")
    assert (caught.value.code, caught.value.status) == ("gateway.workspace_down", 503)


@pytest.mark.parametrize(
    ("case", "content"),
    [("00", ""), ("01", "{}"), ("02", "[]"), ("03", "{"), ("04", '{"project": "vega"}')],
)
async def test_a_damaged_record_opens_nothing(workspaces: Workspaces, tmp_path: Path, case: str, content: str) -> None:
    (tmp_path / "vega.json").write_text(content)
    with pytest.raises(PublicError):
        await workspaces.get("vega")


@pytest.mark.parametrize(
    "public_url", ["http://prj-vega.hdh.localhost:8000/", "ftp://x/user/prj-vega/", "/user/prj-vega/"]
)
async def test_a_record_that_contradicts_itself_opens_nothing(
    workspaces: Workspaces, tmp_path: Path, public_url: str
) -> None:
    write_route(tmp_path, replace(RECORD, public_url=public_url))
    with pytest.raises(PublicError):
        await workspaces.get("vega")


async def test_cookies_are_bound_to_https_where_there_is_https(workspaces: Workspaces, tmp_path: Path) -> None:
    write_route(tmp_path, replace(RECORD, public_url=RECORD.public_url.replace("http:", "https:")))
    sign_in = (await workspaces.get("vega")).sign_in
    assert sign_in.cookie_name.startswith("__Host-")
    assert sign_in.cookie_options["secure"]
