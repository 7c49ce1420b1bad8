"""What JupyterLab's page turns off in a workspace."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tornado import web

HERE = Path(__file__).parent

PageConfig = dict[str, Any]


@cache
def disabled_plugins() -> tuple[str, ...]:
    """Return the plugins of JupyterLab that a workspace goes without.

    They download, print, share, install or fetch from elsewhere; each identifier exists in JupyterLab 4.6 or in an
    extension that may stand beside it.
    """
    return tuple(json.loads((HERE / "disabled_plugins.json").read_text("utf-8")))


def restricted(page_config: PageConfig) -> PageConfig:
    """Return the page's configuration with these plugins off and every plugin locked, whatever was chosen elsewhere."""
    disabled = dict.fromkeys((*page_config.get("disabledExtensions", ()), *disabled_plugins()))
    return {
        **page_config,
        "disabledExtensions": list(disabled),
        "lockedExtensions": list(disabled),
        "buildAvailable": False,
        "buildCheck": False,
        "news": {"disabled": True},
        "token": "",
    }


def restrict_page(web_app: web.Application) -> None:
    """Have every page go through :func:`restricted`, after any hook that is there already."""
    earlier: Callable[[Any, PageConfig], PageConfig] | None = web_app.settings.get("page_config_hook")

    def hook(handler: Any, page_config: PageConfig) -> PageConfig:
        return restricted(earlier(handler, page_config) if earlier else page_config)

    web_app.settings["page_config_hook"] = hook
