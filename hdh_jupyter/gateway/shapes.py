"""The shapes of the JSON that a workspace may send: one type per kind of reply, everything else stops at the gateway.

Fields that no type names are dropped: a later Jupyter server that adds one keeps working, and a server that was
replaced cannot hide anything beside what the page reads. What is a person's own document, a notebook above all, passes
untouched, because the page saves back what it was given.

Whatever passes is one JSON text by the decoder's own strict reading: no NaN, no half of a surrogate pair, no control
character in a string, no second document behind the first, and no deeper than the decoder's recursion limit. Free
parts are skipped over, not built, so that the memory a reply can take is a small multiple of its size.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from ..errors import PublicError

Line = Annotated[str, Meta(max_length=4096)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Missing = UnsetType

MIB = 2**20

_SURROGATES = re.compile(rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..")


@dataclass(frozen=True)
class Asked:
    """What a reply answers.

    Attributes
    ----------
    path
        The decoded path of the request below the project's base URL.
    query
        Its parameters, the last of each name.
    text_limit, image_limit
        Bytes of a file's text as JSON, and of a picture, that may pass.
    """

    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    text_limit: int = 0
    image_limit: int = 0

    def parameter(self, name: str) -> str | None:
        return dict(self.query).get(name)


@dataclass(frozen=True)
class Shape:
    """What a route may be answered.

    Attributes
    ----------
    statuses
        The statuses of success; 204 has no body.
    check
        Returns what of a body goes on; None where success has no body. Raises ValueError for another shape, or
        PublicError.
    """

    statuses: frozenset[int]
    check: Callable[[bytes, Asked], bytes] | None


class Error(Struct):
    """An error, of the server or of one of the platform's extensions."""

    message: str | Missing | None = UNSET
    short_message: str | Missing = UNSET
    reason: str | Missing | None = UNSET
    code: Line | int | Missing = UNSET
    error: str | Missing = UNSET


class Identity(Struct):
    username: Line
    name: Line
    display_name: Line
    initials: Annotated[str, Meta(max_length=16)] | None = None
    color: Annotated[str, Meta(max_length=64)] | None = None
    avatar_url: None = None


class Me(Struct):
    """Who the server thinks is there; an avatar's address would be one that the page fetches."""

    identity: Identity
    permissions: dict[Line, list[Line]]


class Kernel(Struct):
    id: Line
    name: Line
    last_activity: Line | Missing = UNSET
    execution_state: Line | Missing | None = UNSET
    connections: Count | Missing = UNSET
    reason: str | Missing = UNSET


class SessionNotebook(Struct):
    path: Line
    name: Line | None


class Session(Struct):
    id: Line
    path: Line
    name: Line | None
    type: Line
    kernel: Kernel | None
    notebook: SessionNotebook | Missing = UNSET


class KernelSpecFile(Struct):
    display_name: Line
    language: Line
    argv: list[Line]
    env: dict[Line, str] | Missing = UNSET
    interrupt_mode: Line | Missing = UNSET
    metadata: dict[Line, Raw] | Missing = UNSET


class KernelSpec(Struct):
    name: Line
    spec: KernelSpecFile
    resources: dict[Line, Annotated[str, Meta(max_length=1024, pattern=r"^/[\w./@%+-]*$")]]


class KernelSpecs(Struct):
    default: Line
    kernelspecs: dict[Line, KernelSpec]


class Terminal(Struct):
    name: Annotated[str, Meta(max_length=64, pattern=r"^\w+$")]
    last_activity: Line | Missing = UNSET


class Checkpoint(Struct):
    id: Line
    last_modified: Line


class RoomSession(Struct):
    """What a page needs to join a document's room."""

    format: Line
    type: Line
    fileId: Annotated[str, Meta(max_length=64, pattern=r"^[\w-]+$")]
    sessionId: Annotated[str, Meta(max_length=64, pattern=r"^[\w-]+$")]


class CheckPolicy(Struct):
    id: Line
    version: Line
    sha256: Line


class CheckedFile(Struct):
    name: Line
    size: Count
    sha256: Line
    kind: Line
    verdict: Literal["pass", "review", "block"]
    releasable: bool


class Finding(Struct):
    rule: Line
    severity: Line
    file: Line
    where: str
    message: str
    why: str
    remedy: str


class Report(Struct):
    """The advice of the disclosure check."""

    verdict: Literal["pass", "review", "block"]
    policy: CheckPolicy
    files: list[CheckedFile]
    findings: list[Finding]


class Proposal(Struct):
    id: Line
    message: str
    cells_lost: Count
    information_lost: float


class Proposals(Struct):
    """The ways to protect a file's tables, or why there is none."""

    proposals: list[Proposal]
    reason: str | None


class ProtectedCopy(Struct):
    path: Line


class StagedFile(Struct):
    index: Count
    name: Line
    size: Count
    sha256: Line


class Staged(Struct):
    staging: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    files: list[StagedFile]


def decoded(type_: Any, body: bytes | Raw) -> Any:
    """Return a body as a type.

    Half surrogate pairs are replaced, up to 1 MiB: a file's name that is no UTF-8 makes them in a listing, and to look
    for them in a large body would take its time.

    Raises
    ------
    ValueError
        It is another JSON text, or none.
    """
    try:
        try:
            return _decoder(type_).decode(body)
        except msgspec.DecodeError:
            if len(memoryview(body)) > MIB:
                raise
            return _decoder(type_).decode(_SURROGATES.sub(_whole, bytes(body)))
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def of_type(type_: Any, *statuses: int) -> Shape:
    """Return the shape of replies that are one value of a type."""

    def check(body: bytes, _: Asked) -> bytes:
        return msgspec.json.encode(decoded(type_, body))

    return Shape(frozenset(statuses or (200,)), check)


def checked_error(body: bytes) -> bytes:
    """Return what of an error's body goes on.

    Raises
    ------
    ValueError
        It is none.
    """
    error: Error = decoded(Error, _utf8(body))
    if isinstance(error.code, str) and error.code.startswith("gateway."):
        # The page acts upon the gateway's own codes.
        error.code = UNSET
    return msgspec.json.encode(error)


def checked(shape: Shape, body: bytes, asked: Asked) -> bytes:
    """Return what of a reply's body goes on.

    Raises
    ------
    PublicError
        `gateway.bad_reply`, or why a file does not pass.
    """
    try:
        return shape.check(_utf8(body), asked) if shape.check else b""
    except ValueError as error:
        raise PublicError("gateway.bad_reply", 502) from error


def _utf8(body: bytes) -> bytes:
    # The decoder skips over free parts without reading their characters. In pieces: text takes up to four times more.
    decoder = getincrementaldecoder("utf-8")()
    for start in range(0, len(body), MIB):
        decoder.decode(body[start : start + MIB])
    decoder.decode(b"", final=True)
    return body


@cache
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)


def _whole(found: re.Match[bytes]) -> bytes:
    text = found[0]
    return text if len(text) != 6 else rb"\ufffd"


NOTHING = Shape(frozenset({204}), None)
