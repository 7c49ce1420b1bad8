"""What the hub zone writes for workspaces, and how those that run come to see it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.search import Audience, Selection, generations, open_index
from hdh_jupyter.catalogue.search.folder_index import FolderIndex
from hdh_jupyter.catalogue.search.sqlite_index import SqliteEngine
from hdh_jupyter.catalogue.search.tantivy_index import TantivyEngine, TantivyWriter
from hdh_jupyter.catalogue.seed import first_records, seed
from hdh_jupyter.catalogue.snapshot import folder_for, project_document, refresh
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

READER = """
import sys
from pathlib import Path
from hdh_jupyter.catalogue.search import open_index
from hdh_jupyter.errors import PublicError

index = open_index(Path("/mnt/catalogue"))
for line in sys.stdin:
    try:
        results = index.search(line.rstrip(chr(10)))
        print(index.origin(), results.total, results.hits[0].name if results.hits else "", sep="|", flush=True)
    except PublicError as error:
        print(error.code, flush=True)
"""
"""Reads the catalogue as a running workspace does: one process, questions one after the other."""


@pytest.fixture
def store(database: Database) -> CatalogueStore:
    store = CatalogueStore(database)
    seed(store)
    return store


@dataclass(frozen=True)
class Granted:
    dataset: str
    valid_from: date | None
    valid_until: date | None


def test_the_snapshot_is_written_when_the_records_changed_and_only_then(store: CatalogueStore, tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    index = open_index(folder)
    assert refresh(store, folder)
    assert not refresh(store, folder)
    store.put(replace(store.get("oscour"), name="OSCOUR révisée"))
    assert refresh(store, folder)
    assert index.dataset("oscour").name == "OSCOUR révisée"
    (generations.current(folder) / "records.sqlite").write_bytes(b"damaged")
    assert refresh(store, folder)
    assert index.facets("")["result"]["dataset"] == 31
    assert refresh(store, folder, {"who": "steward"})
    assert not refresh(store, folder)
    assert list(index.facets("")) == ["result", "who"]


def test_the_shared_folder_itself_grants_nothing(store: CatalogueStore, tmp_path: Path) -> None:
    refresh(store, tmp_path / "catalogue")
    assert json.loads((tmp_path / "catalogue" / "project.json").read_text()) == {"project": "", "grants": []}


def test_a_project_document_names_each_grant_with_its_path_and_days() -> None:
    grants = [Granted("pmsi", None, None), Granted("oscour", date(2025, 1, 2), date(2026, 12, 31))]
    assert json.loads(project_document("urgences", grants)) == {
        "project": "urgences",
        "grants": [
            {"dataset": "oscour", "path": "/data/oscour", "valid_from": "2025-01-02", "valid_until": "2026-12-31"},
            {"dataset": "pmsi", "path": "/data/pmsi", "valid_from": None, "valid_until": None},
        ],
    }


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A sandboxed process that has the folder bound read-only, and nothing to write to."""
    (tmp_path / "catalogue").mkdir()
    sealed = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--tmpfs", "/tmp", "--proc", "/proc", "--dev", "/dev"]
    sealed += ["--ro-bind", sys.prefix, sys.prefix, "--tmpfs", "/mnt", "--ro-bind", str(Path.cwd()), "/mnt/project"]
    sealed += ["--ro-bind", str(tmp_path / "catalogue"), "/mnt/catalogue"]
    with subprocess.Popen(
        [*sealed, "--chdir", "/mnt/project", sys.executable, "-c", READER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def ask(workspace: subprocess.Popen[str], query: str) -> str:
    assert workspace.stdin is not None
    assert workspace.stdout is not None
    workspace.stdin.write(query + "\n")
    workspace.stdin.flush()
    return workspace.stdout.readline().strip()


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_running_workspace_sees_each_publication_through_its_read_only_mount(
    store: CatalogueStore, tmp_path: Path, workspace: subprocess.Popen[str]
) -> None:
    folder = tmp_path / "catalogue"
    assert ask(workspace, "oscour") == "catalogue.unavailable"
    refresh(store, folder)
    before, _, name = ask(workspace, "oscour").split("|")
    assert name == "OSCOUR"
    for number in range(3):
        store.put(replace(store.get("oscour"), name=f"Nouveauté {number}"))
        refresh(store, folder)
        after, total, name = ask(workspace, f"Nouveauté {number}").split("|")
        assert (name, int(total) > 0) == (f"Nouveauté {number}", True)
        assert after == open_index(folder).origin() != before
    # The newest and the one before stay, however many were published.
    assert len(list(folder.glob("generation-*"))) == 2
    (folder / "current").unlink()
    assert ask(workspace, "oscour") == "catalogue.unavailable"
    assert refresh(store, folder)
    assert ask(workspace, "Nouveauté 2").endswith("|Nouveauté 2")


def broken_after(records: list[Dataset]) -> Iterator[Dataset]:
    yield from records
    raise RuntimeError


def test_an_interrupted_build_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records, index = first_records(), open_index(tmp_path / "catalogue")
    index.rebuild(records)
    before = index.origin()
    with pytest.raises(RuntimeError):
        index.rebuild(broken_after(records[:3]))
    monkeypatch.setattr(TantivyWriter, "close", lambda self: broken_after([]).__next__())
    with pytest.raises(RuntimeError):
        index.rebuild(records[:3])
    monkeypatch.undo()
    assert (index.origin(), index.facets("")["result"]["dataset"]) == (before, 31)
    # What a process left that was killed while it built.
    left = tmp_path / ".catalogue.workshop" / "killed"
    left.mkdir()
    (left / "records.sqlite").write_bytes(b"half")
    index.rebuild(records[:2])
    assert index.facets("")["result"]["dataset"] == 2
    assert list(left.parent.iterdir()) == []
    assert len(list((tmp_path / "catalogue").iterdir())) == 3


def test_a_build_that_is_killed_leaves_the_old_one(tmp_path: Path) -> None:
    index = open_index(tmp_path / "catalogue")
    index.rebuild(first_records())
    before = index.origin()
    program = (
        "import os, sys; from pathlib import Path; from hdh_jupyter.catalogue.search import open_index, folder_index;"
        "from hdh_jupyter.catalogue.seed import first_records;"
        "folder_index.generations.note = lambda *a, **k: os.kill(os.getpid(), 9);"
        "open_index(Path(sys.argv[1])).rebuild(first_records()[:2])"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path / "catalogue")], check=False)
    assert killed.returncode == -9
    assert index.origin() == open_index(tmp_path / "catalogue").origin() == before
    index.rebuild(first_records()[:2])
    assert list((tmp_path / ".catalogue.workshop").iterdir()) == []


def test_a_writer_that_lost_entries_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = FolderIndex(tmp_path / "c", [TantivyEngine])
    add = TantivyWriter.add

    def losing(self: TantivyWriter, *arguments: object) -> None:
        add(self, *arguments)  # type: ignore[arg-type]
        self._added += 1

    monkeypatch.setattr(TantivyWriter, "add", losing)
    with pytest.raises(RuntimeError, match="entries of"):
        index.rebuild(first_records())
    with pytest.raises(PublicError):
        index.origin()


DAMAGE = ["current", "manifest.json", "records.sqlite", "entries.sqlite", "tantivy/meta.json", "tantivy/*.term"]


@pytest.mark.parametrize("how", ["gone", "empty", "cut", "changed"])
@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_snapshot_is_said_so(tmp_path: Path, built: Path, what: str, how: str) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "copy"))
    [path] = [*folder.glob(what), *generations.current(folder).glob(what)]
    content = path.read_bytes()
    half = len(content) // 2
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {"empty": b"", "cut": content[:half], "changed": content[:half] + b"\xff" + content[half + 1 :]}[how]
        )
    index = open_index(folder)
    for question in (index.search, index.facets, index.suggest, index.count, index.dataset):
        with pytest.raises(PublicError) as refusal:
            question("oscour")
        assert (refusal.value.code, refusal.value.status) == ("catalogue.unavailable", 503)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "catalogue"
    open_index(folder).rebuild(first_records())
    return folder


def test_sqlite_answers_where_tantivy_is_missing(built: Path) -> None:
    program = (
        "import sys; sys.modules['tantivy'] = None; from pathlib import Path;"
        "from hdh_jupyter.catalogue.search import open_index; from hdh_jupyter.catalogue.search.opening import ENGINES;"
        "print(len(ENGINES), open_index(Path(sys.argv[1])).search('maladies rares').hits[0].dataset)"
    )
    answer = subprocess.run([sys.executable, "-c", program, str(built)], capture_output=True, text=True, check=True)
    assert answer.stdout == "1 bndmr\n"


def test_a_snapshot_without_an_engine_of_this_machine_is_said_so(tmp_path: Path) -> None:
    FolderIndex(tmp_path / "c", [TantivyEngine]).rebuild(first_records())
    with pytest.raises(PublicError) as refusal:
        FolderIndex(tmp_path / "c", [SqliteEngine]).count("")
    assert refusal.value.code == "catalogue.unavailable"


def test_it_reads_where_nothing_can_be_written_and_others_may_read(built: Path) -> None:
    files = [built / "current", *generations.current(built).rglob("*")]
    assert all(path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644) for path in files)


def test_publications_and_questions_at_the_same_time_never_meet_half_of_anything(tmp_path: Path) -> None:
    records, index = first_records(), open_index(tmp_path / "catalogue")
    index.rebuild(records[:1])
    failures: list[BaseException] = []
    over = threading.Event()

    def asking() -> None:
        while not over.is_set():
            try:
                counts = index.facets("")["result"]
                assert counts["dataset"] in (1, 2)
                assert len(index.search("", limit=100).hits) > 0
            except BaseException as error:
                failures.append(error)
                return

    def publishing(many: int) -> None:
        try:
            for _ in range(2):
                open_index(tmp_path / "catalogue").rebuild(records[:many])
        except BaseException as error:
            failures.append(error)

    askers = [threading.Thread(target=asking) for _ in range(2)]
    publishers = [threading.Thread(target=publishing, args=(many,)) for many in (1, 2)]
    for thread in (*askers, *publishers):
        thread.start()
    for thread in publishers:
        thread.join()
    over.set()
    for thread in askers:
        thread.join()
    assert failures == []


def test_publication_reaches_the_folder_of_an_audience_too(store: CatalogueStore, tmp_path: Path) -> None:
    shared = tmp_path / "catalogue"
    refresh(store, shared)
    assert folder_for(store, shared, ["oscour", "pmsi"]) == shared
    secret = Variable("HUSH_COD", "string", restricted=True)
    store.put(replace(store.get("oscour"), tables=(Table("T", variables=(secret,)),)))
    refresh(store, shared)
    folder = folder_for(store, shared, ["oscour", "pmsi"])
    assert folder != shared
    assert folder_for(store, shared, ["pmsi"]) == shared
    mine = Selection(audience=Audience(frozenset({"oscour"})))
    index = open_index(folder)
    assert (index.count("HUSH ", mine), index.count("HUSH ")) == (1, 0)
    assert open_index(shared).count("HUSH ", mine) == 0
    assert json.loads((folder / "project.json").read_text()) == {"project": "", "grants": []}
    assert (tmp_path / "catalogue-restricted").stat().st_mode & 0o077 == 0
    store.put(replace(store.get("pmsi"), name="PMSI révisé"))
    refresh(store, shared)
    assert index.search("révisé").hits[0].name == open_index(shared).search("révisé").hits[0].name == "PMSI révisé"
