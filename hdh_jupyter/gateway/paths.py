"""The target of a request, taken apart without any room for two readings of it.

The route table matches the path as it was sent. A path that the server inside could read differently (dot segments,
encoded or doubled slashes, backslashes, control characters) never gets that far.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_to_bytes

from ..errors import PublicError

LONGEST_TARGET = 8192

_CHARACTERS = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
_QUERY_CHARACTERS = re.compile(r"[\x21\x24-\x7e]*")
_ENCODED_SLASH = re.compile(r"%2f", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """A request's target.

    Attributes
    ----------
    path
        The path as it was sent, still encoded.
    query
        The query as it was sent, without its question mark.
    """

    path: str
    query: str

    @property
    def encoded_slash(self) -> bool:
        """Whether a slash hides in a segment; few routes take one."""
        return _ENCODED_SLASH.search(self.path) is not None

    @property
    def names_token(self) -> bool:
        """Whether the query tries to carry a credential."""
        return any(name.strip().lower() == "token" for name, _ in parse_qsl(self.query, keep_blank_values=True))


def parse_target(uri: str) -> Target:
    """Take the target of a request apart.

    Raises
    ------
    PublicError
        `gateway.bad_path`: it could be read in two ways.
    """
    path, _, query = uri.partition("?")
    if len(uri) > LONGEST_TARGET or not _CHARACTERS.fullmatch(path) or not _QUERY_CHARACTERS.fullmatch(query):
        raise PublicError("gateway.bad_path", 400)
    try:
        decoded = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise PublicError("gateway.bad_path", 400) from None
    segments = decoded.split("/")[1:]
    hidden = any(ord(c) < 32 or c in "\\\x7f" for c in decoded)
    if hidden or "" in segments[:-1] or not {".", ".."}.isdisjoint(segments):
        raise PublicError("gateway.bad_path", 400)
    return Target(path, query)
