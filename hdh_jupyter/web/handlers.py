"""Which page is where, below the hub's prefix."""

from __future__ import annotations

from typing import Any

from . import FOLDER
from .home import CloseWorkspaceHandler, HomeHandler
from .hub_pages import (
    AbsentHandler,
    LanguageHandler,
    NotRunningHandler,
    OpeningHandler,
    OpeningPendingHandler,
    StaticHandler,
)
from .lists import ProjectRequestsHandler, QueueHandler
from .planted_cookies import AuthorizeHandler
from .platform import PlatformHandler, TrafficDecisionHandler
from .policies import PoliciesHandler, PolicyHandler
from .requests import ArchiveHandler, CheckStateHandler, RequestHandler, ReviewHandler
from .traffic import TrafficHandler
from .traffic_metrics import TrafficMetricsHandler
from .workspace_frame import WorkspaceFrameHandler

PROJECT = r"([a-z][a-z0-9-]{1,28}[a-z0-9])"
REQUEST = r"([0-9]{1,15})"

HANDLERS: list[tuple[Any, ...]] = [
    (r"/home", HomeHandler),
    (rf"/projects/{PROJECT}/close", CloseWorkspaceHandler),
    (rf"/workspace/{PROJECT}", WorkspaceFrameHandler),
    (rf"/workspace/{PROJECT}/traffic", TrafficHandler),
    (r"/platform", PlatformHandler),
    (rf"/platform/requests/{REQUEST}", TrafficDecisionHandler),
    (r"/platform/policies", PoliciesHandler),
    (rf"/platform/policies/{PROJECT}", PolicyHandler),
    (r"/(?:api/)?metrics", TrafficMetricsHandler),
    (rf"/projects/{PROJECT}/egress", ProjectRequestsHandler),
    (rf"/egress/{REQUEST}", RequestHandler),
    (rf"/egress/{REQUEST}/review", ReviewHandler),
    (rf"/egress/{REQUEST}/check", CheckStateHandler),
    (rf"/egress/{REQUEST}/archive", ArchiveHandler),
    (r"/review", QueueHandler),
    (r"/(?:admin|accept-share|spawn|token)", AbsentHandler),
    (r"/language/([a-z]+)", LanguageHandler),
    (r"/api/oauth2/authorize", AuthorizeHandler),
    (r"/spawn/([^/]+)", OpeningHandler),
    (r"/spawn-pending/([^/]+)", OpeningPendingHandler),
    (r"/user/(prj-[^/]+)(/.*)?", NotRunningHandler),
    (r"/hdh/static/(.*)", StaticHandler, {"path": str(FOLDER / "static")}),
]
