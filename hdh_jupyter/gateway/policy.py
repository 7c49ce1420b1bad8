"""What the platform lets people do in workspaces beyond its fixed rules: copying out, terminals."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Enum, Integer
from traitlets.config import Configurable

from ..errors import PublicError
from .table import Feature, Route


class WorkspacePolicy(Configurable):
    """The policy of the platform for every workspace."""

    copy = Enum(
        ("off", "limited", "on"),
        default_value="limited",
        help="Let people copy text out of JupyterLab to their own computer: `off`, `limited` to so many characters at "
        "once, or `on`. Every copy is recorded, without its text. This is the page's doing, hence a reminder and no "
        "barrier: what a person sees, they can write down.",
        config=True,
    )
    copy_limit = Integer(2000, min=1, help="Copy at most this many characters at once when `limited`.", config=True)
    terminals = Bool(
        True,
        help="Let people open terminals. Off, the gateway passes nothing of them on; what programs a workspace runs is "
        "not changed by it.",
        config=True,
    )

    def require(self, route: Route) -> None:
        """Refuse a route that the policy closes.

        Raises
        ------
        PublicError
            `gateway.terminals_off`.
        """
        if route.feature is Feature.TERMINALS and not self.terminals:
            raise PublicError("gateway.terminals_off", 403)

    def to_dict(self) -> dict[str, Any]:
        """Return what the page is told."""
        return {"copy": {"mode": self.copy, "limit": self.copy_limit}, "terminals": self.terminals}
