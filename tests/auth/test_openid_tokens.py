"""Which ID tokens are believed."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from hdh_jupyter.auth.openid_tokens import Expected, UnknownKey, verify
from hdh_jupyter.errors import PublicError

from .provider import at_hash, now, public, sign, signing_key

ISSUER, CLIENT, NONCE, ACCESS = "https://idp.example", "hdh", "a nonce", "an access token"
KEY, OTHER, CURVE = signing_key("first"), signing_key("first"), signing_key("curve", "EC")
UNNAMED = {name: value for name, value in KEY.items() if name != "kid"}
ANY_CURVE = {name: value for name, value in CURVE.items() if name not in ("kid", "alg")}
EXPECTED = Expected(ISSUER, CLIENT, ("RS256", "ES256", "PS256"), 30, NONCE)


def claims(**changes: Any) -> dict[str, Any]:
    told = {
        "iss": ISSUER,
        "sub": "f3a1",
        "aud": CLIENT,
        "iat": now(),
        "exp": now() + 60,
        "nonce": NONCE,
        "at_hash": at_hash(ACCESS),
        **changes,
    }
    return {name: value for name, value in told.items() if value is not None}


def part(document: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=")


def unsigned() -> str:
    return (part({"alg": "none", "typ": "JWT"}) + b"." + part(claims()) + b".").decode()


def hmac_with_public_key() -> str:
    """Sign with the bytes of the public key for a secret, by hand: libraries refuse to."""
    pem = jwt.PyJWK(public(KEY), "RS256").key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    told = part({"alg": "HS256", "typ": "JWT", "kid": "first"}) + b"." + part(claims())
    return (told + b"." + base64.urlsafe_b64encode(hmac.digest(pem, told, "sha256")).rstrip(b"=")).decode()


def tampered() -> str:
    head, _, signature = sign(claims(), KEY).split(".")
    return ".".join((head, part(claims(sub="root")).decode(), signature))


BELIEVED: list[tuple[str, Callable[[], str], list[dict[str, Any]]]] = [
    ("00 as it should be", lambda: sign(claims(), KEY), [KEY]),
    ("01 another allowed algorithm", lambda: sign(claims(), CURVE), [KEY, CURVE]),
    ("02 of a single key without a name", lambda: sign(claims(), UNNAMED), [UNNAMED]),
    ("03 without a hash of the access token", lambda: sign(claims(at_hash=None), KEY), [KEY]),
    ("04 a clock somewhat behind", lambda: sign(claims(iat=now() + 20), KEY), [KEY]),
    ("05 a clock somewhat ahead", lambda: sign(claims(exp=now() - 20), KEY), [KEY]),
    ("06 for others too, asked by us", lambda: sign(claims(aud=[CLIENT, "other"], azp=CLIENT), KEY), [KEY]),
    ("07 beside a key for encryption of the same name", lambda: sign(claims(), KEY), [{**OTHER, "use": "enc"}, KEY]),
    ("08 of the single key of its kind", lambda: sign(claims(), UNNAMED), [UNNAMED, ANY_CURVE]),
    ("09 for us alone, as a list", lambda: sign(claims(aud=[CLIENT]), KEY), [KEY]),
]


@pytest.mark.parametrize(("token", "keys"), [pytest.param(*row, id=name) for name, *row in BELIEVED])
def test_believed(token: Callable[[], str], keys: list[dict[str, Any]]) -> None:
    assert verify(token(), [public(key) for key in keys], EXPECTED, ACCESS)["sub"] == "f3a1"


REFUSED: list[tuple[str, Callable[[], object], str]] = [
    ("00 none", lambda: None, "token_missing"),
    ("01 not a text", lambda: {"alg": "RS256"}, "token_missing"),
    ("02 not a token", lambda: "a.b.c", "token_malformed"),
    ("03 huge", lambda: sign(claims(groups="x" * 70_000), KEY), "token_malformed"),
    ("04 unsigned", unsigned, "token_algorithm"),
    ("05 signed with the public key", hmac_with_public_key, "token_algorithm"),
    ("06 algorithm not allowed", lambda: sign(claims(), {**KEY, "alg": "RS512"}), "token_algorithm"),
    ("07 expired", lambda: sign(claims(exp=now() - 31, iat=now() - 90), KEY), "token_expired"),
    ("08 made in the future", lambda: sign(claims(iat=now() + 60, exp=now() + 120), KEY), "token_early"),
    ("09 not valid yet", lambda: sign(claims(nbf=now() + 60), KEY), "token_early"),
    ("10 another issuer", lambda: sign(claims(iss=ISSUER + "/"), KEY), "token_issuer"),
    ("11 another audience", lambda: sign(claims(aud="other"), KEY), "token_audience"),
    ("12 several audiences, nobody asked", lambda: sign(claims(aud=[CLIENT, "other"]), KEY), "token_audience"),
    ("13 asked by another", lambda: sign(claims(aud=[CLIENT, "other"], azp="other"), KEY), "token_audience"),
    ("14 for us, asked by another", lambda: sign(claims(azp="other"), KEY), "token_audience"),
    ("15 another nonce", lambda: sign(claims(nonce="another"), KEY), "token_nonce"),
    ("16 no nonce", lambda: sign(claims(nonce=None), KEY), "token_nonce"),
    ("17 a nonce that is no text", lambda: sign(claims(nonce=[NONCE]), KEY), "token_nonce"),
    ("18 another access token", lambda: sign(claims(at_hash=at_hash("other")), KEY), "token_access"),
    ("19 no end", lambda: sign(claims(exp=None), KEY), "token_malformed"),
    ("20 no beginning", lambda: sign(claims(iat=None), KEY), "token_malformed"),
    ("21 nobody", lambda: sign(claims(sub=None), KEY), "token_malformed"),
    ("22 an empty person", lambda: sign(claims(sub=""), KEY), "token_malformed"),
    ("23 an end beyond numbers", lambda: sign(claims(exp=float("inf")), KEY), "token_malformed"),
    ("24 an extension that must be understood", lambda: sign(claims(), KEY, crit=["x"], x=1), "token_malformed"),
    ("25 a name that is no text", lambda: with_header(kid=7), "token_malformed"),
    ("26 no issuer", lambda: sign(claims(iss=None), KEY), "token_malformed"),
    ("27 no audience", lambda: sign(claims(aud=None), KEY), "token_malformed"),
]


def with_header(**header: Any) -> str:
    _, body, signature = sign(claims(), KEY).split(".")
    return ".".join((part({"alg": "RS256", **header}).decode(), body, signature))


@pytest.mark.parametrize(("token", "code"), [pytest.param(*row, id=name) for name, *row in REFUSED])
def test_refused(token: Callable[[], object], code: str) -> None:
    with pytest.raises(PublicError) as raised:
        verify(token(), [public(KEY), public(CURVE)], EXPECTED, ACCESS)
    assert (raised.value.code, raised.value.status) == (f"auth.openid.{code}", 403)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([], id="00 none"),
        pytest.param([public(signing_key("second"))], id="01 of another name"),
        pytest.param([public(KEY), public(OTHER)], id="02 two of one name"),
        pytest.param([{**public(KEY), "use": "enc"}], id="03 for encryption"),
        pytest.param([{**public(KEY), "alg": "PS256"}], id="04 for another algorithm"),
        pytest.param([{**public(CURVE), "kid": "first"}], id="05 of another kind"),
        pytest.param([{"kty": "oct", "k": "c2VjcmV0", "kid": "first"}], id="06 a secret"),
        pytest.param([{**public(KEY), "n": "AQAB"}], id="07 too short"),
        pytest.param([{**public(KEY), "n": "!"}], id="08 unreadable"),
    ],
)
def test_keys_that_do_not_fit_are_looked_up_again(keys: list[dict[str, Any]]) -> None:
    with pytest.raises(UnknownKey, match="token_key"):
        verify(sign(claims(), KEY), keys, EXPECTED, ACCESS)


def test_without_a_name_a_token_must_not_have_two_keys_to_choose_from() -> None:
    with pytest.raises(UnknownKey):
        verify(sign(claims(), UNNAMED), [public(KEY), public(signing_key("second"))], EXPECTED, ACCESS)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(lambda: sign(claims(), OTHER), id="00 another key of the same name"),
        pytest.param(tampered, id="01 claims changed after the signature"),
    ],
)
def test_false_signatures_are_refused_once_the_keys_are_the_newest(token: Callable[[], str]) -> None:
    with pytest.raises(UnknownKey, match="token_signature"):
        verify(token(), [public(KEY)], EXPECTED, ACCESS)


def test_a_renewed_token_needs_no_nonce() -> None:
    renewed = Expected(ISSUER, CLIENT, ("RS256",), 30)
    assert verify(sign(claims(nonce=None), KEY), [public(KEY)], renewed, ACCESS)["sub"] == "f3a1"


def test_an_hmac_is_refused_even_where_it_was_allowed() -> None:
    allowed = Expected(ISSUER, CLIENT, ("RS256", "HS256"), 30, NONCE)
    with pytest.raises(PublicError) as raised:
        verify(hmac_with_public_key(), [public(KEY)], allowed, ACCESS)
    assert raised.value.code == "auth.openid.token_algorithm"
