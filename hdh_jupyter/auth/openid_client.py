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
from urllib.parse import quote, urlencode

from oauthenticator.generic import GenericOAuthenticator
from tornado.httputil import url_concat
from traitlets import Float, Integer, List, TraitError, Unicode, default, validate

from ..errors import PublicError
from . import openid_claims, openid_tokens
from .openid_handlers import (
    OpenIDCallbackHandler,
    OpenIDLoginHandler,
    OpenIDLogoutHandler,
    OpenIDRefusedHandler,
)
from .openid_provider import Provider, Reply, is_safe
from .openid_refusals import OUTAGES, refusal

_REDIRECT_ERRORS = {
    "access_denied": "denied",
    "unmet_authentication_requirements": "second_factor",
    "server_error": "unavailable",
    "temporarily_unavailable": "unavailable",
}
"""What a provider says in its redirect (RFC 6749, 4.1.2.1), and our reason for it."""
PAUSE = 5
"""Seconds for which a provider that failed for somebody is not asked again about them."""


class OpenIDClient(GenericOAuthenticator):
    """Knows who somebody is from their OpenID Connect provider, and asks it again while they are here.

    Of GenericOAuthenticator's settings these count: `client_id`, `client_secret`, `basic_auth`, `oauth_callback_url`,
    `scope`, `extra_authorize_params`, `http_request_kwargs`, `username_claim`, `login_service`, and those of every
    authenticator. Addresses come from the provider's own description, so `authorize_url` and the like do not count.
    """

    login_handler = OpenIDLoginHandler
    callback_handler = OpenIDCallbackHandler
    logout_handler = OpenIDLogoutHandler

    issuer = Unicode(
        config=True,
        help="""Trust this OpenID Connect provider, named exactly as it names itself.

        Its description is read at `<issuer>/.well-known/openid-configuration`. Required; must be `https://`, except on
        this machine.
        """,
    )
    algorithms = List(
        Unicode(),
        ["RS256", "PS256", "ES256", "EdDSA"],
        config=True,
        help="""Accept ID tokens signed with these algorithms.

        Signatures with a public key alone: RS, PS and ES with 256, 384 or 512, and EdDSA. `none` and the HMACs (HS)
        are refused at the start.
        """,
    )
    clock_skew = Integer(
        30,
        config=True,
        help="""Let the provider's clock differ by so many seconds, from 0 to 300.""",
    )
    required_acr = List(
        Unicode(),
        config=True,
        help="""Ask for one of these authentication contexts (`acr`), and refuse whoever signs in with another.

        What the values mean is between you and the provider; the usual one means a second factor. They are asked for
        by `acr_values`, and as an essential claim where the provider takes the `claims` parameter. Empty asks nothing.
        """,
    )
    required_amr = List(
        Unicode(),
        config=True,
        help="""Refuse whoever signs in with none of these methods (`amr`, RFC 8176), such as `mfa`, `otp`, `hwk`.

        A provider can be asked to tell its methods, not to use one: combine with `required_acr`, or have it always
        ask for a second factor.
        Where both are set, both must be met. Empty asks nothing.
        """,
    )
    provider_refresh_age = Integer(
        60,
        config=True,
        help="""Renew a person's tokens with the provider when they were last renewed so many seconds ago.

        Whoever is removed there is out here after that, plus `auth_refresh_age`. 0 asks at every `auth_refresh_age`,
        which a provider with many people feels: each of them costs two requests.
        """,
    )
    offline_grace = Integer(
        120,
        config=True,
        help="""Keep people in for so many seconds more when the provider does not answer, at most 3600.

        After that they have no rights until it answers again. Nobody signs in meanwhile. 0 shuts everybody out as soon
        as tokens can no longer be renewed.
        """,
    )
    provider_timeout = Float(
        5.0,
        config=True,
        help="""Wait for an answer of the provider for so many seconds, above 0 and up to 60.""",
    )
    post_logout_url = Unicode(
        config=True,
        help="""Have the provider send people back to this address after they signed out there.

        It must be registered with the provider. When empty, people stay at the provider.
        """,
    )

    @default("username_claim")
    def _username_claim_default(self) -> str:
        return "preferred_username"

    @default("scope")
    def _scope_default(self) -> list[str]:
        return ["openid", "profile", "email"]

    @default("login_service")
    def _login_service_default(self) -> str:
        return "OpenID Connect"

    @default("enable_auth_state")
    def _enable_auth_state_default(self) -> bool:
        # Where the tokens are kept, encrypted: without them nobody could be renewed.
        return True

    @validate("enable_auth_state", "enable_pkce", "validate_server_cert")
    def _must_stay_on(self, proposal: Any) -> bool:
        if not proposal["value"]:
            raise TraitError(f"{proposal['trait'].name} must stay on for sign-in with an OpenID provider")
        return True

    @validate("username_claim")
    def _username_claim_valid(self, proposal: Any) -> str:
        if not isinstance(proposal["value"], str) or not proposal["value"]:
            raise TraitError("username_claim must name a claim")
        return str(proposal["value"])

    @validate("scope")
    def _scope_valid(self, proposal: Any) -> list[str]:
        if "openid" not in proposal["value"]:
            raise TraitError("scope must include openid")
        return list(proposal["value"])

    @validate("issuer", "post_logout_url")
    def _safe_url(self, proposal: Any) -> str:
        url: str = proposal["value"]
        if url and not is_safe(url):
            raise TraitError(f"{proposal['trait'].name} must begin with https://, or be on this machine: {url}")
        return url

    @validate("algorithms")
    def _algorithms_valid(self, proposal: Any) -> list[str]:
        unsafe = sorted(set(proposal["value"]) - openid_tokens.KEY_TYPES.keys())
        if unsafe or not proposal["value"]:
            raise TraitError(f"algorithms must be some of {', '.join(openid_tokens.KEY_TYPES)}; not {unsafe}")
        return list(proposal["value"])

    @validate("clock_skew", "provider_refresh_age", "offline_grace", "provider_timeout")
    def _in_range(self, proposal: Any) -> float:
        name, value = proposal["trait"].name, proposal["value"]
        least, most = {"provider_timeout": (0.1, 60), "clock_skew": (0, 300)}.get(name, (0, 3600))
        if not least <= value <= most:
            raise TraitError(f"{name} must be from {least} to {most} seconds")
        return float(value) if name == "provider_timeout" else int(value)

    def check_allow_config(self) -> None:
        """Refuse, at the hub's start, a configuration nobody could sign in with.

        Raises
        ------
        TraitError
            Names the setting that is missing.
        """
        super().check_allow_config()
        for name in ("issuer", "client_id"):
            if not getattr(self, name):
                raise TraitError(f"{type(self).__name__}.{name} must be set")

    @cached_property
    def provider(self) -> Provider:
        return Provider(self.issuer, lambda: self.http_client, self.http_request_kwargs, self.provider_timeout)

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
        tokens = await self._tokens(asked, "code_refused")
        claims = await self._claims(tokens, nonce=handler.sign_in.nonce)
        handler.subject = claims["sub"]
        handler.claimed = await self.account(claims)
        state = {
            "issuer": self.issuer,
            "subject": claims["sub"],
            "acr": claims.get("acr"),
            "amr": claims.get("amr"),
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
        tokens = {"access_token": state["access_token"], "token_type": "Bearer"}
        if state.get("refresh_token"):
            tokens = await self._tokens(self._refresh_request(state["refresh_token"]), "removed")
            state = {**state, **_kept(tokens)}
            # At once: the provider may take the one before for stolen from now on.
            await user.save_auth_state(state)
        claims = await self._claims(tokens, subject=state["subject"])
        await self.renewed(user.name, claims)
        await user.save_auth_state({**state, "checked_at": time.time()})

    def _refresh_request(self, refresh_token: str) -> dict[str, str]:
        return {"grant_type": "refresh_token", "refresh_token": refresh_token}

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

    async def _tokens(self, asked: Mapping[str, str], refused: str) -> dict[str, Any]:
        """Ask the provider for tokens; what it refuses is refused with that reason."""
        metadata = await self.provider.metadata()
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        sent = dict(asked)
        basic: dict[str, str] = {}
        if self.basic_auth:
            # RFC 6749, 2.3.1: both are encoded before they are joined.
            basic = {
                "auth_mode": "basic",
                "auth_username": quote(self.client_id, safe=""),
                "auth_password": quote(self.client_secret, safe=""),
            }
        else:
            sent["client_id"] = self.client_id
            if self.client_secret:
                sent["client_secret"] = self.client_secret
        reply = await self.provider.ask(
            metadata.token_endpoint, method="POST", headers=headers, body=urlencode(sent), **basic
        )
        if reply.status != 200:
            raise refusal(_token_refusal(reply, refused))
        tokens = dict(reply.document)
        if not isinstance(tokens.get("access_token"), str) or str(tokens.get("token_type")).lower() != "bearer":
            raise refusal("bad_answer")
        return tokens

    async def _claims(
        self, tokens: Mapping[str, Any], *, nonce: str | None = None, subject: str | None = None
    ) -> dict[str, Any]:
        """Return what the ID token and the userinfo endpoint say together; the signed word comes first.

        Parameters
        ----------
        nonce
            Of a sign-in, which must have an ID token.
        subject
            Of a renewal, whose ID token and userinfo must speak of the same person, and which has one of them at least.
        """
        told: dict[str, Any] = {}
        if nonce is not None or tokens.get("id_token") is not None:
            told = await self._verified(tokens, nonce)
            if subject is not None and told["sub"] != subject:
                raise refusal("other_subject")
        endpoint = (await self.provider.metadata()).userinfo_endpoint
        if endpoint is None and not told:
            raise refusal("token_missing")
        if endpoint is None:
            return told
        bearer = {"Accept": "application/json", "Authorization": f"Bearer {tokens['access_token']}"}
        reply = await self.provider.ask(endpoint, headers=bearer)
        if reply.status != 200:
            raise refusal("removed")
        # Core, 5.3.2: without the same `sub` none of it may be believed.
        if reply.document.get("sub") != (told.get("sub") if subject is None else subject):
            raise refusal("other_subject")
        return {**reply.document, **told}

    async def _verified(self, tokens: Mapping[str, Any], nonce: str | None) -> dict[str, Any]:
        expected = openid_tokens.Expected(self.issuer, self.client_id, self.algorithms, self.clock_skew, nonce)
        token, access_token = tokens.get("id_token"), tokens["access_token"]
        read_at, keys = await self.provider.keys()
        try:
            return openid_tokens.verify(token, keys, expected, access_token)
        except openid_tokens.UnknownKey:
            _, keys = await self.provider.keys(newer_than=read_at)
        try:
            return openid_tokens.verify(token, keys, expected, access_token)
        except openid_tokens.UnknownKey as unknown:
            raise refusal(unknown.name) from None


def _kept(tokens: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tokens to keep; what a renewal leaves out stays as it was (RFC 6749, 6)."""
    return {name: tokens[name] for name in ("access_token", "refresh_token", "id_token") if tokens.get(name)}


def _token_refusal(reply: Reply, refused: str) -> str:
    error = reply.document.get("error")
    if reply.status == 401 or error in ("invalid_client", "unauthorized_client"):
        return "client_refused"
    return "unavailable" if error in ("temporarily_unavailable", "server_error") else refused


def _claims_parameter(acr: list[str], amr: list[str]) -> str:
    # Core, 5.5.1.1: an essential `acr` that the provider cannot give is an error there already. Methods are asked for
    # without values, which a list of several could not equal.
    asked: dict[str, Any] = {"acr": {"essential": True, "values": acr}} if acr else {}
    if amr:
        asked["amr"] = {"essential": True}
    return json.dumps({"id_token": asked})
