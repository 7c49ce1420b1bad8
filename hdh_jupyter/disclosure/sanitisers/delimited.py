"""CSV and TSV re-written as plain UTF-8: same values, same delimiter.

Cells that a spreadsheet would run as a formula get an apostrophe in front (OWASP, CSV injection); signed numbers stay.
Control characters and characters that show nothing go.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import re2

from ..policy import Policy
from ..readers import delimited, grid
from ..readers.encoding import decoded, encoding_of

FORMULA_STARTS = ("=", "+", "-", "@", "\t")
FORMULA = re2.compile(r"(?:^|[\n;,|\t])\s*[=+\-@\r]\s*[^\d.,\s;|]")
INVISIBLE = re2.compile(r"[\x{0}-\x{8}\x{b}\x{c}\x{e}-\x{1f}\x{7f}-\x{9f}\p{Cf}]")
UNPLAIN = re2.compile("|".join((FORMULA.pattern, INVISIBLE.pattern, r'["\r]')))
"""What a file copied as it is must not hold."""
BUFFER = 1 << 20


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean file and return how many cells were neutralised."""
    encoding = encoding_of(path)
    if _is_plain(path, encoding):
        if encoding == "utf-8":
            shutil.copyfile(path, out)
        else:
            with out.open("w", encoding="utf-8", newline="", buffering=BUFFER) as stream:
                stream.writelines(decoded(path, encoding))
        return 0
    with path.open(encoding=encoding, newline="") as stream:
        delimiter = delimited.delimiter_of(stream.read(delimited.HEAD).lstrip("\ufeff"), kind)
    neutralised = 0
    with out.open("w", encoding="utf-8", newline="", buffering=BUFFER) as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        for row in delimited.records(path, encoding, delimiter):
            cells = [neutral(cell) for cell in row]
            neutralised += sum(
                clean.startswith("'") and not cell.startswith("'") for clean, cell in zip(cells, row, strict=True)
            )
            writer.writerow(cells)
    return neutralised


def neutral(cell: str) -> str:
    """Return a cell without invisible characters, which no spreadsheet takes for a formula."""
    clean = str(INVISIBLE.sub("", cell.replace("\r\n", "\n").replace("\r", "\n")))
    if clean.lstrip(" \n").startswith(FORMULA_STARTS) and not grid.is_number(clean) and clean.strip() not in ("-", "+"):
        return "'" + clean
    return clean


def _is_plain(path: Path, encoding: str) -> bool:
    """Tell whether a file can be copied as it is: no quotes, no formula, nothing invisible, line feeds alone."""
    last = "\n"
    for text in decoded(path, encoding):
        if UNPLAIN.search(last + text):
            return False
        last = text[-64:] or last
    return True
