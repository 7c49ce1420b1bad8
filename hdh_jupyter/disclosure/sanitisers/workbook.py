"""Excel workbooks rebuilt from the values that show, on sheets that show.

Formulas become their values, dates become texts as ISO 8601 writes them, and texts that a spreadsheet would run get an
apostrophe. Percentages keep their form; other formats, charts, pictures, comments, names and all that is hidden stay
behind.
"""

from __future__ import annotations

import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

import xlsxwriter

from ..documents import Unreadable
from ..policy import Policy
from ..readers import workbook
from ..readers.workbook_sheet import Cell, Sheet
from .delimited import neutral

CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The same in every file, so that the same values make the same file."""
TYPES = "[Content_Types].xml"
PLAIN_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean workbook and return how many cells were neutralised."""
    neutralised = 0
    with workbook.opened(path) as source:
        macros = MACRO_TYPE in source.package.content(TYPES)
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(out), options) as target:
            target.set_properties({"created": CREATED})
            percent = target.add_format({"num_format": "0.0##%"})
            shown = [sheet for sheet in source.sheets if sheet.visible]
            if not shown:
                raise Unreadable("empty")
            for sheet in shown:
                written = target.add_worksheet(sheet.name)
                for number, cells in source.rows(sheet, Sheet()):
                    for cell in cells:
                        if not cell.hidden:
                            neutralised += _write(written, number - 1, cell, percent)
    if macros:
        _allow_macros(out)
    return neutralised


def _allow_macros(path: Path) -> None:
    """Say that a workbook may have macros, which its name says: programs refuse to open it otherwise."""
    with TemporaryFile() as draft:
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as target:
            for info in source.infolist():
                content = source.read(info)
                target.writestr(info, content.replace(PLAIN_TYPE, MACRO_TYPE) if info.filename == TYPES else content)
        draft.seek(0)
        with path.open("wb") as out:
            shutil.copyfileobj(draft, out)


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, cell: Cell, percent: object) -> int:
    """Write one cell and return 1 when it was neutralised."""
    if cell.number is not None and cell.form in ("number", "percent"):
        sheet.write_number(row, cell.column, cell.number, percent if cell.form == "percent" else None)
        return 0
    if cell.form == "bool":
        sheet.write_boolean(row, cell.column, cell.text == "TRUE")
        return 0
    clean = neutral(cell.text)
    sheet.write_string(row, cell.column, clean)
    return int(clean.startswith("'") and not cell.text.startswith("'"))
