"""What this workspace runs of the packages whose front ends the hub zone serves.

For the gateway, which compares it with its own installation and tells people of a difference.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

PACKAGES = (
    "hdh-jupyter",
    "ipywidgets",
    "jupyter-collaboration",
    "jupyter-collaboration-ui",
    "jupyter-docprovider",
    "jupyter-server",
    "jupyter-server-ydoc",
    "jupyterlab-widgets",
)
"""What has a front end in JupyterLab's page and a back end in the workspace."""


def installed_versions() -> dict[str, str | None]:
    """Return the version of each package, None for one that is not installed."""
    found: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


class VersionsHandler(APIHandler):
    """`GET hdh-lockdown/versions`."""

    @web.authenticated
    def get(self) -> None:
        self.finish(installed_versions())


def serve_versions(web_app: Any) -> None:
    """Add the route."""
    path = url_path_join(web_app.settings["base_url"], "hdh-lockdown", "versions")
    web_app.add_handlers(".*$", [(path, VersionsHandler)])
