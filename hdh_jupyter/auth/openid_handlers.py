"""The hub's side of a sign-in with an identity provider: leaving for it, coming back, being refused, signing out."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LogoutHandler
from tornado import web

from ..errors import PublicError
from ..i18n import preferred_language
from .openid_refusals import REFUSALS, refusal

SIGN_IN_MINUTES = 10
"""For which a person may be at the provider."""
LONGEST_NEXT = 1500
"""Characters of the address where somebody was going."""
OUR_REFUSALS = {"auth.unknown_person": 403, "auth.project_account": 403, "auth.refused": 403, **REFUSALS}


@dataclass(frozen=True)
class SignIn:
    """A sign-in under way, kept in a signed cookie of the browser that began it.

    Attributes
    ----------
    state, nonce, verifier
        Secrets that bind the provider's redirect, its ID token and its code to this browser (RFC 6749, 10.12; Core,
        3.1.2.1; RFC 7636).
    next_url
        Where the person was going.
    """

    state: str
    nonce: str
    verifier: str
    next_url: str


class OpenIDHandler(BaseHandler):
    """What the pages of a sign-in share."""

    @property
    def cookie(self) -> str:
        # A workspace's page may set cookies for the hub's host, above its own; browsers keep `__Host-` from it.
        return "__Host-hdh-openid" if self._with_https() else "hdh-openid"

    def begin(self, sign_in: SignIn) -> None:
        """Keep a sign-in until the browser comes back."""
        value = json.dumps(asdict(sign_in))
        self._set_cookie(self.cookie, value, path=self.hub.base_url, expires_days=None, samesite="Lax")

    def end(self) -> SignIn:
        """Return the sign-in that this browser began, once.

        Raises
        ------
        PublicError
            `auth.openid.not_started`: there is none, it is too old, or another page planted one beside it.
        """
        kept = self.get_secure_cookie(self.cookie, max_age_days=SIGN_IN_MINUTES / (24 * 60))
        path = "/" if self._with_https() else self.hub.base_url
        self.clear_cookie(self.cookie, path=path, secure=self._with_https(), httponly=True)
        if kept is None or self.request.headers.get("Cookie", "").count(f"{self.cookie}=") != 1:
            raise refusal("not_started")
        return SignIn(**json.loads(kept))

    def refuse(self, error: PublicError) -> web.HTTPError:
        """Return what shows a refusal on the hub's page of errors."""
        language = preferred_language(self.request.headers.get("Accept-Language", ""))
        shown = web.HTTPError(error.status, "%s", error.message(language))
        shown.__cause__ = error
        return shown

    def _with_https(self) -> bool:
        public = self.settings.get("public_url")
        return bool((public.scheme if public else self.request.protocol) == "https")


class OpenIDLoginHandler(OpenIDHandler):
    """`/hub/oauth_login`: leave for the provider."""

    async def get(self) -> None:
        sign_in = SignIn(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(32),
            # A browser keeps no cookie of more than 4 KiB.
            next_url=self.get_argument("next", "")[:LONGEST_NEXT],
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sign_in.verifier.encode()).digest()).rstrip(b"=").decode()
        try:
            url = await self.authenticator.authorization_url(self, sign_in.state, sign_in.nonce, challenge)
        except PublicError as error:
            raise self.refuse(error) from error
        self.begin(sign_in)
        self.redirect(url)


class OpenIDCallbackHandler(OpenIDHandler):
    """`/hub/oauth_callback`: come back from the provider.

    Refusals are shown at an address of their own, without the provider's code, where the language can be changed.

    Attributes
    ----------
    sign_in
        What this browser began.
    subject, claimed
        Whom the provider vouched for, and the account that is theirs, as far as that is known.
    """

    sign_in: SignIn | None = None
    subject = ""
    claimed = ""

    async def get(self) -> None:
        try:
            user = await self.login_user()
        except web.HTTPError as error:
            if not isinstance(error.__cause__, PublicError):
                raise
            self.redirect(f"{self.hub.base_url}openid_refused?code={error.__cause__.code}")
            return
        target = self._validate_next_url(self.sign_in.next_url) if self.sign_in and self.sign_in.next_url else ""
        self.redirect(target or self.get_next_url(user))

    def append_query_parameters(self, url: str, exclude: Any = None) -> str:
        """Return the address as it is: the request's parameters are the provider's."""
        return url


class OpenIDRefusedHandler(OpenIDHandler):
    """`/hub/openid_refused`: why a sign-in was refused."""

    def get(self) -> None:
        code = self.get_argument("code", "")
        if code not in OUR_REFUSALS:
            raise web.HTTPError(404)
        raise self.refuse(PublicError(code, OUR_REFUSALS[code]))


class OpenIDLogoutHandler(LogoutHandler):
    """`/hub/logout`: sign out here, and then at the provider (OpenID Connect RP-Initiated Logout 1.0)."""

    provider_url: str | None = None

    async def handle_logout(self) -> None:
        """Forget the person's tokens, so that their other browsers must sign in again too."""
        user = self.current_user
        state = None if user is None else await user.get_auth_state()
        if state:
            await user.save_auth_state(None)
            self.provider_url = await self.authenticator.end_session_url(state)

    async def render_logout_page(self) -> None:
        """Go on to the provider when it takes part."""
        if self.provider_url is None:
            await super().render_logout_page()
        else:
            self.redirect(self.provider_url)
