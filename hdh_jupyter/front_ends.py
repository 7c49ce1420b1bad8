"""The packages that are in two places: a front end in the page, which the hub zone serves, and a back end inside.

The two are installed apart on a cluster, and should be of one version.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

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


def installed_versions() -> dict[str, str | None]:
    """Return the version of each package here, None for one that is not installed."""
    found: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found
