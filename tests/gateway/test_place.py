"""Where the gateway may be told to listen."""

from __future__ import annotations

from pathlib import Path

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.place import Endpoint, parse_place


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("/run/hdh/gateway.sock", Path("/run/hdh/gateway.sock")),
        ("0.0.0.0:8000", Endpoint("0.0.0.0", 8000)),
        ("[::]:8000", Endpoint("::", 8000)),
        (":8000", Endpoint("", 8000)),
    ],
)
def test_a_socket_or_a_port(written: str, place: Path | Endpoint) -> None:
    assert parse_place(written) == place


@pytest.mark.parametrize(
    "written", ["", "8000", "0.0.0.0", "0.0.0.0:", "0.0.0.0:0", "0.0.0.0:65536", "run.sock", ":x", ":²"]
)
def test_what_is_neither_is_told_in_a_sentence(written: str) -> None:
    with pytest.raises(PublicError) as caught:
        parse_place(written)
    assert caught.value.code == "gateway.bad_place"
    assert caught.value.message("fr") != caught.value.message("en")
