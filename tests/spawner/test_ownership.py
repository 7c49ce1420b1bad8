"""Homes and data change hands without being led elsewhere by what members put there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.spawner.ownership import give_home, make_home, open_to_readers

ACCOUNT = 2_100_000_123

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    homes = tmp_path / "homes"
    (homes / "vox" / "notebooks").mkdir(parents=True)
    (homes / "vox" / "notebooks" / "a.ipynb").write_text("{}")
    return homes


@needs_root
def test_a_home_goes_to_its_account_and_links_lead_nowhere(tmp_path: Path, homes: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key").write_text("secret")
    (homes / "vox" / "link").symlink_to(outside / "key")
    (homes / "vox" / "folder").symlink_to(outside)
    os.mkfifo(homes / "vox" / "pipe")
    give_home(homes, "vox", ACCOUNT)
    for path in (homes / "vox", *(homes / "vox").rglob("*")):
        assert os.lstat(path).st_uid == ACCOUNT, path
    assert outside.stat().st_uid == 0
    assert (outside / "key").stat().st_uid == 0


@needs_root
def test_a_change_that_was_cut_short_is_finished_and_a_finished_one_is_left_alone(homes: Path) -> None:
    os.chown(homes / "vox" / "notebooks", ACCOUNT, ACCOUNT)
    give_home(homes, "vox", ACCOUNT)
    assert (homes / "vox" / "notebooks" / "a.ipynb").stat().st_uid == ACCOUNT
    os.chown(homes / "vox" / "notebooks" / "a.ipynb", 0, 0)
    give_home(homes, "vox", ACCOUNT)
    assert (homes / "vox" / "notebooks" / "a.ipynb").stat().st_uid == 0


def test_a_home_replaced_by_a_link_is_refused(tmp_path: Path, homes: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (homes / "nox").symlink_to(elsewhere)
    (homes / "lux").write_text("no folder")
    for project in ("nox", "lux"):
        with pytest.raises(PublicError) as refused:
            make_home(homes, project)
        assert refused.value.code == "spawner.unsafe_folder"
    with pytest.raises(PublicError):
        give_home(homes, "nox", os.geteuid())
    assert elsewhere.stat().st_mode & 0o777 == 0o755


def test_a_home_that_its_member_closed_is_opened(homes: Path) -> None:
    (homes / "vox").chmod(0)
    make_home(homes, "vox")
    assert (homes / "vox").stat().st_mode & 0o777 == 0o700


def test_data_can_be_read_and_links_in_it_are_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a")
    secret.chmod(0o600)
    data = tmp_path / "datasets" / "oscour"
    (data / "2020").mkdir(parents=True, mode=0o700)
    (data / "2020" / "visits.csv").write_text("a")
    (data / "2020" / "visits.csv").chmod(0o600)
    (data / "link").symlink_to(secret)
    assert open_to_readers(data.parent, "oscour") == []
    assert (data / "2020" / "visits.csv").stat().st_mode & 0o444 == 0o444
    assert (data / "2020").stat().st_mode & 0o555 == 0o555
    assert secret.stat().st_mode & 0o777 == 0o600


def test_a_dataset_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    with pytest.raises(PublicError, match="link"):
        open_to_readers(tmp_path, "linked")
