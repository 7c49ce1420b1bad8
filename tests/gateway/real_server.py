"""The real server of a workspace, with the extensions and the configuration that a workspace has, outside a sandbox."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from traitlets.config import Config

from hdh_jupyter.catalogue.search import open_index
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.gateway.headers import identity_header
from hdh_jupyter.spawner.server_config import installed_extensions, server_config, tcp_port
from hdh_lockdown.server import WorkspaceServer

BASE = "/user/prj-vega/"


@dataclass(frozen=True)
class RealServer:
    """A running server and its home."""

    app: Any
    home: Path
    origin: str

    async def fetch(self, method: str, path: str, body: bytes | None = None) -> HTTPResponse:
        return await AsyncHTTPClient().fetch(
            f"{self.origin}{BASE}{path}",
            method=method,
            headers={"X-HDH-User": identity_header("ada", "Ada Lovelace"), "Accept-Language": "en"},
            body=body,
            allow_nonstandard_methods=True,
            raise_error=False,
            request_timeout=60,
        )


@asynccontextmanager
async def real_server(folder: Path) -> AsyncIterator[RealServer]:
    """Run the server until the block ends."""
    home = folder / "home"
    home.mkdir()
    settings = server_config(BASE, tcp_port(0), installed_extensions(), ["python3"])
    settings["ServerApp"] |= {"root_dir": str(home)}
    del settings["ServerApp"]["use_redirect_file"]
    settings["SQLiteYStore"] = {"db_path": str(folder / "ystore.db")}
    settings["BaseFileIdManager"] = {"db_path": str(folder / "file_ids.db")}
    settings["YDocExtension"] = {"session_store_path": str(folder / "sessions.json")}
    open_index(folder / "catalogue").rebuild(first_records())
    grants = [{"dataset": "oscour", "path": str(home), "valid_from": "2020-01-01", "valid_until": None}]
    (folder / "project.json").write_text(json.dumps({"project": "vega", "grants": grants}))
    settings["CatalogueExtension"] = {
        "catalogue_folder": str(folder / "catalogue"),
        "project_file": str(folder / "project.json"),
    }
    settings["EgressExtension"] = {"staging_folder": str(folder / "staging")}
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    environment = {name: str(folder / name.lower()) for name in names} | {"JUPYTER_NO_CONFIG": "1"}
    with mock.patch.dict(os.environ, environment), mock.patch.object(WorkspaceServer, "init_signal"):
        app = WorkspaceServer(config=Config(settings))
        app.initialize(argv=[], find_extensions=False, new_httpserver=False)
        listener, port = bind_unused_port()
        server = HTTPServer(app.web_app)
        server.add_socket(listener)
        try:
            yield RealServer(app, home, f"http://127.0.0.1:{port}")
        finally:
            server.stop()
            await server.close_all_connections()
            await app._cleanup()
            WorkspaceServer.clear_instance()
