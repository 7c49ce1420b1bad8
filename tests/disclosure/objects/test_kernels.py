"""Notebooks show a check: a Python kernel and, where R and IRkernel are installed, an R kernel, both real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from hdh_jupyter.spawner.kernels import R_LIBRARIES

ROOT = Path(__file__).parents[3]
R = any((Path(library) / "IRkernel" / "DESCRIPTION").is_file() for library in R_LIBRARIES) and shutil.which("R")
PYTHON_CELL = """
import pandas as pd
from hdh_jupyter.disclosure import check
check(pd.DataFrame({"region": ["Nord", "Sud", "Est"], "effectif": [120, 4, 33]}), name="par_region")
"""
R_CELL = 'hdh_check(par_region = data.frame(region = c("Nord", "Sud", "Est"), effectif = c(120, 4, 33)))'
R_PROGRAM = """
set.seed(1)
d <- data.frame(sexe = sample(c("F", "H"), 500, TRUE), zone = sample(c("A", "B"), 500, TRUE), age = rnorm(500, 60, 9))
d$y <- d$age + rnorm(500)
say <- function(...) cat(hdh_check(...)$verdict, "\n")
say(table(d$sexe, d$zone))
say(xtabs(~ sexe + zone, d[1:20, ]))
say(summary(lm(y ~ age, d)), glm(sexe == "F" ~ age, binomial, d))
say(lm(y ~ age, d[1:2, ]))
stopifnot(inherits(try(hdh_check(mean), silent = TRUE), "try-error"))
stopifnot(length(list.files(tempdir())) == 0)
"""


@pytest.fixture
def environment() -> dict[str, str]:
    """What a workspace gives its kernels, with the checkout's own packages."""
    folder = ROOT / "hdh_jupyter" / "disclosure" / "r"
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HDH_PYTHON": sys.executable,
        "HDH_R_FUNCTIONS": str(folder / "hdh.R"),
        "R_PROFILE": str(folder / "Rprofile.R"),
        "LC_ALL": "C.UTF-8",
        "LANG": "fr_FR.UTF-8",
    }


def outputs(manager: KernelManager, environment: dict[str, str], code: str) -> Iterator[dict[str, Any]]:
    """Run a cell in a kernel and give what it shows."""
    manager.start_kernel(env=environment)
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        shown: list[dict[str, Any]] = []
        client.execute_interactive(code, timeout=60, output_hook=lambda m: shown.append(m["content"]))
        yield from (content["data"] for content in shown if "data" in content)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def test_a_python_notebook_shows_the_report(environment: dict[str, str]) -> None:
    manager = KernelManager()
    manager.kernel_spec.argv[0] = sys.executable
    (shown,) = outputs(manager, environment, PYTHON_CELL)
    assert "counts.small_cell" in shown["text/plain"]
    assert "par_region" in shown["text/html"]
    assert "<script" not in shown["text/html"]


@pytest.mark.skipif(not R, reason="R or IRkernel is not installed")
def test_an_r_notebook_shows_the_report(environment: dict[str, str]) -> None:
    manager = KernelManager(kernel_name="ir", kernel_spec_manager=KernelSpecManager())
    (shown,) = outputs(manager, environment, R_CELL)
    assert "counts.small_cell" in shown["text/plain"]
    assert "par_region" in shown["text/html"]


@pytest.mark.skipif(not R, reason="R or IRkernel is not installed")
def test_r_checks_its_tables_and_models(environment: dict[str, str]) -> None:
    run = subprocess.run(["Rscript", "-e", R_PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["pass", "block", "pass", "block"]
