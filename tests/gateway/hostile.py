"""A hostile server in a workspace's place: it has bound the socket and answers with whatever bytes a test gives it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

Answer = Callable[["Call"], Awaitable[None]]


@dataclass
class Call:
    """One connection of the gateway, whose request head was read."""

    head: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sent: int = 0

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        self.sent += len(data)

    async def flood(self, data: bytes, most: int = 2**40) -> None:
        """Send the same bytes again and again until the gateway has enough."""
        while self.sent < most:
            await self.send(data)

    async def silence(self) -> None:
        await asyncio.Event().wait()


@dataclass
class Hostile:
    """The server: what it answers, and who called."""

    answer: Answer
    calls: list[Call] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            call = Call(await reader.readuntil(b"\r\n\r\n"), reader, writer)
            self.calls.append(call)
            await self.answer(call)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def in_place_of(socket: Path, answer: Answer) -> AsyncIterator[Hostile]:
    """Take a workspace's socket over."""
    socket.unlink(missing_ok=True)
    hostile = Hostile(answer)
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await hostile.serve(reader, writer)

    server = await asyncio.start_unix_server(accept, str(socket), limit=2**20)
    try:
        yield hostile
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)


def raw(*pieces: bytes) -> Answer:
    """Answer with these bytes and close."""

    async def answer(call: Call) -> None:
        for piece in pieces:
            await call.send(piece)

    return answer


def reply(body: bytes, *headers: bytes, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    """A reply as a server writes it, right or wrong."""
    size = str(len(body) if length is None else length).encode()
    lines = [b"HTTP/1.1 " + status, b"Content-Type: application/json", b"Content-Length: " + size, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
