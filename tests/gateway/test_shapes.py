"""What JSON of a workspace goes on, as decision tables, and by what any bytes do."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.contents import OPENED, SAVED
from hdh_jupyter.gateway.shapes import Asked, Kernel, Session, Shape, checked, of_type
from hdh_jupyter.gateway.table import TABLE

from .test_real_replies import NOTEBOOK, PNG
from .workspace_server import model

SHAPES = [route.shape for route in TABLE if route.shape is not None and route.shape.check is not None]
KERNEL = {"id": "k", "name": "python3", "last_activity": "now", "execution_state": "idle", "connections": 1}
LIMIT = 5000


def asked(path: str = "a.txt", **query: str) -> Asked:
    return Asked(f"api/contents/{path}" if path else "api/contents", tuple(query.items()), LIMIT, LIMIT)


def outcome(shape: Shape, body: bytes, question: Asked) -> str:
    try:
        json.loads(checked(shape, body, question))
    except PublicError as error:
        return error.code.removeprefix("gateway.")
    return "passes"


def picture(content: bytes = PNG, path: str = "a.png", mimetype: str | None = "image/png") -> dict[str, Any]:
    text = base64.encodebytes(content).decode()
    return model(path, text, format="base64", mimetype=mimetype)


@pytest.mark.parametrize(
    ("case", "reply", "question", "expected"),
    [
        # text
        ("00", model("a.txt", "text"), asked(), "passes"),
        ("01", model("a.txt", "text"), asked("b.txt"), "bad_reply"),
        ("02", model("a.txt", "text"), asked(content="0"), "bad_reply"),
        ("03", model("a.txt"), asked(content="0"), "passes"),
        ("04", model("a.txt", "text"), asked(type="notebook"), "bad_reply"),
        ("05", model("a.txt", {"a": 1}), asked(), "bad_reply"),
        ("06", model("a.txt", "x" * LIMIT), asked(), "text_too_large"),
        ("07", model("a.txt", "text", format="json"), asked(), "bad_reply"),
        ("08", model("a.txt", "text", format="html"), asked(), "bad_reply"),
        ("09", model("a.txt", "text", type="script"), asked(), "bad_reply"),
        # notebooks
        ("10", model("a.ipynb", NOTEBOOK, type="notebook", format="json"), asked("a.ipynb"), "passes"),
        ("11", model("a.ipynb", {}, type="notebook", format="json"), asked("a.ipynb"), "bad_reply"),
        (
            "12",
            model("a.ipynb", {**NOTEBOOK, "cells": "x"}, type="notebook", format="json"),
            asked("a.ipynb"),
            "bad_reply",
        ),
        ("13", model("a.ipynb", [NOTEBOOK], type="notebook", format="json"), asked("a.ipynb"), "bad_reply"),
        ("14", model("a.ipynb", NOTEBOOK, type="notebook", format="text"), asked("a.ipynb"), "bad_reply"),
        (
            "15",
            model("a.ipynb", {**NOTEBOOK, "metadata": {"x": "y" * LIMIT}}, type="notebook", format="json"),
            asked("a.ipynb"),
            "text_too_large",
        ),
        # folders
        ("20", model("", [model("a"), model("b")], type="directory", format="json"), asked(""), "passes"),
        ("21", model("", [model("a", "x")], type="directory", format="json"), asked(""), "bad_reply"),
        ("22", model("", [{"name": "a"}], type="directory", format="json"), asked(""), "bad_reply"),
        ("23", model("", "a listing", type="directory", format="json"), asked(""), "bad_reply"),
        # pictures and other bytes
        ("30", picture(), asked("a.png"), "passes"),
        ("31", picture(mimetype=None), asked("a.png"), "passes"),
        ("32", picture(path="a.csv"), asked("a.csv"), "binary_closed"),
        ("33", picture(mimetype="text/csv"), asked("a.png"), "binary_closed"),
        ("34", picture(b"patient;1"), asked("a.png"), "binary_closed"),
        ("35", picture(PNG + b"patient;1"), asked("a.png"), "binary_closed"),
        ("36", picture(b"x" * (LIMIT + 1)), asked("a.png"), "image_too_large"),
        ("37", picture(b"x" * 3 * LIMIT), asked("a.png"), "image_too_large"),
        ("38", model("a.png", "not base64 é", format="base64"), asked("a.png"), "binary_closed"),
        ("39", picture(path="a.pdf", mimetype="application/pdf"), asked("a.pdf"), "binary_closed"),
        ("3a", picture() | {"content": "####"}, asked("a.png"), "bad_reply"),
        ("3b", picture(path="a.parquet", mimetype="image/png"), asked("a.parquet"), "binary_closed"),
    ],
)
def test_files(case: str, reply: dict[str, Any], question: Asked, expected: str) -> None:
    assert outcome(OPENED, json.dumps(reply).encode(), question) == expected


@pytest.mark.parametrize(
    ("case", "body", "expected"),
    [
        ("00", b"[]", "passes"),
        ("01", b"", "bad_reply"),
        ("02", b"{}", "bad_reply"),
        ("03", b"null", "bad_reply"),
        ("04", b"[] []", "bad_reply"),
        ("05", b"[]\0", "bad_reply"),
        ("06", b"<html>", "bad_reply"),
        ("07", b"[" * 100_000, "bad_reply"),
        ("08", b'[{"id":' + b"[" * 50_000 + b"]" * 50_000 + b"}]", "bad_reply"),
        ("09", json.dumps([KERNEL]).encode(), "passes"),
        ("10", json.dumps([{**KERNEL, "connections": -1}]).encode(), "bad_reply"),
        ("11", json.dumps([{**KERNEL, "connections": 10**400}]).encode(), "bad_reply"),
        ("12", json.dumps([{**KERNEL, "connections": float("nan")}]).encode(), "bad_reply"),
        ("13", json.dumps([{**KERNEL, "id": ["k"]}]).encode(), "bad_reply"),
        ("14", json.dumps([{**KERNEL, "id": "k" * 5000}]).encode(), "bad_reply"),
        ("15", json.dumps([KERNEL]).encode("utf-16"), "bad_reply"),
        ("16", b"\xef\xbb\xbf[]", "bad_reply"),
        ("17", b'[{"id":"\xff","name":"n"}]', "bad_reply"),
        ("18", b'[{"id":"\xed\xa0\x80","name":"n"}]', "bad_reply"),
        ("19", b'[{"id":"\\ud800","name":"n"}]', "passes"),
        ("20", b'[{"id":"a\nb","name":"n"}]', "bad_reply"),
        ("21", b'[{"id":"a","name":"n","more":"\xff"}]', "bad_reply"),
        ("22", b'[{"id":"a","name":"n","more":NaN}]', "bad_reply"),
        ("23", b'[{"id":"a","name":"n","more":{"x":[1,]}}]', "bad_reply"),
    ],
)
def test_json(case: str, body: bytes, expected: str) -> None:
    assert outcome(of_type(list[Kernel]), body, Asked()) == expected


def test_fields_that_nobody_expects_are_left_out() -> None:
    session = {"id": "s", "path": "a", "name": "a", "type": "notebook", "kernel": {**KERNEL, "x": 1}, "payload": "x"}
    passed = json.loads(checked(of_type(list[Session]), json.dumps([session]).encode(), Asked()))
    assert "payload" not in passed[0]
    assert "x" not in passed[0]["kernel"]
    assert passed[0]["kernel"]["execution_state"] == "idle"


def test_a_notebook_passes_as_it_is() -> None:
    strange = {**NOTEBOOK, "more": [1.50, "é", "\u2028</script>"], "cells": [{"cell_type": "future"}]}
    reply = model("a.ipynb", strange, type="notebook", format="json", hidden=1)
    passed = json.loads(checked(OPENED, json.dumps(reply).encode(), asked("a.ipynb")))
    assert passed["content"] == strange
    assert "hidden" not in passed


def test_what_passes_is_json_and_passes_again() -> None:
    reply = json.dumps(model("a.txt", "déjà", hash="x", hash_algorithm="sha256", message="m")).encode()
    once = checked(OPENED, reply, asked())
    assert checked(OPENED, once, asked()) == once


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
def test_any_bytes_are_json_of_the_shape_or_an_error(body: bytes) -> None:
    for shape in SHAPES:
        try:
            passed = checked(shape, body, asked())
        except PublicError as error:
            assert error.code == "gateway.bad_reply"  # noqa: PT017
        else:
            json.loads(passed.decode("utf-8"))
            assert checked(shape, passed, asked()) == passed


@given(JSON, st.sampled_from(["content", "format", "type", "path", "mimetype", "size", "name", "hash"]))
def test_a_file_with_one_field_of_anything(value: Any, field: str) -> None:
    body = json.dumps(model("a.txt", "text") | {field: value}).encode()
    for shape in (OPENED, SAVED):
        try:
            passed = checked(shape, body, asked())
        except PublicError as error:
            assert error.status in (403, 502)  # noqa: PT017
        else:
            assert set(json.loads(passed)) <= {*model("a.txt"), "hash", "hash_algorithm", "message"}
