"""The workspace's side of an extraction: checks chosen files as advice and stages copies for the gateway to pull.

Nothing here is a boundary: it runs beside the kernels. The checks that count run again in the hub zone. May import
`hdh_jupyter.disclosure`, `hdh_jupyter.errors` and `hdh_jupyter.i18n` alone.
"""

from __future__ import annotations

from typing import Any

from .app import EgressExtension


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "hdh_egress", "app": EgressExtension}]
