"""`hdh-jupyter person`."""

from __future__ import annotations

import os
import pty
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.auth.accounts import LocalAccounts
from hdh_jupyter.auth.openid_claims import Rights
from hdh_jupyter.auth.openid_people import OpenIDPeople
from hdh_jupyter.egress import review
from hdh_jupyter.errors import PublicError
from hdh_jupyter.projects.model import Person, PlatformRole, Project

from .conftest import Terminal

PASSWORD = "cheval correct pile agrafe"
NADIA = ("nadia", "--display-name=Nadia Martin", "--email=nadia@example.org")


def test_a_person_is_added_with_roles_and_the_log_says_so(hdh: Terminal) -> None:
    outcome = hdh("person", "add", *NADIA, "--role=steward", "--role", "checker")
    assert (outcome.status, outcome.err) == (0, "")
    assert "nadia is registered" in outcome.out
    roles = frozenset({PlatformRole.CHECKER, PlatformRole.STEWARD})
    assert hdh.registry.people() == (Person("nadia", "Nadia Martin", "nadia@example.org", roles),)
    assert hdh.told() == [
        ("registry.person_added", None, "nadia", {}),
        ("registry.role_changed", None, "nadia", {"role": "checker", "change": "added"}),
        ("registry.role_changed", None, "nadia", {"role": "steward", "change": "added"}),
    ]
    account = pwd.getpwuid(os.getuid()).pw_name
    assert {(e.actor, e.detail["account"]) for e in hdh.events()} == {(f"os:{account}", account)}


def test_list_is_an_aligned_table(peopled: Terminal) -> None:
    assert peopled("person", "list").out.splitlines() == [
        "ACCOUNT  NAME   E-MAIL             ROLES",
        "ada      Ada    ada@example.org    admin",
        "nadia    Nadia  nadia@example.org  -",
        "omar     Omar   omar@example.org   checker",
    ]


def test_list_in_json(peopled: Terminal) -> None:
    listed = peopled.json("person", "list")
    assert [person["name"] for person in listed] == ["ada", "nadia", "omar"]
    assert listed[2] == {
        "name": "omar",
        "display_name": "Omar",
        "email": "omar@example.org",
        "roles": ["checker"],
    }


def test_a_name_from_elsewhere_cannot_forge_lines_of_the_table(hdh: Terminal) -> None:
    hdh.registry.add_person(Person("eve", "Eve\nada  Ada\x1b[2K", "e@example.org"))
    assert len(hdh("person", "list").out.splitlines()) == 2
    assert "\x1b" not in hdh("person", "list").out


def test_roles_are_given_and_taken_by_an_admin(peopled: Terminal) -> None:
    outcome = peopled("person", "role", "omar", "--add=steward", "--remove=checker", "--remove=admin", "--as=ada")
    assert (outcome.status, outcome.out) == (0, "Platform roles of omar: steward\n")
    assert peopled.registry.person("omar").roles == {PlatformRole.STEWARD}
    given, taken = peopled.events()[-2:]
    assert (given.actor, given.detail["role"], given.detail["change"]) == ("ada", "steward", "added")
    assert (taken.actor, taken.detail["role"], taken.detail["change"]) == ("ada", "checker", "removed")


def test_a_removed_role_takes_effect(peopled: Terminal) -> None:
    project = Project("vox", "Vox")

    def checks() -> bool:
        standing = review.standing(peopled.registry.person("omar"), project, "nadia", frozenset({"nadia"}))
        return review.may_see(standing, 1)

    assert checks()
    peopled("person", "role", "omar", "--remove=checker")
    assert not checks()
    peopled("person", "role", "ada", "--remove=admin", "--as=ada")
    refused = peopled("person", "role", "omar", "--add=checker", "--as=ada")
    assert (refused.status, refused.code) == (1, "admin.not_an_admin")
    assert not checks()


def test_a_change_that_changes_nothing_is_said_and_not_noted(peopled: Terminal) -> None:
    before = peopled.events()
    outcome = peopled("person", "role", "omar", "--add=checker", "--remove=admin")
    assert (outcome.status, outcome.out) == (0, "There was nothing to change.\n")
    assert peopled.events() == before


@pytest.mark.parametrize("line", [f"{PASSWORD}\n", f"{PASSWORD}\r\n", PASSWORD, f"{PASSWORD}\nmore\n"])
def test_a_password_comes_from_standard_input(peopled: Terminal, line: str) -> None:
    outcome = peopled("person", "password", "nadia", "--stdin", "--as=ada", typed=line.encode())
    assert (outcome.status, outcome.err) == (0, "")
    LocalAccounts(peopled.database).verify("nadia", PASSWORD)
    event = peopled.events()[-1]
    assert (event.action, event.actor, event.subject) == ("registry.password_set", "ada", "nadia")
    assert set(event.detail) == {"account"}


@pytest.mark.parametrize(
    ("second", "status", "said"),
    [
        pytest.param(PASSWORD, 0, "The password of nadia is set.", id="00 the same twice"),
        pytest.param("something else", 1, "[admin.passwords_differ]", id="01 two different ones"),
    ],
)
def test_a_password_is_asked_twice_without_echo(peopled: Terminal, second: str, status: int, said: str) -> None:
    keyboard, terminal = pty.openpty()
    command = [sys.executable, "-m", "hdh_jupyter", "person", "password", "nadia", f"--state={peopled.state.root}"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        os.close(terminal)
        printed = b""
        for prompt, answer in ((b"New password of nadia: ", PASSWORD), (b"Once more: ", second)):
            while not printed.endswith(prompt):
                chunk = os.read(process.stdout.fileno(), 1)
                assert chunk, printed
                printed += chunk
            os.write(keyboard, f"{answer}\n".encode())
        printed += process.stdout.read()
    os.set_blocking(keyboard, False)
    try:
        echoed = os.read(keyboard, 4096)
    except OSError:
        echoed = b""
    os.close(keyboard)
    assert process.returncode == status
    assert said in printed.decode()
    assert PASSWORD not in printed.decode() + echoed.decode()
    if status:
        with pytest.raises(PublicError):
            LocalAccounts(peopled.database).verify("nadia", PASSWORD)
    else:
        LocalAccounts(peopled.database).verify("nadia", PASSWORD)


def test_a_password_is_not_asked_where_it_would_show(peopled: Terminal) -> None:
    command = [sys.executable, "-m", "hdh_jupyter", "person", "password", "nadia", f"--state={peopled.state.root}"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        command,
        input=f"{PASSWORD}\n{PASSWORD}\n",
        capture_output=True,
        text=True,
        env=environment,
        start_new_session=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "[admin.no_terminal]" in ended.stderr


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        pytest.param(("add", *NADIA), b"", "projects.person_exists", id="00"),
        pytest.param(("add", "Zoe", *NADIA[1:]), b"", "projects.bad_person_name", id="01"),
        pytest.param(("add", "prj-vox", *NADIA[1:]), b"", "projects.bad_person_name", id="02"),
        pytest.param(("add", "zoe", "--display-name=Zoé"), b"", "admin.usage", id="03"),
        pytest.param(("add", "zoe", "--display-name=", NADIA[2]), b"", "admin.empty_text", id="04"),
        pytest.param(("add", "zoe", "--display-name=Z\x1b[2K", NADIA[2]), b"", "admin.bad_text", id="05"),
        pytest.param(("add", "zoe", "--display-name=Z\udce9", NADIA[2]), b"", "admin.bad_text", id="06"),
        pytest.param(("add", "zoe", "--display-name=" + "Z" * 256, NADIA[2]), b"", "projects.too_long", id="07"),
        pytest.param(("add", "zoe", NADIA[1], "--email=zoe at example"), b"", "admin.bad_email", id="08"),
        pytest.param(("add", "zoe", *NADIA[1:], "--role=boss"), b"", "admin.bad_choice", id="09"),
        pytest.param(("add", "zoe", *NADIA[1:], "--as=omar"), b"", "admin.not_an_admin", id="10"),
        pytest.param(("add", "zoe", *NADIA[1:], "--as=nobody"), b"", "projects.unknown_person", id="11"),
        pytest.param(("role", "zoe", "--add=admin"), b"", "projects.unknown_person", id="12"),
        pytest.param(("role", "nadia"), b"", "admin.no_role", id="13"),
        pytest.param(("role", "nadia", "--add=admin", "--remove=admin"), b"", "admin.role_given_and_taken", id="14"),
        pytest.param(("role", "nadia", "--ad=admin"), b"", "admin.usage", id="15 no abbreviations"),
        pytest.param(("password", "zoe", "--stdin"), PASSWORD.encode(), "projects.unknown_person", id="16"),
        pytest.param(("password", "nadia", "--stdin"), b"short\n", "auth.password_too_short", id="17"),
        pytest.param(("password", "nadia", "--stdin"), b"", "auth.password_too_short", id="18"),
        pytest.param(("password", "nadia", "--stdin"), b"x" * 20_000, "auth.password_too_long", id="19"),
        pytest.param(("password", "nadia", "--stdin"), b"nadia has a secret", "auth.password_is_name", id="20"),
        pytest.param(("password", "nadia", "--stdin"), b"pass\xe9 phrase longue", "admin.password_not_utf8", id="21"),
        pytest.param(("password", "nadia", PASSWORD), b"", "admin.usage", id="22 never as an argument"),
        pytest.param(("password", "nadia", "--stdin", "--as=omar"), PASSWORD.encode(), "admin.not_an_admin", id="23"),
        pytest.param((), b"", "admin.usage", id="24"),
        pytest.param(("remove", "nadia"), b"", "admin.usage", id="25"),
    ],
)
def test_refusals_say_why_and_change_nothing(
    peopled: Terminal, words: tuple[str, ...], typed: bytes, code: str
) -> None:
    people, events = peopled.registry.people(), peopled.events()
    outcome = peopled("person", *words, typed=typed)
    assert (outcome.status, outcome.code) == (1, code)
    assert len(outcome.err.splitlines()) == 1
    assert peopled.registry.people() == people
    assert peopled.events() == events
    with pytest.raises(PublicError):
        LocalAccounts(peopled.database).verify("nadia", typed.decode(errors="replace"))


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        pytest.param(("add", "zoe", *NADIA[1:], "--role=admin"), b"", id="00"),
        pytest.param(("role", "nadia", "--add=admin"), b"", id="01"),
        pytest.param(("password", "nadia", "--stdin"), PASSWORD.encode(), id="02"),
    ],
)
def test_no_change_without_its_event(
    peopled: Terminal, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], typed: bytes
) -> None:
    people = peopled.registry.people()

    def fail(*_: object, **__: object) -> int:
        raise OSError("no space left for the event")

    monkeypatch.setattr(AuditLog, "append", fail)
    with pytest.raises(OSError, match="no space"):
        peopled("person", *words, typed=typed)
    assert peopled.registry.people() == people
    with pytest.raises(PublicError):
        LocalAccounts(peopled.database).verify("nadia", PASSWORD)


def test_an_account_is_freed_for_another_identity(peopled: Terminal) -> None:
    audit = AuditLog(peopled.database, peopled.state.key("audit"))
    people = OpenIDPeople(peopled.database, audit, "https://idp.example")
    people.arrive("nadia", "f3a1", None, Rights(None, None))
    outcome = peopled("person", "unlink", "nadia", "--as=ada")
    assert (outcome.status, outcome.err) == (0, "")
    assert "is free for the next" in outcome.out
    event = peopled.events()[-1]
    assert (event.action, event.actor, event.subject) == ("openid.unlinked", "ada", "nadia")
    assert people.account_of("f3a1") is None


def test_nothing_is_freed_or_noted_where_nobody_signed_in(peopled: Terminal) -> None:
    events = peopled.events()
    assert "nothing to free" in peopled("person", "unlink", "nadia").out
    assert peopled("person", "unlink", "zoe").code == "projects.unknown_person"
    assert peopled.events() == events
