"""JupyterLab as it is installed in the hub zone: where its files are, and what the platform adds to them."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "lab_files"

LOCALES = {"fr": "fr_FR", "en": "en"}
"""JupyterLab's name for each language of the platform."""


@dataclass(frozen=True)
class Installation:
    """An installed JupyterLab.

    Attributes
    ----------
    prefix
        The environment's folder, which holds `share/jupyter`.
    """

    prefix: Path = Path(sys.prefix)

    @property
    def extensions(self) -> Path:
        return self.prefix / "share" / "jupyter" / "labextensions"

    @property
    def application(self) -> Path:
        return self.prefix / "share" / "jupyter" / "lab"

    @property
    def static(self) -> Path:
        return self.application / "static"

    @property
    def schemas(self) -> Path:
        return self.application / "schemas"

    def version(self) -> str:
        """Return the version of JupyterLab."""
        return str(json.loads((self.static / "package.json").read_text("utf-8"))["jupyterlab"]["version"])


@cache
def disabled_plugins() -> tuple[str, ...]:
    """Return the plugins of JupyterLab that a workspace goes without.

    They download, print, share, install or fetch from elsewhere; each identifier exists in JupyterLab 4.6 or in an
    extension that may stand beside it.
    """
    return tuple(json.loads((FILES / "disabled_plugins.json").read_text("utf-8")))


@cache
def setting_overrides() -> dict[str, dict[str, Any]]:
    """Return the defaults of settings that differ from JupyterLab's own, by plugin."""
    content: dict[str, dict[str, Any]] = json.loads((FILES / "overrides.json").read_text("utf-8"))
    return content
