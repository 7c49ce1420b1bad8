"""Readers and sanitisers on damaged files of every kind: refused or read to the end, and nothing else touched."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .files import _Watched, check, damaged, seeds

ROOT = Path(__file__).parents[2]
SECONDS = 2

PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [b"\0" * 8, b"\xff" * 8, b"99999999999", b"-1", b"<", b'"', b"&x;", b"{", b"[" * 200, b"\x7f\xff\xff\xff"]
    ),
)


@pytest.mark.parametrize("kind", sorted(seeds()))
def test_a_file_as_it_should_be_is_read_and_sanitised(kind: str) -> None:
    for content in seeds()[kind]:
        check(kind, content)


@pytest.mark.parametrize("kind", sorted(seeds()))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read(kind: str, data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(seeds()[kind]))
    for _ in range(data.draw(st.integers(1, 3))):
        content = damaged(content, data.draw(PIECES), data.draw(st.integers(0, 100_000)), data.draw(st.integers(0, 40)))
    check(kind, content)


def test_reaching_out_is_noticed() -> None:
    def reach_out() -> None:
        with _Watched(), suppress(OSError), open("/etc/passwd", "rb"), socket.socket() as outside:
            outside.settimeout(0.01)
            outside.connect(("127.0.0.1", 1))

    with pytest.raises(AssertionError, match=r"open /etc/passwd.*socket.connect"):
        reach_out()


def test_no_branch_of_a_reader_breaks_a_promise(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris has no wheel for this Python; hypothesis has tried the same readers")
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.harness", "files", str(tmp_path / "corpus"), f"-max_total_time={SECONDS}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'extensions'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    assert "Done" in run.stderr
