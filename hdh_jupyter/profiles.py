"""How the parts are put together, one function per profile.

A profile fills in JupyterHub's configuration from a few variables of the environment; everything else is in documented
traits, to be set after it.

===================== ============== =====================================================================
variable              profile        what it says
===================== ============== =====================================================================
HDH_STATE             both           the state folder; on a cluster on a volume that the hub zone's pods share
HDH_HOST, HDH_PORT    sandbox        the public address, set by `hdh-jupyter run`
HDH_ORIGIN            kubernetes     the public address, `https://hdh.example`
HDH_HUB_URL           kubernetes     how pods of the hub zone call the hub, `http://hub:8081`
HDH_GATEWAY_URL       kubernetes     how the proxy calls the gateway, `http://gateway:8000`
HDH_DATABASE_URL      kubernetes     the platform's database, `postgresql+psycopg://...`
===================== ============== =====================================================================
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from . import web
from .errors import PublicError
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
    c.JupyterHub.spawner_class = "hdh-sandbox"
    _platform(c, state)
    c.JupyterHub.load_roles = [{"name": "user", "scopes": VISITOR_SCOPES}]


def kubernetes(c: Any, environment: Mapping[str, str]) -> None:
    """A cluster: sign-in at an OpenID provider, a namespace per project, and a gateway in pods of its own.

    Works alone and within the chart Zero to JupyterHub (`hub.extraConfig`), whose settings of the proxy, the hub's
    database and its cookies stand.

    Raises
    ------
    PublicError
        `run.missing_variable`, `run.bad_origin` or `run.bad_url`.
    """
    state = StateFolder(Path(_required(environment, "HDH_STATE")))
    origin = _public_origin(_required(environment, "HDH_ORIGIN"))
    hub_url, gateway_url = (_inner_url(environment, name) for name in ("HDH_HUB_URL", "HDH_GATEWAY_URL"))
    state.create()

    hub = c.JupyterHub
    hub.subdomain_host = origin
    hub.public_url = f"{origin}/"
    if "hub_bind_url" not in hub:
        hub.hub_bind_url = f"http://:{urlsplit(hub_url).port or 80}"
    hub.hub_connect_url = hub_url
    if "db_url" not in hub:
        hub.db_url = f"sqlite:///{state.root / 'jupyterhub.sqlite'}"
    if "cookie_secret" not in hub:
        hub.cookie_secret = state.key("hub-cookies")
    # Workspaces, and the proxy's routes to them, outlive the hub.
    hub.cleanup_servers = False
    c.ConfigurableHTTPProxy.should_start = False

    hub.authenticator_class = "hdh-openid"
    hub.spawner_class = "hdh-kubernetes"
    hub.admin_access = False
    c.ProjectKubeSpawner.gateway_address = gateway_url
    given = hub.tornado_settings if "tornado_settings" in hub else {}
    _platform(c, state)
    hub.tornado_settings = {**given, **hub.tornado_settings}
    roles = hub.load_roles if "load_roles" in hub else []
    hub.load_roles = [*roles, {"name": "user", "scopes": VISITOR_SCOPES}]


def _platform(c: Any, state: StateFolder) -> None:
    """Set what is the same wherever workspaces run."""
    c.Authenticator.allow_all = True
    c.Authenticator.auth_refresh_age = 5
    c.Authenticator.refresh_pre_spawn = True
    c.ProjectRolesMixin.state_dir = str(state.root)
    c.ProjectRolesMixin.page_handlers = web.page_handlers()

    c.JupyterHub.allow_named_servers = False
    c.ProjectSpawner.state_dir = str(state.root)
    c.Spawner.default_url = "/lab"

    web.configure(c, str(state.root))
    c.JupyterHub.default_url = "/hub/home"


def _required(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise PublicError("run.missing_variable", 500, name=name)
    return environment[name]


def _public_origin(written: str) -> str:
    """Return the public origin, which is encrypted unless it is this very machine's (RFC 6761, 6.3)."""
    parts = urlsplit(written)
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and host.endswith(".localhost"))
    if not secure or "." not in host or written.rstrip("/") != f"{parts.scheme}://{parts.netloc}" or "@" in written:
        raise PublicError("run.bad_origin", 500, origin=written)
    return written.rstrip("/")


def _inner_url(environment: Mapping[str, str], name: str) -> str:
    """Return a URL between pods of the hub zone: a server, and no path."""
    written = _required(environment, name)
    parts = urlsplit(written)
    if parts.scheme != "http" or not parts.hostname or written.rstrip("/") != f"http://{parts.netloc}":
        raise PublicError("run.bad_url", 500, name=name, url=written)
    return written.rstrip("/")


PROFILES: dict[str, Callable[[Any, Mapping[str, str]], None]] = {"sandbox": sandbox, "kubernetes": kubernetes}
