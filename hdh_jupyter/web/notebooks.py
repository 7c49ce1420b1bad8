"""A notebook as cells, texts, tables and images; no markup of it is passed on."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..disclosure.model import Place
from .html_blocks import blocks
from .images import image
from .view import HtmlTable, Image, Limits, Notebook, NotebookCell, OtherForm, Output, Text, Unavailable, clip

MOST_CELLS = 500
MOST_OUTPUTS = 50
"""Outputs of one cell."""

SHOWN_FIRST = ("text/html", "image/svg+xml", "image/png", "text/markdown", "text/latex", "text/plain")
"""The representation that is shown when an output has several, the richest first; the others are given as source."""

_TERMINAL_CODE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass
class _Budget:
    """How much may still be shown of one notebook."""

    text: int
    image: int

    def cut(self, text: str) -> Text:
        shown = clip(text, max(self.text, 0))
        self.text -= len(shown.text)
        return shown


def notebook(data: bytes, places: Collection[Place], limits: Limits) -> Notebook | Unavailable:
    """Return a notebook's cells, those of `places` marked."""
    if len(data) > limits.notebook:
        return Unavailable("too_large")
    try:
        cells = json.loads(data)["cells"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return Unavailable("unreadable")
    if not isinstance(cells, list):
        return Unavailable("unreadable")
    marked = {(place.cell, place.output) for place in places}
    budget = _Budget(limits.text, limits.image)
    shown = tuple(
        _cell(number, cell, marked, budget)
        for number, cell in enumerate(cells[:MOST_CELLS], start=1)
        if isinstance(cell, dict)
    )
    return Notebook(shown, len(cells) > MOST_CELLS)


def _cell(
    number: int, cell: Mapping[str, Any], marked: Collection[tuple[int | None, int | None]], budget: _Budget
) -> NotebookCell:
    given = cell.get("outputs")
    outputs = [o for o in given if isinstance(o, dict)] if isinstance(given, list) else []
    return NotebookCell(
        number=number,
        kind=cell["cell_type"] if cell.get("cell_type") in ("code", "markdown") else "raw",
        source=budget.cut(_joined(cell.get("source"))),
        outputs=tuple(
            _output(output, (number, at) in marked, budget) for at, output in enumerate(outputs[:MOST_OUTPUTS], start=1)
        ),
        flagged=(number, None) in marked,
    )


def _output(output: Mapping[str, Any], flagged: bool, budget: _Budget) -> Output:
    data = output.get("data")
    if not isinstance(data, dict):
        return Output((budget.cut(_stream(output)),), flagged=flagged)
    order = [name for name in SHOWN_FIRST if name in data] + sorted(name for name in data if name not in SHOWN_FIRST)
    first = order[:1]
    shown = tuple(block for name in first for block in _represented(name, data[name], budget))
    others = tuple(OtherForm(name, budget.cut(_joined(data[name]))) for name in order if name not in first or not shown)
    # What the browser would read as markup is also given as source: a reviewer sees all that would leave.
    sources = tuple(OtherForm(name, budget.cut(_joined(data[name]))) for name in first if shown and name == "text/html")
    return Output(shown, sources + others, flagged)


def _represented(name: str, value: object, budget: _Budget) -> tuple[Text | HtmlTable | Image, ...]:
    if name == "text/html":
        found = blocks(_joined(value))
        return tuple(budget.cut(block.text) if isinstance(block, Text) else block for block in found)
    if name in ("image/png", "image/svg+xml"):
        return _picture(name, _joined(value), budget)
    if name.startswith("text/"):
        return (budget.cut(_plain(_joined(value))),)
    return ()


def _picture(name: str, value: str, budget: _Budget) -> tuple[Image, ...]:
    try:
        data = value.encode() if name == "image/svg+xml" else base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return ()
    shown = image("svg" if name == "image/svg+xml" else "png", data, max(budget.image, 0))
    if not isinstance(shown, Image):
        return ()
    budget.image -= len(data)
    return (shown,)


def _stream(output: Mapping[str, Any]) -> str:
    """Return the text of a stream, or of an error."""
    if output.get("output_type") == "error":
        trace = output.get("traceback")
        lines = trace if isinstance(trace, list) else []
        return _plain("\n".join(map(str, lines)) or f"{output.get('ename')}: {output.get('evalue')}")
    return _plain(_joined(output.get("text")))


def _joined(value: object) -> str:
    if isinstance(value, list):
        return "".join(map(str, value))
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=1)


def _plain(text: str) -> str:
    return _TERMINAL_CODE.sub("", text)
