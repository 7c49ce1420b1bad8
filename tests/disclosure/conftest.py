"""Builders of result files, as researchers write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from hdh_jupyter.disclosure import Report, check


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[str, str | bytes], Report]:
    """Write a file and check it."""

    def judge(name: str, content: str | bytes) -> Report:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return check([path])

    return judge


@pytest.fixture
def notebook() -> Callable[..., bytes]:
    """Make a notebook of one code cell: texts become streams, dictionaries display data."""

    def make(
        *outputs: str | dict[str, str], source: str = "resultat", metadata: dict[str, object] | None = None
    ) -> bytes:
        made = [
            v4.new_output("stream", text=o) if isinstance(o, str) else v4.new_output("display_data", data=o)
            for o in outputs
        ]
        cell = v4.new_code_cell(source, outputs=made)
        return nbformat.writes(v4.new_notebook(cells=[cell], metadata=metadata or {})).encode()

    return make
