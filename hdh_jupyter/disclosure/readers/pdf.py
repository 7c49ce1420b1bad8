"""PDF documents: their texts with tables, what they draw, embedded pictures and attachments, and all that hides.

The structure is read with qpdf (pikepdf), which repairs nothing silently that the sanitiser would lose; texts and lines
with pdfminer. Nothing is run: no script, no form, no font program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from ..documents import Document, Figure, Hidden, Table, Text, Unreadable, whole
from ..masking import masked, normalised
from ..model import Place
from ..policy import Policy
from . import jpeg, merged, nested, pdf_drawn, pictures, plotted

LONG = 1000
UNSEEN = 40
"""Letters of texts that nobody sees from which they can hold data."""
PAGES = 1000
OBJECTS = 500_000
LOST = 2000
"""Bytes of objects that no page leads to from which they can hold data."""
SCRIPTS = frozenset({"/JS", "/JavaScript", "/Launch", "/RichMedia"})
SHOWN = frozenset({"/Link", "/Popup"})
"""Annotations that are nothing but a place to click."""


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a document.

    Raises
    ------
    Unreadable
        It is no PDF, is damaged, asks for a password, or has too many pages or objects.
    """
    with path.open("rb") as stream:
        if b"%PDF-" not in stream.read(1024):
            raise Unreadable("mismatch")
    with opened(path) as pdf:
        parts = [_structure(pdf, path), *_attachments(pdf, policy), *_pictures(pdf, policy)]
    parts.extend(_page(page, number) for number, page in enumerate(pdf_drawn.pages(path), start=1))
    return replace(merged(kind, parts), kind=kind)


def opened(path: Path) -> pikepdf.Pdf:
    """Open a document for reading.

    Raises
    ------
    Unreadable
        As :func:`read`.
    """
    try:
        pdf = pikepdf.open(path, attempt_recovery=True)
        count = len(pdf.pages)
    except (pikepdf.PdfError, ValueError, RuntimeError, OSError) as error:
        raise Unreadable("unreadable", reason="pdf") from error
    if count > PAGES or len(pdf.objects) > OBJECTS or count == 0:
        raise Unreadable("unreadable", reason="pages")
    return pdf


def _structure(pdf: pikepdf.Pdf, path: Path) -> Document:
    """Return what a document holds beside its pages."""
    place = Place(part="metadata")
    texts: list[str] = []
    hidden: list[Hidden] = []
    known = [f"{key}\n{value}" for key, value in pdf.docinfo.items()] if "/Info" in pdf.trailer else []
    if "/Metadata" in pdf.Root:
        known.append(_content(pdf.Root.Metadata).decode("utf-8", "replace"))
    if known:
        texts.extend(known)
        # A packet of XMP keeps room for changes as white space.
        size = sum(len(" ".join(text.split())) for text in known)
        hidden.append(Hidden(place, "metadata", size, suspicious=size > 4 * LONG))
    reached, scripts, notes, fields = _walked(pdf)
    texts.extend((*scripts, *notes, *fields))
    if scripts:
        hidden.append(Hidden(place, "script", sum(map(len, scripts)), suspicious=True))
    for what, found in (("pdf.annotation", notes), ("pdf.form", fields)):
        if size := sum(map(len, found)):
            hidden.append(Hidden(place, what, size, suspicious=size > LONG))
    if layers := _hidden_layers(pdf):
        hidden.append(Hidden(place, "pdf.layer", layers, suspicious=True))
    lost = [_content(o) for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.objgen not in reached]
    if size := sum(map(len, lost)):
        texts.extend(content.decode("latin-1") for content in lost)
        hidden.append(Hidden(place, "pdf.lost", size, suspicious=size > LOST))
    data = path.read_bytes()
    outside = data[: max(data.find(b"%PDF-"), 0)] + data[data.rfind(b"%%EOF") + 5 :].strip()
    if outside:
        texts.append(outside.decode("latin-1"))
        hidden.append(Hidden(place, "trailing", len(outside), suspicious=len(outside) > 16))
    return Document("pdf", tuple(Text(place, whole(normalised(text))) for text in texts), hidden=tuple(hidden))


def _walked(pdf: pikepdf.Pdf) -> tuple[set[tuple[int, int]], list[str], list[str], list[str]]:
    """Follow every object from the trailer; return those reached, scripts, texts of annotations and of form fields."""
    reached: set[tuple[int, int]] = set()
    scripts: list[str] = []
    notes: list[str] = []
    fields: list[str] = []
    stack: list[Any] = [pdf.trailer]
    while stack:
        item = stack.pop()
        if isinstance(item, pikepdf.Object) and item.is_indirect:
            if item.objgen in reached:
                continue
            reached.add(item.objgen)
        if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            kind = str(item.get("/Subtype", ""))
            if str(item.get("/S", "")) in SCRIPTS or "/JS" in item or kind == "/RichMedia":
                scripts.append(_words(item.get("/JS")) or str(item.get("/S", kind)))
            if "/Rect" in item and kind and kind not in SHOWN and kind != "/Widget":
                notes.extend(_words(item.get(key)) for key in ("/Contents", "/T", "/RC", "/Subj"))
            if "/FT" in item or kind == "/Widget":
                fields.extend(_words(item.get(key)) for key in ("/T", "/TU", "/V", "/DV"))
            if kind == "/Link" and "/A" in item and isinstance(item["/A"], pikepdf.Dictionary):
                notes.append(_words(item["/A"].get("/URI")))
            stack.extend(value for _, value in item.items())
        elif isinstance(item, pikepdf.Array):
            stack.extend(item)
    return reached, scripts, [note for note in notes if note], [text for text in fields if text]


def _hidden_layers(pdf: pikepdf.Pdf) -> int:
    """Return how many layers are not shown when the document is opened."""
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, pikepdf.Dictionary):
        return 0
    shown = properties.get("/D", pikepdf.Dictionary())
    off = len(shown.get("/OFF", pikepdf.Array()))
    every = len(properties.get("/OCGs", pikepdf.Array()))
    return every - len(shown.get("/ON", pikepdf.Array())) if shown.get("/BaseState") == "/OFF" else off


def _attachments(pdf: pikepdf.Pdf, policy: Policy) -> Iterator[Document]:
    """Read every file that the document carries, by the reader of its own kind where there is one."""
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Dictionary) or "/EF" not in item or not isinstance(item.EF, pikepdf.Dictionary):
            continue
        name = _words(item.get("/UF")) or _words(item.get("/F")) or "attachment"
        for stream in {s.objgen: s for _, s in item.EF.items() if isinstance(s, pikepdf.Stream)}.values():
            content = _content(stream)
            place = Place(part="attachment", member=masked(name))
            hidden = Hidden(place, "pdf.attachment", len(content), suspicious=True)
            text = Text(place, whole(normalised(f"{name}\n{content.decode('utf-8', 'replace')}")))
            yield Document("pdf", texts=(text,), hidden=(hidden,))
            try:
                yield nested(content, name, policy, place)
            except Unreadable:
                continue


def _pictures(pdf: pikepdf.Pdf, policy: Policy) -> Iterator[Document]:
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Stream) or item.get("/Subtype") != "/Image":
            continue
        place = Place(part="metadata")
        width, height = int(item.get("/Width", 0)), int(item.get("/Height", 0))
        if width * height > policy.limits.pixels:
            raise Unreadable("too_many_pixels", pixels=width * height, limit=policy.limits.pixels)
        if item.get("/Filter") == "/DCTDecode":
            yield jpeg.read_bytes(item.read_raw_bytes(), place, policy)
            continue
        image = decoded(item)
        if image is not None:
            hidden, seen = pictures.carried(image, place)
            figure = pictures.figure(image, place, seen, ())
            yield Document("pdf", hidden=tuple(hidden), figures=(figure,))


def decoded(item: pikepdf.Stream) -> Image.Image | None:
    """Return the pixels of an embedded image; None for a mask, or one whose coding is not known."""
    try:
        return pikepdf.PdfImage(item).as_pil_image()
    except (pikepdf.PdfError, pikepdf.models.image.UnsupportedImageTypeError, ValueError, OSError, NotImplementedError):
        return None


def _page(page: pdf_drawn.Page, number: int) -> Document:
    place = Place(page=number)
    text = normalised(page.text())
    texts = [Text(place, whole(text))]
    hidden = []
    if page.unseen:
        content = "".join(page.unseen)
        texts.append(Text(place, whole(normalised(content))))
        hidden.append(Hidden(place, "pdf.unseen", len(content), suspicious=len(content) >= UNSEEN))
    tables: list[Table] = page.tables(place)
    values = plotted.written_values(page.labels(), place) if page.is_figure else None
    figures = []
    if page.series:
        titles = tuple(label.text for label in page.labels() if any(c.isalpha() for c in label.text))[:50]
        figures.append(Figure(place, tuple(page.series), titles=titles))
    return Document(
        "pdf", tuple(texts), (*tables, *([values] if values is not None else [])), tuple(hidden), tuple(figures)
    )


def _content(stream: Any) -> bytes:
    """Return the content of a stream, as it stands where its coding is not known."""
    if not isinstance(stream, pikepdf.Stream):
        return b""
    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return bytes(stream.read_raw_bytes())


def _words(value: Any) -> str:
    """Return the text of a string or of a stream that holds one."""
    if isinstance(value, pikepdf.Stream):
        return _content(value).decode("utf-8", "replace")
    return str(value) if isinstance(value, (pikepdf.String, pikepdf.Name)) else ""
