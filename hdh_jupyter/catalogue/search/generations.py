"""Whole indexes side by side in a folder, and the pointer to the one that counts.

Each index is built in a folder of its own, a generation, which never changes once it is named. The file `current` says
which one counts, and is replaced at once: who reads through a read-only bind mount of the folder sees the new one at
the next question, since neither the mounted folder nor a link in it is exchanged.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .records import FORMAT

POINTER = "current"
MANIFEST = "manifest.json"
PREFIX = "generation-"
BLOCK = 1 << 20


class Damaged(Exception):
    """A generation is missing, incomplete, of another format, or not as it was written."""


def current(folder: Path) -> Path:
    """Return the folder of the generation that counts.

    Raises
    ------
    Damaged
        There is none.
    """
    try:
        name = (folder / POINTER).read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise Damaged(f"no pointer in {folder}") from error
    if not name.startswith(PREFIX) or not name.removeprefix(PREFIX).isalnum():
        raise Damaged(f"the pointer in {folder} names no generation")
    return folder / name


def verified(generation: Path) -> dict[str, Any]:
    """Return what the builder noted of a generation, after a look at every file.

    The check finds files that were cut or changed by accident, which an engine would meet in the middle of a question.

    Raises
    ------
    Damaged
        A file is not as it was written.
    """
    try:
        noted: dict[str, Any] = json.loads((generation / MANIFEST).read_text("utf-8"))
        if noted["format"] != FORMAT:
            raise Damaged(f"{generation} has the format {noted['format']}")
        for name, (size, checksum) in noted["files"].items():
            if _measured(generation / name) != (size, checksum):
                raise Damaged(f"{generation / name} is damaged")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{generation} is not complete") from error
    return noted


@contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """Give a folder to build a generation in, and make it the one that counts when the block ends well.

    One at a time: whoever comes second waits. What was left by a build that was cut short goes away. Drafts, what is
    thrown away and the lock stand beside the folder: who reads it never meets half of anything, and no workspace can
    hold the lock for ever.
    """
    folder.mkdir(parents=True, exist_ok=True)
    workshop = folder.with_name(f".{folder.name}.workshop")
    workshop.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(workshop, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _clear(workshop)
        draft = workshop / secrets.token_hex(8)
        draft.mkdir()
        try:
            yield draft
            _publish(folder, draft, workshop)
        finally:
            _clear(workshop)
    finally:
        os.close(lock)


def note(draft: Path, **said: object) -> None:
    """Write what there is in a generation, once all its other files stand."""
    files = sorted(path for path in draft.rglob("*") if path.is_file())
    manifest = {"format": FORMAT, "files": {str(path.relative_to(draft)): _measured(path) for path in files}, **said}
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")


def _publish(folder: Path, draft: Path, workshop: Path) -> None:
    # Workspaces read it under accounts of their own; whoever may not simply cannot enter the folder around it.
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        _synchronised(path)
    try:
        before: Path | None = current(folder)
    except Damaged:
        before = None
    generation = folder / f"{PREFIX}{draft.name}"
    draft.rename(generation)
    pointer = workshop / POINTER
    pointer.write_text(generation.name + "\n", "ascii")
    pointer.chmod(0o644)
    _synchronised(pointer)
    os.replace(pointer, folder / POINTER)
    _synchronised(folder)
    # The one before stays for who has just read the old pointer; open files of older ones live on by themselves.
    for other in folder.glob(f"{PREFIX}*"):
        if other not in (generation, before):
            other.rename(workshop / other.name)


def _clear(workshop: Path) -> None:
    for left in workshop.iterdir():
        if left.is_dir():
            # What cannot go now goes at the next build.
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink()


def _synchronised(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _measured(path: Path) -> tuple[int, int]:
    size = checksum = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            size += len(block)
            checksum = zlib.crc32(block, checksum)
    return size, checksum
