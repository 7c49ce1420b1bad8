"""Channels that carry data past the eye: names of files, encoded blocks, look-alike letters, spaces at line ends.

Invisible characters are gone from what readers give; here they are looked for in the cells of tables, which come as
they are. What sanitising removes anyway is told all the same: whoever wrote it may not know.
"""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import re2

from ..documents import Document, Text
from ..identity.finding import identifiers
from ..model import Finding, Place
from ..policy import Policy
from .columns import Profile, profiles

RULES = ("channels.file_name", "channels.encoded", "channels.unknown", "channels.invisible", "channels.spelling")
STREAMED = frozenset({"csv", "tsv", "parquet", "feather", "stata", "sas", "spss", "rdata"})
"""Kinds whose cells are looked at instead of their text, once."""
BLOCK = re2.compile(r"[A-Za-z0-9+/_\-]{200,}={0,2}|[0-9a-fA-F]{256,}")
KNOWN_BEFORE = re2.compile(r"(?:base64,|bdata\"?\s*:\s*\"|\"data\"\s*:\s*\"|__ndarray__\"?\s*:\s*\"|sha\d{3}-)$")
"""What says that a block is decoded by the reader of what holds it, or is a checksum."""
PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"PAR1", b"\x80\x04", b"\x80\x05", b"7z\xbc\xaf", b"SQLite")
LONG_DIGITS = re2.compile(r"\d{12,}")
TOKEN = re2.compile(r"[A-Za-z0-9+=]{24,}")
HEXADECIMAL = re2.compile(r"(?i)\b[0-9a-f]{32,}\b|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONG_NAME = 150
TRAILING = re2.compile(r"(?m)[ \t]*\t [ \t]*$|[ \t]* \t[ \t]*$")
"""Spaces and tabs mixed at the end of a line, as in a message of two signs; text editors leave one sort alone."""
MIXED = re2.compile(r"[A-Za-z]\p{Cyrillic}|\p{Cyrillic}[A-Za-z]")
"""A Cyrillic letter in a Latin word looks like one of its own."""
INVISIBLE = r"[\x{200b}-\x{200f}\x{2060}-\x{2064}\x{feff}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{e0000}-\x{e007f}]"
FEW = 8
"""Invisible characters or strange line ends that can stand by accident."""
CELL = 200


def channels(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Look at a file's name, and at its texts or cells."""
    yield from _name(file, policy)
    if document.kind in STREAMED:
        for seen in profiles(document, policy.min_count):
            yield from _cells(seen, file, policy)
        return
    told: set[tuple[str, Place]] = set()
    for text in document.texts:
        for finding in _text(text, file, policy):
            if (finding.key, finding.where) not in told:
                told.add((finding.key, finding.where))
                yield finding


def _name(file: str, policy: Policy) -> Iterator[Finding]:
    place = Place(part="name")
    stem = PurePosixPath(file).name.rsplit(".", 1)[0]
    if any(identifiers(stem.replace("_", " "))):
        # Told by its own name already.
        return
    digits = [run for run in LONG_DIGITS.findall(stem) if not _is_time(run) and not run.startswith("34009")]
    encoded = [token for token in TOKEN.findall(stem) if _is_drawn(token)]
    if digits:
        yield _finding("file_name", "name_digits", file, place, policy, size=len(digits[0]))
    elif encoded:
        yield _finding("file_name", "name_encoded", file, place, policy, size=len(encoded[0]))
    elif HEXADECIMAL.search(stem) or len(stem) > LONG_NAME:
        yield _finding("unknown", "name_strange", file, place, policy, size=len(stem))


def _text(text: Text, file: str, policy: Policy) -> Iterator[Finding]:
    strange = mixed = 0
    line = 1
    for chunk in text.chunks():
        for match in BLOCK.finditer(chunk):
            if KNOWN_BEFORE.search(chunk[max(match.start() - 24, 0) : match.start()]):
                continue
            if (rule := judged(match.group())) is not None:
                at = replace(text.place, line=line + chunk.count("\n", 0, match.start()))
                size = len(match.group())
                yield _finding(rule, rule, file, at if rule == "encoded" else text.place, policy, size=size)
        strange += sum(1 for _ in TRAILING.finditer(chunk)) if "\t" in chunk else 0
        if not chunk.isascii():
            mixed += sum(1 for _ in MIXED.finditer(chunk))
        line += chunk.count("\n")
    if strange >= FEW:
        yield _finding("spelling", "line_ends", file, text.place, policy, size=strange)
    if mixed >= FEW:
        yield _finding("spelling", "look_alike", file, text.place, policy, size=mixed)


def judged(block: str) -> str | None:
    """Tell what a long run of letters and digits is: `encoded` data, `unknown`, or nothing of the kind."""
    if HEXADECIMAL.fullmatch(block):
        return "encoded" if any(c.isalpha() for c in block) and any(c.isdigit() for c in block) else None
    if not _is_varied(block) or entropy(block) < 4.5:
        return None
    try:
        raw = base64.urlsafe_b64decode(block.replace("+", "-").replace("/", "_") + "=" * (-len(block) % 4))
    except (binascii.Error, ValueError):
        return "unknown"
    if raw.startswith(PACKED) or _is_deflated(raw):
        return "encoded"
    printed = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in raw[:2000])
    return "encoded" if printed > 0.9 * len(raw[:2000]) else "unknown"


def entropy(text: str) -> float:
    """Return the bits per character of a text, each character by itself."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def values(seen: Profile) -> Iterator[tuple[int, Any]]:
    """Return by column the values of a table that are more than numbers, each at least once, in parts.

    Where the profile knows every value of a column, no other pass over the table is made for it.
    """
    unknown = []
    for index, column in enumerate(seen.columns):
        if column.numbers >= column.filled:
            continue
        if column.counted == column.filled:
            yield index, pa.array(list(column.distinct), pa.string())
        else:
            unknown.append(index)
    for batch in seen.table.batches() if unknown else ():
        yield from ((index, batch.column(index)) for index in unknown)


def _cells(seen: Profile, file: str, policy: Policy) -> Iterator[Finding]:
    blocks: Counter[str] = Counter()
    invisible = mixed = 0
    for _, column in values(seen):
        if not len(column) or column.null_count == len(column):
            continue
        if (pc.max(pc.utf8_length(column)).as_py() or 0) >= CELL:
            long = column.filter(pc.fill_null(pc.greater_equal(pc.utf8_length(column), CELL), False))
            for value in long.to_pylist():
                blocks.update(rule for found in BLOCK.findall(value) if (rule := judged(found)) is not None)
        if not pc.all(pc.string_is_ascii(column)).as_py():
            invisible += pc.sum(pc.count_substring_regex(column, INVISIBLE)).as_py() or 0
            mixed += pc.sum(pc.count_substring_regex(column, MIXED.pattern)).as_py() or 0
    for rule in ("encoded", "unknown"):
        if blocks[rule]:
            yield _finding(rule, f"{rule}_cells", file, seen.table.place, policy, size=blocks[rule])
    if invisible >= FEW:
        yield _finding("invisible", "invisible", file, seen.table.place, policy, size=invisible)
    if mixed >= FEW:
        yield _finding("spelling", "look_alike", file, seen.table.place, policy, size=mixed)


def _is_time(digits: str) -> bool:
    """Tell whether digits are a date with a time of day, or a moment in seconds or thousandths."""
    try:
        return len(digits) in (12, 14, 17) and datetime.strptime(digits[:12], "%Y%m%d%H%M").year >= 1990
    except ValueError:
        return False


def _is_drawn(token: str) -> bool:
    """Tell whether a part of a name is no word: letters and digits in turn."""
    turns = sum(a.isdigit() != b.isdigit() for a, b in pairwise(token))
    return _is_varied(token) and turns >= 4 and entropy(token) > 3.5


def _is_varied(text: str) -> bool:
    return any(c.islower() for c in text) and any(c.isupper() for c in text) and any(c.isdigit() for c in text)


def _is_deflated(raw: bytes) -> bool:
    try:
        return bool(zlib.decompressobj().decompress(raw, 1 << 16))
    except zlib.error:
        return False


def _finding(rule: str, key: str, file: str, place: Place, policy: Policy, **params: int) -> Finding:
    name = f"channels.{rule}"
    return Finding(name, policy.severities[name], file, place, f"channels.{key}", params)
