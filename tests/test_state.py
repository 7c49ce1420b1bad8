"""The state folder is closed to other accounts, and its keys are made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.state import StateFolder


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    state = StateFolder(tmp_path / "state")
    state.create()
    return state


def test_nobody_else_may_enter(state: StateFolder) -> None:
    for folder in (state.root, state.homes, state.egress, state.root / "keys", state.sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_key_is_made_once_and_read_by_its_owner_alone(state: StateFolder) -> None:
    first = state.key("audit")
    assert len(first) == 32
    assert state.key("audit") == first
    assert state.key("other") != first
    assert stat.S_IMODE((state.root / "keys" / "audit").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_a_key(state: StateFolder) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: StateFolder(state.root).key("shared"), range(32)))) == 1


def test_a_folder_of_sockets_laid_by_somebody_else_is_refused(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    trap = tmp_path / "trap"
    trap.mkdir()
    state.sockets.symlink_to(trap)
    try:
        with pytest.raises(PublicError) as refusal:
            state.create()
    finally:
        state.sockets.unlink()
    assert refusal.value.code == "run.sockets_taken"


def test_socket_paths_are_short_and_lower_case(tmp_path: Path) -> None:
    sockets = StateFolder(tmp_path / "A-Very-Long-Name" / ("x" * 200)).sockets
    assert len(str(sockets)) < 60
    assert str(sockets) == str(sockets).lower()


def test_a_database_elsewhere_is_named_by_the_environment(state: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state.database_url == f"sqlite:///{state.root}/hdh.sqlite"
    assert not state.mark.exists()
    monkeypatch.setenv("HDH_DATABASE_URL", "postgresql+psycopg://hdh@db/hdh")
    assert state.database_url == "postgresql+psycopg://hdh@db/hdh"
    assert state.mark.exists()
