"""A real Jupyter server on loopback, with the extensions under test and nothing of this machine's configuration."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from traitlets.config import Config

TOKEN = "a-token-of-the-tests"


@dataclass(frozen=True)
class Served:
    """A running server: its home folder, and requests to it in a language of choice."""

    app: ServerApp
    home: Path
    origin: str

    async def fetch(
        self,
        path: str,
        body: object = None,
        *,
        language: str = "en",
        token: str | None = TOKEN,
        method: str | None = None,
    ) -> HTTPResponse:
        """Send a request below the base URL; with a body it is a POST of JSON."""
        headers = {"Accept-Language": language}
        if token:
            headers["Authorization"] = f"token {token}"
        return await AsyncHTTPClient().fetch(
            f"{self.origin}{self.app.base_url}{path}",
            method=method or ("GET" if body is None else "POST"),
            headers=headers,
            body=None if body is None else json.dumps(body),
            raise_error=False,
        )


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Serve]:
    """Return a function that starts a server with the named extensions and configuration sections."""
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    started: list[tuple[ServerApp, HTTPServer]] = []

    async def start(*extensions: str, **sections: dict[str, Any]) -> Served:
        home = tmp_path / "home"
        home.mkdir()
        app = ServerApp(
            config=Config(
                {
                    "ServerApp": {"root_dir": str(home), "jpserver_extensions": dict.fromkeys(extensions, True)},
                    "IdentityProvider": {"token": TOKEN},
                    **sections,
                }
            )
        )
        monkeypatch.setattr(app, "init_signal", lambda: None)
        app.initialize(argv=[], find_extensions=False, new_httpserver=False)
        sock, port = bind_unused_port()
        http_server = HTTPServer(app.web_app)
        http_server.add_socket(sock)
        started.append((app, http_server))
        return Served(app, home, f"http://127.0.0.1:{port}")

    yield start
    for app, http_server in started:
        http_server.stop()
        await http_server.close_all_connections()
        await app._cleanup()
    ServerApp.clear_instance()
