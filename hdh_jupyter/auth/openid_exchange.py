"""The hub's own requests of an identity provider: tokens for a code or for older tokens, and what they prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from .openid_provider import Provider, Reply
from .openid_refusals import refusal
from .openid_tokens import Expected, UnknownKey, verify


@dataclass(frozen=True)
class Credentials:
    """How the hub proves itself to the provider: in the form, or in the header with `basic`."""

    client_id: str
    secret: str
    basic: bool

    def request(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return what goes into the form, and the settings of the request."""
        if self.basic:
            # RFC 6749, 2.3.1: both are encoded before they are joined.
            named = {"auth_username": quote(self.client_id, safe=""), "auth_password": quote(self.secret, safe="")}
            return {}, {"auth_mode": "basic", **named}
        form = {"client_id": self.client_id, "client_secret": self.secret}
        return {name: value for name, value in form.items() if value}, {}


class Exchange:
    """What is said between the hub and a provider, without the browser."""

    def __init__(self, provider: Provider, credentials: Credentials, expected: Expected) -> None:
        self._provider = provider
        self._credentials = credentials
        self._expected = expected

    async def tokens(self, asked: Mapping[str, str], refused: str) -> dict[str, Any]:
        """Ask for tokens.

        Parameters
        ----------
        asked
            The grant (RFC 6749, 4.1.3 or 6).
        refused
            The refusal's name when the provider does not accept the grant.

        Raises
        ------
        PublicError
            `auth.openid.<refused>`, `auth.openid.client_refused`, or one of the provider's troubles.
        """
        form, settings = self._credentials.request()
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        endpoint = (await self._provider.metadata()).token_endpoint
        body = urlencode({**asked, **form})
        reply = await self._provider.ask(endpoint, method="POST", headers=headers, body=body, **settings)
        if reply.status != 200:
            raise refusal(_why(reply, refused))
        tokens = dict(reply.document)
        if not isinstance(tokens.get("access_token"), str) or str(tokens.get("token_type")).lower() != "bearer":
            raise refusal("bad_answer")
        return tokens

    async def proof(self, tokens: Mapping[str, Any], nonce: str | None = None) -> dict[str, Any]:
        """Return the claims of the ID token among `tokens`, verified.

        Raises
        ------
        PublicError
            `auth.openid.token_...`, or one of the provider's troubles.
        """
        expected = replace(self._expected, nonce=nonce)
        token, access_token = tokens.get("id_token"), tokens["access_token"]
        read_at, keys = await self._provider.keys()
        try:
            return verify(token, keys, expected, access_token)
        except UnknownKey:
            _, keys = await self._provider.keys(newer_than=read_at)
        try:
            return verify(token, keys, expected, access_token)
        except UnknownKey as unknown:
            raise refusal(unknown.name) from None

    async def claims(self, tokens: Mapping[str, Any], proof: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """Return what the ID token and the userinfo endpoint say together of a person; the signed word comes first.

        Parameters
        ----------
        proof
            The claims of the ID token, or none, of a renewal that brought none.

        Raises
        ------
        PublicError
            `auth.openid.other_subject`: one of them speaks of another person; `auth.openid.removed`: the access token
            counts no more; `auth.openid.token_missing`: neither says anything.
        """
        if proof and proof["sub"] != subject:
            raise refusal("other_subject")
        endpoint = (await self._provider.metadata()).userinfo_endpoint
        if endpoint is None:
            if not proof:
                raise refusal("token_missing")
            return dict(proof)
        bearer = {"Accept": "application/json", "Authorization": f"Bearer {tokens['access_token']}"}
        reply = await self._provider.ask(endpoint, headers=bearer)
        if reply.status != 200:
            raise refusal("removed")
        # Core, 5.3.2: without the same `sub` none of it may be believed.
        if reply.document.get("sub") != subject:
            raise refusal("other_subject")
        return {**reply.document, **proof}


def _why(reply: Reply, refused: str) -> str:
    error = reply.document.get("error")
    if reply.status == 401 or error in ("invalid_client", "unauthorized_client"):
        return "client_refused"
    return "unavailable" if error in ("temporarily_unavailable", "server_error") else refused
