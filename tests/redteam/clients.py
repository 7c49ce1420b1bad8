"""What attackers speak with: HTTP and websockets to a Jupyter server, by a member's cookie or by a token."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import websocket

PATIENCE = 60
"""Seconds for what starts."""


@dataclass
class Server:
    """A Jupyter server as somebody reaches it.

    Attributes
    ----------
    base
        Its public address with the base URL, without a slash at the end.
    headers
        What every request carries besides the cookies.
    """

    base: str
    session: requests.Session
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send what JupyterLab would send; `headers` in the options come on top, None takes one away."""
        xsrf = self.session.cookies.get(
            "_xsrf", domain=urlsplit(self.base).hostname, path=f"{urlsplit(self.base).path}/"
        )
        headers = {"Origin": self.origin, **self.headers, **({"X-XSRFToken": xsrf} if xsrf else {})}
        headers.update(options.pop("headers", {}))
        options.setdefault("timeout", PATIENCE)
        options.setdefault("allow_redirects", False)
        return self.session.request(method, f"{self.base}/{path}", headers=headers, **options)

    def json(self, method: str, path: str, content: Any = None) -> Any:
        """Return the JSON that answers a request; an error of the server is raised."""
        reply = self.request(method, path, **({} if content is None else {"json": content}))
        reply.raise_for_status()
        return reply.json() if reply.content else None

    @property
    def cookies(self) -> str:
        """The cookies that a browser would send here, as a header."""
        request = requests.Request("GET", f"{self.base}/api")
        return self.session.prepare_request(request).headers.get("Cookie", "")

    def socket(self, path: str, **options: Any) -> websocket.WebSocket:
        """Open a websocket; `origin`, `cookie` and `header` in the options replace what the page would send."""
        options.setdefault("origin", self.origin)
        options.setdefault("cookie", self.cookies)
        options.setdefault("header", [f"{name}: {value}" for name, value in self.headers.items()])
        options.setdefault("timeout", PATIENCE)
        return websocket.create_connection(f"{self.base.replace('http', 'ws', 1)}/{path}", **options)

    def writes(self, path: str, content: str) -> None:
        """Save a text file."""
        self.json("PUT", f"api/contents/{path}", {"type": "file", "format": "text", "content": content})

    @contextmanager
    def kernel(self, name: str = "python3") -> Iterator[Kernel]:
        """Start a kernel, and end it."""
        kernel = self.json("POST", "api/kernels", {"name": name})["id"]
        try:
            with Kernel(self, kernel) as connected:
                yield connected
        finally:
            self.request("DELETE", f"api/kernels/{kernel}")

    @contextmanager
    def terminal(self) -> Iterator[Terminal]:
        """Open a terminal, and close it."""
        name = self.json("POST", "api/terminals", {})["name"]
        connection = self.socket(f"terminals/websocket/{name}")
        try:
            yield Terminal(connection)
        finally:
            connection.close()
            self.request("DELETE", f"api/terminals/{name}")


class Kernel:
    """A kernel at the end of a websocket."""

    def __init__(self, server: Server, number: str) -> None:
        self.number = number
        self._server = server

    def __enter__(self) -> Kernel:
        self._socket = self._server.socket(f"api/kernels/{self.number}/channels")
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        # What the server closed first is not closed by that.
        self._socket.shutdown()

    def messages(self, code: str, seconds: float = PATIENCE) -> Iterator[dict[str, Any]]:
        """Run code, and yield every message that it causes."""
        header = {
            "msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": uuid.uuid4().hex,
            "date": "2020-01-01T00:00:00Z", "version": "5.3",
        }  # fmt: skip
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
        self._socket.send(json.dumps(message))
        deadline = time.monotonic() + seconds
        while True:
            self._socket.settimeout(max(0.1, deadline - time.monotonic()))
            answer = json.loads(self._socket.recv())
            if answer["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            yield answer
            if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                return

    def run(self, code: str, seconds: float = PATIENCE) -> str:
        """Run code, and return what it printed."""
        printed = ""
        for message in self.messages(code, seconds):
            if message["msg_type"] == "stream":
                printed += message["content"]["text"]
            if message["msg_type"] == "error":
                printed += f"{message['content']['ename']}: {message['content']['evalue']}"
        return printed


class Terminal:
    """A shell at the end of a websocket."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self._socket = connection

    def run(self, line: str, seconds: float = PATIENCE) -> str:
        """Type a line, and return what was printed until it ended."""
        mark = uuid.uuid4().hex
        # The mark is typed in two halves: what the terminal echoes is not the end.
        self._socket.send(json.dumps(["stdin", f"{line}; echo {mark[:16]}''{mark[16:]}\r"]))
        printed = ""
        deadline = time.monotonic() + seconds
        while mark not in printed:
            self._socket.settimeout(max(0.1, deadline - time.monotonic()))
            kind, *content = json.loads(self._socket.recv())
            if kind == "stdout":
                printed += content[0]
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", printed.split(mark)[0])


def new_session() -> requests.Session:
    """Return a session that keeps no connection open, so that none is left to the garbage collector."""
    session = requests.Session()
    session.headers["Connection"] = "close"
    return session


def sign_in(portal: str, name: str, password: str) -> requests.Session:
    """Return a session that is signed in at the portal, as the form does it."""
    session = new_session()
    page = session.get(f"{portal}/hub/login", timeout=PATIENCE)
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
    form = {"username": name, "password": password, "_xsrf": xsrf[1] if xsrf else ""}
    session.post(f"{portal}/hub/login", data=form, headers={"Origin": portal}, timeout=PATIENCE).raise_for_status()
    assert session.get(f"{portal}/hub/home", allow_redirects=False, timeout=PATIENCE).status_code == 200
    return session


def project_base(portal: str, project: str) -> str:
    """Return the address of a project's workspace."""
    return f"{portal.replace('://', f'://prj-{project}.', 1)}/user/prj-{project}"


def enter(portal: str, session: requests.Session, project: str) -> Server:
    """Open a project's workspace and sign in to it, as the browser does; return it once it answers."""
    session.get(f"{portal}/hub/spawn/prj-{project}", timeout=PATIENCE)
    server = Server(project_base(portal, project), session)
    deadline = time.monotonic() + PATIENCE
    while True:
        for destination in ({"Sec-Fetch-Dest": "document"}, {"Sec-Fetch-Dest": "iframe"}):
            session.get(f"{server.base}/lab", headers=destination, timeout=PATIENCE)
        reply = server.request("GET", "api/contents?content=0")
        if reply.status_code == 200:
            return server
        assert time.monotonic() < deadline, f"{project} does not open: {reply.status_code} {reply.text[:300]}"
        time.sleep(0.5)
