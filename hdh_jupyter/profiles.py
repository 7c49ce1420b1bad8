"""How the parts are put together, one function per profile.

A profile fills in JupyterHub's configuration from a few variables that `hdh-jupyter run` sets: `HDH_STATE` (the state
folder), `HDH_HOST` and `HDH_PORT` (the public address).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import web
from .gateway.proxy_connections import leave_closing_to_proxy
from .state import StateFolder

VISITOR_SCOPES = ["read:users!user", "users:activity!user"]
"""What a signed-in person may do at the hub besides their projects: no tokens, no shares, no server of their own."""


def unix_url(path: Path) -> str:
    """Return the URL by which the hub names a unix socket."""
    return "http+unix://" + quote(str(path), safe="")


def sandbox(c: Any, environment: Mapping[str, str]) -> None:
    """One machine: local accounts, a bubblewrap sandbox per project, everything but the public port on unix sockets."""
    state = StateFolder(Path(environment["HDH_STATE"]))
    host, port = environment["HDH_HOST"], environment["HDH_PORT"]
    origin = f"http://{host}:{port}"
    programs = Path(sys.executable).parent
    leave_closing_to_proxy()

    c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
    c.JupyterHub.subdomain_host = origin
    c.JupyterHub.hub_bind_url = unix_url(state.sockets / "hub.sock")
    c.JupyterHub.db_url = f"sqlite:///{state.root / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret = state.key("hub-cookies")
    c.ConfigurableHTTPProxy.command = [str(programs / "configurable-http-proxy")]
    c.ConfigurableHTTPProxy.api_url = unix_url(state.sockets / "proxy.sock")
    c.ConfigurableHTTPProxy.auth_token = state.key("proxy").hex()
    c.ConfigurableHTTPProxy.pid_file = str(state.root / "proxy.pid")

    c.JupyterHub.authenticator_class = "hdh-local"
    c.Authenticator.allow_all = True
    c.Authenticator.auth_refresh_age = 5
    c.Authenticator.refresh_pre_spawn = True
    c.ProjectRolesMixin.state_dir = str(state.root)
    c.ProjectRolesMixin.page_handlers = web.page_handlers()

    c.JupyterHub.spawner_class = "hdh-sandbox"
    c.JupyterHub.allow_named_servers = False
    c.ProjectSpawner.state_dir = str(state.root)
    c.Spawner.default_url = "/lab"

    web.configure(c, str(state.root))
    c.JupyterHub.default_url = "/hub/home"
    c.JupyterHub.load_roles = [{"name": "user", "scopes": VISITOR_SCOPES}]


PROFILES: dict[str, Callable[[Any, Mapping[str, str]], None]] = {"sandbox": sandbox}
