"""Direct identifiers in any text of a file: NIR with its key, telephone numbers, e-mail addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..documents import Document, Text, whole
from ..masking import identifiers, normalised
from ..model import Finding, Place
from ..policy import Policy

RULES = ("identifiers.nir", "identifiers.phone", "identifiers.email")
ENOUGH = 1000
"""Identifiers of one kind in one text after which counting stops."""
SHOWN = 5


@dataclass
class _Seen:
    total: int
    lines: list[int]
    first: str
    column: str | None


def direct_identifiers(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find direct identifiers in every text of a document and in the file's name, one finding per text and kind."""
    name = Text(Place(part="name"), whole(normalised(file.replace("_", " "))))
    for text in (name, *document.texts):
        for kind, seen in _scan(text).items():
            rule = f"identifiers.{kind}"
            single = seen.total == 1
            where = text.place if text is name else replace(text.place, line=seen.lines[0], column=seen.column)
            lines = ", ".join(map(str, dict.fromkeys(seen.lines))) + ("…" if seen.total > len(seen.lines) else "")
            params: dict[str, str | int] = {
                "shown": seen.first,
                "total": seen.total,
                "lines": lines,
                "more": "+" if seen.total >= ENOUGH else "",
            }
            key = f"{kind}_{'one' if single else 'many'}"
            yield Finding(rule, policy.severities[rule], file, where, key, params)


def _scan(text: Text) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    line = 1
    for chunk in text.chunks():
        for found in identifiers(chunk, decimal_comma=text.decimal_comma, code=text.code):
            known = seen.get(found.kind)
            if known is not None and known.total >= ENOUGH:
                continue
            if known is None:
                at = line + chunk.count("\n", 0, found.start)
                start = chunk.rfind("\n", 0, found.start) + 1
                end = chunk.find("\n", found.end)
                column = text.column_of(chunk[start : end if end >= 0 else None], found.value)
                seen[found.kind] = _Seen(1, [at], found.masked, column)
            else:
                known.total += 1
                if len(known.lines) < SHOWN:
                    known.lines.append(line + chunk.count("\n", 0, found.start))
        line += chunk.count("\n")
        if len(seen) == len(RULES) and all(known.total >= ENOUGH for known in seen.values()):
            break
    return seen
