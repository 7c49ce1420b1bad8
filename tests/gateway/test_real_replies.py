"""What the real server of a workspace answers has the shapes that the gateway lets through."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from hdh_jupyter.gateway.shapes import Asked, checked, checked_error
from hdh_jupyter.gateway.table import find_route

from .real_server import RealServer, real_server

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NOTEBOOK = {"cells": [], "metadata": {"kept": {"a": 1}}, "nbformat": 4, "nbformat_minor": 5}


async def passed(server: RealServer, method: str, target: str, body: Any = None) -> Any:
    """Ask as the gateway does, and return what it passes on."""
    path, _, query = target.partition("?")
    route = find_route(method, path, "%2F" in path)
    assert route is not None, target
    assert route.shape is not None, target
    reply = await server.fetch(method, target, None if body is None else json.dumps(body).encode())
    if reply.code >= 400:
        return json.loads(checked_error(reply.body))
    assert reply.code in route.shape.statuses, (target, reply.code, reply.body)
    if reply.code == 204:
        return None
    assert len(reply.body) <= route.reply_limit
    asked = Asked(unquote(path), tuple(parse_qsl(query)), 2**20, 2**20)
    return json.loads(checked(route.shape, reply.body, asked))


async def test_files(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server:
        (server.home / "été.txt").write_text("déjà\n" * 3)
        (server.home / "a.png").write_bytes(PNG)
        (server.home / "sub").mkdir()
        (server.home / "sub" / "x.ipynb").write_text(json.dumps(NOTEBOOK))
        listing = await passed(server, "GET", "api/contents?content=1")
        assert {entry["name"] for entry in listing["content"]} == {"été.txt", "a.png", "sub"}
        text = await passed(server, "GET", "api/contents/%C3%A9t%C3%A9.txt?type=file&format=text&content=1&hash=1")
        assert text["content"] == "déjà\n" * 3
        assert text["hash"]
        assert (await passed(server, "GET", "api/contents/a.png?content=0"))["content"] is None
        image = await passed(server, "GET", "api/contents/a.png?type=file&format=base64&content=1")
        assert base64.b64decode(image["content"]) == PNG
        notebook = await passed(server, "GET", "api/contents/sub/x.ipynb?type=notebook&content=1")
        assert notebook["content"] == NOTEBOOK
        # The server's own sentence is no JSON here, whatever its type says.
        assert (await server.fetch("GET", "api/contents/none.txt")).code == 404
        with pytest.raises(ValueError, match="malformed"):
            await passed(server, "GET", "api/contents/none.txt")
        made = await passed(server, "POST", "api/contents/sub", {"type": "notebook"})
        model = {"type": "notebook", "format": "json", "content": NOTEBOOK}
        saved = await passed(server, "PUT", f"api/contents/{made['path']}", model)
        assert saved["content"] is None
        point = await passed(server, "POST", f"api/contents/{made['path']}/checkpoints")
        assert await passed(server, "GET", f"api/contents/{made['path']}/checkpoints") == [point]
        assert await passed(server, "POST", f"api/contents/{made['path']}/checkpoints/{point['id']}") is None
        assert await passed(server, "DELETE", f"api/contents/{made['path']}/checkpoints/{point['id']}") is None
        moved = await passed(server, "PATCH", f"api/contents/{made['path']}", {"path": "moved.ipynb"})
        assert moved["path"] == "moved.ipynb"
        assert (await passed(server, "POST", "api/contents", {"copy_from": "moved.ipynb"}))["name"]
        assert await passed(server, "DELETE", "api/contents/moved.ipynb") is None


async def test_a_file_whose_name_is_no_text_is_listed_under_another(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server:
        (server.home / "b\udcff.csv").write_text("x")
        [entry] = (await passed(server, "GET", "api/contents?content=1"))["content"]
        assert entry["name"] == "b\ufffd.csv"


async def test_kernels_sessions_terminals(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server:
        specs = await passed(server, "GET", "api/kernelspecs")
        assert specs["kernelspecs"]["python3"]["spec"]["argv"]
        assert (await passed(server, "GET", "api/kernelspecs/python3"))["name"] == "python3"
        kernel = {"name": "python3"}
        made = {"path": "a.ipynb", "name": "a", "type": "notebook", "kernel": kernel}
        session = await passed(server, "POST", "api/sessions", made)
        identifier = session["kernel"]["id"]
        assert [one["id"] for one in await passed(server, "GET", "api/sessions")] == [session["id"]]
        assert (await passed(server, "GET", f"api/sessions/{session['id']}"))["path"] == "a.ipynb"
        assert (await passed(server, "PATCH", f"api/sessions/{session['id']}", {"path": "b.ipynb"}))[
            "path"
        ] == "b.ipynb"
        assert [one["id"] for one in await passed(server, "GET", "api/kernels")] == [identifier]
        assert (await passed(server, "GET", f"api/kernels/{identifier}"))["name"] == "python3"
        assert await passed(server, "POST", f"api/kernels/{identifier}/interrupt") is None
        async with asyncio.timeout(60):
            assert (await passed(server, "POST", f"api/kernels/{identifier}/restart"))["id"] == identifier
        assert await passed(server, "DELETE", f"api/sessions/{session['id']}") is None
        lone = await passed(server, "POST", "api/kernels", kernel)
        assert await passed(server, "DELETE", f"api/kernels/{lone['id']}") is None
        assert (await passed(server, "GET", f"api/kernels/{lone['id']}"))["message"]
        terminal = await passed(server, "POST", "api/terminals")
        assert [one["name"] for one in await passed(server, "GET", "api/terminals")] == [terminal["name"]]
        assert (await passed(server, "GET", f"api/terminals/{terminal['name']}")) is not None
        assert await passed(server, "DELETE", f"api/terminals/{terminal['name']}") is None


async def test_people_rooms_and_the_platforms_own(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server:
        me = await passed(server, "GET", "api/me?permissions=%7B%22contents%22%3A%5B%22read%22%5D%7D")
        assert me["identity"]["display_name"] == "Ada Lovelace"
        assert me["permissions"]["contents"] == ["read"]
        (server.home / "a.csv").write_text("region,n\nA,120\nB,240\n")
        room = await passed(server, "PUT", "api/collaboration/session/a.csv", {"format": "text", "type": "file"})
        assert room["fileId"]
        (server.home / "b.csv").write_text("region,n\nA,1\nB,2\n")
        report = await passed(server, "POST", "hdh-egress/check", {"paths": ["a.csv", "b.csv"]})
        assert [file["name"] for file in report["files"]] == ["a.csv", "b.csv"]
        assert report["findings"]
        staged = await passed(server, "POST", "hdh-egress/stage", {"paths": ["a.csv"]})
        assert staged["files"][0]["size"] == 25 - 4
        assert (await passed(server, "POST", "hdh-egress/check", {"paths": ["none"]}))["code"].startswith("staging.")


async def test_every_record_of_the_catalogue(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server:
        found = await passed(server, "GET", "hdh-catalogue/search?q=&kind=dataset&limit=100&usable=false")
        assert found["total"] == len(found["items"]) > 10
        for item in found["items"]:
            page = await passed(server, "GET", f"hdh-catalogue/datasets/{item['id']}")
            assert page["sections"][0]["rows"]
            assert len(page["convention"]["themes"]) == 4
            for table in page["tables"]:
                address = f"hdh-catalogue/datasets/{item['id']}/variables?table={table['name']}"
                assert len((await passed(server, "GET", address))["variables"]) == table["variables"]
            snippet = await passed(server, "GET", f"hdh-catalogue/datasets/{item['id']}/snippet?language=python")
            assert set(snippet) in ({"code"}, {"code", "message"})
        assert (await passed(server, "GET", "hdh-catalogue/datasets/none"))["code"].startswith("catalogue.")
        mixed = await passed(server, "GET", "hdh-catalogue/search?q=sexe")
        assert {item["kind"] for item in mixed["items"]} == {"dataset", "variable"}
        assert (await passed(server, "GET", "hdh-catalogue/suggest?q=osc"))["suggestions"]
        assert (await passed(server, "GET", "hdh-catalogue/matrix"))["topics"]
        assert (await passed(server, "GET", "hdh-catalogue/openapi.json"))["paths"]
