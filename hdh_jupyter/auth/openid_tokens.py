"""The ID token of an identity provider, verified as OpenID Connect Core 1.0 says (3.1.3.7). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from .openid_refusals import refusal

KEY_TYPES = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
"""The algorithms that may be allowed, all with a public key (RFC 7518, 3.1; RFC 8037), and the kind of key of each.

`none` and the HMACs are not among them: a public key would serve as the secret of an HMAC (RFC 8725, 2.1).
"""
LONGEST_TOKEN = 64 * 1024
"""Characters; a token with the groups of a large organisation has a tenth of it."""

LONGEST_SUBJECT = 255
"""Characters (Core, 2)."""


class UnknownKey(Exception):
    """No key of the provider's that is known here signed the token: it may have a new one, even under an old name.

    Attributes
    ----------
    name
        Of the refusal when its newest keys do not help.
    """

    def __init__(self, name: str = "token_key") -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Expected:
    """What an ID token must say.

    Attributes
    ----------
    nonce
        What was sent with the request; None for a token that came with a refresh, which has none or the old one.
    clock_skew
        Seconds that the provider's clock may differ.
    """

    issuer: str
    client_id: str
    algorithms: Collection[str]
    clock_skew: int
    nonce: str | None = None


def verify(token: object, keys: Sequence[Mapping[str, Any]], expected: Expected, access_token: str) -> dict[str, Any]:
    """Return the claims of an ID token.

    Parameters
    ----------
    keys
        The provider's key set (RFC 7517).
    access_token
        The one that came with the token; a token that names another (`at_hash`) is refused.

    Raises
    ------
    UnknownKey
        Worth another look at the provider's keys.
    PublicError
        `auth.openid.token_...`
    """
    if not isinstance(token, str):
        raise refusal("token_missing")
    if len(token) > LONGEST_TOKEN:
        raise refusal("token_malformed")
    algorithm, key_id = _header(token)
    if algorithm not in expected.algorithms or algorithm not in KEY_TYPES:
        raise refusal("token_algorithm")
    claims = _decode(token, _key(keys, algorithm, key_id), algorithm, expected)
    if not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
        raise refusal("token_malformed")
    _check_audience(claims, expected.client_id)
    if expected.nonce is not None and not same(claims.get("nonce"), expected.nonce):
        raise refusal("token_nonce")
    if "at_hash" in claims and not same(claims["at_hash"], _left_half(access_token, algorithm)):
        raise refusal("token_access")
    return claims


def _header(token: str) -> tuple[str, str | None]:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, RecursionError):
        raise refusal("token_malformed") from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or not isinstance(key_id, str | None):
        raise refusal("token_malformed")
    return algorithm, key_id


def _key(keys: Sequence[Mapping[str, Any]], algorithm: str, key_id: str | None) -> jwt.PyJWK:
    fitting = [
        key
        for key in keys
        if key.get("kty") == KEY_TYPES[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (key_id is None or key.get("kid") == key_id)
    ]
    # Without a `kid` the provider must have a single key (Core, 10.1); two of one name are nobody's.
    if len(fitting) != 1:
        raise UnknownKey
    try:
        return jwt.PyJWK(dict(fitting[0]), algorithm)
    except jwt.PyJWTError:
        raise UnknownKey from None


def _decode(token: str, key: jwt.PyJWK, algorithm: str, expected: Expected) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=expected.client_id,
            issuer=expected.issuer,
            leeway=expected.clock_skew,
            options={"require": ["iss", "sub", "aud", "exp", "iat"], "enforce_minimum_key_length": True},
        )
    except jwt.InvalidSignatureError:
        raise UnknownKey("token_signature") from None
    except jwt.ExpiredSignatureError:
        raise refusal("token_expired") from None
    except jwt.ImmatureSignatureError:
        raise refusal("token_early") from None
    except jwt.InvalidIssuerError:
        raise refusal("token_issuer") from None
    except jwt.InvalidAudienceError:
        raise refusal("token_audience") from None
    except jwt.InvalidKeyError:
        raise UnknownKey from None
    except (jwt.PyJWTError, RecursionError, ValueError, TypeError, OverflowError):
        raise refusal("token_malformed") from None


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise refusal("token_audience")


def _left_half(access_token: str, algorithm: str) -> str:
    # Core, 3.1.3.6; Ed25519 signs with SHA-512.
    size = "512" if algorithm == "EdDSA" else algorithm[2:]
    digest = hashlib.new(f"sha{size}", access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def same(found: object, expected: str) -> bool:
    """Compare a secret with what came, in a time that does not tell how much of it is right."""
    return isinstance(found, str) and hmac.compare_digest(found.encode(), expected.encode())
