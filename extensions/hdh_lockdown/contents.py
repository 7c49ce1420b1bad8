"""Files as JupyterLab reads them: what is too large, or no text and no small picture, is refused with a sentence.

Notebooks and shared documents are read through the same class, so that one limit holds for all. The gateway has the
limit that counts; here a person learns why before anything large was read. Kernels read files themselves, whole.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from jupyter_server import CallContext
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado import web
from traitlets import Integer

from hdh_jupyter.i18n import preferred_language, translate

MIB = 2**20

_whole: ContextVar[bool] = ContextVar("whole", default=False)


class ShownContentsManager(AsyncLargeFileManager):
    """Shows text up to a size, and small pictures; everything else can be listed, moved, copied and deleted."""

    longest_text = Integer(
        32 * MIB, min=1024, help="Show no file or notebook that is larger, bytes; as the gateway does.", config=True
    )
    largest_image = Integer(2 * MIB, min=1024, help="Show no picture that is larger, bytes.", config=True)

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        require_hash: bool = False,
    ) -> dict[str, Any]:
        """Return the model of a file or a folder.

        Raises
        ------
        tornado.web.HTTPError
            403, with a sentence for a person: it is too large, or neither text nor a picture.
        """
        base: Any = super()
        shown = content and not _whole.get()
        if shown:
            self._require_size(path)
        try:
            model: dict[str, Any] = await base.get(path, content, type, format, require_hash)
        except web.HTTPError as error:
            if shown and error.reason == "bad format":
                raise _refusal("binary", path) from error
            raise
        if shown and model["format"] == "base64" and not _is_image(path):
            raise _refusal("binary", path)
        return model

    async def copy(self, from_path: str, to_path: str | None = None) -> dict[str, Any]:
        """Copy a file inside the workspace, of whatever size and kind."""
        base: Any = super()
        with _read_whole():
            copied: dict[str, Any] = await base.copy(from_path, to_path)
        return copied

    def _require_size(self, path: str) -> None:
        locate: Any = self._get_os_path
        try:
            place = Path(locate(path.strip("/")))
            size = place.stat().st_size if place.is_file() else 0
        except OSError:
            # It is gone or out of reach, which the reading itself tells better.
            return
        if _is_image(path) and size > self.largest_image:
            raise _refusal("image_too_large", path, limit=self.largest_image // MIB)
        if size > self.longest_text:
            raise _refusal("too_large", path, limit=self.longest_text // MIB)


@contextmanager
def _read_whole() -> Iterator[None]:
    token = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(token)


def _is_image(path: str) -> bool:
    return (mimetypes.guess_type(path)[0] or "").startswith("image/")


def _refusal(code: str, path: str, **params: object) -> web.HTTPError:
    handler: Any = CallContext.get(CallContext.JUPYTER_HANDLER)
    language = preferred_language(handler.request.headers.get("Accept-Language", "") if handler else "")
    sentence = translate(f"lockdown.{code}", language, name=os.path.basename(path), **params)
    return web.HTTPError(403, sentence, reason="Not shown")
