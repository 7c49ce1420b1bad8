"""Fuzzes one target with atheris, which follows the branches that the code takes.

    python -m tests.fuzz.harness TARGET CORPUS [options of libFuzzer]

The corpus is a folder, filled with the seeds at first and with what was found of interest later.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hdh_jupyter.gateway"]):
    from tests.fuzz.targets import TARGETS

from tests.fuzz.seeds import SEEDS


def main() -> None:
    target, corpus = sys.argv[1], Path(sys.argv[2])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS):
        for form in (seed, bytes([number]) + seed):
            (corpus / hashlib.sha256(form).hexdigest()[:16]).write_bytes(form)
    atheris.Setup([sys.argv[0], *sys.argv[3:], str(corpus)], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
