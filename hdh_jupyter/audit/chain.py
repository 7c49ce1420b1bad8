"""How events are sealed and chained.

The seal is an HMAC-SHA256 (RFC 2104) under a key that stays out of the database, over canonical JSON: sorted keys, no
spaces, ASCII. Each seal covers the one before, so an event cannot change, move, go or come without breaking the chain.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

START = "0" * 64
"""What the first event has for a previous digest."""

SEALED = ("seq", "at", "action", "actor", "project", "subject", "detail", "previous")
"""The columns of an event that its digest covers."""


def canonical(value: Any) -> str:
    """Return the one JSON text of a value.

    Raises
    ------
    TypeError, ValueError
        The value has no JSON form.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def event_digest(key: bytes, event: Mapping[str, Any]) -> str:
    """Return the seal of an event's columns."""
    return _seal(key, "event", {name: event[name] for name in SEALED})


def head_seal(key: bytes, events: int, digest: str) -> str:
    """Return the seal on the end of the log."""
    return _seal(key, "head", {"events": events, "digest": digest})


def same(one: Any, other: str) -> bool:
    """Compare two digests in constant time; a value of another type differs."""
    return isinstance(one, str) and one.isascii() and hmac.compare_digest(one, other)


def _seal(key: bytes, kind: str, content: Mapping[str, Any]) -> str:
    return hmac.new(key, canonical({"kind": kind, "content": content}).encode(), hashlib.sha256).hexdigest()
