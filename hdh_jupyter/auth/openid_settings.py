"""What is configured of sign-in with an identity provider, and refused at the start when it is unsafe."""

from __future__ import annotations

from typing import Any

from oauthenticator.generic import GenericOAuthenticator
from traitlets import Float, Integer, List, TraitError, Unicode, default, validate

from .openid_provider import is_safe
from .openid_tokens import KEY_TYPES


class OpenIDSettings(GenericOAuthenticator):
    """The settings of sign-in with an OpenID Connect provider.

    Of GenericOAuthenticator's these count: `client_id`, `client_secret`, `basic_auth`, `oauth_callback_url`, `scope`,
    `extra_authorize_params`, `http_request_kwargs`, `username_claim`, `login_service`, and those of every
    authenticator. Addresses come from the provider's own description, so `authorize_url` and the like do not count.
    """

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
        unsafe = sorted(set(proposal["value"]) - KEY_TYPES.keys())
        if unsafe or not proposal["value"]:
            raise TraitError(f"algorithms must be some of {', '.join(KEY_TYPES)}; not {unsafe}")
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
