"""Whether a check's sandbox can be made is told by making one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hdh_jupyter.egress.sandbox import sandbox_works


def bwrap(folder: Path, text: str) -> None:
    """Put a program of this name in a folder."""
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


async def test_it_works_here() -> None:
    assert await sandbox_works()


async def test_it_does_not_without_bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not await sandbox_works()


async def test_it_does_not_where_a_fresh_proc_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which("bwrap")
    bwrap(tmp_path, f'case " $* " in *" --proc "*) exit 1;; esac\nexec {real} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert not await sandbox_works()


async def test_it_does_not_inside_another_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which("bwrap")
    sealed = "--unshare-user --disable-userns --dev-bind / / --"
    bwrap(tmp_path, f'exec {real} {sealed} {real} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert not await sandbox_works()
