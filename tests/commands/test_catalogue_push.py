"""`hdh-jupyter catalogue push`, to a real HTTP server that keeps records as a national catalogue does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import Terminal

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

KEY = "s3cret-key"


class National(ThreadingHTTPServer):
    """A catalogue with the interface of the national one.

    Attributes
    ----------
    records
        Turtle by identifier there.
    known
        Identifier there by the IRI that the record has here.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.records: dict[str, str] = {}
        self.known: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"


class Handler(BaseHTTPRequestHandler):
    server: National

    def do_PUT(self) -> None:
        original = parse_qs(urlsplit(self.path).query)["originalId"][0]
        if self._let_in():
            turtle = self._body()
            if original not in self.server.known:
                self._answer(404, {"detail": "unknown"})
            else:
                self.server.records[self.server.known[original]] = turtle
                self._answer(200, {"id": self.server.known[original]})

    def do_POST(self) -> None:
        if self._let_in():
            name = f"there-{len(self.server.records) + 1}"
            self.server.records[name] = turtle = self._body()
            for line in turtle.splitlines():
                if " a dcat:Dataset" in line:
                    self.server.known[line.split()[0].strip("<>")] = name
            self._answer(201, {"id": name})

    def do_DELETE(self) -> None:
        if self._let_in():
            gone = self.server.records.pop(self.path.rsplit("/", 1)[-1], None)
            self._answer(404 if gone is None else 204, {})

    def _let_in(self) -> bool:
        if self.headers["X-API-Key"] == KEY:
            return True
        self._body()
        self._answer(401, {"detail": "who?"})
        return False

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def _answer(self, status: int, document: dict[str, str]) -> None:
        body = b"" if status == 204 else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def national() -> Iterator[National]:
    with National() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def options(national: National, tmp_path: Path) -> list[str]:
    (tmp_path / "key").write_text(f"{KEY}\n")
    return [f"--to={national.url}", f"--key-file={tmp_path}/key"]


def test_records_are_created_then_updated_then_withdrawn(
    peopled: Terminal, national: National, options: list[str]
) -> None:
    created = peopled("catalogue", "push", "oscour", "elfe", "--as=ada", *options)
    assert created.status == 0, created.err
    assert created.out.splitlines() == [
        "oscour: created there under the identifier there-1.",
        "elfe: created there under the identifier there-2.",
    ]
    assert "Organisation de la surveillance coordonnée des urgences" in national.records["there-1"]
    updated = peopled("catalogue", "push", "oscour", *options)
    assert updated.out == "oscour: updated there (identifier there-1).\n"
    withdrawn = peopled("catalogue", "push", "oscour", "--withdraw=there-1", *options)
    assert withdrawn.out == "oscour: withdrawn there (identifier there-1).\n"
    assert list(national.records) == ["there-2"]
    told = [event for event in peopled.events() if event.action == "catalogue.record_pushed"]
    assert [(e.subject, e.detail["outcome"], e.detail["identifier"]) for e in told] == [
        ("oscour", "created", "there-1"),
        ("elfe", "created", "there-2"),
        ("oscour", "updated", "there-1"),
        ("oscour", "withdrawn", "there-1"),
    ]
    assert told[0].actor == "ada"
    assert KEY not in str(told) + created.out + created.err


REFUSED = {
    "00 a wrong key": (["oscour"], "wrong", "catalogue.exchange.push.key_refused"),
    "01 an empty key": (["oscour"], " ", "catalogue.exchange.push.bad_key"),
    "02 no such record": (["nix"], KEY, "catalogue.unknown_dataset"),
    "03 not an admin": (["oscour", "--as=nadia"], KEY, "admin.not_an_admin"),
    "04 not there": (["oscour", "--withdraw=nix"], KEY, "catalogue.command.not_there"),
    "05 withdraw what": (["--withdraw=nix"], KEY, "catalogue.command.withdraw_one"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_sends_and_notes_nothing(
    peopled: Terminal, national: National, tmp_path: Path, case: tuple[list[str], str, str]
) -> None:
    words, key, code = case
    (tmp_path / "key").write_text(key)
    outcome = peopled("catalogue", "push", *words, f"--to={national.url}", f"--key-file={tmp_path}/key")
    assert (outcome.status, outcome.code) == (1, code)
    assert national.records == {}
    assert not [event for event in peopled.events() if event.action == "catalogue.record_pushed"]


def test_the_key_is_sent_over_https_alone(peopled: Terminal, options: list[str]) -> None:
    outcome = peopled("catalogue", "push", "oscour", options[1], "--to=http://catalogue.example/api")
    assert (outcome.status, outcome.code) == (1, "catalogue.exchange.push.insecure")


def test_what_is_incomplete_is_not_sent_unless_told(
    peopled: Terminal, national: National, options: list[str], tmp_path: Path
) -> None:
    (tmp_path / "f.yaml").write_text("databases:\n- {id: bare, name: Bare}\n")
    assert peopled("catalogue", "import", str(tmp_path / "f.yaml")).status == 0
    refused = peopled("catalogue", "push", "bare", *options)
    assert (refused.status, refused.code) == (1, "catalogue.command.not_pushed")
    assert "healthdcatap:healthCategory" in refused.out
    assert national.records == {}
    assert peopled("catalogue", "push", "bare", "--despite-faults", *options).status == 0
    assert list(national.records) == ["there-1"]
