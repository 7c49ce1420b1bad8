"""The parts of an Office Open XML file (ECMA-376, part 2): opened within bounds, their relationships, their XML.

Entities are refused; what a part is goes by its name in the package, as programs write it.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError, TreeBuilder
from xml.parsers import expat

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException, DTDForbidden

from ..documents import Unreadable

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of the older binary formats begin, and encrypted files of the newer ones."""
MAX_PARTS = 5000
EXPANDED_LIMIT = 1 << 30
"""Bytes of all parts together; they are read as streams."""
PART_LIMIT = 64 << 20
"""Bytes of a part that is read whole."""
CHUNK = 1 << 16
"""Bytes of a part that is read as a stream, at a time."""


@dataclass(frozen=True)
class Package:
    """An open package.

    Attributes
    ----------
    parts
        Sizes in bytes by name, without a slash in front.
    """

    archive: zipfile.ZipFile
    parts: Mapping[str, int]

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a part as a stream."""
        if name not in self.parts:
            raise Unreadable("unreadable", reason="part")
        with self.archive.open(name) as stream:
            yield stream

    def content(self, name: str) -> bytes:
        """Return a part whole."""
        if self.parts.get(name, 0) > PART_LIMIT:
            raise Unreadable("nested_large", limit=PART_LIMIT >> 20)
        with self.open(name) as stream:
            return stream.read(PART_LIMIT + 1)

    def xml(self, name: str) -> Any:
        """Return the root element of a part."""
        return ElementTree.fromstring(self.content(name))

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """Return the type and target of each relationship of a part, by its id; targets outside keep their address."""
        folder, base = posixpath.split(name)
        relations = f"{folder}/_rels/{base}.rels".lstrip("/")
        if relations not in self.parts:
            return {}
        found = {}
        for element in self.xml(relations):
            target = str(element.get("Target", ""))
            if element.get("TargetMode") != "External":
                target = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[str(element.get("Id"))] = (str(element.get("Type", "")).rpartition("/")[2], target)
        return found


@contextmanager
def package(path: Path) -> Iterator[Package]:
    """Open a package.

    Raises
    ------
    Unreadable
        It is none, is damaged, encrypted, or expands beyond bounds; also raised for what goes wrong while it is open.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    if head == COMPOUND:
        raise Unreadable("compound")
    if not head.startswith(b"PK"):
        raise Unreadable("mismatch")
    try:
        with zipfile.ZipFile(path) as archive:
            yield Package(archive, _sizes(archive))
    except (
        zipfile.BadZipFile,
        zlib.error,
        DefusedXmlException,
        ParseError,
        expat.ExpatError,
        OSError,
        EOFError,
        ValueError,
        LookupError,
        TypeError,
        RuntimeError,
        OverflowError,
    ) as error:
        raise Unreadable("unreadable", reason="workbook") from error


def elements(stream: IO[bytes], each: str, parent: str, others: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
    """Parse a large part as a stream: each element of some names that is finished, with its name.

    Expat calls the builder of elements directly, without a step in Python for every element.

    Parameters
    ----------
    each
        Name of the elements that are many; they are given up once the next one is asked for.
    parent
        Name of the element that holds them.
    others
        Further names of elements to give.

    Raises
    ------
    xml.parsers.expat.ExpatError, defusedxml.common.DefusedXmlException
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    holders: list[Any] = []
    finished: list[tuple[str, Any]] = []
    names: dict[str, str | None] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = builder.start(tag, attributes)
        if local(element) == parent:
            holders.append(element)
            parser.StartElementHandler = builder.start

    def end(tag: str) -> None:
        element = builder.end(tag)
        if tag not in names:
            name = tag.rpartition("}")[2]
            names[tag] = name if name == each or name in others else None
        if (known := names[tag]) is not None:
            finished.append((known, element))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refused
    for chunk in iter(partial(stream.read, CHUNK), b""):
        parser.Parse(chunk, False)
        yield from finished
        finished.clear()
        for holder in holders:
            # The last may not be finished yet.
            del holder[:-1]
    parser.Parse(b"", True)
    yield from finished


def _refused(name: str, system: str | None, public: str | None, internal: int) -> None:
    """Refuse a document type, which entities would be declared in; parts have none (ECMA-376, part 2)."""
    raise DTDForbidden(name, system, public)


def local(element: Any) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Any, name: str) -> str | None:
    """Return an attribute by its name without its namespace."""
    return next((str(v) for k, v in element.attrib.items() if k.rpartition("}")[2] == name), None)


def _sizes(archive: zipfile.ZipFile) -> dict[str, int]:
    listed = [info for info in archive.infolist() if not info.is_dir()]
    if len(listed) > MAX_PARTS:
        raise Unreadable("nested_many", limit=MAX_PARTS)
    if any(info.flag_bits & 0x41 for info in listed):
        raise Unreadable("encrypted")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in listed):
        raise Unreadable("unreadable", reason="workbook")
    if len({info.filename.casefold() for info in listed}) < len(listed):
        raise Unreadable("archive_twice")
    # The library reads no more of a part than its directory says.
    if sum(info.file_size for info in listed) > EXPANDED_LIMIT:
        raise Unreadable("nested_large", limit=EXPANDED_LIMIT >> 20)
    return {info.filename: info.file_size for info in listed}
