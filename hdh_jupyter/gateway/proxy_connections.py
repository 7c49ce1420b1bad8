"""Keeps configurable-http-proxy from turning answered requests into errors on unix sockets.

The proxy (5.3) uses every connection to a unix socket once and asks, by `Connection: close`, to have it closed after
the reply. Node ends a request that has a body with an empty write; when the server has answered and closed before that
write, which takes a busy machine and nothing else, the write fails with EPIPE and the proxy tells the browser 503 of a
request that was in fact carried out. A server that leaves the closing to the proxy, which closes as soon as it has the
whole reply, is not affected.
"""

from __future__ import annotations

import socket
from functools import cache
from typing import Any

from tornado.http1connection import HTTP1Connection


@cache
def leave_closing_to_proxy() -> None:
    """Make tornado's servers in this process keep connections on unix sockets open until the other side closes them.

    A second call changes nothing.
    """
    # Private, for want of a hook: tornado decides before it shows the request to anybody.
    decide: Any = HTTP1Connection._can_keep_alive

    def can_keep_alive(self: HTTP1Connection, start_line: Any, headers: Any) -> bool:
        peer = getattr(self.stream, "socket", None)
        on_unix_socket = not self.is_client and peer is not None and peer.family == socket.AF_UNIX
        return on_unix_socket or bool(decide(self, start_line, headers))

    HTTP1Connection._can_keep_alive = can_keep_alive  # type: ignore[method-assign]
