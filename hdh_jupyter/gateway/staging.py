"""Pulls the files that a person staged out of their workspace, believing nothing that it says about them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from ..errors import PublicError
from .headers import upstream_headers
from .identity import Visitor
from .intake import IncomingFile
from .limits import GatewayLimits
from .table import MIB
from .upstream import CHUNK, read_bounded
from .workspaces import Workspace

LONGEST_MANIFEST = MIB
LONGEST_NAME = 512

STAGING_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class StagedFile:
    """A staged file as the workspace describes it."""

    index: int
    name: str
    size: int
    sha256: str


class Pull:
    """The pull of one staging.

    Parameters
    ----------
    staging
        The identifier that the workspace gave it.
    """

    def __init__(self, workspace: Workspace, visitor: Visitor, staging: str, limits: GatewayLimits) -> None:
        self._workspace = workspace
        self._headers = upstream_headers({}, visitor.header)
        self._base = f"{workspace.record.base_url}hdh-egress/staged/{staging}"
        self._limits = limits

    async def manifest(self) -> tuple[StagedFile, ...]:
        """Return what the workspace says it staged, once it makes sense.

        Raises
        ------
        PublicError
            `gateway.staging_unknown`, `gateway.staging_invalid`, `gateway.staging_too_many`,
            `gateway.staging_too_large`, or what talking to a workspace may raise.
        """
        limits = self._limits
        async with self._workspace.client.request("GET", self._base, self._headers, seconds=60) as reply:
            _require(reply, "application/json")
            content = await read_bounded(reply, LONGEST_MANIFEST)
        files = parse_manifest(content)
        if len(files) > limits.staged_files:
            raise PublicError("gateway.staging_too_many", 413, limit=limits.staged_files)
        if sum(file.size for file in files) > limits.staged_bytes:
            raise PublicError("gateway.staging_too_large", 413, limit=limits.staged_bytes)
        return files

    async def files(self, manifest: tuple[StagedFile, ...]) -> AsyncIterator[IncomingFile]:
        """Yield each file with its bytes; the intake reads them before it asks for the next."""
        for file in manifest:
            yield IncomingFile(file.name, file.size, file.sha256, self._bytes(file))

    async def _bytes(self, file: StagedFile) -> AsyncIterator[bytes]:
        mismatch = PublicError("gateway.staging_mismatch", 502, name=file.name)
        request = self._workspace.client.request(
            "GET", f"{self._base}/{file.index}", self._headers, seconds=self._limits.staged_timeout
        )
        async with request as reply:
            _require(reply, "application/octet-stream")
            if reply.content_length not in (None, file.size):
                raise mismatch
            received = 0
            async for chunk in reply.content.iter_chunked(CHUNK):
                received += len(chunk)
                if received > file.size:
                    raise mismatch
                yield chunk
        if received != file.size:
            raise mismatch


def parse_manifest(content: bytes) -> tuple[StagedFile, ...]:
    """Return the files that a manifest describes.

    Raises
    ------
    PublicError
        `gateway.staging_invalid`.
    """
    try:
        entries = json.loads(content)["files"]
        files = tuple(_staged_file(entry) for entry in entries)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PublicError("gateway.staging_invalid", 502) from error
    names = {file.name for file in files}
    if not files or [file.index for file in files] != list(range(len(files))) or len(names) != len(files):
        raise PublicError("gateway.staging_invalid", 502)
    return files


def _staged_file(entry: Any) -> StagedFile:
    file = StagedFile(entry["index"], entry["name"], entry["size"], entry["sha256"])
    # `bool` is an `int` to isinstance, and no number here.
    if type(file.index) is not int or type(file.size) is not int or file.size < 0:
        raise ValueError("numbers")
    if not isinstance(file.sha256, str) or not _SHA256.fullmatch(file.sha256):
        raise ValueError("hash")
    if not isinstance(file.name, str) or not 0 < len(file.name) <= LONGEST_NAME or not file.name.isprintable():
        raise ValueError("name")
    if "\\" in file.name or not {"", ".", ".."}.isdisjoint(file.name.split("/")):
        raise ValueError("path")
    return file


def _require(reply: aiohttp.ClientResponse, content_type: str) -> None:
    if reply.status == 404:
        raise PublicError("gateway.staging_unknown", 404)
    encoded = reply.headers.get("Content-Encoding", "identity").lower() != "identity"
    if reply.status != 200 or encoded or reply.content_type != content_type:
        raise PublicError("gateway.bad_reply", 502)
