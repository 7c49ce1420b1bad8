"""What attackers aim at: listeners of every kind on the host, secrets in places that must not be seen, a process.

They are there for both sides. Whatever reaches a listener is kept, so that an attack which says nothing of its success
is found out: each try carries a mark of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import io
import os
import secrets
import shutil
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PACKAGE = "hdh-canary"
MULTICAST = "239.255.77.77"

DECOY = """
import ctypes, mmap, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
secret, queue = sys.argv[2].encode(), sys.argv[3].encode()
buffer = ctypes.create_string_buffer(secret)
shared = libc.shmget(0, 4096, 0o1666)
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
ctypes.memmove(libc.shmat(shared, None, 0), secret + b"\\0", len(secret) + 1)
messages = libc.msgget(0, 0o1666)
class Message(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_long), ("text", ctypes.c_char * 128)]
for _ in range(8):
    libc.msgsnd(messages, ctypes.byref(Message(1, secret)), len(secret), 0)
posix = libc.mq_open(queue, os.O_RDWR | os.O_CREAT, 0o666, None)
if posix >= 0:
    for _ in range(8):
        libc.mq_send(posix, secret, len(secret), 0)
print(ctypes.addressof(buffer), shared, messages, posix, flush=True)
sys.stdin.read()
libc.shmctl(shared, 0, None)
libc.msgctl(messages, 0, None)
libc.mq_unlink(queue)
"""
"""A process of the host with a secret in its memory, its environment and what processes share."""


@dataclass
class Targets:
    """Where everything is.

    Attributes
    ----------
    facts
        What an attacker is told, who need not guess anything.
    secret
        What stands in every place that must not be read.
    """

    facts: dict[str, Any]
    secret: str
    _seen: list[str] = field(default_factory=list)

    def note(self, what: bytes | str) -> None:
        """Keep what reached a listener."""
        self._seen.append(what.decode("latin-1") if isinstance(what, bytes) else what)

    def saw(self, mark: str) -> bool:
        """Whether anything with this mark arrived."""
        return any(mark in seen for seen in self._seen)


def host_address(family: socket.AddressFamily, far: str) -> str | None:
    """Return the address by which this machine would leave; nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as route:
        try:
            route.connect((far, 9))
        except OSError:
            return None
        address = str(route.getsockname()[0])
    return None if address.startswith("127.") or address == "::1" else address


def link_local() -> str | None:
    """Return this machine's link-local IPv6 address with its interface."""
    path = Path("/proc/net/if_inet6")
    for line in path.read_text().splitlines() if path.exists() else []:
        digits, *_, interface = line.split()
        if digits.startswith("fe80"):
            return f"{socket.inet_ntop(socket.AF_INET6, bytes.fromhex(digits))}%{interface}"
    return None


@contextlib.contextmanager
def standing(folder: Path) -> Iterator[Targets]:
    """Put every target up, and take all of them away at the end."""
    secret = f"hdh-secret-{secrets.token_hex(8)}"
    tag = f"hdh-redteam-{secrets.token_hex(4)}"
    targets = Targets({"tag": tag, "secret": secret}, secret)
    with contextlib.ExitStack() as stack:
        targets.facts.update(_listeners(targets, folder, tag, stack))
        targets.facts.update(_files(secret, tag, stack))
        targets.facts.update(_decoy(folder, secret, tag, stack))
        yield targets


def _listeners(targets: Targets, folder: Path, tag: str, stack: contextlib.ExitStack) -> dict[str, Any]:
    address = host_address(socket.AF_INET, "192.0.2.1") or host_address(socket.AF_INET, "198.51.100.1")
    address6 = host_address(socket.AF_INET6, "2001:db8::1")
    web = folder / "web"
    _repository(web)
    facts: dict[str, Any] = {"address": address, "address6": address6, "link_local": link_local()}
    names = {"tcp": address, "tcp_loopback": "127.0.0.1", "tcp6": address6, "tcp6_loopback": "::1"}
    names["tcp_link_local"] = facts["link_local"]
    for name, place in names.items():
        facts[name] = place and _serve(stack, _Tcp, (place, 0), _Echo, targets)
    facts["http"] = address and _serve(stack, _Web, (address, 0), _handler(web), targets)
    facts["udp"] = address and _serve(stack, _Udp, (address, 0), _Datagram, targets)
    facts["web"] = str(web)
    facts["multicast"], facts["broadcast"] = MULTICAST, "255.255.255.255"
    facts["everywhere"] = _serve(stack, _Everywhere, ("", 0), _Datagram, targets)
    try:
        facts["dns"] = address and _serve(stack, _Udp, (address, 53), _Resolver, targets)
    except OSError:
        facts["dns"] = None
    short = Path(stack.enter_context(_folder(Path("/tmp") / tag)))
    facts["unix_tmp"] = _unix(stack, str(short / "sink.sock"), targets)
    facts["unix_abstract"] = _unix(stack, f"\0{tag}", targets)
    for name, parent in (("unix_run", Path("/run")), ("unix_x11", Path("/tmp/.X11-unix"))):
        facts[name] = None
        if os.access(parent if parent.exists() else parent.parent, os.W_OK):
            if not parent.exists():
                parent.mkdir()
                stack.callback(parent.rmdir)
            facts[name] = _unix(stack, str(parent / f"{tag}.sock"), targets)
    return facts


def _files(secret: str, tag: str, stack: contextlib.ExitStack) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    places = {"file_tmp": f"/tmp/{tag}-file", "file_shm": f"/dev/shm/{tag}"}
    for name, place in places.items():
        Path(place).write_text(secret)
        stack.callback(Path(place).unlink)
        facts[name] = place
    facts["person_home"] = None
    if os.access("/home", os.W_OK):
        home = Path(stack.enter_context(_folder(Path("/home") / tag)))
        (home / ".ssh").mkdir()
        (home / ".ssh" / "id_ed25519").write_text(secret)
        facts["person_home"] = str(home)
    return facts


def _decoy(folder: Path, secret: str, tag: str, stack: contextlib.ExitStack) -> dict[str, Any]:
    place = folder / "decoy"
    place.mkdir()
    (place / "secret").write_text(secret)
    process = subprocess.Popen(
        [sys.executable, "-c", DECOY, tag, secret, f"/{tag}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=place,
        env={"HDH_DECOY": secret},
        text=True,
    )
    stack.callback(_end, process)
    assert process.stdout is not None
    memory, shared, messages, posix = map(int, process.stdout.readline().split())
    return {
        "decoy": process.pid, "decoy_memory": memory, "decoy_shm": shared, "decoy_messages": messages,
        "decoy_queue": f"/{tag}" if posix >= 0 else None, "decoy_secret": str(place / "secret"),
    }  # fmt: skip


def _end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=20)


@contextlib.contextmanager
def _folder(place: Path) -> Iterator[str]:
    place.mkdir(mode=0o755)
    yield str(place)
    shutil.rmtree(place)


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    targets: Targets

    def __init__(self, place: Any, handler: Any) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        if "%" in place[0]:
            place = socket.getaddrinfo(place[0], place[1])[0][4]
        super().__init__(place, handler)


class _Web(http.server.ThreadingHTTPServer):
    targets: Targets


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    targets: Targets


class _Udp(socketserver.UDPServer):
    targets: Targets


class _Everywhere(_Udp):
    """Takes datagrams that are sent to all."""

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        super().server_bind()
        with contextlib.suppress(OSError):
            group = struct.pack("4s4s", socket.inet_aton(MULTICAST), socket.inet_aton("0.0.0.0"))
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)


class _Echo(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        self.request.settimeout(10)
        with contextlib.suppress(OSError):
            data = self.request.recv(65536)
            self.server.targets.note(data)
            self.request.sendall(b"seen " + data)


class _Datagram(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        data, sender = self.request
        self.server.targets.note(data)
        sender.sendto(b"seen " + data, self.client_address)


def dns_reply(question: bytes) -> bytes:
    """Answer any question for an address with 192.0.2.99."""
    header = question[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
    end = question.index(b"\0", 12) + 5
    return header + question[12:end] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("192.0.2.99")


class _Resolver(_Datagram):
    def handle(self) -> None:
        data, sender = self.request
        self.server.targets.note(data)
        sender.sendto(dns_reply(data), self.client_address)


def _handler(web: Path) -> type[http.server.SimpleHTTPRequestHandler]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        """Serves a package index and a git repository, answers questions of DNS, and sees everything."""

        server: Any

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(web))

        def log_message(self, *_: Any) -> None:
            """Keep the console free."""

        def do_GET(self) -> None:
            self.server.targets.note(self.path + str(self.headers))
            if self.path.startswith("/seen/"):
                self._answer(f"seen {self.path}".encode())
            else:
                super().do_GET()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.server.targets.note(self.path + str(self.headers))
            self.server.targets.note(body)
            self._answer(dns_reply(body) if self.path == "/dns-query" else b"seen " + body)

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _serve(stack: contextlib.ExitStack, kind: Any, place: Any, handler: Any, targets: Targets) -> int:
    server = kind(place, handler)
    server.targets = targets
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    return int(server.server_address[1]) if isinstance(server.server_address, tuple) else 0


def _unix(stack: contextlib.ExitStack, place: str, targets: Targets) -> str:
    _serve(stack, _Unix, place, _Echo, targets)
    if not place.startswith("\0"):
        os.chmod(place, 0o777)
        stack.callback(os.unlink, place)
    return place


def _repository(web: Path) -> None:
    """Make a package index with one package, a CRAN with one, and a git repository that plain HTTP can serve."""
    web.mkdir(parents=True)
    wheel = io.BytesIO()
    name = PACKAGE.replace("-", "_")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{name}-1.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1\n")
        archive.writestr(f"{name}-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{name}-1.dist-info/RECORD", "")
    file = f"{name}-1-py3-none-any.whl"
    index = web / "simple" / PACKAGE
    index.mkdir(parents=True)
    (index / file).write_bytes(wheel.getvalue())
    digest = hashlib.sha256(wheel.getvalue()).hexdigest()
    (index / "index.html").write_text(f'<a href="{file}#sha256={digest}">{file}</a>')
    contrib = web / "src" / "contrib"
    contrib.mkdir(parents=True)
    (contrib / "PACKAGES").write_text("Package: hdhcanary\nVersion: 1.0\nNeedsCompilation: no\n")
    quiet = {"check": True, "capture_output": True}
    work = web / "work"
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", "init", "-q", str(work)], **quiet)
    (work / "readme").write_text("cloned")
    subprocess.run(["git", "-C", str(work), "add", "readme"], **quiet)
    subprocess.run(["git", "-C", str(work), *identity, "commit", "-qm", "x"], **quiet)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(web / "canary.git")], **quiet)
    subprocess.run(["git", "-C", str(web / "canary.git"), "update-server-info"], **quiet)
