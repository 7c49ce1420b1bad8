"""The workspace's own Jupyter server: who is there, what is offered, what is closed.

It runs inside a workspace, among code that nobody trusts: what it closes is convenience and defence in depth, and the
gateway outside is the boundary. It imports Jupyter's libraries only.

- `identity`: people as the gateway names them
- `closed_routes`: routes that hand out files, answered with 403
- `page`: what the page of JupyterLab turns off
- `lab`, `server`: JupyterLab and its server with the few extensions that a workspace needs
"""

from __future__ import annotations

from typing import Any

from .closed_routes import close_routes
from .page import restrict_page

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "hdh_lockdown"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    close_routes(serverapp.web_app)


async def _start_jupyter_server_extension(serverapp: Any) -> None:
    # At load time it would be replaced by what JupyterHub's single-user extension sets later.
    restrict_page(serverapp.web_app)
