"""The gateway's application and process."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyterhub.httpclient import JupyterHubHTTPClient
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets, bind_unix_socket
from tornado.web import Application

from ..audit.log import AuditLog
from ..catalogue.access_requests import AccessRequests
from ..db import open_database
from ..errors import PublicError
from ..metering.budgets import Budgets
from ..metering.requests import TrafficRequests
from ..metering.usage import UsageStore
from ..projects.registry import Registry
from ..projects.scopes import project_of
from ..routes import PROJECT_ID
from ..state import StateFolder
from .access_routes import AccessAsked
from .assets import Static
from .base import Arrival, GatewayHandler, Refusal
from .copying import CopyRate
from .gateway import Gateway
from .health import Health, health
from .identity import People
from .intake import Intake
from .lab import LanguagePacks, Layouts, Page, Settings
from .lab_parts import make_lab
from .limits import GatewayLimits
from .own import CopyReport, Drafts, Me
from .paths import parse_target
from .place import Place
from .policy import WorkspacePolicy
from .proxy_connections import leave_closing_to_proxy
from .relay import Relay
from .sealed import Sealed
from .sign_in import Callback, Home, Logout, Ping
from .static import StaticFiles, installed_roots
from .table import Kind, find_route
from .traffic import Traffic
from .traffic_routes import TrafficAsked, TrafficStanding
from .usage import Usage
from .watch import AccessWatch
from .websockets import Pump
from .workspaces import HubSettings, Workspaces

LOG = logging.getLogger(__name__)

SOCKET_MODE = 0o600
IDLE_TIMEOUT = 60
"""Seconds after which an idle connection is closed, if the proxy did not."""
GOING_AWAY = 1001
PR_SET_PDEATHSIG = 1

BY_KIND: Mapping[Kind, type[GatewayHandler]] = {
    Kind.STATIC: Static,
    Kind.PAGE: Page,
    Kind.JSON: Relay,
    Kind.IMAGE: Relay,
    Kind.WEBSOCKET: Pump,
    Kind.PING: Ping,
}
BY_PATH: Mapping[str, type[GatewayHandler]] = {
    "": Home,
    "login": Home,
    "logout": Logout,
    "oauth_callback": Callback,
    "hdh/me": Me,
    "hdh/copied": CopyReport,
    "hdh/access-requests": AccessAsked,
    "hdh/egress/drafts": Drafts,
    "hdh/traffic": TrafficStanding,
    "hdh/probe": Sealed,
    "hdh/usage": Usage,
    "hdh/traffic/requests": TrafficAsked,
}
BELOW: Mapping[str, type[GatewayHandler]] = {
    "lab/api/settings": Settings,
    "lab/api/translations": LanguagePacks,
    "lab/api/workspaces": Layouts,
}
"""The gateway's own routes with names below them."""


class GatewayApplication(Application):
    """Finds the handler of a request in the route table, and refuses what is not there."""

    def __init__(self, gateway: Gateway, cookie_secret: bytes, health: Health) -> None:
        limits = gateway.limits
        super().__init__(
            cookie_secret=cookie_secret,
            websocket_max_message_size=limits.message_in,
            websocket_ping_interval=30,
            log_function=_log_request,
        )
        self.gateway = gateway
        self._health = health
        self._below = re.compile(rf"{re.escape(gateway.hub.base_path)}user/([^/]+)(?:/(.*))?")

    def find_handler(self, request: HTTPServerRequest, **_: Any) -> Any:
        """Return what handles a request."""
        if request.uri in self._health:
            return self.get_handler_delegate(request, *self._health[request.uri])
        try:
            arrival = self._arrival(request.method or "", request.uri or "")
        except PublicError as error:
            return self.get_handler_delegate(request, Refusal, {"gateway": self.gateway, "error": error})
        handler = BY_KIND.get(arrival.route.kind) or BY_PATH.get(arrival.path)
        if handler is None:
            handler = next(found for path, found in BELOW.items() if arrival.path.startswith(path))
        return self.get_handler_delegate(request, handler, {"gateway": self.gateway, "arrival": arrival})

    def _arrival(self, method: str, uri: str) -> Arrival:
        target = parse_target(uri)
        found = self._below.fullmatch(target.path)
        project = found and project_of(found[1])
        if not found or not project or not PROJECT_ID.fullmatch(project):
            raise PublicError("gateway.unknown_path", 404)
        path = found[2] or ""
        route = find_route(method, path, target.encoded_slash)
        if route is None:
            raise PublicError("gateway.route_closed", 403)
        self.gateway.policy.require(route)
        return Arrival(project, path, target, route)


def make_app(
    state: StateFolder,
    hub: HubSettings,
    intake: Intake,
    limits: GatewayLimits | None = None,
    budgets: Budgets | None = None,
    policy: WorkspacePolicy | None = None,
) -> GatewayApplication:
    """Return the gateway's application.

    Parameters
    ----------
    intake
        Takes the files that are pulled out of workspaces.
    """
    limits = limits or GatewayLimits()
    database = open_database(state.database_url)
    audit = AuditLog(database, state.key("audit"))

    async def revoked(person: str, project: str, connections: int) -> None:
        LOG.warning("%s lost access to %s", person, project)
        detail = {"connections": connections, "reason": "gateway.no_access"}
        await asyncio.to_thread(audit.append, "access.revoked", actor=person, project=project, detail=detail)

    watch = AccessWatch(limits.access_interval, limits.access_grace, revoked)
    usage, requests = UsageStore(database, audit), TrafficRequests(database, audit)
    gateway = Gateway(
        hub=hub,
        limits=limits,
        policy=policy or WorkspacePolicy(),
        copies=CopyRate(),
        workspaces=Workspaces(state.routes, hub, limits),
        people=People(Registry(database), limits.access_cache),
        intake=intake,
        access=AccessRequests(database, audit),
        audit=audit,
        static=StaticFiles(installed_roots()),
        traffic=Traffic(budgets or Budgets(), usage, requests, watch),
        watch=watch,
        lab=make_lab(state.root / "lab"),
    )
    return GatewayApplication(gateway, state.key("gateway-cookies"), health(state, database))


@contextlib.asynccontextmanager
async def listening(app: GatewayApplication, place: Place) -> Any:
    """Answer at a place for as long as the block runs; websockets are told at its end."""
    leave_closing_to_proxy()
    server = HTTPServer(
        app,
        xheaders=True,
        idle_connection_timeout=IDLE_TIMEOUT,
        body_timeout=app.gateway.limits.exchange_timeout,
    )
    if isinstance(place, Path):
        # Replaces the socket that an earlier process left behind, and nothing that is no socket.
        server.add_socket(bind_unix_socket(str(place), mode=SOCKET_MODE))
    else:
        server.add_sockets(bind_sockets(place.port, place.host))
    await app.gateway.traffic.sync()
    keeping = [asyncio.create_task(each.run()) for each in (app.gateway.watch, app.gateway.traffic)]
    try:
        yield app
    finally:
        server.stop()
        for task in keeping:
            task.cancel()
        app.gateway.watch.cut_all(GOING_AWAY, "the gateway ends")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(app.gateway.limits.stop_timeout):
                await server.close_all_connections()
        await app.gateway.workspaces.close()
        await app.gateway.traffic.sync()
        await JupyterHubHTTPClient.loop_instance().close()
        if isinstance(place, Path):
            await asyncio.to_thread(place.unlink, missing_ok=True)


async def serve(
    state: StateFolder,
    origin: str,
    intake: Intake,
    limits: GatewayLimits | None = None,
    budgets: Budgets | None = None,
    policy: WorkspacePolicy | None = None,
    hub_address: str = "",
    place: Place | None = None,
) -> None:
    """Run the gateway until SIGTERM or SIGINT, or until the hub that started it is gone.

    Parameters
    ----------
    origin
        The hub's public origin, `http://hdh.localhost:8000`.
    hub_address
        Where the hub's API answers, as in `HubSettings`; by default its socket on this machine.
    place
        Where to listen; by default at the gateway's socket on this machine.
    """
    end_with_parent()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    hub = HubSettings(hub_address or str(state.sockets / "hub.sock"), origin.rstrip("/"))
    app = make_app(state, hub, intake, limits, budgets, policy)
    place = place or state.sockets / "gateway.sock"
    async with listening(app, place):
        LOG.info("The gateway answers on %s", place)
        await stop.wait()
    LOG.info("The gateway has stopped")


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when the one that started it ends, however it ends (prctl(2))."""
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    # The parent may have ended before the kernel knew of the wish.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _log_request(handler: Any) -> None:
    level = logging.INFO if handler.get_status() >= 500 else logging.DEBUG
    milliseconds = 1000 * handler.request.request_time()
    LOG.log(level, "%s %s %d %.0f ms", handler.request.method, handler.request.path, handler.get_status(), milliseconds)
