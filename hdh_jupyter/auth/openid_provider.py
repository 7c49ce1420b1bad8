"""An identity provider as it describes itself (OpenID Connect Discovery 1.0), its keys, and how it is asked."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from .openid_refusals import refusal

DISCOVERY = "/.well-known/openid-configuration"
METADATA_AGE = 3600
"""Seconds for which a provider's description holds."""
KEYS_AGE = 300
"""Seconds after which a key that the provider withdrew counts no more."""


@dataclass(frozen=True)
class Metadata:
    """Where a provider answers, and what it can do."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    tells_issuer: bool
    takes_claims: bool


@dataclass(frozen=True)
class Reply:
    """An answer in JSON; that of an error may be empty."""

    status: int
    document: Mapping[str, Any]


class Provider:
    """An identity provider.

    Parameters
    ----------
    issuer
        Its name, as it writes it itself.
    client
        Returns what makes the requests.
    options
        Settings of every request (certificates, a proxy).
    timeout
        Seconds for a request.
    """

    def __init__(
        self, issuer: str, client: Callable[[], AsyncHTTPClient], options: Mapping[str, Any], timeout: float
    ) -> None:
        self.issuer = issuer
        self._client = client
        self._options = {
            **options,
            "connect_timeout": timeout,
            "request_timeout": timeout,
            "follow_redirects": False,
            # Everything hangs on the keys that come this way; an environment variable of OAuthenticator's turns it off.
            "validate_cert": True,
        }
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, Sequence[Mapping[str, Any]]] | None = None
        self._lock = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """Return the provider's description.

        Raises
        ------
        PublicError
            `auth.openid.unavailable`, `auth.openid.bad_answer`, `auth.openid.bad_discovery` or
            `auth.openid.discovery_issuer`.
        """
        async with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata[0] > METADATA_AGE:
                reply = await self.ask(self.issuer.rstrip("/") + DISCOVERY)
                if reply.status != 200:
                    raise refusal("bad_discovery")
                self._metadata = time.monotonic(), read_metadata(reply.document, self.issuer)
            return self._metadata[1]

    async def keys(self, *, newer_than: float | None = None) -> tuple[float, Sequence[Mapping[str, Any]]]:
        """Return the provider's keys and when they were read, by the monotonic clock.

        Parameters
        ----------
        newer_than
            Read them again when they are not newer: a token is signed with a key that was not among them.
        """
        metadata = await self.metadata()
        async with self._lock:
            oldest = time.monotonic() - KEYS_AGE if newer_than is None else newer_than
            if self._keys is None or self._keys[0] <= oldest:
                reply = await self.ask(metadata.jwks_uri)
                keys = reply.document.get("keys")
                if reply.status != 200 or not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
                    raise refusal("bad_answer")
                self._keys = time.monotonic(), keys
            return self._keys

    async def ask(self, url: str, **request: Any) -> Reply:
        """Ask the provider.

        Raises
        ------
        PublicError
            `auth.openid.unavailable`: no answer, or it fails or is busy; `auth.openid.bad_answer`: it is not JSON.
        """
        # Not `OAuthenticator.httpfetch`, which logs the answers to failed requests.
        try:
            answer = await self._client().fetch(HTTPRequest(url, **{**self._options, **request}), raise_error=False)
        except (OSError, ValueError) as error:
            raise refusal("unavailable") from error
        if answer.code >= 500 or answer.code in (408, 429, 599):
            raise refusal("unavailable") from answer.error
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            return Reply(answer.code, document)
        if answer.code < 400:
            raise refusal("bad_answer")
        return Reply(answer.code, {})


def read_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Return what a discovery document says.

    Raises
    ------
    PublicError
        `auth.openid.discovery_issuer`: it is another provider's (Discovery, 4.3); `auth.openid.bad_discovery`.
    """
    if document.get("issuer") != issuer:
        raise refusal("discovery_issuer")

    def endpoint(name: str) -> str:
        url = document.get(name)
        if not isinstance(url, str) or not is_safe(url):
            raise refusal("bad_discovery")
        return url

    return Metadata(
        authorization_endpoint=endpoint("authorization_endpoint"),
        token_endpoint=endpoint("token_endpoint"),
        jwks_uri=endpoint("jwks_uri"),
        userinfo_endpoint=endpoint("userinfo_endpoint") if document.get("userinfo_endpoint") else None,
        end_session_endpoint=endpoint("end_session_endpoint") if document.get("end_session_endpoint") else None,
        tells_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        takes_claims=document.get("claims_parameter_supported") is True,
    )


def is_safe(url: str) -> bool:
    """Tell whether a URL is one of HTTPS, or of this machine, as a provider under test is."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
