"""What stops the platform from starting gets one clear sentence."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from hdh_jupyter.bubblewrap import SOURCES, Bind
from hdh_jupyter.errors import PublicError
from hdh_jupyter.run import host
from hdh_jupyter.run.host import Address, check_host, end_leftover_proxy, only_one, tell_accounts, try_sandbox
from hdh_jupyter.spawner import uids
from hdh_jupyter.state import StateFolder

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    state = StateFolder(tmp_path / "state")
    state.create()
    return state


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refusal(call: Callable[[], object]) -> PublicError:
    with pytest.raises(PublicError) as caught:
        call()
    assert caught.value.message("fr") != caught.value.message("en")
    return caught.value


def test_this_machine_will_do(state: StateFolder, free_port: int) -> None:
    check_host(state, Address("hdh.localhost", free_port))


def test_a_port_in_use_is_named(state: StateFolder) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = refusal(lambda: check_host(state, Address("hdh.localhost", port)))
    assert error.code == "run.port_taken"
    assert str(port) in error.message("fr")


@pytest.mark.parametrize(
    ("program", "code"), [("bwrap", "run.no_bubblewrap"), ("configurable-http-proxy", "run.no_proxy")]
)
def test_a_missing_program_is_named(
    state: StateFolder, free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, code: str
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in {"bwrap", "configurable-http-proxy"} - {program}:
        (programs / name).symlink_to(shutil.which("true") or "/bin/true")
    monkeypatch.setattr(host, "search_path", lambda: str(programs))
    assert refusal(lambda: check_host(state, Address("hdh.localhost", free_port))).code == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("bwrap: No permissions to create new namespace", "run.no_namespaces"),
        ("bwrap: prctl(PR_SET_SECCOMP): Invalid argument", "run.no_seccomp_in_kernel"),
        ("ModuleNotFoundError: No module named 'hdh_lockdown'", "run.unreadable"),
        ("bwrap: execvp /opt/hdh-python/environment/bin/python: Permission denied", "run.unreadable"),
    ],
)
def test_a_host_that_cannot_seal_is_refused_with_its_own_words(
    state: StateFolder, free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, code: str
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    bwrap = programs / "bwrap"
    bwrap.write_text(f'#!/bin/sh\necho "{words}" >&2\nexit 1\n')
    bwrap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    error = refusal(lambda: check_host(state, Address("hdh.localhost", free_port)))
    assert error.code == code
    assert words in error.message("en")


@pytest.mark.skipif(uids.obstacle() is not None, reason="needs root")
def test_packages_that_a_projects_account_cannot_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed.py"
    closed.touch(mode=0o600)
    monkeypatch.setattr(host, "source_packages", lambda: (Bind(closed, SOURCES / "hdh_lockdown.py"),))
    error = refusal(lambda: try_sandbox(uids.FIRST))
    assert error.code == "run.unreadable"
    assert "chmod" in error.message("fr")


def test_one_account_for_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(uids, "obstacle", lambda: "spawner.one_account.not_root")
    tell_accounts(told.append)
    assert told == ["spawner.one_account.not_root"]


def test_a_full_disk_says_what_is_left_and_what_is_needed(
    state: StateFolder, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10, 5, 300 * 2**20))
    error = refusal(lambda: check_host(state, Address("hdh.localhost", free_port)))
    assert error.code == "run.disk_full"
    assert "300" in error.message("fr")
    assert "2048" in error.message("fr")


def test_the_state_folder_serves_one_platform_at_a_time(state: StateFolder) -> None:
    lock = only_one(state)
    assert refusal(lambda: only_one(state)).code == "run.already_running"
    os.close(lock)
    os.close(only_one(state))


def test_a_proxy_left_by_a_killed_platform_is_ended_and_nothing_else(state: StateFolder) -> None:
    pid_file = state.root / "proxy.pid"
    end_leftover_proxy(state)
    proxy = subprocess.Popen(["bash", "-c", "exec -a configurable-http-proxy sleep 60"])
    other = subprocess.Popen(["sleep", "60"])
    try:
        while b"configurable" not in Path(f"/proc/{proxy.pid}/cmdline").read_bytes():
            pass
        pid_file.write_text(str(other.pid))
        end_leftover_proxy(state)
        assert other.poll() is None
        pid_file.write_text("nonsense")
        end_leftover_proxy(state)
        pid_file.write_text(str(proxy.pid))
        end_leftover_proxy(state)
        assert proxy.wait(10) != 0
    finally:
        for process in (proxy, other):
            process.kill()
            process.wait()
