"""What is fuzzed: one function per part of the gateway, which takes any bytes and raises when a promise is broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import unquote

from tornado.httputil import HTTPHeaders, HTTPInputError

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.copying import parse_copied
from hdh_jupyter.gateway.guard import check_request
from hdh_jupyter.gateway.headers import upstream_headers
from hdh_jupyter.gateway.images import is_image
from hdh_jupyter.gateway.paths import parse_target
from hdh_jupyter.gateway.shapes import Asked, checked, checked_error
from hdh_jupyter.gateway.staging import parse_manifest
from hdh_jupyter.gateway.table import TABLE, find_route

ORIGIN = "http://prj-vega.hdh.localhost:8000"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "")
SHAPES = tuple(route.shape for route in TABLE if route.shape is not None)
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
ALLOWED = {"Accept", "Accept-Language", "Content-Type"}
ADDED = {"Host", "Accept-Encoding", "X-HDH-User"}


def path(data: bytes) -> None:
    """A target is refused, or has one reading, again and again."""
    try:
        target = parse_target(data.decode("latin-1"))
    except PublicError:
        return
    again = parse_target(f"{target.path}?{target.query}" if target.query else target.path)
    if again.path != target.path or again.query != target.query:
        raise AssertionError(data)
    decoded = unquote(target.path, errors="strict")
    if not {"", ".", ".."}.isdisjoint(decoded.split("/")[1:-1]) or any(c in decoded for c in "\\\0\r\n"):
        raise AssertionError(data)
    if any(ord(c) < 33 or ord(c) > 126 for c in target.path + target.query):
        raise AssertionError(data)


def table(data: bytes) -> None:
    """Nothing outside the named areas has a route, and no method but the five."""
    method = METHODS[data[0] % len(METHODS)] if data else "GET"
    try:
        target = parse_target("/" + data[1:].decode("latin-1"))
    except PublicError:
        return
    route = find_route(method, target.path[1:], target.encoded_slash)
    if route is None:
        return
    first = target.path[1:].partition("/")[0]
    areas = {"", "api", "doc", "hdh", "hdh-catalogue", "hdh-egress", "kernelspecs", "lab", "static", "terminals"}
    if first not in areas | {"login", "logout", "oauth_callback"} or method not in METHODS[:5]:
        raise AssertionError(data)
    if any(word in target.path for word in ("/staged/", "/trust/")) and first not in ("api", "static", "lab", "doc"):
        raise AssertionError(data)


def guard(data: bytes) -> None:
    """A request is admitted with the project's own host and origin, and without a credential."""
    method = METHODS[data[0] % 5] if data else "GET"
    target_text, _, head = data[1:].partition(b"\n")
    try:
        headers = HTTPHeaders.parse(head.decode("latin-1"))
        target = parse_target("/" + target_text.decode("latin-1"))
        route = find_route(method, target.path[1:], target.encoded_slash)
        if route is None:
            return
        check_request(method, headers, target, route, ORIGIN)
    except (PublicError, HTTPInputError):
        return
    if headers.get("Host", "").lower() != "prj-vega.hdh.localhost:8000" or "Authorization" in headers:
        raise AssertionError(data)
    if method != "GET" and headers.get("Origin") != ORIGIN:
        raise AssertionError(data)


def headers(data: bytes) -> None:
    """A workspace sees the few headers that it may."""
    try:
        sent = HTTPHeaders.parse(data.decode("latin-1"))
    except HTTPInputError:
        return
    passed = upstream_headers(sent, "identity")
    if set(passed) - ALLOWED - ADDED or passed["X-HDH-User"] != "identity" or passed["Host"] != "localhost":
        raise AssertionError(data)
    if any(c in value for value in passed.values() for c in "\r\n\0"):
        raise AssertionError(data)


def shapes(data: bytes) -> None:
    """What passes is JSON, is smaller than a few times what came, and passes again unchanged."""
    question = Asked("api/contents/a.txt", (), 4096, 4096)
    shape = SHAPES[data[0] % len(SHAPES)] if data else SHAPES[0]
    body = data[1:]
    try:
        passed = checked(shape, body, question)
    except PublicError as error:
        if error.code not in _CODES:
            raise AssertionError(data) from error
        return
    if shape.check is None:
        return
    json.loads(passed.decode("utf-8"))
    if len(passed) > 8 * len(body) + 1024 or checked(shape, passed, question) != passed:
        raise AssertionError(data)


def errors(data: bytes) -> None:
    """An error's body is JSON with the fields of an error, and none of the gateway's codes."""
    try:
        passed = json.loads(checked_error(data))
    except ValueError:
        return
    if set(passed) - {"message", "short_message", "reason", "code", "error"}:
        raise AssertionError(data)
    if str(passed.get("code", "")).startswith("gateway."):
        raise AssertionError(data)


def pictures(data: bytes) -> None:
    """Bytes are at most one kind of picture."""
    if sum(is_image(data, kind) for kind in IMAGES) > 1:
        raise AssertionError(data)


def manifests(data: bytes) -> None:
    """A manifest is refused, or names files inside the home."""
    with suppress(PublicError):
        for file in parse_manifest(data):
            if file.size < 0 or file.name.startswith("/") or ".." in file.name.split("/"):
                raise AssertionError(data)


def copies(data: bytes) -> None:
    """The report of a copy is refused, or is two plain values."""
    with suppress(PublicError):
        copied = parse_copied(data)
        if copied.characters < 1 or copied.kind not in ("cell", "output", "terminal", "other"):
            raise AssertionError(data)


_CODES = {"gateway.bad_reply", "gateway.binary_closed", "gateway.text_too_large", "gateway.image_too_large"}

TARGETS: Mapping[str, Callable[[bytes], None]] = {
    function.__name__: function
    for function in (path, table, guard, headers, shapes, errors, pictures, manifests, copies)
}
