"""Requests that a browser would not send: other spellings, other headers, two readings of one message."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hdh_jupyter.demo.people import OPEN_PROJECT
from hdh_jupyter.routes import read_route

from .clients import Server
from .conftest import Machine
from .gateway_wire import Side, side_of, status_of
from .model import Attack, Expected, Outcome, Outcomes, Stands, attack

pytestmark = pytest.mark.redteam

SECRET = b"PATIENT-0042-HIV-POSITIVE"
FILE = "trick-secret.txt"
EVIL = "http://evil.localhost"
CLOSE = "Connection: close"
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
CONTENTS = f"api/contents/{FILE}"
EVENTS = "api/events/subscribe"

Try = Callable[[Side], Outcome]


@dataclass(frozen=True)
class Trick:
    """An attack, how it is tried on either side, and why a plain JupyterLab may not tell anything."""

    attack: Attack
    attempt: Try
    no_control: str = ""


TRICKS: list[Trick] = []


def trick(
    number: int, title: str, attempt: Try, reference: str, stands: Stands = Stands.COOKIE, **options: str
) -> None:
    expected = Expected(options.pop("expected", "blocked"))
    TRICKS.append(Trick(attack(number, title, stands, expected=expected, reference=reference), attempt, **options))


def leaks(*headers: str, path: str = CONTENTS, method: str = "GET", what: bytes = SECRET, **options: object) -> Try:
    """Try to have the secret answered."""

    def attempt(side: Side) -> Outcome:
        target = path.replace("TOKEN", side.token).replace("HOME", side.home.name)
        sent = [header.replace("TOKEN", side.token).replace("SELF", side.origin) for header in headers]
        answer = side.exchange(side.lines(method, target, CLOSE, *sent, **options))  # type: ignore[arg-type]
        return Outcome(what in answer, f"{status_of(answer)}{' with the bytes' if what in answer else ''}")

    return attempt


def writes(*headers: str, origin: str | None = "", path: str = "", xsrf: bool = False, kind: str = "json") -> Try:
    """Try to write a file in the member's name."""

    def attempt(side: Side) -> Outcome:
        body = json.dumps({"type": "file", "format": "text", "content": "planted"}).encode()
        content = ("application/" if kind == "json" else "text/") + kind
        planted = side.home / "planted.txt"
        planted.unlink(missing_ok=True)
        where = origin and origin.replace("SELF", side.origin)
        target = f"api/contents/planted.txt{path}"
        if path and side.xsrf:
            target += f"?_xsrf={side.xsrf[0].partition(': ')[2]}".replace("|", "%7C")
        sized = (CLOSE, f"Content-Type: {content}", f"Content-Length: {len(body)}", *headers)
        answer = side.exchange(side.lines("PUT", target, *sized, origin=where, xsrf=xsrf), body)
        return Outcome(planted.exists(), f"{status_of(answer)}{', written' if planted.exists() else ''}")

    return attempt


def upgrades(*headers: str, path: str = EVENTS, origin: str | None = "", credential: bool = True) -> Try:
    """Try to open a websocket."""

    def attempt(side: Side) -> Outcome:
        where = origin and origin.replace("SELF", side.origin)
        target = path.replace("TOKEN", side.token)
        sent = [header.replace("TOKEN", side.token) for header in headers]
        answer = side.exchange(side.lines("GET", target, *UPGRADE, *sent, origin=where, credential=credential))
        return Outcome(status_of(answer) == 101, f"{status_of(answer)}")

    return attempt


def answers(status: int, path: str, *headers: str, method: str = "GET") -> Try:
    """Try to be answered with a certain status."""

    def attempt(side: Side) -> Outcome:
        answer = side.exchange(side.lines(method, path, CLOSE, *headers))
        return Outcome(status_of(answer) == status, f"{status_of(answer)}")

    return attempt


def allows_origin(*headers: str, method: str = "GET") -> Try:
    """Try to be allowed to read answers from another origin."""

    def attempt(side: Side) -> Outcome:
        answer = side.exchange(side.lines(method, CONTENTS, CLOSE, *headers, origin=EVIL))
        allowed = b"access-control-allow-origin" in answer.lower()
        return Outcome(allowed, f"{status_of(answer)}{', that origin allowed' if allowed else ''}")

    return attempt


def pipelined(side: Side) -> Outcome:
    allowed = side.lines("GET", "api")
    answer = side.exchange(allowed, side.lines("GET", f"files/{FILE}", CLOSE))
    return Outcome(SECRET in answer, f"{answer.count(b'HTTP/1.1 ')} answers{', the bytes' if SECRET in answer else ''}")


def stored_in_layout(side: Side) -> Outcome:
    body = json.dumps({"data": {"hidden": "x" * 2_000_000}, "metadata": {"id": "trick"}}).encode()
    head = side.lines(
        "PUT", "lab/api/workspaces/trick", CLOSE, "Content-Type: application/json", f"Content-Length: {len(body)}"
    )
    answer = side.exchange(head, body)
    return Outcome(status_of(answer) in (200, 204), f"{status_of(answer)}")


def smuggled(*headers: str, body: bytes) -> Try:
    """Hide a second request in the body of a first one."""

    def attempt(side: Side) -> Outcome:
        hidden = side.lines("GET", f"files/{FILE}")
        content = body.replace(b"HIDDEN", hidden)
        sent = [header.replace("LENGTH", str(len(content))) for header in headers]
        answer = side.exchange(side.lines("POST", "api/sessions", *sent), content)
        count = answer.count(b"HTTP/1.1 ")
        return Outcome(SECRET in answer, f"{count} answer{'s' * (count != 1)}, the first {status_of(answer)}")

    return attempt


def after_a_refused_upgrade(side: Side) -> Outcome:
    first = side.lines("GET", CONTENTS, *UPGRADE)
    answer = side.exchange(first, side.lines("GET", f"files/{FILE}", CLOSE))
    return Outcome(SECRET in answer, f"{status_of(answer)} first")


def poses_as_colleague(side: Side) -> Outcome:
    colleague = base64.b64encode(b'{"name": "claire", "display_name": "Claire"}').decode()
    answer = side.exchange(side.lines("GET", "api/me", CLOSE, f"X-HDH-User: {colleague}", "Accept: application/json"))
    return Outcome(b"claire" in answer.lower(), f"{status_of(answer)}")


# Raw bytes, under every spelling.
RAW = "lab_channels 1 to 8"
trick(1001, "The raw bytes of a file", leaks(path=f"files/{FILE}"), RAW)
trick(1002, "The same, letters of the name encoded", leaks(path=f"files/{FILE.replace('.', '%2e')}"), RAW)
trick(1003, "The same, by a dot segment", leaks(path=f"files/./{FILE}"), RAW)
trick(1004, "The same, by an encoded dot segment", leaks(path=f"files/%2e/{FILE}"), RAW)
trick(1005, "The same, by way of a folder that is left again", leaks(path=f"files/x/../{FILE}"), RAW)
trick(1006, "The same, by the encoded parent of the home", leaks(path=f"files/%2e%2e/HOME/{FILE}"), RAW)
trick(1007, "The same, as an attachment", leaks(path=f"files/{FILE}?download=1"), RAW)
trick(1008, "The same, with a slash at the end", leaks(path=f"files/{FILE}/"), RAW)
trick(1009, "A file's existence and size by HEAD", answers(200, f"files/{FILE}", method="HEAD"), RAW)
trick(1010, "The viewer's page of a file", answers(200, f"view/{FILE}"), RAW)
trick(1011, "A notebook converted to HTML", leaks(path="nbconvert/html/trick.ipynb", what=b"PATIENT"), RAW)
trick(
    1012,
    "A notebook converted to a script, as an attachment",
    leaks(path="nbconvert/script/trick.ipynb?download=true"),
    RAW,
)
trick(1013, "Any file of a kernel's folder in the home", leaks(path=f"kernelspecs/trick/{FILE}"), RAW)
trick(1014, "Any file of an extension's folder in the home", leaks(path=f"lab/extensions/trick/static/{FILE}"), RAW)
trick(
    1015,
    "A kernel's logo from the home that is a page with a script",
    leaks(path="kernelspecs/trick/logo-svg.svg", what=b"<script>"),
    "lab_channels 7",
)
trick(
    1016,
    "A binary file as base64",
    leaks(path="api/contents/trick.bin?format=base64&type=file", what=base64.b64encode(b"\0\xff" + SECRET)[:32]),
    "lab_channels 5",
)
trick(1017, "The server's own figures", answers(200, "metrics"), "lab_channels 1")
trick(1018, "The full description of the interface", answers(200, "api/spec.yaml"), "lab_channels 1")
trick(1019, "The list of extensions, where they are installed", answers(200, "lab/api/extensions"), "lab_channels 36")
trick(1020, "The plugin manager", answers(200, "lab/api/plugins"), "lab_channels 36")
# Data opened where it can be kept, or from where it must not be read.
FETCH = "Fetch Metadata; lab_channels 4"
trick(
    1021,
    "A file's data opened as a page of its own",
    leaks("Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate"),
    FETCH,
)
trick(1022, "A file's data in a frame", leaks("Sec-Fetch-Dest: iframe", "Sec-Fetch-Mode: navigate"), FETCH)
trick(1023, "A file's data as a script", leaks("Sec-Fetch-Dest: script", "Sec-Fetch-Mode: no-cors"), FETCH)
trick(1024, "A file's data asked by a page of anybody's", leaks("Sec-Fetch-Site: cross-site", origin=None), FETCH)
trick(1025, "A file's data asked by a page of another project", leaks("Sec-Fetch-Site: same-site", origin=None), FETCH)
trick(1026, "A file's data for a foreign Origin", leaks(origin=EVIL), "lab_channels 29")
trick(1027, "A file's data for Origin null", leaks(origin="null"), "lab_channels 29")
trick(1028, "Another origin allowed to read (CORS)", allows_origin(), "lab_channels 29")
trick(
    1029,
    "Another origin allowed to ask (CORS preflight)",
    allows_origin(
        "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-xsrftoken", method="OPTIONS"
    ),
    "lab_channels 29",
)
# Other hosts and versions.
trick(1030, "The workspace by another name of the machine", leaks(host="localhost"), "DNS rebinding")
trick(1031, "The workspace by the machine's address", leaks(host="127.0.0.1"), "DNS rebinding")
trick(1032, "The workspace by its IPv6 address", leaks(host="[::1]"), "DNS rebinding")
trick(1033, "HTTP/1.0 without a Host", leaks(host=None, version="1.0"), "RFC 9112, 3.2")
trick(1034, "A closed route pipelined after an open one", pipelined, "RFC 9112, 9.3.2")
trick(1035, "An upgrade to websocket on a route that is none", leaks(*UPGRADE), "RFC 6455, 4.2.1")
# Tokens.
trick(
    1036, "The server's token in a header", leaks("Authorization: token TOKEN", credential=False), "lab_channels 29, 32"
)
trick(
    1037, "The server's token as Bearer", leaks("Authorization: Bearer TOKEN", credential=False), "lab_channels 29, 32"
)
trick(
    1038,
    "The server's token in the address",
    leaks(path=f"{CONTENTS}?token=TOKEN", credential=False),
    "lab_channels 29, 32",
)
# Writing in a person's name.
trick(1039, "A file written without the token against forgery", writes(), "CSRF")
trick(1040, "A file written with a wrong token against forgery", writes("X-XSRFToken: wrong"), "CSRF")
trick(1041, "A file written without an Origin", writes(origin=None, xsrf=True), "CSRF")
trick(1042, "A file written from Origin null", writes(origin="null", xsrf=True), "CSRF")
trick(1043, "A file written from a foreign Origin", writes(origin=EVIL, xsrf=True), "CSRF")
trick(
    1044,
    "A file written from an origin that begins like the right one",
    writes(origin="SELF.evil.localhost", xsrf=True),
    "CSRF",
)
trick(1045, "A file written by another project's page", writes("Sec-Fetch-Site: same-site", xsrf=True), "CSRF")
trick(1046, "A file written by a form, its token in the address", writes(origin=EVIL, path="?", kind="plain"), "CSRF")
# Websockets.
trick(1047, "A websocket from a foreign Origin", upgrades(origin=EVIL), "lab_channels 5")
trick(1048, "A websocket without an Origin", upgrades(origin=None), "lab_channels 5")
trick(1049, "A websocket from Origin null", upgrades(origin="null"), "lab_channels 5")
trick(
    1050,
    "A websocket by the server's token in the address",
    upgrades(path=f"{EVENTS}?token=TOKEN", credential=False),
    "lab_channels 29",
)
trick(
    1051,
    "A websocket by the server's token in a header",
    upgrades("Authorization: token TOKEN", credential=False),
    "lab_channels 29",
)
trick(1052, "Two megabytes hidden in a layout", stored_in_layout, "lab_channels 9", expected="bounded")
# What a plain server, which stands alone, cannot show.
ALONE = "it takes two servers in a row to disagree"
trick(
    1060,
    "A request hidden behind Content-Length and Transfer-Encoding",
    smuggled("Content-Length: LENGTH", "Transfer-Encoding: chunked", body=b"0\r\n\r\nHIDDEN"),
    "CL.TE",
    no_control=ALONE,
)
trick(
    1061,
    "A request hidden behind an odd Transfer-Encoding",
    smuggled("Content-Length: 4", "Transfer-Encoding: xchunked", body=b"5c\r\nHIDDEN0\r\n\r\n"),
    "TE.CL",
    no_control=ALONE,
)
trick(
    1062,
    "A request hidden behind two lengths",
    smuggled("Content-Length: 2", "Content-Length: LENGTH", body=b"{}HIDDEN"),
    "CL.CL",
    no_control=ALONE,
)
trick(
    1063,
    "A request hidden behind a folded header",
    smuggled("X: y", " Transfer-Encoding: chunked", "Content-Length: LENGTH", body=b"0\r\n\r\nHIDDEN"),
    "obs-fold",
    no_control=ALONE,
)
trick(1064, "A request after an upgrade that was refused", after_a_refused_upgrade, "h2c smuggling", no_control=ALONE)
trick(
    1065,
    "A colleague's name in the gateway's own header",
    poses_as_colleague,
    "header spoofing",
    no_control="a plain server knows no such header",
)


@pytest.fixture(scope="module")
def plain_side(plain: Server, plain_folder: Path) -> Side:
    token = plain.headers["Authorization"].partition(" ")[2]
    return prepared(side_of(plain, plain_folder / "home", token, plain_folder / "labextensions"))


@pytest.fixture(scope="module")
def own_side(workspace: Server, machine: Machine) -> Side:
    record = read_route(machine.folder.routes, OPEN_PROJECT)
    assert record is not None
    home = machine.folder.homes / OPEN_PROJECT
    side = side_of(workspace, home, record.api_token, home / ".local/share/jupyter/labextensions")
    return prepared(side)


def prepared(side: Side) -> Side:
    """Put the secret where the tricks look for it."""
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "id": "a",
                "source": SECRET.decode(),
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            }
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    kernel = side.home / ".local/share/jupyter/kernels/trick"
    extension = side.labextensions / "trick" / "static"
    for folder in (kernel, extension):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(SECRET)
    (kernel / "kernel.json").write_text('{"argv": ["true"], "display_name": "Trick", "language": "python"}')
    (kernel / "logo-svg.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    (side.home / FILE).write_bytes(SECRET)
    (side.home / "trick.ipynb").write_text(json.dumps(notebook))
    (side.home / "trick.bin").write_bytes(b"\0\xff" + SECRET + bytes(range(256)))
    return side


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: str(trick.attack.number))
def test_trick(trick: Trick, plain_side: Side, own_side: Side, outcomes: Outcomes) -> None:
    here = trick.attempt(own_side)
    control = None if trick.no_control else trick.attempt(plain_side)
    outcomes.judge(trick.attack, control=control, here=here, no_control=trick.no_control)


def test_the_gateway_still_answers(own_side: Side) -> None:
    assert SECRET in own_side.exchange(own_side.lines("GET", CONTENTS, CLOSE))
