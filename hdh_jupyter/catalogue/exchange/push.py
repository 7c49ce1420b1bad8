"""Records sent to a national catalogue, by the interface of the Health Data Hub's own.

A description in Turtle goes to `PUT <url>/ingest/datasets/origin?originalId=<IRI>`, and where the catalogue does not
know that record yet to `POST <url>/ingest/datasets`, which answers with its identifier there; `DELETE
<url>/ingest/datasets/<identifier>` withdraws it. A header `X-API-Key` carries the key. The catalogue validates when it
publishes, not when it receives: validate before sending. What is sent is what anybody may know.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, urlsplit

import aiohttp

from hdh_jupyter.errors import PublicError

from ..model import Dataset
from .hostile import clean, is_safe_iri
from .publication import Publication
from .rdf import record_of
from .rdf_files import Syntax, written

log = logging.getLogger(__name__)

TIMEOUT = 60.0
"""Seconds for one request."""

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read; an identifier and a refusal's words are short."""

LONGEST_WORDS = 500
HIDDEN = "•••"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Target:
    """A catalogue that takes records.

    Attributes
    ----------
    url
        Where its interface begins (`https://catalogue.example/api`); `http` only on this machine.
    key
        Shown nowhere: neither in logs, nor in errors, nor by `repr`.

    Raises
    ------
    PublicError
        `catalogue.exchange.push.bad_url`, `.insecure`, `.bad_key`.
    """

    url: str
    key: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url) if is_safe_iri(self.url) else None
        if (
            parts is None
            or parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.query
            or parts.fragment
        ):
            raise PublicError("catalogue.exchange.push.bad_url")
        if parts.scheme == "http" and parts.hostname not in LOCAL:
            raise PublicError("catalogue.exchange.push.insecure", url=self.url)
        if not self.key or not self.key.isascii() or not self.key.isprintable() or set(self.key) & set(' "\\'):
            raise PublicError("catalogue.exchange.push.bad_key")

    def address(self, path: str) -> str:
        return f"{self.url.rstrip('/')}/ingest/datasets{path}"


class Outcome(StrEnum):
    """What the catalogue did with a record."""

    CREATED = "created"
    UPDATED = "updated"


@dataclass(frozen=True)
class Pushed:
    """A record that was taken.

    Attributes
    ----------
    id
        What it is called there, to withdraw it; empty where the catalogue did not say.
    """

    dataset: str
    outcome: Outcome
    id: str


async def push(dataset: Dataset, publication: Publication, target: Target) -> Pushed:
    """Send what anybody may know of a record to a catalogue, anew or in the place of what it has of it.

    Raises
    ------
    PublicError
        `catalogue.exchange.push.` with `unreachable`, `redirected`, `key_refused`, `not_ours` (another provider owns
        the record there), `refused` (with the catalogue's words), `bad_answer`.
    """
    page = publication.page(dataset.id)
    turtle = await asyncio.to_thread(lambda: written(record_of(dataset, publication), Syntax.TURTLE))
    async with _session(target) as session:
        status, body = await _ask(session, target, "PUT", f"/origin?originalId={quote(page, safe='')}", turtle)
        outcome = Outcome.UPDATED
        if status == 404:
            status, body = await _ask(session, target, "POST", "", turtle)
            outcome = Outcome.CREATED
    _expect_success(target, status, body)
    pushed = Pushed(dataset.id, outcome, _identifier(body))
    if outcome is Outcome.CREATED and not pushed.id:
        raise PublicError("catalogue.exchange.push.bad_answer", 502, url=target.url)
    log.info("%s %s on %s as %s", outcome.value, dataset.id, target.url, pushed.id or "-")
    return pushed


async def withdraw(pushed_id: str, target: Target) -> bool:
    """Withdraw a record from a catalogue by its identifier there; return whether the catalogue had it.

    Raises
    ------
    PublicError
        As :func:`push`; `catalogue.exchange.push.bad_id`.
    """
    if not pushed_id.strip("./ "):
        # Such an identifier would make the address that of all records.
        raise PublicError("catalogue.exchange.push.bad_id")
    async with _session(target) as session:
        status, body = await _ask(session, target, "DELETE", f"/{quote(pushed_id, safe='')}", None)
    if status == 404:
        return False
    _expect_success(target, status, body)
    log.info("withdrew %s from %s", pushed_id, target.url)
    return True


@asynccontextmanager
async def _session(target: Target) -> AsyncIterator[aiohttp.ClientSession]:
    # No cookies, and nothing of the environment: neither proxies nor the accounts in ~/.netrc.
    async with aiohttp.ClientSession(
        headers={"X-API-Key": target.key, "Accept": "application/json"},
        timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    ) as session:
        yield session


async def _ask(
    session: aiohttp.ClientSession, target: Target, method: str, path: str, body: bytes | None
) -> tuple[int, bytes]:
    headers = {"Content-Type": "text/turtle; charset=utf-8"} if body is not None else {}
    try:
        async with session.request(
            method, target.address(path), data=body, headers=headers, allow_redirects=False
        ) as response:
            answer = b""
            while len(answer) < MAX_ANSWER and (chunk := await response.content.read(MAX_ANSWER - len(answer))):
                answer += chunk
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        reason = type(error).__name__
        log.warning("%s cannot be reached: %s", target.url, reason)
        raise PublicError("catalogue.exchange.push.unreachable", 502, url=target.url, reason=reason) from error
    if 300 <= response.status < 400:
        # Following would show the key, and what is sent, to somebody else.
        raise PublicError("catalogue.exchange.push.redirected", 502, url=target.url)
    return response.status, answer


def _expect_success(target: Target, status: int, body: bytes) -> None:
    if 200 <= status < 300:
        return
    words = _words(body, target.key)
    log.warning("%s refuses with %d: %s", target.url, status, words)
    if status == 401:
        raise PublicError("catalogue.exchange.push.key_refused", 502, url=target.url)
    code = "not_ours" if status == 403 else "refused"
    raise PublicError(f"catalogue.exchange.push.{code}", 502, url=target.url, status=status, words=words or "-")


def _identifier(body: bytes) -> str:
    """Return the identifier in an answer, which is a text or an object with one."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        answer = next((answer[key] for key in ("id", "datasetId", "dataset_id") if key in answer), None)
    if isinstance(answer, bool) or not isinstance(answer, str | int):
        return ""
    identifier = clean(str(answer))
    return identifier if len(identifier) <= LONGEST_WORDS else ""


def _words(body: bytes, key: str) -> str:
    """Return what a refusal says in one line, without the key, should it be in there."""
    text = body.decode("utf-8", "replace")
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        told = next((answer[name] for name in ("detail", "message", "error", "title") if name in answer), answer)
        text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
    return " ".join(clean(text.replace(key, HIDDEN)).split())[:LONGEST_WORDS]
