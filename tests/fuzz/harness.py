"""Fuzzes one target with atheris, which follows the branches that the code takes.

    python -m tests.fuzz.harness TARGET CORPUS [options of libFuzzer]

The target is a part of the gateway, or `files`: the readers and sanitisers of disclosure control. The corpus is a
folder, filled with the seeds at first and with what was found of interest later.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris


def main() -> None:
    target, corpus = sys.argv[1], Path(sys.argv[2])
    function, forms = _files() if target == "files" else _gateway(target)
    corpus.mkdir(parents=True, exist_ok=True)
    for form in forms:
        (corpus / hashlib.sha256(form).hexdigest()[:16]).write_bytes(form)
    atheris.Setup([sys.argv[0], *sys.argv[3:], str(corpus)], function)
    atheris.Fuzz()


def _gateway(target: str) -> tuple[Callable[[bytes], None], Iterable[bytes]]:
    with atheris.instrument_imports(include=["hdh_jupyter.gateway"]):
        from tests.fuzz.targets import TARGETS
    from tests.fuzz.seeds import SEEDS

    return TARGETS[target], [form for number, seed in enumerate(SEEDS) for form in (seed, bytes([number]) + seed)]


def _files() -> tuple[Callable[[bytes], None], Iterable[bytes]]:
    with atheris.instrument_imports(include=["hdh_jupyter.disclosure.readers", "hdh_jupyter.disclosure.sanitisers"]):
        from tests.fuzz.files import files, seeds

    kinds = sorted(seeds())
    return files, [bytes([number]) + seed for number, kind in enumerate(kinds) for seed in seeds()[kind]]


if __name__ == "__main__":
    main()
