"""The staging area: what it copies, what it refuses, what it removes."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from hdh_egress.staging import Limits, StagingArea
from hdh_jupyter.errors import PublicError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a result, and a secret beside it that must never be copied."""
    (tmp_path / "secret.csv").write_text("secret")
    home = tmp_path / "home"
    (home / "results").mkdir(parents=True)
    (home / "results" / "weekly.csv").write_text("week,count\n1,20\n")
    return home


def area_of(home: Path, *, limits: Limits | None = None, lifetime: float = 60, keep: int = 20) -> StagingArea:
    area = StagingArea(home.parent / "staging", home, limits or Limits(3, 1000, 1500), lifetime=lifetime, keep=keep)
    area.prepare()
    return area


def code_of(refusal: pytest.ExceptionInfo[PublicError]) -> str:
    return refusal.value.code


def test_a_copy_is_private_and_speaks_of_its_own_bytes(home: Path) -> None:
    area = area_of(home)
    manifest = area.stage(["results/weekly.csv", "./results//weekly.csv"])
    [file] = manifest.files
    (home / "results" / "weekly.csv").write_text("changed since")
    with area.open(manifest.staging, 0) as copy:
        content = copy.read()
    assert content == b"week,count\n1,20\n"
    assert (file.index, file.name, file.size) == (0, "results/weekly.csv", len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert area.manifest(manifest.staging) == manifest
    assert area.root.stat().st_mode & 0o777 == 0o700
    assert (area.root / manifest.staging).stat().st_mode & 0o777 == 0o700
    assert (area.root / manifest.staging / "0").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("../secret.csv", "staging.outside_home", id="00"),
        pytest.param("results/../../secret.csv", "staging.outside_home", id="01"),
        pytest.param("/etc/passwd", "staging.outside_home", id="02"),
        pytest.param("", "staging.outside_home", id="03"),
        pytest.param("results/a\nb.csv", "staging.outside_home", id="04"),
        pytest.param("results/\0.csv", "staging.outside_home", id="05"),
        pytest.param("link.csv", "staging.linked", id="06"),
        pytest.param("linked_folder/secret.csv", "staging.linked", id="07"),
        pytest.param("results/link_inside.csv", "staging.linked", id="08"),
        pytest.param("absent.csv", "staging.not_found", id="09"),
        pytest.param("results", "staging.not_a_file", id="10"),
        pytest.param("pipe", "staging.not_a_file", id="11"),
        pytest.param("results/weekly.csv/below", "staging.linked", id="12"),
        pytest.param("x" * 300, "staging.not_a_file", id="13"),
    ],
)
def test_what_is_not_a_plain_file_of_the_home_is_refused(home: Path, path: str, code: str) -> None:
    (home / "link.csv").symlink_to(home.parent / "secret.csv")
    (home / "linked_folder").symlink_to(home.parent)
    (home / "results" / "link_inside.csv").symlink_to("weekly.csv")
    os.mkfifo(home / "pipe")
    area = area_of(home)
    with pytest.raises(PublicError) as refusal:
        area.stage(["results/weekly.csv", path])
    assert code_of(refusal) == code
    assert list(area.root.iterdir()) == []


@pytest.mark.parametrize(
    ("sizes", "code"),
    [
        pytest.param([], "staging.no_file", id="00"),
        pytest.param([1, 1, 1, 1], "staging.too_many_files", id="01"),
        pytest.param([1001], "staging.file_too_large", id="02"),
        pytest.param([1000, 501], "staging.all_too_large", id="03"),
    ],
)
def test_limits(home: Path, sizes: list[int], code: str) -> None:
    names = [f"f{i}" for i in range(len(sizes))]
    for name, size in zip(names, sizes, strict=True):
        (home / name).write_bytes(b"x" * size)
    area = area_of(home)
    with pytest.raises(PublicError) as refusal:
        area.stage(names)
    assert code_of(refusal) == code
    assert list(area.root.iterdir()) == []


def test_exactly_at_the_limits_is_accepted(home: Path) -> None:
    (home / "a").write_bytes(b"x" * 1000)
    (home / "b").write_bytes(b"x" * 500)
    assert [f.size for f in area_of(home).stage(["a", "b"]).files] == [1000, 500]


def test_old_stagings_leave(home: Path) -> None:
    area = area_of(home, lifetime=60)
    old = area.stage(["results/weekly.csv"])
    os.utime(area.root / old.staging, (time.time() - 61,) * 2)
    recent = area.stage(["results/weekly.csv"])
    with pytest.raises(PublicError) as refusal:
        area.manifest(old.staging)
    assert code_of(refusal) == "staging.unknown"
    assert area.manifest(recent.staging) == recent


def test_the_oldest_of_too_many_leave(home: Path) -> None:
    area = area_of(home, keep=2)
    made = [area.stage(["results/weekly.csv"]) for _ in range(4)]
    for age, manifest in enumerate(reversed(made)):
        if (area.root / manifest.staging).exists():
            os.utime(area.root / manifest.staging, (time.time() - age,) * 2)
    area.sweep()
    assert {p.name for p in area.root.iterdir()} == {m.staging for m in made[-2:]}


@pytest.mark.parametrize("staging", ["../home/results", "f" * 31, "F" * 32, ""])
def test_an_id_is_never_a_path(home: Path, staging: str) -> None:
    with pytest.raises(PublicError) as refusal:
        area_of(home).manifest(staging)
    assert code_of(refusal) == "staging.unknown"


def test_a_folder_that_others_may_enter_is_refused(home: Path) -> None:
    (home.parent / "staging").mkdir()
    (home.parent / "staging").chmod(0o755)
    with pytest.raises(RuntimeError, match="private"):
        area_of(home)


def test_a_linked_staging_folder_is_refused(home: Path) -> None:
    (home.parent / "elsewhere").mkdir(mode=0o700)
    (home.parent / "staging").symlink_to(home.parent / "elsewhere")
    with pytest.raises(RuntimeError, match="private"):
        area_of(home)


def test_a_file_with_several_names_is_refused(home: Path) -> None:
    (home / "one.csv").write_text("a")
    os.link(home / "one.csv", home / "two.csv")
    with pytest.raises(PublicError) as refused:
        area_of(home).stage(["one.csv"])
    assert refused.value.code == "staging.hard_linked"


def test_a_sparse_giant_is_refused_before_anything_is_copied(home: Path) -> None:
    with (home / "giant.bin").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(PublicError) as refused:
        area_of(home).stage(["giant.bin"])
    assert refused.value.code == "staging.file_too_large"
