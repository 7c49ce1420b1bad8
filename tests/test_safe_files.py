"""Paths below a folder that an attacker writes lead nowhere else, with the kernel's own call and without it."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hdh_jupyter import safe_files
from hdh_jupyter.safe_files import UnsafePath, is_plain, open_beneath, open_folder


def absent(*_arguments: object) -> int:
    raise OSError(errno.ENOSYS, "no such call")


@pytest.fixture(params=["openat2", "step by step"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """An open folder, beside a secret."""
    if request.param == "step by step":
        monkeypatch.setattr(safe_files, "_openat2", absent)
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "home"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("mine")
    descriptor = os.open(folder, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def read(home: int, path: str) -> str:
    with os.fdopen(open_beneath(home, path, os.O_RDONLY)) as file:
        return file.read()


def test_a_file_below_is_opened(home: int) -> None:
    assert read(home, "a/b/file") == "mine"


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: (folder / "way").symlink_to("../secret"),
        lambda folder: (folder / "way").symlink_to(folder / "a" / "b" / "file"),
        lambda folder: (folder / "way").symlink_to("/proc/self/root"),
        lambda folder: (folder / "way").symlink_to("way"),
    ],
)
def test_a_link_is_refused_even_one_that_stays_inside(
    home: int, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "home")
    with pytest.raises(UnsafePath):
        read(home, "way")


def test_a_link_in_the_middle_is_refused(home: int, tmp_path: Path) -> None:
    (tmp_path / "home" / "middle").symlink_to("a/b")
    with pytest.raises(UnsafePath):
        read(home, "middle/file")


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "/etc/passwd", "", "a/b/../b/file"])
def test_a_way_out_is_refused(home: int, path: str) -> None:
    with pytest.raises(UnsafePath):
        read(home, path)


def test_what_is_not_there_is_said_so(home: int) -> None:
    with pytest.raises(FileNotFoundError):
        read(home, "a/none")


def test_a_pipe_does_not_keep_the_reader(home: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "home" / "pipe")
    descriptor = open_beneath(home, "pipe", os.O_RDONLY)
    assert not is_plain(os.fstat(descriptor))
    os.close(descriptor)


def test_a_folder_that_changes_places_with_a_link_is_never_followed(home: int, tmp_path: Path) -> None:
    """The race: what stands at the path alternates as fast as the attacker can."""
    folder = tmp_path / "home"
    (tmp_path / "aim").mkdir()
    (tmp_path / "aim" / "file").write_text("secret")
    (folder / "link").symlink_to("../aim")
    (folder / "real").mkdir()
    (folder / "real" / "file").write_text("mine")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for source in ("link", "real"):
                os.rename(folder / source, folder / "spot")
                os.rename(folder / "spot", folder / source)

    attacker = threading.Thread(target=swap)
    attacker.start()
    found = set()
    try:
        for _ in range(3000):
            try:
                found.add(read(home, "spot/file"))
            except OSError as error:
                found.add(type(error).__name__)
    finally:
        stop.set()
        attacker.join()
    assert "secret" not in found


def test_a_folder_below_a_trusted_one(tmp_path: Path) -> None:
    (tmp_path / "homes" / "vox").mkdir(parents=True)
    (tmp_path / "linked").symlink_to("homes")
    with open_folder(tmp_path / "linked", "vox") as folder:
        assert os.listdir(folder) == []
    (tmp_path / "homes" / "nox").symlink_to("vox")
    with pytest.raises(UnsafePath), open_folder(tmp_path / "homes", "nox"):
        pass
