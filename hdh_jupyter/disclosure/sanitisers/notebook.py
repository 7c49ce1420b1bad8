"""Notebooks rebuilt from sources and safe outputs.

Released: the kernel's name and language, each cell's source, and of each output its plain text and its image. HTML
becomes the text a reader sees, and only where the output has no plain text; scripts, widgets, other representations,
attachments, metadata and tracebacks stay behind. An output or a source with a blocking finding is replaced by a note
in both languages.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from pathlib import Path
from typing import Any

import nbformat
import re2
from nbformat import v4

from ...i18n import LANGUAGES, translate
from ..model import Finding, Severity
from ..policy import Policy
from ..readers import html_tables, notebook, text_tables
from . import jpeg, png, svg

# The library is not typed.
FORMAT: Any = nbformat
MAKE: Any = v4

NAME = re2.compile(r"^[\w .+()\-]{1,60}$")


def sanitise(path: Path, out: Path, policy: Policy, findings: Collection[Finding]) -> None:
    """Write the clean notebook."""
    source = notebook.load(path)
    blocking = [f for f in findings if f.severity is Severity.BLOCK]
    sources = {f.where.cell for f in blocking if f.where.part == "source"}
    outputs = {(f.where.cell, f.where.output) for f in blocking if f.where.output is not None}
    cells = []
    for number, cell in enumerate(source.cells, start=1):
        withheld = frozenset(index for place, index in outputs if place == number)
        cells.append(_cell(cell, number, policy, number in sources, withheld))
    clean = MAKE.new_notebook(cells=cells, metadata=_metadata(source.metadata))
    FORMAT.validate(clean)
    out.write_text(FORMAT.writes(clean) + "\n", "utf-8")


def note(key: str) -> str:
    """Return a sentence in both languages."""
    return " / ".join(translate(f"disclosure.note.{key}", language) for language in LANGUAGES)


def _metadata(metadata: Any) -> dict[str, Any]:
    kernel, language = metadata.get("kernelspec", {}), metadata.get("language_info", {})
    kept: dict[str, Any] = {}
    spec = {k: kernel[k] for k in ("name", "display_name", "language") if NAME.match(str(kernel.get(k, "")))}
    if {"name", "display_name"} <= spec.keys():
        kept["kernelspec"] = spec
    if NAME.match(str(language.get("name", ""))):
        kept["language_info"] = {"name": language["name"]}
    return kept


def _cell(cell: Any, number: int, policy: Policy, withhold_source: bool, withheld: Collection[int | None]) -> Any:
    text = notebook.joined(cell.source)
    if cell.cell_type != "code":
        make = MAKE.new_markdown_cell if cell.cell_type == "markdown" else MAKE.new_raw_cell
        return _numbered(make(note("source_removed") if withhold_source else text), number)
    outputs = []
    for index, output in enumerate(cell.get("outputs", []), start=1):
        kept = None if index in withheld else _output(output, policy)
        outputs.append(_note("output_removed" if index in withheld else "output_dropped") if kept is None else kept)
    made = MAKE.new_code_cell(
        "# " + note("source_removed") if withhold_source else text,
        outputs=outputs,
        execution_count=cell.get("execution_count"),
    )
    return _numbered(made, number)


def _numbered(cell: Any, number: int) -> Any:
    """Give a cell its number as a name: names drawn at random would differ from one time to the next."""
    cell["id"] = f"cell-{number}"
    return cell


def _note(key: str) -> Any:
    return MAKE.new_output("stream", name="stdout", text=f"[{note(key)}]\n")


def _output(output: Any, policy: Policy) -> Any:
    """Return the output's safe form, or None when nothing of it can be shown."""
    if output.output_type == "stream":
        text = text_tables.COLOURS.sub("", notebook.joined(output.text))
        name = "stderr" if output.name == "stderr" else "stdout"
        return MAKE.new_output("stream", name=name, text=text)
    if output.output_type == "error":
        told = {k: str(output.get(k, ""))[:200] for k in ("ename", "evalue")}
        return MAKE.new_output("error", **told, traceback=[])
    data = _representations(output.data, policy)
    return MAKE.new_output("display_data", data=data) if data else None


def _representations(data: Any, policy: Policy) -> dict[str, str]:
    kept: dict[str, str] = {}
    for mime in ("text/plain", "text/markdown", "text/latex", "text/html"):
        if mime in data and "text/plain" not in kept:
            text = notebook.joined(data[mime])
            shown = html_tables.plain_text(text) if mime == "text/html" else text
            if shown.strip():
                kept["text/plain"] = shown
    for mime, pixels in (("image/png", png.pixels), ("image/jpeg", jpeg.pixels)):
        if mime in data:
            raw = base64.b64decode(notebook.joined(data[mime]))
            kept[mime] = base64.b64encode(pixels(raw, policy)).decode()
    if "image/svg+xml" in data:
        kept["image/svg+xml"] = svg.drawing(notebook.image("image/svg+xml", data["image/svg+xml"]), policy).decode()
    return kept
