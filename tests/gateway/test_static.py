"""JupyterLab's files, from the gateway's own installation and never from a workspace."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.static import StaticFiles

from .browsing import NAVIGATION, Browser
from .workspace_server import Inside

HASHED = "main.efd36b46f3b45eb8.js"


@pytest.fixture
def files(tmp_path: Path) -> StaticFiles:
    for name in (f"first/{HASHED}", "second/index.css", "second/a.woff"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x" * 5000)
    return StaticFiles({"static/lab/": (tmp_path / "first", tmp_path / "second")})


async def test_hashed_names_are_kept_for_ever_and_others_asked_about(files: StaticFiles) -> None:
    assert "immutable" in (await files.asset(f"static/lab/{HASHED}", False)).caching
    assert (await files.asset("static/lab/index.css", False)).caching == "no-cache"


async def test_scripts_are_compressed_and_fonts_are_not(files: StaticFiles) -> None:
    asset = await files.asset("static/lab/index.css", True)
    assert (asset.encoding, gzip.decompress(asset.content)) == ("gzip", b"x" * 5000)
    assert (await files.asset("static/lab/a.woff", True)).encoding == "identity"
    assert (await files.asset("static/lab/index.css", False)).content == b"x" * 5000


async def test_a_changed_file_is_read_anew(files: StaticFiles, tmp_path: Path) -> None:
    before = await files.asset("static/lab/index.css", True)
    (tmp_path / "second/index.css").write_text("other")
    after = await files.asset("static/lab/index.css", True)
    assert gzip.decompress(after.content) == b"other"
    assert before.etag != after.etag


@pytest.mark.parametrize("path", ["static/lab/none.js", "static/lab/", "other/index.css", "static/labindex.css"])
async def test_what_is_not_there(files: StaticFiles, path: str) -> None:
    with pytest.raises(PublicError) as caught:
        await files.asset(path, True)
    assert caught.value.code == "gateway.no_such_file"


async def test_the_workspace_is_never_asked_for_a_script(ada: Browser, inside: Inside) -> None:
    evil = b"alert(1)"
    for path in ("static/lab/evil.js", "lab/extensions/evil/static/evil.js", "static/favicons/favicon.ico"):
        inside.answer(path, evil, Content_Type="text/javascript")
    inside.requests.clear()
    assert (await ada.fetch("GET", "static/lab/evil.js", {"Sec-Fetch-Dest": "script"})).status == 404
    assert (await ada.fetch("GET", "lab/extensions/evil/static/evil.js", {"Sec-Fetch-Dest": "script"})).status == 404
    icon = await ada.fetch("GET", "static/favicons/favicon.ico", {"Sec-Fetch-Dest": "image"})
    assert (icon.status, icon.headers["Content-Type"]) == (200, "image/x-icon")
    assert evil not in icon.body
    assert not inside.requests


async def test_an_unchanged_file_is_not_sent_twice(ada: Browser) -> None:
    first = await ada.fetch("GET", "static/favicons/favicon.ico")
    headers = {**NAVIGATION, "If-None-Match": first.headers["Etag"]}
    async with ada.session.get(ada.url("static/favicons/favicon.ico"), headers=headers) as reply:
        assert (reply.status, await reply.read()) == (304, b"")
