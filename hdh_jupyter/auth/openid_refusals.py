"""Why a sign-in with an identity provider is refused: stable codes, each with its HTTP status."""

from __future__ import annotations

from ..errors import PublicError

REFUSALS = {
    "auth.openid.unavailable": 503,
    "auth.openid.bad_answer": 502,
    "auth.openid.bad_discovery": 502,
    "auth.openid.discovery_issuer": 502,
    "auth.openid.client_refused": 502,
    "auth.openid.not_started": 400,
    "auth.openid.wrong_state": 400,
    "auth.openid.denied": 403,
    "auth.openid.provider_error": 403,
    "auth.openid.no_code": 400,
    "auth.openid.code_refused": 403,
    "auth.openid.removed": 403,
    "auth.openid.token_missing": 403,
    "auth.openid.token_malformed": 403,
    "auth.openid.token_algorithm": 403,
    "auth.openid.token_key": 403,
    "auth.openid.token_signature": 403,
    "auth.openid.token_issuer": 403,
    "auth.openid.token_audience": 403,
    "auth.openid.token_expired": 403,
    "auth.openid.token_early": 403,
    "auth.openid.token_nonce": 403,
    "auth.openid.token_access": 403,
    "auth.openid.wrong_issuer": 403,
    "auth.openid.other_subject": 403,
    "auth.openid.second_factor": 403,
    "auth.openid.bad_claim": 403,
    "auth.openid.bad_name": 403,
    "auth.openid.email_unverified": 403,
    "auth.openid.name_taken": 403,
}

OUTAGES = frozenset(
    {
        "auth.openid.unavailable",
        "auth.openid.bad_answer",
        "auth.openid.bad_discovery",
        "auth.openid.discovery_issuer",
        "auth.openid.client_refused",
    }
)
"""The provider, or what is configured of it, fails: this says nothing of the person."""


def refusal(name: str) -> PublicError:
    """Return the error of `auth.openid.<name>`, with its status."""
    code = f"auth.openid.{name}"
    return PublicError(code, REFUSALS[code])
