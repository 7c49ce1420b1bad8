"""Paths that could be read in two ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.paths import parse_target


@pytest.mark.parametrize(
    ("case", "uri"),
    [
        ("00", "/user/prj-x/api/contents/../files/a"),
        ("01", "/user/prj-x/api/contents/%2e%2e/files/a"),
        ("02", "/user/prj-x/api/contents/.%2E/files/a"),
        ("03", "/user/prj-x/./lab"),
        ("04", "/user/prj-x//files/a"),
        ("05", "//evil.test/lab"),
        ("06", "/user/prj-x/api/contents/..%2f..%2ffiles/a"),
        ("07", "/user/prj-x/api/contents/a%2f%2fb"),
        ("08", "/user/prj-x/api\\contents"),
        ("09", "/user/prj-x/api%5c..%5cfiles"),
        ("10", "/user/prj-x/api%00"),
        ("11", "/user/prj-x/api%0d%0aX: y"),
        ("12", "/user/prj-x/api%7f"),
        ("13", "/user/prj-x/%"),
        ("14", "/user/prj-x/%zz"),
        ("15", "/user/prj-x/%ff%fe"),
        ("16", "/user/prj-x/%c0%ae%c0%ae/files"),
        ("17", "http://evil.test/user/prj-x/lab"),
        ("18", "*"),
        ("19", ""),
        ("20", "/user/prj-x/lab#x"),
        ("21", "/user/prj-x/é"),
        ("22", "/user/prj-x/lab?a=\n"),
        ("23", "/" + "a" * 9000),
        ("24", "/user/prj-x/.."),
    ],
)
def test_refused(case: str, uri: str) -> None:
    with pytest.raises(PublicError) as caught:
        parse_target(uri)
    assert caught.value.code == "gateway.bad_path"


def test_taken_apart() -> None:
    target = parse_target("/user/prj-x/api/contents/caf%C3%A9%20%25.csv?content=1&x=%2F")
    assert (target.path, target.query) == ("/user/prj-x/api/contents/caf%C3%A9%20%25.csv", "content=1&x=%2F")
    assert not target.encoded_slash
    assert parse_target("/a/b%2fc").encoded_slash


@pytest.mark.parametrize("query", ["token=x", "a=1&token=", "%74oken=x", "TOKEN=x", "token", "a&+token=x"])
def test_a_token_is_seen_however_it_is_written(query: str) -> None:
    assert parse_target(f"/lab?{query}").names_token


@given(st.lists(st.sampled_from(["a", ".", "..", "%2e", "%2f", "%5c", "/", "", "%25", "b"]), max_size=8))
def test_what_passes_has_one_reading(pieces: list[str]) -> None:
    path = "/" + "".join(pieces)
    try:
        target = parse_target(path)
    except PublicError:
        return
    from posixpath import normpath
    from urllib.parse import unquote

    decoded = unquote(target.path)
    assert "\\" not in decoded
    assert normpath(decoded) == (decoded.rstrip("/") or "/")
