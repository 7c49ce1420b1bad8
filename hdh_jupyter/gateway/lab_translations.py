"""JupyterLab's language packs, from the installation."""

from __future__ import annotations

import gzip
import json
from functools import cached_property, lru_cache
from typing import Any

from jupyterlab_server.translation_utils import get_language_pack, get_language_packs


class Translations:
    """The installed language packs.

    The methods wait for files: call them in a thread.
    """

    @cached_property
    def installed(self) -> frozenset[str]:
        """The locales that there is a pack for, and English."""
        return frozenset(get_language_packs()[0])

    def listed(self, locale: str) -> dict[str, Any]:
        """Return the installed languages by locale, with their names in the language of `locale`."""
        data, message = get_language_packs(display_locale=locale)
        return {"data": data, "message": message}

    def pack(self, locale: str) -> tuple[bytes, bytes]:
        """Return a language's sentences as JSON, plain and compressed; empty for a language that is not installed."""
        return _pack(locale if locale in self.installed else "")


@lru_cache(maxsize=16)
def _pack(locale: str) -> tuple[bytes, bytes]:
    data, message = get_language_pack(locale) if locale else ({}, "")
    content = json.dumps({"data": data, "message": message}, ensure_ascii=False).encode()
    return content, gzip.compress(content, 6, mtime=0)
