"""Which page is where, below the hub's prefix."""

from __future__ import annotations

from typing import Any

from . import FOLDER
from .access_requests import AccessRequestHandler, AccessRequestsHandler
from .catalogue import RecordActionHandler, RecordHandler, RecordsHandler, StewardsHandler
from .catalogue_convention import ConventionHandler, SignatureHandler
from .catalogue_form import NewRecordHandler, RecordFormHandler, TablesHandler
from .catalogue_versions import PreviewHandler, VersionsHandler
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
DATASET = r"([a-z][a-z0-9_-]{0,62}[a-z0-9])"

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
    (r"/catalogue", RecordsHandler),
    (r"/catalogue/new", NewRecordHandler),
    (r"/catalogue/requests", AccessRequestsHandler),
    (rf"/catalogue/requests/{REQUEST}", AccessRequestHandler),
    (r"/catalogue/stewards", StewardsHandler),
    (rf"/catalogue/records/{DATASET}", RecordHandler),
    (rf"/catalogue/records/{DATASET}/do", RecordActionHandler),
    (rf"/catalogue/records/{DATASET}/edit", RecordFormHandler),
    (rf"/catalogue/records/{DATASET}/tables", TablesHandler),
    (rf"/catalogue/records/{DATASET}/convention", ConventionHandler),
    (rf"/catalogue/records/{DATASET}/signature", SignatureHandler),
    (rf"/catalogue/records/{DATASET}/versions", VersionsHandler),
    (rf"/catalogue/records/{DATASET}/preview", PreviewHandler),
    (r"/(?:admin|accept-share|spawn|token)", AbsentHandler),
    (r"/language/([a-z]+)", LanguageHandler),
    (r"/api/oauth2/authorize", AuthorizeHandler),
    (r"/spawn/([^/]+)", OpeningHandler),
    (r"/spawn-pending/([^/]+)", OpeningPendingHandler),
    (r"/user/(prj-[^/]+)(/.*)?", NotRunningHandler),
    (r"/hdh/static/(.*)", StaticHandler, {"path": str(FOLDER / "static")}),
]
