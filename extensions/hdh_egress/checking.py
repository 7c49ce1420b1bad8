"""What the disclosure checks say of chosen files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hdh_jupyter.disclosure import Report

from .working import Worker


async def check(worker: Worker, paths: Sequence[str]) -> Report:
    """Return the report on the chosen files.

    Raises
    ------
    PublicError
        As :meth:`Worker.ask`.
    """
    return await worker.ask(paths, {}, read_report)


def read_report(out: Path) -> Report:
    """Return the report in the worker's folder.

    Raises
    ------
    ValueError
        There is none of this version.
    """
    return Report.from_dict(json.loads((out / "report.json").read_text("utf-8")))
