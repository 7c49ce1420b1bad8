"""What the workspace's server knows of people, closes, and tells of itself."""

from __future__ import annotations

import base64
import json
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tornado import httputil

import hdh_lockdown
from hdh_jupyter.front_ends import installed_versions
from hdh_lockdown.closed_routes import CLOSED, Closed
from hdh_lockdown.identity import initials, user_of


def header(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def request(method: str, path: str) -> httputil.HTTPServerRequest:
    line = httputil.RequestStartLine(method, f"/user/prj-x/{path}", "HTTP/1.1")
    headers = httputil.HTTPHeaders({"Host": "workspace"})
    return httputil.HTTPServerRequest(start_line=line, headers=headers, connection=SimpleNamespace(context=None))


def test_a_person_keeps_name_initials_and_colour() -> None:
    user = user_of(header({"name": "helene", "display_name": "Hélène du Val"}))
    assert user is not None
    assert (user.username, user.name, user.initials) == ("helene", "Hélène du Val", "HV")
    assert user.display_name == user.name
    assert user == user_of(header({"name": "helene", "display_name": "Hélène du Val"}))
    assert user.color is not None
    assert user.color.startswith("var(--jp-collaborator-color")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="00 none"),
        pytest.param("ann", id="01 not base64"),
        pytest.param("####", id="02 not the alphabet"),
        pytest.param("é", id="03 not ASCII"),
        pytest.param(base64.b64encode(b"\xff\xfe").decode(), id="04 not UTF-8"),
        pytest.param(base64.b64encode(b"{").decode(), id="05 not JSON"),
        pytest.param(header([]), id="06 not an object"),
        pytest.param(header({}), id="07 no name"),
        pytest.param(header({"name": ""}), id="08 an empty name"),
        pytest.param(header({"name": 3}), id="09 a number"),
        pytest.param(header({"name": "ann", "display_name": ["Ann"]}), id="10 a list for a name to show"),
    ],
)
def test_anything_else_is_nobody(value: str) -> None:
    assert user_of(value) is None


@pytest.mark.parametrize(
    ("name", "letters"), [("Ann", "A"), ("Ann Lee", "AL"), ("Jean de La Fontaine", "JF"), ("  ", "?"), ("élodie", "É")]
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("rest", ["", "/", "/x", "/x/y.csv?download=1"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_closed_routes(path: str, rest: str, method: str) -> None:
    assert Closed("/user/prj-x/").match(request(method, f"{path}{rest}")) == {}


@pytest.mark.parametrize("path", ["api/contents/files/x", "api/status", "lab/tree/files", "filesystem", "api/kernels"])
def test_other_routes_stay_open(path: str) -> None:
    assert Closed("/user/prj-x/").match(request("GET", path)) is None


async def test_versions_are_told_to_whoever_the_gateway_names(serve: Any) -> None:
    server = await serve("hdh_lockdown")
    reply = await server.fetch("hdh-lockdown/versions")
    assert reply.code == 200
    assert json.loads(reply.body) == installed_versions()
    assert json.loads(reply.body)["jupyter-server"] == version("jupyter-server")
    assert (await server.fetch("hdh-lockdown/versions", token=None)).code == 403


def test_the_configuration_file_is_sound() -> None:
    enabled = json.loads((Path(hdh_lockdown.__file__).parent / "jupyter-config" / "hdh_lockdown.json").read_text())
    assert enabled == {"ServerApp": {"jpserver_extensions": {"hdh_lockdown": True}}}
