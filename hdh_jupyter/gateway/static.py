"""JupyterLab's scripts, styles, themes and icons, from the gateway's own installation.

A workspace never gets to say which script runs in a person's browser, so none of this is asked of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import importlib.util
import re
import stat
import sys
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

from ..errors import PublicError
from .lab_installation import FILES
from .table import MIB

CACHE_SIZE = 128 * MIB

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
COMPRESSIBLE = frozenset({".css", ".js", ".json", ".map", ".mjs", ".svg", ".ttf", ".wasm"})

_HASHED_NAME = re.compile(r"(?:^|[./_-])[0-9a-f]{16,}\.")
_CURRENT = "no-cache"
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file ready to be sent."""

    content: bytes
    content_type: str
    encoding: str
    etag: str
    caching: str


class StaticFiles:
    """Finds and keeps the files of an installation.

    Parameters
    ----------
    roots
        Prefix of the path below a project's base URL -> the folders to look in, the first one first.
    """

    def __init__(self, roots: Mapping[str, tuple[Path, ...]]) -> None:
        self._roots = roots
        self._cache: OrderedDict[tuple[Path, int, int, bool], Asset] = OrderedDict()
        self._cached = 0

    async def asset(self, path: str, compressed: bool) -> Asset:
        """Return the file at an encoded path below a project's base URL.

        Parameters
        ----------
        compressed
            Whether the browser takes gzip.

        Raises
        ------
        PublicError
            `gateway.no_such_file`.
        """
        return await asyncio.to_thread(self._asset, unquote(path), compressed)

    def _asset(self, path: str, compressed: bool) -> Asset:
        file = self._find(path)
        compressed = compressed and file.suffix in COMPRESSIBLE
        status = file.stat()
        key = (file, status.st_mtime_ns, status.st_size, compressed)
        kept = self._cache.get(key)
        if kept is None:
            content = file.read_bytes()
            etag = f'"{sha256(content).hexdigest()[:32]}{"-gz" if compressed else ""}"'
            kept = Asset(
                gzip.compress(content, 6, mtime=0) if compressed else content,
                CONTENT_TYPES.get(file.suffix, "application/octet-stream"),
                "gzip" if compressed else "identity",
                etag,
                _FOR_EVER if _HASHED_NAME.search(file.name) else _CURRENT,
            )
            self._keep(key, kept)
        return kept

    def _keep(self, key: tuple[Path, int, int, bool], asset: Asset) -> None:
        self._cache[key] = asset
        self._cached += len(asset.content)
        while self._cached > CACHE_SIZE:
            _, dropped = self._cache.popitem(last=False)
            self._cached -= len(dropped.content)

    def _find(self, path: str) -> Path:
        for prefix, folders in self._roots.items():
            if path.startswith(prefix):
                for folder in folders:
                    # Dot segments never get here (`paths`); links inside the installation are the administrator's.
                    file = folder / path.removeprefix(prefix)
                    # A name that is too long, or that no file can have, is a file that is not there.
                    with contextlib.suppress(OSError, ValueError):
                        if stat.S_ISREG(file.stat().st_mode):
                            return file
        raise PublicError("gateway.no_such_file", 404)


def installed_roots(prefix: Path = Path(sys.prefix)) -> dict[str, tuple[Path, ...]]:
    """Return where the running Python's installation keeps the files of JupyterLab and its extensions."""
    share = prefix / "share" / "jupyter"
    extensions = share / "labextensions"
    themes = sorted(path for path in extensions.glob("**/themes") if path.is_dir())
    server = importlib.util.find_spec("jupyter_server")
    icons = tuple(Path(folder) / "static" for folder in (server and server.submodule_search_locations) or ())
    return {
        "static/lab/": (share / "lab" / "static",),
        "static/hdh/": (FILES / "static",),
        "lab/extensions/": (extensions,),
        "lab/api/themes/": (*themes, share / "lab" / "themes"),
        "static/": icons,
    }
