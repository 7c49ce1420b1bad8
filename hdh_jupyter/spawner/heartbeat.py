"""Whether a workspace's server answers, asked without ever waiting for it. Standard library only."""

from __future__ import annotations

import socket
import time

INTERVAL = 10.0
"""Seconds between two questions."""

PATIENCE = 30.0
"""Seconds without an answer after which a server is silent: it may be busy with a large document for a while."""


class Heartbeat:
    """Asks a server, over and over.

    Parameters
    ----------
    path
        The unix socket on which it listens.
    url
        What is asked of it.
    """

    def __init__(self, path: str, url: str, interval: float = INTERVAL, patience: float = PATIENCE) -> None:
        self.path = path
        self.request = f"GET {url} HTTP/1.1\r\nHost: workspace\r\nConnection: close\r\n\r\n".encode()
        self.interval = interval
        self.patience = patience
        self.silent = False
        self._met = False
        self._question: socket.socket | None = None
        self._asked = 0.0

    def beat(self) -> None:
        """Look for the answer to the last question, or ask again when it is time."""
        now = time.monotonic()
        if self._question is None:
            if now - self._asked >= self.interval:
                self._ask(now)
            return
        try:
            answered = bool(self._question.recv(4096))
        except BlockingIOError:
            # Before the first answer it has not started yet, which others watch.
            if now - self._asked > self.patience and self._met:
                self.silent = True
                self._drop()
            return
        except OSError:
            answered = False
        if answered:
            self._met, self.silent = True, False
        self._drop()

    def _ask(self, now: float) -> None:
        self._asked = now
        question = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            question.connect(self.path)
            question.send(self.request)
        except OSError as error:
            question.close()
            # Nobody has taken the calls that wait.
            self.silent = self.silent or (self._met and isinstance(error, BlockingIOError))
            return
        self._question = question

    def _drop(self) -> None:
        if self._question is not None:
            self._question.close()
            self._question = None
