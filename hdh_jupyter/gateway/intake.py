"""Who takes the files that the gateway pulled out of a workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class IncomingFile:
    """A file on its way out of a workspace.

    Attributes
    ----------
    name
        Its path in the project's home, relative, without dot segments.
    size
        Bytes, as the workspace announced them; `chunks` raises when there are fewer or more.
    sha256
        As announced; `chunks` raises at the end when the bytes are others.
    chunks
        The bytes, to be read once, before the next file is asked for.
    """

    name: str
    size: int
    sha256: str
    chunks: AsyncIterator[bytes]


class Intake(Protocol):
    """Keeps what was pulled, as a draft that its project can see."""

    async def receive(
        self, project: str, author: str, files: AsyncIterator[IncomingFile], title: str
    ) -> dict[str, Any]:
        """Keep the files as a new draft and return its `id` with what describes it.

        When the iteration raises, nothing is kept and the error passes through.
        """
        ...

    async def list(self, project: str, person: str) -> list[dict[str, Any]]:
        """Return the project's requests as this person may see them, newest first."""
        ...
