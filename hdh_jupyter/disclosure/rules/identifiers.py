"""Direct identifiers in any text of a file, and in the cells of tables that are no text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow.compute as pc
import re2

from ..documents import Document, Table, Text, whole
from ..identity import words
from ..identity.finding import Identifier, identifiers
from ..masking import mask, masked, normalised
from ..model import Finding, Place
from ..policy import Policy

RULE_OF = {
    "nir": "nir",
    "nir_unkeyed": "nir",
    "nir_masked": "nir",
    "professional": "professional",
    "hospital_number": "hospital_number",
    "phone": "phone",
    "email": "email",
    "contact": "contact",
    "signed_phone": "contact",
    "signed_email": "contact",
    "address": "address",
    "birth_date": "birth_date",
    "name": "name",
    "name_mention": "name_mention",
    "ip": "ip",
    "ip_alone": "ip",
    "iban": "iban",
    "position": "coordinates",
}
"""Name of the rule, after `identifiers.`, that speaks of each kind of identifier."""

RULES = tuple(dict.fromkeys(f"identifiers.{rule}" for rule in RULE_OF.values()))
SENTENCES = {"ip_alone": "ip", "signed_phone": "contact", "signed_email": "contact"}
TOLD_BEFORE = ("nir", "phone", "email")
"""Kinds with sentences of their own for one and for many."""
ENOUGH = 1000
"""Identifiers of one kind in one text after which counting stops."""
SHOWN = 5
POSITIONS = 5
"""Points without the name of a place from which they are taken for persons'."""
AUTHORS = 6
"""Persons who sign a note; more are a list."""
MACHINES = 5
"""Addresses of different machines that nothing calls so from which they are no numbers of versions."""
PLACE_NAME = re2.compile(
    r"(?i)\"(?:nom|name|libelle|lib|label|code|insee|dep|departement|reg|region|commune|iris|epci|finess|maille|title)"
    r"[a-z_]*\" ?:"
)


@dataclass
class _Seen:
    total: int = 0
    lines: list[int] = field(default_factory=list)
    first: str = ""
    column: str | None = None
    values: set[str] = field(default_factory=set)


def direct_identifiers(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find direct identifiers in a document and in the file's name, one finding per text and kind."""
    name = Text(Place(part="name"), whole(normalised(file.replace("_", " "))))
    institutional = bool(document.tables) and all(map(_of_institutions, document.tables))
    for text in (name, *document.texts):
        found = _scan(text)
        if institutional:
            found = {f"signed_{k}" if k in ("phone", "email") else k: seen for k, seen in found.items()}
        for kind, seen in found.items():
            if text is not name or RULE_OF[kind] not in ("name_mention", "contact"):
                place = text.place if text is name else replace(text.place, line=seen.lines[0], column=seen.column)
                yield _finding(kind, seen, place, file, policy)
    read = {text.place for text in document.texts}
    for table in document.tables:
        if table.place not in read:
            for place, kind, seen in _scan_cells(table):
                yield _finding(kind, seen, place, file, policy)


def _of_institutions(table: Table) -> bool:
    """Tell whether the rows of a table are institutions, whose addresses and telephones are public."""
    of_persons = ("given_names", "births", "national_numbers", "person_words", "hospital_numbers")
    return any(words.names(title, "institution_rows") for title in table.titles) and not any(
        words.names(title, kind) for title in table.titles for kind in of_persons
    )


def _finding(kind: str, seen: _Seen, place: Place, file: str, policy: Policy) -> Finding:
    rule = f"identifiers.{RULE_OF[kind]}"
    params: dict[str, str | int] = {
        "shown": seen.first,
        "total": seen.total,
        "lines": ", ".join(map(str, dict.fromkeys(seen.lines))) + ("…" if seen.total > len(seen.lines) else ""),
        "more": "+" if seen.total >= ENOUGH else "",
    }
    if kind in TOLD_BEFORE:
        key = f"{kind}_{'one' if seen.total == 1 else 'many'}"
    else:
        key = f"persons.{SENTENCES.get(kind, kind)}"
    return Finding(rule, policy.severities[rule], file, place, key, params)


def _scan(text: Text) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    line = 1
    for chunk in text.chunks():
        for found in identifiers(chunk, decimal_comma=text.decimal_comma, code=text.code, enough=ENOUGH):
            if found.kind == "position" and _is_place(chunk, found):
                continue
            known = _added(seen, found)
            if len(known.lines) < SHOWN:
                known.lines.append(line + chunk.count("\n", 0, found.start))
            if known.total == 1:
                start = chunk.rfind("\n", 0, found.start) + 1
                end = chunk.find("\n", found.end)
                known.column = text.column_of(chunk[start : end if end >= 0 else None], found.value)
        line += chunk.count("\n")
    return _borne_out(seen)


def _scan_cells(table: Table) -> Iterator[tuple[Place, str, _Seen]]:
    """Look at the distinct cells of each batch, column by column; no identifier is shared by two cells."""
    found: list[dict[str, _Seen]] = [{} for _ in table.titles]
    row = table.first_row
    for batch in table.batches():
        for index, seen in enumerate(found):
            cells = batch.column(index)
            chunk = normalised("\n".join(str(v).replace("\n", " ") for v in pc.unique(cells).to_pylist() if v))
            for one in identifiers(chunk, enough=ENOUGH):
                known = _added(seen, one)
                if len(known.lines) < SHOWN:
                    known.lines.append(row + _row_of(cells, one.value))
        row += batch.num_rows
    for index, seen in enumerate(found):
        title = table.titles[index].strip()
        for kind, told in _borne_out(seen).items():
            column = masked(title) if title else str(index + 1)
            yield replace(table.place, row=told.lines[0], column=column), kind, told


def _row_of(cells: Any, value: str) -> int:
    at = pc.index(pc.fill_null(pc.match_substring(cells, value), False), True).as_py()
    return max(int(at), 0)


def _added(seen: dict[str, _Seen], found: Identifier) -> _Seen:
    """Count an identifier, and return what is known of its kind."""
    known = seen.setdefault(found.kind, _Seen(first=mask(found.value)))
    if known.total < ENOUGH:
        known.total += 1
        known.values.add(found.value)
    return known


def _borne_out(seen: dict[str, _Seen]) -> dict[str, _Seen]:
    """Leave out what says something only when there are several: points on a map, addresses of machines."""
    machines = seen.get("ip_alone")
    if machines is not None and ("ip" in seen or len(machines.values) < MACHINES or not _spread_out(machines.values)):
        del seen["ip_alone"]
    points = seen.get("position")
    if points is not None and len(points.values) < POSITIONS:
        del seen["position"]
    for kind in ("phone", "email"):
        signed = seen.get(f"signed_{kind}")
        # A note has some authors; a list of persons has more.
        if signed is not None and (kind in seen or len(signed.values) > AUTHORS):
            known = seen.setdefault(kind, _Seen(first=signed.first, lines=signed.lines, column=signed.column))
            known.total += signed.total
            del seen[f"signed_{kind}"]
    return seen


def _spread_out(addresses: set[str]) -> bool:
    """Tell whether numbers parted by dots reach beyond those of versions."""
    return sum(any(p.isdecimal() and int(p) >= 64 for p in value.split(".")) for value in addresses) >= MACHINES


def _is_place(chunk: str, found: Identifier) -> bool:
    """Tell whether what describes a point names a place."""
    following = chunk.find("oordinates", found.end, found.end + 400)
    after = chunk[found.end : following if following >= 0 else found.end + 400]
    return PLACE_NAME.search(after) is not None
