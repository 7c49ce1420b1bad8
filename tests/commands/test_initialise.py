"""`hdh-jupyter init`."""

from __future__ import annotations

import shutil
from pathlib import Path

from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.demo.seed import seed
from hdh_jupyter.state import StateFolder

from .conftest import Terminal


def test_an_empty_platform_has_the_catalogue_and_nobody(hdh: Terminal, tmp_path: Path) -> None:
    hdh.state = StateFolder(tmp_path / "new")
    try:
        outcome = hdh("init")
        assert (outcome.status, outcome.err) == (0, "")
        assert str(hdh.state.root) in outcome.out
        assert len(CatalogueStore(hdh.database).all()) == 31
        assert hdh.registry.people() == ()
        assert hdh.state.root.stat().st_mode & 0o777 == 0o700
        assert (hdh.state.root / "hdh.sqlite").stat().st_mode & 0o077 == 0
        hdh.database.engine.dispose()
    finally:
        shutil.rmtree(hdh.state.sockets, ignore_errors=True)


def test_again_it_changes_nothing(peopled: Terminal) -> None:
    people, events = peopled.registry.people(), peopled.events()
    try:
        assert peopled("init").status == 0
    finally:
        shutil.rmtree(peopled.state.sockets, ignore_errors=True)
    assert peopled.registry.people() == people
    assert peopled.events() == events


def test_after_a_first_person_there_is_no_demonstration(peopled: Terminal) -> None:
    people = peopled.registry.people()
    assert seed(peopled.registry, dict[str, str]().__setitem__, CatalogueStore(peopled.database), peopled.state) == []
    assert peopled.registry.people() == people


def test_a_folder_of_something_else_is_left_alone(hdh: Terminal, tmp_path: Path) -> None:
    hdh.state = StateFolder(tmp_path / "photos")
    hdh.state.root.mkdir()
    (hdh.state.root / "cat.jpg").write_bytes(b"")
    assert hdh("init").code == "admin.not_empty"
    assert [path.name for path in hdh.state.root.iterdir()] == ["cat.jpg"]
