"""Result files to begin with, one or more of each kind that is read, and what is asked of every reader and sanitiser.

Whatever the bytes, a file is refused by `Unreadable`, or read to its end: no other exception, no file of this machine
but its own and the library's, no network, no process.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import numpy as np
import pyarrow as pa
import xlsxwriter
from nbformat import v4
from PIL import Image
from pyarrow import feather
from pyarrow import parquet as pq

from hdh_jupyter.disclosure import default_policy
from hdh_jupyter.disclosure.documents import Document, Unreadable
from hdh_jupyter.disclosure.readers import READERS, read
from hdh_jupyter.disclosure.sanitised import sanitise
from hdh_jupyter.disclosure.sanitisers import rdata, statistical

CSV = "région;passages\nNord;120\nSud;340\n"
PAGE = "<html><body><table><tr><th>a</th></tr><tr><td>12</td></tr></table><script>var x = [{}];</script></body></html>"
TABLE = pa.table({"région": ["Nord", "Sud"], "n": [120, 340], "l": [[1], None]})
VEGA = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "bar", "data": {"values": [{"a": 1}]}}


def _made(write: Callable[[Any], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def _workbook(stream: io.BytesIO) -> None:
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Résultats")
        sheet.write_row(0, 0, ("région", "n"))
        sheet.write_row(1, 0, ("Nord", 120))
        sheet.write_formula(2, 1, "=B2*2", None, 240)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Résultats!$B$2:$B$3"})
        sheet.insert_chart("D1", chart)
        book.define_name("x", "={1,2}")


def _archive(stream: io.BytesIO) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", CSV)
        archive.writestr("d/p.html", PAGE)


def _tar(stream: io.BytesIO) -> None:
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("t.csv")
        info.size = len(CSV.encode())
        archive.addfile(info, io.BytesIO(CSV.encode()))


def _statistical(write: Callable[..., None], stream: io.BytesIO) -> None:
    columns = [statistical.Column("region", 8), statistical.Column("n", 0)]
    batch = pa.RecordBatch.from_arrays([pa.array(["Nord", "Sud"]), pa.array([120.0, None])], ["region", "n"])
    write(stream, columns, 2, iter([batch]))


def _r() -> bytes:
    value = rdata.Value(rdata.LIST, [rdata.Value(rdata.REAL, np.array([1, 2.5], ">f8"))])
    value.attributes = {"names": rdata.Value(rdata.STRINGS, ["n"]), "class": rdata.Value(rdata.STRINGS, ["data.frame"])}
    return rdata.HEADER + rdata._item(value, 0)


def _pdf() -> bytes:
    return _made(lambda stream: Image.new("RGB", (8, 8)).save(stream, "PDF"))


@cache
def seeds() -> Mapping[str, tuple[bytes, ...]]:
    """Return files to begin with, by kind."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=[v4.new_output("stream", text=CSV)])])
    records = json.dumps([{"région": "Nord", "n": 120}, {"région": "Sud", "n": 340}])
    found: dict[str, tuple[bytes, ...]] = {
        "csv": (CSV.encode(), "# titre\na,b\n1,2\n".encode("utf-16")),
        "tsv": (b"a\tb\n1\t2\n",),
        "png": (_made(lambda stream: Image.new("RGB", (4, 4)).save(stream, "PNG")),),
        "jpeg": (_made(lambda stream: Image.new("RGB", (4, 4)).save(stream, "JPEG")),),
        "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1 1"/><text x="1">a</text></svg>',),
        "pdf": (_pdf(),),
        "notebook": (json.dumps(notebook).encode(),),
        "chart": (json.dumps(VEGA).encode(),),
        "workbook": (_made(_workbook),),
        "parquet": (_made(lambda stream: pq.write_table(TABLE, stream)),),
        "feather": (_made(lambda stream: feather.write_feather(TABLE, stream)),),
        "stata": (_made(lambda stream: _statistical(statistical._stata, stream)),),
        "spss": (_made(lambda stream: _statistical(statistical._spss, stream)),),
        "sas": (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 600,),
        "rdata": (_r(), gzip.compress(_r())),
        "json": (records.encode(), json.dumps({"a": {"x": 1, "y": 2}, "b": [1, 2]}).encode(), b'{"a": 1}\n{"a": 2}\n'),
        "html": (PAGE.encode(), b"<p style='display:none'>1</p><!-- x --><img src='data:image/png;base64,AAAA'>"),
        "markdown": (b"# T\n\n| a | b |\n|---|---|\n| x | 12 |\n\n<b>y</b> [z](data:text/csv;base64,YTti)\n",),
        "text": (b"  a   b\n1 x  12\n2 y  13\n",),
        "latex": (b"\\begin{tabular}{lr}\na & b \\\\\nx & 12 \\\\\n\\end{tabular}\n",),
        "code": (b'd = DataFrame({"a": ["x", "y"], "b": [12, 13]})\n', b"insert into t values (1, 'a'), (2, 'b');\n"),
        "archive": (_made(_archive), _made(_tar), gzip.compress(CSV.encode())),
        "model": (pickle.dumps({"a": np.arange(3)}), _made(lambda stream: np.save(stream, np.arange(3)))),
    }
    return {kind: found.get(kind, (b"",)) for kind in READERS}


def damaged(content: bytes, piece: bytes, at: int, cut: int) -> bytes:
    """Return a file with a piece in place of `cut` bytes; in a zip file, those of one of its parts."""
    if content.startswith(b"PK\3\4"):
        parts = _parts(content)
        name = sorted(parts)[at % len(parts)]
        parts[name] = _changed(parts[name], piece, at, cut)
        return _zip(parts)
    return _changed(content, piece, at, cut)


def check(kind: str, content: bytes) -> None:
    """Read a file to its end and sanitise it; raise where something but a refusal comes of it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"t{default_policy().kinds[kind][0]}"
        path.write_bytes(content)
        with _Watched():
            document = None
            with suppress(Unreadable):
                document = read(path, kind, default_policy())
                _exhaust(document)
            if document is not None:
                with suppress(Unreadable):
                    sanitise(path, path.with_name("clean"), (), default_policy(), path.name)


def files(data: bytes) -> None:
    """Any bytes, as any kind."""
    kinds = sorted(seeds())
    if data:
        check(kinds[data[0] % len(kinds)], data[1:])


def _exhaust(document: Document) -> None:
    for text in document.texts:
        for _ in text.chunks():
            pass
    for table in document.tables:
        for batch in table.batches():
            if batch.num_columns != len(table.titles):
                raise AssertionError("as many titles as columns")


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(parts: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _changed(content: bytes, piece: bytes, at: int, cut: int) -> bytes:
    begin = at % (len(content) + 1)
    return content[:begin] + piece + content[begin + cut :]


FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.system", "os.exec")
LIBRARIES = tuple({os.path.realpath(place) for place in (sys.prefix, sys.base_prefix, Path(__file__).parents[2])})
SYSTEM = (
    "/dev/null",
    "/dev/urandom",
    "/proc/",
    "/sys/",
    "/usr/lib",
    "/usr/share",
    "/lib",
    "/etc/localtime",
    "/etc/mime",
)


class _Watched:
    """Notes what a reader opens and whom it calls while it runs; a hook of the interpreter cannot be taken away."""

    active: _Watched | None = None
    hooked = False

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __enter__(self) -> None:
        if not _Watched.hooked:
            sys.addaudithook(_audit)
            _Watched.hooked = True
        _Watched.active = self

    def __exit__(self, *error: object) -> None:
        _Watched.active = None
        if self.seen:
            raise AssertionError(f"a reader reached out: {self.seen}")


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    watched = _Watched.active
    if watched is None:
        return
    if event in FORBIDDEN:
        watched.seen.append(event)
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.realpath(os.fsdecode(arguments[0]))
        reading = not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        if not path.startswith(os.path.realpath(gettempdir())) and not (
            reading and path.startswith((*LIBRARIES, *SYSTEM))
        ):
            watched.seen.append(f"open {path}")
