"""The form of a file that may leave: nothing leaves as it came."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from .documents import Unreadable
from .model import Finding
from .policy import Policy
from .readers import kind_of

WRITERS = {
    "csv": "delimited",
    "tsv": "delimited",
    "png": "png",
    "jpeg": "jpeg",
    "svg": "svg",
    "pdf": "pdf",
    "workbook": "workbook",
    "parquet": "columnar",
    "feather": "columnar",
    "rdata": "rdata",
    "stata": "statistical",
    "sas": "statistical",
    "spss": "statistical",
    "json": "structured",
    "html": "page",
    "markdown": "markdown",
    "text": "plain",
    "latex": "plain",
    "code": "plain",
    "model": "models",
}
"""Kind -> module of `sanitisers` whose `sanitise` writes it, imported when a file of that kind is there."""

HAS_ENTRIES = "archive"
"""The kind whose files hold files, each of which is sanitised as its own kind."""


@dataclass(frozen=True)
class Sanitised:
    """A sanitised file.

    Attributes
    ----------
    size
        In bytes.
    neutralised
        Cells that a spreadsheet would have run as a formula.
    """

    path: Path
    size: int
    sha256: str
    neutralised: int = 0


def sanitise(path: Path, out: Path, findings: Sequence[Finding], policy: Policy, name: str | None = None) -> Sanitised:
    """Write the sanitised form of a file.

    Parameters
    ----------
    out
        Where to write; replaced if there.
    findings
        Of the check of this file: a notebook loses the outputs that have a blocking one.
    name
        The file's name as its owner chose it, when `path` has another.

    Raises
    ------
    Unreadable
        The file is not of a kind that can be sanitised, or is damaged.
    """
    neutralised = _write(path, out, findings, policy, name or path.name)
    size, digest = measured(out)
    return Sanitised(out, size, digest, neutralised)


def _write(path: Path, out: Path, findings: Sequence[Finding], policy: Policy, name: str) -> int:
    kind = kind_of(name, policy)
    if kind == "notebook":
        from .sanitisers import notebook

        notebook.sanitise(path, out, policy, findings)
        return 0
    if kind == HAS_ENTRIES:
        from .sanitisers import archive

        return archive.sanitise(path, out, policy, findings, _write)
    if kind not in WRITERS:
        raise Unreadable("unknown_kind", allowed=", ".join(sorted(policy.kinds)))
    writer = import_module(f".sanitisers.{WRITERS[kind]}", __package__)
    return int(writer.sanitise(path, out, kind, policy))


def measured(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its SHA-256."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return path.stat().st_size, digest
