"""Protected copies of tables: the ways that the worker proposes, and the file written beside the original."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from hdh_jupyter.disclosure import Report
from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import translate

from .checking import read_report
from .files import create_beside
from .working import Worker

POSITION = "0"
"""Of the one file that the worker is given."""


@dataclass(frozen=True)
class Protected:
    """A protected copy: its path below the home folder, and what the checks say of it."""

    path: str
    report: Report


@dataclass(frozen=True)
class Proposals:
    """The ways to protect a file, as the worker tells them, or why there is none."""

    found: tuple[Mapping[str, Any], ...]
    reason: Mapping[str, Any] | None

    def to_dict(self, language: str) -> dict[str, Any]:
        """Return them for a person."""
        return {
            "proposals": [
                {
                    "id": each["id"],
                    "message": translate(f"disclosure.remedy.{each['key']}", language, **each["params"]),
                    "cells_lost": each["cells_lost"],
                    "information_lost": each["information_lost"],
                }
                for each in self.found
            ],
            "reason": self.reason and translate(self.reason["code"], language, **self.reason["params"]),
        }


async def propose(worker: Worker, path: str) -> Proposals:
    """Return the ways to protect a file.

    Raises
    ------
    PublicError
        As :meth:`Worker.ask`.
    """
    return await worker.ask([path], {"propose": [POSITION]}, _proposals)


async def protect(worker: Worker, path: str, remedies: Sequence[str], language: str) -> Protected:
    """Write a protected copy of a file beside it, under a name that was free.

    Raises
    ------
    PublicError
        As :meth:`Worker.ask`; `staging.not_protected`: what came out may not leave either.
    """

    def take(out: Path) -> Protected:
        report = read_report(out)
        if not report.files[0].releasable:
            raise PublicError("staging.not_protected", 409, name=path)
        with (out / "files" / POSITION).open("rb") as protected:
            return Protected(create_beside(worker.area.home, path, _names(path, language), protected), report)

    return await worker.ask([path], {"remedies": {POSITION: list(remedies)}}, take)


def _proposals(out: Path) -> Proposals:
    found = json.loads((out / "proposals.json").read_text("utf-8"))[POSITION]
    return Proposals(tuple(found["proposals"]), found["reason"])


def _names(path: str, language: str) -> itertools.chain[str]:
    """Return names for a copy: `table_protected.csv`, `table_protected_2.csv`..."""
    old = PurePosixPath(path)
    stem = f"{old.stem}_{translate('staging.protected', language)}"
    numbered = (f"{stem}_{number}{old.suffix}" for number in range(2, 100))
    return itertools.chain([f"{stem}{old.suffix}"], numbered)
