"""The address of a workspace inside the portal's page, and the paths that may stand in it. Pure.

A workspace's page is shown inside a frame of the portal alone: the browser then holds it there, because the portal's
policy names the only origin that the frame may show.
"""

from __future__ import annotations

from urllib.parse import quote

from ..errors import PublicError
from .paths import parse_target
from .table import Kind, find_route

FIRST_PAGE = "lab"


def page_path(path: str) -> str | None:
    """Return the encoded path of a JupyterLab page below a project's base URL, or None when it is none.

    Parameters
    ----------
    path
        `lab/tree/results/a%20b.ipynb`, as a person's address bar may hold it.
    """
    try:
        target = parse_target(f"/{path}")
    except PublicError:
        return None
    route = None if target.query else find_route("GET", path, target.encoded_slash)
    return path if route is not None and route.kind is Kind.PAGE else None


def frame_url(hub_url: str, project: str, path: str = FIRST_PAGE) -> str:
    """Return the address of the portal's page around a workspace.

    Parameters
    ----------
    hub_url
        The public address of the hub's pages, with a slash at the end.
    """
    address = f"{hub_url}workspace/{project}"
    return address if path == FIRST_PAGE else f"{address}?path={quote(path, safe='/')}"
