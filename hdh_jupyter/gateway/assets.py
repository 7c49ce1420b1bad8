"""The route of JupyterLab's scripts, styles, themes and icons."""

from __future__ import annotations

from .base import WorkspaceHandler


class Static(WorkspaceHandler):
    """Serves a file, to anybody: it is public software."""

    async def admit(self) -> None:
        """Let anybody through."""

    async def get(self) -> None:
        compressed = "gzip" in self.request.headers.get("Accept-Encoding", "")
        asset = await self.gateway.static.asset(self.arrival.path, compressed)
        self.set_header("Cache-Control", asset.caching)
        self.set_header("Etag", asset.etag)
        self.set_header("Vary", "Accept-Encoding")
        if asset.etag in self.request.headers.get("If-None-Match", ""):
            self.set_status(304)
            return
        self.set_header("Content-Type", asset.content_type)
        if asset.encoding != "identity":
            self.set_header("Content-Encoding", asset.encoding)
        self.finish(asset.content)
