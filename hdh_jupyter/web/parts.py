"""A file of a kind that no browser shows, as the tables, texts and pages that the sealed check made of it.

The check's process may have written anything: pictures are looked at before they are shown, everything else is text.
"""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Collection
from dataclasses import replace

from ..disclosure.model import Place
from ..disclosure.previewing import Part, Preview
from .images import image
from .tables import Marks, rows_of, titles_of
from .view import Image, Limits, Parts, Piece, Table, Text, Unavailable


def parts(preview: Preview, places: Collection[Place], limits: Limits) -> Parts | Unavailable:
    """Return what to show, the cells of `places` marked, as much as `limits` allow in all."""
    if not preview.parts:
        return Unavailable("nothing_to_show")
    rows = itertools.accumulate((len(part.rows) for part in preview.parts), initial=0)
    texts = itertools.accumulate((len(part.text or "") for part in preview.parts), initial=0)
    pieces, clipped = [], preview.clipped
    for part, before, written in zip(preview.parts, rows, texts, strict=False):
        room = replace(limits, page=max(0, limits.page - before), text=max(0, limits.text - written))
        if (part.rows and not room.page) or (part.text and not room.text):
            clipped = True
            continue
        here = [place for place in places if _within(place, part.place)]
        pieces.append(Piece(part.place, part.form, _block(part, here, room), bool(here)))
    return Parts(tuple(pieces), clipped)


def _block(part: Part, places: list[Place], limits: Limits) -> Table | Text | Image:
    if part.picture is not None:
        return _picture(part.picture, limits)
    if part.text is not None:
        return Text(part.text[: limits.text], part.clipped or len(part.text) > limits.text)
    marks = Marks(places, part.titles)
    rows = rows_of(part.rows[: limits.page], part.first_row, marks)
    return Table(titles_of(part.titles, marks), rows, 1, False, part.clipped or len(part.rows) > limits.page)


def _picture(encoded: str, limits: Limits) -> Text | Image:
    try:
        shown = image("png", base64.b64decode(encoded, validate=True), limits.image)
    except binascii.Error:
        return Text("", True)
    return shown if isinstance(shown, Image) else Text("", True)


def _within(place: Place, part: Place) -> bool:
    """Tell whether a finding's place is in a part of the file."""
    return (place.member, place.cell, place.output) == (part.member, part.cell, part.output) and (
        place.page in (None, part.page)
    )
