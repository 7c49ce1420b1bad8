"""The check for R: `python -m hdh_jupyter.disclosure.objects OUT NAME=FILE...`.

Writes `OUT/verdict`, `OUT/report.txt`, `OUT/report.html` and `OUT/report.json`, from which a thin function of R makes
what it shows. Files are checked as they are; `NAME` is what findings call them, and tells nothing of their kind.
`--r-functions` prints where that function is.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ...i18n import LANGUAGES
from .. import engine
from .checking import renamed
from .display import html, plain, spoken_language

R_FUNCTIONS = Path(__file__).parents[1] / "r" / "hdh.R"


def main(arguments: Sequence[str]) -> int:
    """Check, and return 0 when the report was written, whatever it says."""
    if list(arguments) == ["--r-functions"]:
        print(R_FUNCTIONS)
        return 0
    parser = argparse.ArgumentParser(prog="python -m hdh_jupyter.disclosure.objects")
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+", metavar="NAME=FILE")
    parser.add_argument("--language", choices=LANGUAGES, default=spoken_language())
    options = parser.parse_args(arguments)
    called, paths = {}, []
    for name, _, path in (file.rpartition("=") for file in options.files):
        paths.append(Path(path))
        shown = name or paths[-1].name
        # The engine goes by the end of a name, which an expression of R does not have.
        called[shown if shown.endswith(paths[-1].suffix) else shown + paths[-1].suffix] = shown
    report = renamed(engine.check(paths, names=list(called)), called, options.language)
    (options.out / "report.txt").write_text(plain(report, options.language) + "\n", "utf-8")
    (options.out / "report.html").write_text(html(report, options.language), "utf-8")
    (options.out / "report.json").write_text(json.dumps(report.to_dict(options.language), ensure_ascii=False), "utf-8")
    # Last: without it the check failed.
    (options.out / "verdict").write_text(report.verdict.value, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
