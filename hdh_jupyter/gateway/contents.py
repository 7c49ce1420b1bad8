"""What of a project's files may be read in JupyterLab: text and small pictures; the rest leaves by a request.

A picture passes when three agree: the name that was asked for, what the server says of the file, and the bytes.
"""

from __future__ import annotations

import binascii
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct

from ..errors import PublicError
from .images import image_type, is_image
from .shapes import MIB, Asked, Checkpoint, Count, Line, Missing, Shape, decoded, of_type

LISTING_LIMIT = 8 * MIB
"""The longest listing of a folder, bytes as JSON: about 30,000 files."""

NULL = b"null"
UNKNOWN = (None, "application/octet-stream")
"""What a server says of a file whose type it does not know."""

Remark = Annotated[str, Meta(max_length=64 * 1024)]
"""Why a notebook is not valid."""


class Saved(Struct):
    """What is said of a file or a folder, without its content."""

    name: Line
    path: Line
    type: Literal["file", "notebook", "directory"]
    writable: bool
    created: Line
    last_modified: Line
    mimetype: Line | None = None
    content: None = None
    format: Line | None = None
    size: Count | Missing | None = UNSET
    hash: Line | Missing | None = UNSET
    hash_algorithm: Line | Missing | None = UNSET
    message: Remark | Missing = UNSET


class Opened(Struct):
    """The same with its content, which is looked at by its type."""

    name: Line
    path: Line
    type: Literal["file", "notebook", "directory"]
    writable: bool
    created: Line
    last_modified: Line
    mimetype: Line | None = None
    content: Raw = Raw(NULL)
    format: Literal["text", "base64", "json"] | None = None
    size: Count | Missing | None = UNSET
    hash: Line | Missing | None = UNSET
    hash_algorithm: Line | Missing | None = UNSET
    message: Remark | Missing = UNSET


class Notebook(Struct):
    """What makes an object a notebook; its cells are the person's own document and pass as they are."""

    cells: Raw
    metadata: Raw
    nbformat: Count
    nbformat_minor: Count


def check_opened(body: bytes, asked: Asked) -> bytes:
    """Return what of a file, a notebook or a folder goes on.

    Raises
    ------
    ValueError
        It is none, or another one than was asked for.
    PublicError
        `gateway.binary_closed`, `gateway.image_too_large`, `gateway.text_too_large`.
    """
    model: Opened = decoded(Opened, body)
    if model.path.strip("/") != _path_asked(asked) or asked.parameter("type") not in (None, model.type):
        raise ValueError("another file")
    content = memoryview(model.content)
    if content == NULL:
        model.format = None
    elif asked.parameter("content") == "0":
        raise ValueError("content that was not asked for")
    elif model.type == "directory":
        model.content = _listing(model.content)
    elif model.type == "notebook":
        _require_notebook(model, asked.text_limit)
    elif model.format == "text":
        _require_text(model, asked.text_limit)
    elif model.format == "base64":
        _require_image(model, asked)
    else:
        raise ValueError("format")
    return msgspec.json.encode(model)


def _path_asked(asked: Asked) -> str:
    return asked.path.removeprefix("api/contents").strip("/")


def _listing(content: Raw) -> Raw:
    if len(memoryview(content)) > LISTING_LIMIT:
        raise PublicError("gateway.reply_too_large", 502, limit=LISTING_LIMIT)
    return Raw(msgspec.json.encode(decoded(list[Saved], content)))


def _require_notebook(model: Opened, limit: int) -> None:
    notebook: Notebook = decoded(Notebook, model.content)
    if model.format != "json" or _first(notebook.cells) != "[" or _first(notebook.metadata) != "{":
        raise ValueError("notebook")
    _require_size(model.content, limit)


def _require_text(model: Opened, limit: int) -> None:
    if _first(model.content) != '"':
        raise ValueError("text")
    _require_size(model.content, limit)


def _first(content: Raw) -> str:
    return chr(memoryview(content)[0])


def _require_size(content: Raw, limit: int) -> None:
    if len(memoryview(content)) > limit:
        raise PublicError("gateway.text_too_large", 403, limit=limit)


def _require_image(model: Opened, asked: Asked) -> None:
    mimetype = image_type(asked.path)
    if mimetype is None or model.mimetype not in (mimetype, *UNKNOWN):
        raise PublicError("gateway.binary_closed", 403)
    if len(memoryview(model.content)) > 2 * asked.image_limit:
        raise PublicError("gateway.image_too_large", 403, limit=asked.image_limit)
    text: str = decoded(str, model.content)
    try:
        # The server breaks base64 into lines, as MIME does.
        content = binascii.a2b_base64(text.replace("\n", "").encode("ascii"), strict_mode=True)
    except ValueError as error:
        raise ValueError("base64") from error
    if len(content) > asked.image_limit:
        raise PublicError("gateway.image_too_large", 403, limit=asked.image_limit)
    if not is_image(content, mimetype):
        raise PublicError("gateway.binary_closed", 403)
    model.mimetype = mimetype


OPENED = Shape(frozenset({200}), check_opened)
SAVED = of_type(Saved, 200, 201)
CHECKPOINTS = of_type(list[Checkpoint])
CHECKPOINT = of_type(Checkpoint, 201)
