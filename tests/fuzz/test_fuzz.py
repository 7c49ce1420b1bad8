"""Every target with hypothesis, and for a short time with atheris; `make fuzz` takes longer."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from .seeds import SEEDS
from .targets import TARGETS

ROOT = Path(__file__).parents[2]
SECONDS = 2
"""For each target."""

PIECES = st.sampled_from(
    [b"/", b"..", b".", b"%2e", b"%2f", b"%5c", b"%00", b"%c0%ae", b"?", b"#", b";", b"\\", b"//", b"token=", b"%"]
)
MUTATED = st.builds(
    lambda seed, at, piece: seed[: at % (len(seed) + 1)] + piece + seed[at % (len(seed) + 1) :],
    st.sampled_from(SEEDS),
    st.integers(0, 500),
    st.one_of(PIECES, st.binary(max_size=6)),
)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=300, deadline=None)
@given(data=st.one_of(MUTATED, st.binary(max_size=300), st.lists(PIECES, max_size=12).map(b"".join)))
@example(data=b"")
def test_no_bytes_break_a_promise(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_no_branch_breaks_a_promise(name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris has no wheel for this Python; hypothesis has tried the same targets")
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.harness", name, str(tmp_path / "corpus"), f"-max_total_time={SECONDS}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'extensions'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    assert "Done" in run.stderr
