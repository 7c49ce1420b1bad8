"""JupyterLab's page and settings, without what builds, installs or fetches.

JupyterLab's own server application also carries an extension manager, a builder and a news reader. A workspace has no
use for them and they more than double the time to import, so that this one is made from `jupyterlab_server` directly
and serves the page that the jupyterlab package installed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jupyter_server._version import version_info
from jupyterlab_server import LabServerApp
from traitlets import Unicode, default

from .page import HERE

APPLICATION = Path(sys.prefix) / "share" / "jupyter" / "lab"


class WorkspaceLab(LabServerApp):
    """Serves JupyterLab at `/lab`."""

    name = "lab"
    app_name = "JupyterLab"  # what the page calls itself
    app_namespace = "lab"
    load_other_extensions = False
    default_url = Unicode("/lab")

    @default("app_version")
    def _app_version(self) -> str:
        return str(json.loads((APPLICATION / "static" / "package.json").read_text("utf-8"))["jupyterlab"]["version"])

    @default("static_dir")
    def _static_dir(self) -> str:
        return str(APPLICATION / "static")

    @default("templates_dir")
    def _templates_dir(self) -> str:
        return str(APPLICATION / "static")

    @default("schemas_dir")
    def _schemas_dir(self) -> str:
        return str(APPLICATION / "schemas")

    @default("themes_dir")
    def _themes_dir(self) -> str:
        return str(APPLICATION / "themes")

    @default("app_settings_dir")
    def _app_settings_dir(self) -> str:
        return str(HERE / "settings")

    def initialize_handlers(self) -> None:
        # The application exists by now, and the contents are files: what the base classes leave open.
        serverapp: Any = self.serverapp
        page_config = serverapp.web_app.settings.setdefault("page_config_data", {})
        contents = serverapp.contents_manager
        page_config["notebookVersion"] = str(list(version_info)).replace("'", '"')
        page_config["allow_hidden_files"] = contents.allow_hidden
        page_config["delete_to_trash"] = contents.delete_to_trash
        super().initialize_handlers()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "hdh_lockdown.lab", "app": WorkspaceLab}]
