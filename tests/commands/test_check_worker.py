"""The check worker starts only where it can make sandboxes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_where_no_sandbox_can_be_made_it_says_so_and_ends(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    refusing = programs / "bwrap"
    refusing.write_text(
        '#!/bin/sh\necho "bwrap: Can\'t mount proc on /newroot/proc: Operation not permitted" >&2\nexit 1\n'
    )
    refusing.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'extensions'}",
        "LANG": "en_GB.UTF-8",
    }
    command = [sys.executable, "-m", "hdh_jupyter", "check-worker", f"--state={tmp_path / 'state'}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "Can't mount proc" in done.stderr
    assert "Traceback" not in done.stderr
