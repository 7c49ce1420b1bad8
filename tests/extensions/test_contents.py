"""What the workspace's own contents manager shows, and what it explains instead."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from jupyter_server import CallContext
from tornado import web

from hdh_lockdown.contents import ShownContentsManager

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "small.csv").write_text("a;b\n1;2\n")
    (home / "large.csv").write_bytes(b"x" * 5000)
    (home / "data.parquet").write_bytes(b"PAR1\xff\xfe\x00" * 10)
    (home / "figure.png").write_bytes(PNG)
    (home / "poster.png").write_bytes(PNG + b"\0" * 3000)
    (home / "disguised.txt").write_bytes(PNG)
    (home / "100 %s.csv").write_bytes(b"x" * 5000)
    nbformat.write(nbformat.v4.new_notebook(), home / "small.ipynb")
    heavy = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("x" * 5000)])
    nbformat.write(heavy, home / "heavy.ipynb")
    return home


@pytest.fixture
def contents(home: Path) -> ShownContentsManager:
    return ShownContentsManager(root_dir=str(home), longest_text=4096, largest_image=2048)


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    handler = SimpleNamespace(request=SimpleNamespace(headers={"Accept-Language": request.param}))
    CallContext.set(CallContext.JUPYTER_HANDLER, handler)
    yield request.param
    CallContext.set(CallContext.JUPYTER_HANDLER, None)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        pytest.param("small.csv", {}, id="00 a small text"),
        pytest.param("small.csv", {"format": "text", "type": "file"}, id="01 as a shared document"),
        pytest.param("small.ipynb", {}, id="02 a notebook"),
        pytest.param("figure.png", {"format": "base64", "type": "file"}, id="03 a small picture"),
        pytest.param("", {}, id="04 a folder"),
        pytest.param("large.csv", {"content": False}, id="05 what is said of a large file"),
    ],
)  # fmt: skip
async def test_what_is_shown(contents: ShownContentsManager, path: str, asked: dict[str, Any]) -> None:
    model = await contents.get(path, **asked)
    assert (model["content"] is None) == (asked.get("content") is False)


@pytest.mark.parametrize(
    ("path", "asked", "word"),
    [
        pytest.param("large.csv", {}, {"fr": "dépasse", "en": "larger than"}, id="00 a large text"),
        pytest.param("large.csv", {"format": "text", "type": "file"}, {"fr": "dépasse", "en": "larger than"},
                     id="01 as a shared document"),
        pytest.param("heavy.ipynb", {"type": "notebook"}, {"fr": "dépasse", "en": "larger than"}, id="02 a notebook"),
        pytest.param("poster.png", {}, {"fr": "L'image", "en": "The picture"}, id="03 a large picture"),
        pytest.param("data.parquet", {}, {"fr": "ni un texte", "en": "neither text"}, id="04 a binary"),
        pytest.param("data.parquet", {"format": "base64"}, {"fr": "ni un texte", "en": "neither text"},
                     id="05 asked for as such"),
        pytest.param("data.parquet", {"format": "text"}, {"fr": "ni un texte", "en": "neither text"},
                     id="06 asked for as text"),
        pytest.param("disguised.txt", {}, {"fr": "ni un texte", "en": "neither text"}, id="07 a picture by its bytes"),
        pytest.param("100 %s.csv", {}, {"fr": "100 %%s.csv", "en": "100 %%s.csv"}, id="08 a name like a format"),
        pytest.param("/large.csv/", {}, {"fr": "dépasse", "en": "larger than"}, id="09 slashes around"),
    ],
)  # fmt: skip
async def test_what_is_explained_instead(
    contents: ShownContentsManager, language: str, path: str, asked: dict[str, Any], word: dict[str, str]
) -> None:
    with pytest.raises(web.HTTPError) as refused:
        await contents.get(path, **asked)
    assert refused.value.status_code == 403
    # What Jupyter's handler puts into its reply.
    message = str(refused.value.log_message)
    assert word[language] in message
    assert "extraction" in message


async def test_without_a_request_it_speaks_french(contents: ShownContentsManager) -> None:
    with pytest.raises(web.HTTPError, match="dépasse"):
        await contents.get("large.csv")


@pytest.mark.parametrize("path", ["large.csv", "data.parquet", "poster.png", "heavy.ipynb"])
async def test_copying_moving_and_deleting_know_no_limit(contents: ShownContentsManager, home: Path, path: str) -> None:
    model = await contents.copy(path)
    assert (home / model["path"]).read_bytes()[:4] == (home / path).read_bytes()[:4]
    await contents.rename(model["path"], "moved")
    await contents.delete("moved")
    with pytest.raises(web.HTTPError):
        await contents.get(path)


async def test_what_is_not_there_says_so(contents: ShownContentsManager) -> None:
    with pytest.raises(web.HTTPError) as missing:
        await contents.get("nothing.csv")
    assert missing.value.status_code == 404
