"""Archives: every entry is read as its own kind, and nothing gets around that."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hdh_jupyter.disclosure import Report, check, check_and_sanitise

Judge = Callable[[str, str | bytes], Report]
CLEAN = "région;passages\nNord;120\nSud;340\n"
SMALL = "région;passages\nNord;120\nSud;4\n"
NIR = "295109912611193"


def zipped(*entries: tuple[str, str | bytes], comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        archive.comment = comment
    return stream.getvalue()


def tarred(*members: tarfile.TarInfo | tuple[str, str], mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for member in members:
            if isinstance(member, tuple):
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1].encode())
                info.uname = "alice"
                archive.addfile(info, io.BytesIO(member[1].encode()))
            else:
                archive.addfile(member)
    return stream.getvalue()


def link(kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo("t.csv")
    info.type, info.linkname = kind, "/etc/passwd"
    return info


def symlinked() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("t.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return stream.getvalue()


def encrypted() -> bytes:
    content = bytearray(zipped(("t.csv", CLEAN)))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)


def wrapped(times: int) -> bytes:
    content = zipped(("t.csv", CLEAN))
    for _ in range(times):
        content = zipped(("a.zip", content))
    return content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", zipped(("t.csv", CLEAN), ("d/u.csv", CLEAN))),
        ("a.zip", zipped(("t.csv", CLEAN), ("__MACOSX/._t.csv", b"\0\5\x16\7" + b"\0" * 200), (".DS_Store", b"Bud1"))),
        ("a.tar", tarred(("t.csv", CLEAN))),
        ("a.tar.gz", tarred(("t.csv", CLEAN), mode="w:gz")),
        ("a.csv.gz", gzip.compress(CLEAN.encode(), mtime=0)),
        ("a.zip", wrapped(1)),
    ],
)
def test_an_archive_of_results_passes_and_leaves_the_same_each_time(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    written = []
    for run in ("1", "2"):
        (tmp_path / run).mkdir()
        report = check_and_sanitise([tmp_path / name], tmp_path / run)
        assert report.verdict == "pass", report.to_dict("en")
        assert report.files[0].releasable
        written.append((tmp_path / run / "0").read_bytes())
    assert written[0] == written[1]
    assert b"alice" not in written[0]
    (tmp_path / name).write_bytes(written[0])
    assert check([tmp_path / name]).verdict == "pass"


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.zip", zipped(("t.csv", CLEAN), ("u.csv", SMALL)), "counts.small_cell"),
        ("a.tar", tarred(("t.csv", SMALL)), "counts.small_cell"),
        ("a.tgz", tarred(("t.csv", SMALL), mode="w:gz"), "counts.small_cell"),
        ("a.gz", gzip.compress(SMALL.encode(), mtime=0), "counts.small_cell"),
        ("a.zip", zipped(("b.zip", zipped(("t.csv", SMALL)))), "counts.small_cell"),
        ("a.zip", zipped((f"{NIR}.csv", CLEAN)), "identifiers.nir"),
        ("a.zip", zipped(("t.csv", CLEAN), comment=NIR.encode()), "identifiers.nir"),
        ("a.zip", zipped(("t.csv", CLEAN), ("__MACOSX/._t.csv", NIR)), "identifiers.nir"),
        ("a.zip", zipped(("t.csv", CLEAN), (".DS_Store", b"x" * 30_000)), "hidden.content"),
        ("a.zip", b"PK\3\4" + b"x" * 5000 + zipped(("t.csv", CLEAN)), "hidden.content"),
    ],
)
def test_what_is_inside_is_found(name: str, content: bytes, rule: str, judged: Judge) -> None:
    report = judged(name, content)
    assert rule in {finding.rule for finding in report.findings}
    assert report.verdict == "block"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.zip", zipped(("../t.csv", CLEAN)), "archive_path"),
        ("a.zip", zipped(("/t.csv", CLEAN)), "archive_path"),
        ("a.zip", zipped(("C:t.csv", CLEAN)), "archive_path"),
        ("a.zip", zipped(("t.csv", CLEAN), ("T.CSV", SMALL)), "archive_twice"),
        ("a.zip", symlinked(), "archive_link"),
        ("a.tar", tarred(link(tarfile.SYMTYPE)), "archive_link"),
        ("a.tar", tarred(link(tarfile.LNKTYPE)), "archive_link"),
        ("a.tar", tarred(link(tarfile.FIFOTYPE)), "archive_link"),
        ("a.zip", encrypted(), "encrypted"),
        ("a.zip", wrapped(4), "nested_deep"),
        ("a.zip", zipped(*((f"{n}.csv", CLEAN) for n in range(501))), "nested_many"),
        ("a.zip", zipped(("t.csv", b"\n" * (129 << 20))), "nested_large"),
        ("a.gz", gzip.compress(b"\n" * (129 << 20), mtime=0), "nested_large"),
        ("a.zip", zipped(*((f"{n}.zip", zipped(("t.csv", b"a;b\n" * (10 << 20)))) for n in range(4))), "nested_large"),
        ("a.zip", zipped(("t.exe", b"MZ")), "unknown_kind"),
        ("a.zip", zipped(("t.csv", CLEAN))[:-30], "unreadable"),
        ("a.zip", CLEAN.encode(), "mismatch"),
        ("a.zip", zipped(), "empty"),
    ],
)
def test_what_cannot_be_read_whole_is_refused(name: str, content: bytes, reason: str, judged: Judge) -> None:
    report = judged(name, content)
    assert [finding.key for finding in report.findings] == [f"unreadable_{reason}"]
    assert not report.files[0].releasable


def test_a_place_names_every_file_on_the_way(judged: Judge) -> None:
    report = judged("a.zip", zipped(("b.zip", zipped(("t.csv", SMALL)))))
    assert {finding.where.member for finding in report.findings} == {"b.zip / t.csv"}
