"""A report on a terminal: what each file comes to, then each finding with its place, its reason and what to do."""

from __future__ import annotations

import os
from textwrap import fill
from typing import TextIO

from ..disclosure.model import Report
from ..i18n import translate

COLOURS = {"pass": "32", "review": "33", "block": "31", "info": "36"}
WIDTH = 100


def print_report(report: Report, language: str, out: TextIO) -> None:
    """Print a report for people; in colour on a terminal, unless NO_COLOR is set."""
    coloured = out.isatty() and not os.environ.get("NO_COLOR")

    def paint(word: str, kind: str) -> str:
        return f"\x1b[1;{COLOURS[kind]}m{word}\x1b[0m" if coloured else word

    told = report.to_dict(language)
    for file in told["files"]:
        print(f"{paint(_word(file['verdict'], language), file['verdict'])}  {_plain(file['name'])}", file=out)
        for finding in (f for f in told["findings"] if f["file"] == file["name"]):
            severity = paint(_word(finding["severity"], language).lower(), finding["severity"])
            print(f"  - [{severity}] {_plain(finding['where'])} ({finding['rule']})", file=out)
            for part in ("message", "why", "remedy"):
                label = translate(f"check.{part}", language)
                print(
                    fill(
                        f"{label}{_plain(finding[part])}", WIDTH, initial_indent="      ", subsequent_indent="        "
                    ),
                    file=out,
                )
    verdict = told["verdict"]
    policy = report.policy
    print(file=out)
    print(f"{translate('check.verdict', language)}{paint(_word(verdict, language), verdict)}", file=out)
    print(
        translate("check.policy", language, id=policy.id, version=policy.version, sha256=policy.sha256[:12]), file=out
    )


def _word(verdict: str, language: str) -> str:
    return translate(f"check.word.{verdict}", language)


def _plain(text: str) -> str:
    """Return a text without line breaks and terminal escapes, which a file's name could hold."""
    return "".join(c if c.isprintable() else " " for c in text)
