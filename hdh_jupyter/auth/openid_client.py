"""Sign-in with an OpenID Connect provider, verified and renewed; who may enter is for others to say."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tornado.httputil import url_concat

from ..errors import PublicError
from . import openid_claims, openid_tokens
from .openid_exchange import Credentials, Exchange
from .openid_handlers import (
    OpenIDCallbackHandler,
    OpenIDLoginHandler,
    OpenIDLogoutHandler,
    OpenIDRefusedHandler,
)
from .openid_provider import Provider
from .openid_refusals import OUTAGES, refusal
from .openid_settings import OpenIDSettings
from .openid_tokens import Expected

_REDIRECT_ERRORS = {
    "access_denied": "denied",
    "unmet_authentication_requirements": "second_factor",
    "server_error": "unavailable",
    "temporarily_unavailable": "unavailable",
}
"""What a provider says in its redirect (RFC 6749, 4.1.2.1), and our reason for it."""
PAUSE = 5
"""Seconds for which a provider that failed for somebody is not asked again about them."""


class OpenIDClient(OpenIDSettings):
    """Knows who somebody is from their OpenID Connect provider, and asks it again while they are here."""

    login_handler = OpenIDLoginHandler
    callback_handler = OpenIDCallbackHandler
    logout_handler = OpenIDLogoutHandler

    @cached_property
    def provider(self) -> Provider:
        return Provider(self.issuer, lambda: self.http_client, self.http_request_kwargs, self.provider_timeout)

    @property
    def _exchange(self) -> Exchange:
        expected = Expected(self.issuer, self.client_id, self.algorithms, self.clock_skew)
        return Exchange(self.provider, Credentials(self.client_id, self.client_secret, self.basic_auth), expected)

    @cached_property
    def _renewing(self) -> defaultdict[str, asyncio.Lock]:
        # A provider takes a refresh token that comes twice for a stolen one and ends the session (RFC 9700, 4.14.2).
        return defaultdict(asyncio.Lock)

    @cached_property
    def _failed_at(self) -> dict[str, float]:
        return {}

    def get_handlers(self, app: Any) -> list[Any]:
        """Return the pages of a sign-in."""
        return [*super().get_handlers(app), (r"/openid_refused", OpenIDRefusedHandler)]

    def get_callback_url(self, handler: Any = None) -> str:
        """Return where the provider sends browsers back: as configured, else below the hub's public address."""
        public = None if handler is None else handler.settings.get("public_url")
        if self.oauth_callback_url or public is None:
            return str(super().get_callback_url(handler))
        return f"{public.scheme}://{public.netloc}{handler.hub.base_url}oauth_callback"

    async def authorization_url(self, handler: Any, state: str, nonce: str, challenge: str) -> str:
        """Return where to send a browser to sign in (Core, 3.1.2.1).

        Raises
        ------
        PublicError
            `auth.openid.unavailable` and the other troubles of the provider's.
        """
        metadata = await self.provider.metadata()
        asked = {
            **self.extra_authorize_params,
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.get_callback_url(handler),
            "scope": " ".join(self.scope),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if self.required_acr:
            asked["acr_values"] = " ".join(self.required_acr)
        if metadata.takes_claims and (self.required_acr or self.required_amr):
            asked["claims"] = _claims_parameter(self.required_acr, self.required_amr)
        return url_concat(metadata.authorization_endpoint, asked)

    async def end_session_url(self, state: Mapping[str, Any]) -> str | None:
        """Return where to send a browser to sign out of the provider; None when it does not take part."""
        try:
            endpoint = (await self.provider.metadata()).end_session_endpoint
        except PublicError as error:
            self.log.warning("Signed out here alone: %s", error.code)
            return None
        if endpoint is None:
            return None
        told = {"client_id": self.client_id, "id_token_hint": state.get("id_token")}
        if self.post_logout_url:
            told["post_logout_redirect_uri"] = self.post_logout_url
        return url_concat(endpoint, {name: value for name, value in told.items() if value})

    async def authenticate(self, handler: Any, data: Any = None, **_ignored: Any) -> dict[str, Any]:
        """Return who came back from the provider: the account's name, the tokens to keep, and the claims.

        Raises
        ------
        PublicError
            `auth.openid....`; each is described in the administrators' guide.
        """
        handler.sign_in = handler.end()
        code = await self._code(handler)
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.get_callback_url(handler),
            "code_verifier": handler.sign_in.verifier,
        }
        tokens = await self._exchange.tokens(asked, "code_refused")
        proof = await self._exchange.proof(tokens, handler.sign_in.nonce)
        claims = await self._exchange.claims(tokens, proof, proof["sub"])
        handler.subject = proof["sub"]
        handler.claimed = await self.account(claims)
        state = {
            "issuer": self.issuer,
            "subject": proof["sub"],
            # Of the signed proof alone: at userinfo they may be anything that somebody wrote in a profile.
            "acr": proof.get("acr"),
            "amr": proof.get("amr"),
            "checked_at": time.time(),
            **_kept(tokens),
        }
        self._check_second_factor(state)
        return {"name": handler.claimed, "auth_state": state, "claims": claims}

    async def account(self, claims: Mapping[str, Any]) -> str:
        """Return the name of the account that claims speak of."""
        return openid_claims.account(claims, self.username_claim)

    async def renewed(self, name: str, claims: Mapping[str, Any]) -> None:
        """Take note of what the provider says now of somebody who is here."""

    async def dropped(self, name: str, reason: str) -> None:
        """Take note that the provider does not renew somebody who was here."""

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:
        """Renew a person's tokens when they are of some age; False sends them to sign in again.

        The tokens are written here rather than returned: of two requests at once the slower would write back what the
        faster has replaced.
        """
        async with self._renewing[user.name]:
            state = await user.get_auth_state()
            if not state or state.get("issuer") != self.issuer:
                return False
            age = time.time() - state["checked_at"]
            try:
                # What is asked may have changed since the sign-in.
                self._check_second_factor(state)
                if 0 <= age < self.provider_refresh_age:
                    return True
                if time.monotonic() - self._failed_at.get(user.name, -math.inf) < PAUSE:
                    return self._in_grace(age)
                await self._renew(user, state)
            except PublicError as error:
                if error.code in OUTAGES:
                    self._failed_at[user.name] = time.monotonic()
                    self.log.warning("Could not renew %s: %s", user.name, error.code)
                    return self._in_grace(age)
                self.log.warning("The provider does not renew %s: %s", user.name, error.code)
                await user.save_auth_state(None)
                await self.dropped(user.name, error.code)
                return False
            self._failed_at.pop(user.name, None)
            return True

    async def _renew(self, user: Any, state: Mapping[str, Any]) -> None:
        tokens = {"access_token": state["access_token"]}
        if state.get("refresh_token"):
            asked = {"grant_type": "refresh_token", "refresh_token": state["refresh_token"]}
            tokens = await self._exchange.tokens(asked, "removed")
            state = {**state, **_kept(tokens)}
            # At once: the provider may take the one before for stolen from now on.
            await user.save_auth_state(state)
        proof = await self._exchange.proof(tokens) if tokens.get("id_token") is not None else {}
        claims = await self._exchange.claims(tokens, proof, state["subject"])
        await self.renewed(user.name, claims)
        await user.save_auth_state({**state, "checked_at": time.time()})

    def _in_grace(self, age: float) -> bool:
        # A clock that was put back proves nothing.
        return 0 <= age < self.provider_refresh_age + self.offline_grace

    def _check_second_factor(self, state: Mapping[str, Any]) -> None:
        if not openid_claims.has_second_factor(state, self.required_acr, self.required_amr):
            raise refusal("second_factor")

    async def _code(self, handler: Any) -> str:
        """Return the code of the provider's redirect, once it is known to be the provider's and this browser's."""
        if not openid_tokens.same(handler.get_argument("state", ""), handler.sign_in.state):
            raise refusal("wrong_state")
        metadata = await self.provider.metadata()
        # RFC 9207: another provider's redirect must not be taken for this one's.
        if handler.get_argument("iss", None if metadata.tells_issuer else self.issuer) != self.issuer:
            raise refusal("wrong_issuer")
        error = handler.get_argument("error", "")
        if error:
            raise refusal(_REDIRECT_ERRORS.get(error, "provider_error"))
        code: str = handler.get_argument("code", "")
        if not code:
            raise refusal("no_code")
        return code


def _kept(tokens: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tokens to keep; what a renewal leaves out stays as it was (RFC 6749, 6)."""
    return {name: tokens[name] for name in ("access_token", "refresh_token", "id_token") if tokens.get(name)}


def _claims_parameter(acr: list[str], amr: list[str]) -> str:
    # Core, 5.5.1.1: an essential `acr` that the provider cannot give is an error there already. Methods are asked for
    # without values, which a list of several could not equal.
    asked: dict[str, Any] = {"acr": {"essential": True, "values": acr}} if acr else {}
    if amr:
        asked["amr"] = {"essential": True}
    return json.dumps({"id_token": asked})
