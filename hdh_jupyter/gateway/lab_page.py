"""JupyterLab's page, made by the gateway: nothing that a browser executes or renders as markup comes from inside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader
from jupyter_server._version import version_info
from jupyterlab_server.config import LabConfig, get_page_config

from .lab_installation import Installation, disabled_plugins

WORKSPACE_ROOT = "/home/project"
"""What JupyterLab calls the server's root in the names of documents."""

TERMINAL_PLUGINS = tuple(
    f"@jupyterlab/terminal-extension:{name}" for name in ("plugin", "escape-hint", "open-folder-in-terminal")
)

_INLINE_SCRIPT = re.compile(r"<script>.*?</script>", re.DOTALL)
_PAGE = re.compile(r"(lab|doc)(?:/workspaces/([^/]+))?(?:/tree/(.*?))?/?", re.DOTALL)
_ADDITIONS = (
    '<link rel="stylesheet" media="print" href="{{ base_url }}static/hdh/print.css">'
    '<script src="{{ base_url }}static/hdh/page.js" data-portal="{{ portal }}" data-word="{{ word }}"></script>'
)

PageConfig = dict[str, Any]


class InstalledTemplate(FileSystemLoader):
    """The page that JupyterLab installed, read anew when it changes.

    Its inline script (which takes a token out of the address: there is none here) is left out, because the content
    security policy would refuse it with a line on everybody's console.
    """

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, name, current = super().get_source(environment, template)
        source = _INLINE_SCRIPT.sub("", source)
        source = source.replace('<html lang="en">', '<html lang="{{ language }}">', 1)
        return source.replace("</head>", f"{_ADDITIONS}</head>", 1), name, current


class LabPage:
    """Makes the page of a project's JupyterLab."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._environment = Environment(loader=InstalledTemplate(installation.static), autoescape=True)

    def render(
        self, base_url: str, path: str, language: str, portal: str, word: str = "", terminals: bool = True
    ) -> str:
        """Return the page.

        Parameters
        ----------
        base_url
            The path below which the project's workspace is, with a slash at both ends.
        path
            The encoded path of the page below it.
        portal
            The origin of the portal, whose page is told `word`.
        terminals
            Whether people may open some.
        """
        config = {**page_config(self._installation, base_url), **place(path)}
        if not terminals:
            config = restricted({**config, "terminalsAvailable": False}, TERMINAL_PLUGINS)
        return self._environment.get_template("index.html").render(
            page_config=config, base_url=base_url, ws_url="", language=language, portal=portal, word=word
        )


def place(path: str) -> PageConfig:
    """Return what a page's address says: the mode, the layout and the document to open."""
    found = _PAGE.fullmatch(unquote(path))
    mode, layout, tree = found.groups() if found else ("lab", None, None)
    return {
        "mode": "single-document" if mode == "doc" else "multiple-document",
        "workspace": layout or "default",
        "treePath": tree or "",
    }


def page_config(installation: Installation, base_url: str) -> PageConfig:
    """Return the configuration that JupyterLab's scripts read from their page.

    No token, no way to build, install or fetch news, and the closed plugins off and locked, whatever the installation
    says of them.
    """
    extensions = str(installation.extensions)
    names = LabConfig(app_name="JupyterLab", app_version=installation.version(), app_namespace="lab")
    urls = {name: str(getattr(names, name)) for name in names.trait_names() if name.endswith("_url")}
    config = {
        **get_page_config([extensions], str(installation.application / "settings")),
        "appName": names.app_name,
        "appVersion": names.app_version,
        "appNamespace": names.app_namespace,
        **{_camel_case(name): url for name, url in urls.items()},
        **{_camel_case(f"full_{name}"): f"{base_url.rstrip('/')}/{url.strip('/')}" for name, url in urls.items()},
        "fullStaticUrl": f"{base_url}static/lab",
        "cacheFiles": True,
        "notebookStartsKernel": True,
        "notebookVersion": json.dumps(list(version_info)),
        "preferredPath": "/",
        "serverRoot": WORKSPACE_ROOT,
        "terminalsAvailable": True,
        "allow_hidden_files": False,
        "delete_to_trash": False,
        "disableRTC": False,
        "serverSideExecution": False,
        "ignorePlugins": [],
        "store_id": 0,
    }
    return restricted(config)


def restricted(config: PageConfig, plugins: Iterable[str] = ()) -> PageConfig:
    """Return a page's configuration with the closed plugins off and locked, and without what would undo it.

    Parameters
    ----------
    plugins
        More plugins to close.
    """
    disabled = list(dict.fromkeys((*config.get("disabledExtensions", ()), *disabled_plugins(), *plugins)))
    return {
        **config,
        "disabledExtensions": disabled,
        "lockedExtensions": disabled,
        "buildAvailable": False,
        "buildCheck": False,
        "news": {"disabled": True},
        "token": "",
    }


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.title() for part in others)
