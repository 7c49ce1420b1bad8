"""A real OpenID Connect provider, the npm package `oidc-provider`, and what stands between it and the hub.

The hub and browsers reach the provider through a proxy under the issuer's name, which passes everything on as it is
until a test alters an answer. The signing keys are the test's, so that a token can be false in one point alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

FOLDER = Path(__file__).parent
CLIENT = "hdh-tests"
SECRET = "a secret of the tests, with : and +"
AFTER_SIGN_OUT = "https://hdh.example/bye"

PUBLIC_PARTS = ("kty", "n", "e", "crv", "x", "y", "use", "alg", "kid")

Document = dict[str, Any]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def signing_key(key_id: str | None, kind: str = "RSA") -> Document:
    """Return a private key as a JWK."""
    if kind == "EC":
        key: Document = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    else:
        key = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048), as_dict=True)
    key.pop("key_ops", None)
    return {**key, "use": "sig", "alg": "ES256" if kind == "EC" else "RS256", **({"kid": key_id} if key_id else {})}


def public(key: Document) -> Document:
    return {name: value for name, value in key.items() if name in PUBLIC_PARTS}


def sign(claims: Mapping[str, Any], key: Document, **header: Any) -> str:
    """Return a token whose claims, signature and header are the test's."""
    algorithm = header.pop("alg", key["alg"])
    names = {"kid": key.get("kid"), **header}
    extra = {name: value for name, value in names.items() if value is not None}
    return jwt.encode(dict(claims), jwt.PyJWK(key, algorithm).key, algorithm, headers=extra)


def claims_of(token: str) -> Document:
    claims: Document = jwt.decode(token, options={"verify_signature": False})
    return claims


def at_hash(access_token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


class ProviderProcess:
    """The provider's process; one for all tests, with the people's memory emptied by each."""

    def __init__(self) -> None:
        self.port, self.front = free_port(), free_port()
        self.issuer = f"http://127.0.0.1:{self.front}"
        self.hub_port = free_port()
        self.key = signing_key("first")
        settings = {
            "issuer": self.issuer,
            "port": self.port,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": ["https://hdh.example/hub/oauth_callback"],
            "post_logout_redirect_uris": [AFTER_SIGN_OUT],
            "keys": [self.key],
        }
        self._process = subprocess.Popen(
            ["node", "server.mjs"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(settings), file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "ready\n", "the provider does not start"

    def close(self) -> None:
        self._process.communicate(timeout=10)


@dataclass
class Provider:
    """The provider during one test.

    Attributes
    ----------
    altered
        By the path of an endpoint, what makes another document of the one that the provider answers.
    asked
        The paths that were asked, with the form that came.
    status
        What every answer is replaced by, when it is not 0.
    failing
        The paths that answer 503.
    """

    process: ProviderProcess
    altered: dict[str, Callable[[Document], Document | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: int = 0
    failing: set[str] = field(default_factory=set)
    server: HTTPServer | None = None

    @property
    def issuer(self) -> str:
        return self.process.issuer

    @property
    def key(self) -> Document:
        return self.process.key

    async def tell(self, **changes: Any) -> None:
        """Say who signs in next, and how, or change the keys."""
        await AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{self.process.port}/test", method="POST", body=json.dumps(changes)
        )

    def token(self, **changes: Any) -> Callable[[Document], Document]:
        """Return what changes the claims of the ID token, under the provider's own signature; None removes one."""

        def alter(tokens: Document) -> Document:
            claims = {**claims_of(tokens["id_token"]), **changes}
            kept = {name: value for name, value in claims.items() if value is not None}
            return {**tokens, "id_token": sign(kept, self.key)}

        return alter

    def open(self) -> None:
        """Let the provider be reached."""
        handler = (".*", Front, {"provider": self})
        self.server = HTTPServer(web.Application([handler]))
        self.server.add_sockets(bind_sockets(self.process.front, "127.0.0.1", reuse_port=True))

    async def close(self) -> None:
        """Let nobody reach the provider."""
        if self.server is not None:
            self.server.stop()
            await self.server.close_all_connections()
            self.server = None


class Front(web.RequestHandler):
    """Passes requests on to the provider under its public name, and its answers back, altered where a test says so."""

    SUPPORTED_METHODS = ("GET", "POST")

    def initialize(self, provider: Provider) -> None:
        self.provider = provider

    async def get(self) -> None:
        path = self.request.path
        self.provider.asked.append(path)
        if self.provider.status or path in self.provider.failing:
            self.set_status(self.provider.status or 503)
            return
        kept = ("Host", "Cookie", "Content-Type", "Authorization", "Accept")
        request = HTTPRequest(
            f"http://127.0.0.1:{self.provider.process.port}{self.request.uri}",
            method=self.request.method or "GET",
            headers={name: self.request.headers[name] for name in kept if name in self.request.headers},
            body=self.request.body if self.request.method == "POST" else None,
            follow_redirects=False,
        )
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        self.set_status(answer.code)
        for name, value in answer.headers.get_all():
            if name in ("Content-Type", "Location", "Set-Cookie"):
                self.add_header(name, value)
        body = answer.body
        alter = self.provider.altered.get(path)
        if alter is not None and answer.code == 200:
            document = alter(json.loads(body))
            body = b"no JSON" if document is None else json.dumps(document).encode()
        self.finish(body)

    post = get


def now() -> int:
    return int(time.time())
