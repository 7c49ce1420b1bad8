"""Records listed in a text or log, one on a line: JSON, a printed dictionary, `name=value` pairs, or names with dates.

The records of one shape are put together to a table, and judged as the rows of any table are. A name and a date on each
of several lines are persons' with their births when the dates are spread over a life: those of meetings, versions and
publications are not. HL7 messages say of themselves that they hold a patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa
import re2

from ..documents import Document, Table, Text
from ..identity import patterns
from ..identity.words import is_first_name
from ..masking import masked
from ..model import Finding
from ..policy import Policy
from .columns import profile
from .rows import judged

RULES = ("rows.listing",)
READ_ELSEWHERE = ("csv", "tsv", "json", "code")
"""Kinds whose records their reader makes tables of."""
FEWEST_FIELDS, FEWEST_RECORDS, MOST_RECORDS, SHAPES, LINE = 3, 2, 5000, 50, 4000
VALUE = r"(?:\"[^\"]*\"|'[^']*'|[^\s,;|{}\[\]()\"']+(?: [A-ZÀ-Þ][^\s,;|{}\[\]()\"'=:]*)*)"
QUOTED = re2.compile(rf"[\"']([A-Za-z_À-ÿ][\w .\-À-ÿ]{{0,40}})[\"'] ?[:=] ?(?:[A-Za-z_.]+\()?({VALUE})")
PAIR = re2.compile(rf"\b([A-Za-z_À-ÿ][\wÀ-ÿ.]{{0,40}})=({VALUE})")

BRACED = re2.compile(r"\{[^{}]*\}")
MARKUP = re2.compile(r"</?[A-Za-z]|/>|^\s*[a-z:\-]+=\"[^\"]*\">?$")
"""Elements of XML, whose attributes are no records."""


LISTED = re2.compile(rf"({patterns.NAME})(?:[ ,;^|\t]+)({patterns.NAME})")
DATED = re2.compile(rf"{patterns.DATE}|\b(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\b")
YEAR = re2.compile(r"(?:19|20)\d\d")
FEWEST_PERSONS, LIFE, MOST_LINES = 3, 20, 100_000
"""Lines with a person each, years over which their births are spread, lines that are looked at."""
MESSAGE = re2.compile(r"(?m)^PID\|")
"""The segment of a patient's identity (HL7 v2, chapter 3)."""


@dataclass
class _Shape:
    first_line: int
    records: list[tuple[str, ...]] = field(default_factory=list)


def listings(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find listed records of persons in every text of a document."""
    if document.kind in READ_ELSEWHERE:
        return
    for text in document.texts:
        if (found := _persons(text)) is not None:
            line, total = found
            place = replace(text.place, line=line)
            yield Finding(RULES[0], policy.severities[RULES[0]], file, place, "rows.listed_persons", {"rows": total})
        for names, shape in _shapes(text).items():
            if len(shape.records) < FEWEST_RECORDS:
                continue
            if judged(profile(_table(text, names, shape), policy.min_count), policy) is not None:
                shown = ", ".join(map(masked, names[:6])) + (", …" if len(names) > 6 else "")
                place = replace(text.place, line=shape.first_line)
                params: dict[str, str | int] = {"rows": len(shape.records), "attributes": shown}
                yield Finding(RULES[0], policy.severities[RULES[0]], file, place, "rows.listing", params)


def _persons(text: Text) -> tuple[int, int] | None:
    """Return the first line of a list of persons, and how many it lists."""
    number, first, messages = 0, 0, 0
    names: list[str] = []
    years: list[int] = []
    for chunk in text.chunks():
        messages += len(MESSAGE.findall(chunk))
        if messages and not first:
            first = number + 1 + chunk.count("\n", 0, MESSAGE.search(chunk).start())
        if DATED.search(chunk) is None:
            number += chunk.count("\n")
            continue
        for line in chunk.split("\n"):
            number += 1
            if number > MOST_LINES or len(line) > LINE or (dated := DATED.search(line)) is None:
                continue
            named = next((m.group() for m in LISTED.finditer(line) if any(map(is_first_name, m.groups()))), None)
            if named is not None:
                first = first or number
                names.append(named)
                years.append(int(YEAR.search(dated.group()).group()))
        number -= 1
    if messages:
        return first, messages
    listed = len(names) >= FEWEST_PERSONS and len(set(names)) >= 0.7 * len(names)
    return (first, len(names)) if listed and max(years) - min(years) >= LIFE else None


def _shapes(text: Text) -> dict[tuple[str, ...], _Shape]:
    """Return the records of a text by the names of their fields, up to a number that bounds memory."""
    found: dict[tuple[str, ...], _Shape] = {}
    number = 0
    for chunk in text.chunks():
        if QUOTED.search(chunk) is None and PAIR.search(chunk) is None:
            number += chunk.count("\n")
            continue
        for line in chunk.split("\n"):
            number += 1
            for record in _records(line):
                pairs = _pairs(record[:LINE])
                names = tuple(pairs)
                if len(pairs) < FEWEST_FIELDS or (names not in found and len(found) >= SHAPES):
                    continue
                shape = found.setdefault(names, _Shape(number))
                if len(shape.records) < MOST_RECORDS:
                    shape.records.append(tuple(pairs.values()))
        number -= 1
    return found


def _records(line: str) -> list[str]:
    """Return the records of a line: several dictionaries printed one behind the other, or the line."""
    several = BRACED.findall(line) if line.count("{") > 1 else []
    return several if len(several) > 1 else [line]


def _pairs(line: str) -> dict[str, str]:
    if (line.count("=") < FEWEST_FIELDS and line.count(":") < FEWEST_FIELDS) or MARKUP.search(line):
        return {}
    for pattern in (QUOTED, PAIR):
        pairs = {match.group(1): match.group(2).strip("\"'") for match in pattern.finditer(line)}
        if len(pairs) >= FEWEST_FIELDS:
            return pairs
    return {}


def _table(text: Text, names: tuple[str, ...], shape: _Shape) -> Table:
    columns = [pa.array(column, pa.string()) for column in zip(*shape.records, strict=True)]
    batch = pa.RecordBatch.from_arrays(columns, [f"c{i}" for i in range(len(names))])
    return Table(text.place, names, lambda: iter((batch,)), first_row=shape.first_line)
