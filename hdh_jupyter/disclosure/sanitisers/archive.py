"""Archives packed anew from the sanitised form of each entry: no comment, owner or time, nothing between entries."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, cast

from ..model import Finding
from ..policy import Policy
from ..readers import member_name
from ..readers.archive import unpack

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can tell."""

Writer = Callable[[Path, Path, Sequence[Finding], Policy, str], int]
"""Writes the sanitised form of one file, and returns how many cells were neutralised."""


def sanitise(path: Path, out: Path, policy: Policy, findings: Sequence[Finding], write: Writer) -> int:
    """Write the clean archive and return how many cells were neutralised in it.

    Parameters
    ----------
    write
        Writes each entry.
    """
    unpacked = unpack(path)
    neutralised = 0
    with TemporaryDirectory() as folder:
        clean: list[tuple[str, Path]] = []
        for number, entry in enumerate(unpacked.entries):
            target = Path(folder) / str(number)
            neutralised += write(entry.path, target, _inside(findings, member_name(entry.name)), policy, entry.name)
            clean.append((entry.name, target))
        {"zip": _zip, "tar": _tar, "tgz": _tgz, "gz": _gz}[unpacked.form](clean, out)
    return neutralised


def _inside(findings: Iterable[Finding], member: str) -> list[Finding]:
    """Return the findings within one entry, with places as its own reader tells them."""
    found = []
    for finding in findings:
        first, _, rest = (finding.where.member or "").partition(" / ")
        if first == member:
            found.append(replace(finding, where=replace(finding.where, member=rest or None)))
    return found


def _zip(entries: Iterable[tuple[str, Path]], out: Path) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in entries:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            with path.open("rb") as source, archive.open(info, "w") as target:
                shutil.copyfileobj(source, target)


def _tar(entries: Iterable[tuple[str, Path]], out: Path) -> None:
    with out.open("wb") as stream:
        _packed(entries, cast(IO[bytes], stream))


def _tgz(entries: Iterable[tuple[str, Path]], out: Path) -> None:
    with out.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as stream:
        _packed(entries, cast(IO[bytes], stream))


def _packed(entries: Iterable[tuple[str, Path]], stream: IO[bytes]) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in entries:
            info = tarfile.TarInfo(name)
            info.size = path.stat().st_size
            with path.open("rb") as source:
                archive.addfile(info, source)


def _gz(entries: Iterable[tuple[str, Path]], out: Path) -> None:
    for _, path in entries:
        with path.open("rb") as source, out.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as stream:
            shutil.copyfileobj(source, stream)
