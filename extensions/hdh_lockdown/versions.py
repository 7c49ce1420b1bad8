"""What this workspace runs of the packages whose front ends the hub zone serves.

For the gateway, which compares it with its own installation and tells people of a difference.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from hdh_jupyter.front_ends import installed_versions


class VersionsHandler(APIHandler):
    """`GET hdh-lockdown/versions`."""

    @web.authenticated
    def get(self) -> None:
        self.finish(installed_versions())


def serve_versions(web_app: Any) -> None:
    """Add the route."""
    path = url_path_join(web_app.settings["base_url"], "hdh-lockdown", "versions")
    web_app.add_handlers(".*$", [(path, VersionsHandler)])
