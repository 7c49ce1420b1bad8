"""Which platform is changed, and when it may be."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hdh_jupyter.commands import administration
from hdh_jupyter.state import StateFolder

from .conftest import Terminal

ADD = ("person", "add", "zoe", "--display-name=Zoé", "--email=zoe@example.org")


@pytest.mark.parametrize("words", [ADD, ("person", "list"), ("project", "list"), ("project", "revoke", "vox", "snds")])
def test_a_mistyped_folder_makes_no_second_platform(hdh: Terminal, tmp_path: Path, words: tuple[str, ...]) -> None:
    hdh.state = StateFolder(tmp_path / "elsewhere")
    outcome = hdh(*words)
    assert (outcome.status, outcome.code) == (1, "admin.no_platform")
    assert not hdh.state.root.exists()


def test_a_file_in_the_place_of_the_folder(hdh: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    hdh.state = StateFolder(tmp_path / "file")
    assert hdh("person", "list").code == "admin.no_platform"


@pytest.mark.parametrize("words", [ADD, ("person", "list"), ("init",)])
def test_another_account_is_sent_to_the_platform_s(
    hdh: Terminal, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert hdh(*words).code == "admin.other_account"


def test_a_database_older_than_the_command_is_one_sentence(peopled: Terminal) -> None:
    with peopled.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE person_role")
    outcome = peopled("person", "list")
    assert (outcome.status, outcome.code) == (1, "admin.database")
    assert "no such table: person_role" in outcome.err


def test_who_acts_must_be_an_admin_at_that_moment(peopled: Terminal) -> None:
    assert peopled("person", "role", "omar", "--add=admin", "--as=ada").status == 0
    assert peopled("person", "role", "ada", "--remove=admin", "--as=omar").status == 0
    assert peopled(*ADD, "--as=ada").code == "admin.not_an_admin"
    assert peopled(*ADD, "--as=omar").status == 0


def test_an_account_without_a_name_is_noted_by_its_number(hdh: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_001)
    assert hdh(*ADD).status == 0
    assert {event.actor for event in hdh.events()} == {"os:4000000001"}


def test_a_change_sees_what_was_there_and_keeps_all_or_nothing(peopled: Terminal) -> None:
    desk = administration.Administration(peopled.state, "ada")
    person = replace(desk.registry.person("nadia"), name="zoe")
    events = peopled.events()

    def break_off() -> None:
        with desk.change() as change:
            desk.registry.add_person(person, change.session)
            change.note("registry.person_added", subject="zoe")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert "zoe" not in {each.name for each in desk.registry.people()}
    assert peopled.events() == events
