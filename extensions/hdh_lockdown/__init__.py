"""The workspace's own Jupyter server: who is there, what is offered, what is closed.

It runs inside a workspace, among code that nobody trusts: what it closes is convenience and defence in depth, and the
gateway outside is the boundary. It imports Jupyter's libraries only.

- `identity`: people as the gateway names them
- `contents`: files as JupyterLab reads them, with a sentence for what is not shown
- `closed_routes`: routes that hand out files, answered with 403
- `proof`: which workspace this is, told to the gateway
- `versions`: what is installed, told to the gateway, which serves the front ends
- `server`: Jupyter's server with the few extensions that a workspace needs; JupyterLab's page is the gateway's
"""

from __future__ import annotations

from typing import Any

from .closed_routes import close_routes
from .versions import serve_versions

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "hdh_lockdown"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    close_routes(serverapp.web_app)
    serve_versions(serverapp.web_app)
