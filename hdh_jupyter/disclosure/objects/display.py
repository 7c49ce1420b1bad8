"""A report that shows itself: in a notebook as HTML, elsewhere as text.

The HTML has neither scripts nor a style sheet, since notebooks of others are shown without them, and takes its colours
from the page, so that it reads in a light and in a dark one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from html import escape
from itertools import groupby
from textwrap import fill
from typing import Any

from ...i18n import DEFAULT_LANGUAGE, preferred_language, translate
from ..model import Report

COLOURS = {"pass": "#2e9e5b", "review": "#d99000", "block": "#d64545", "info": "#3b82c4"}
"""Readable as a line on white and on black."""
SIGNS = {"pass": "✔", "review": "▲", "block": "✘", "info": "ℹ"}
WIDTH = 100


def spoken_language() -> str:
    """Return the language of the environment, French when it says nothing."""
    chosen = (os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", ""))[:2]
    return preferred_language(chosen) if chosen else DEFAULT_LANGUAGE


@dataclass(frozen=True)
class ShownReport(Report):
    """A report with a display.

    Attributes
    ----------
    language
        Of the display; the stored form has none.
    """

    language: str = field(default=DEFAULT_LANGUAGE, compare=False)

    def translated(self, language: str) -> ShownReport:
        """Return the report with its display in another language."""
        return replace(self, language=language)

    def __str__(self) -> str:
        return plain(self, self.language)

    def __repr__(self) -> str:
        return plain(self, self.language)

    def _repr_html_(self) -> str:
        return html(self, self.language)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": plain(self, self.language), "text/html": html(self, self.language)}


def plain(report: Report, language: str) -> str:
    """Return a report as text."""
    told = report.to_dict(language)
    lines = [f"{SIGNS[told['verdict']]} {_word('verdict', told['verdict'], language)}"]
    for name, findings in _by_file(told):
        lines += ["", name]
        if not findings:
            lines.append("  " + _word("label", "nothing", language))
        for finding in findings:
            lines.append(f"  {SIGNS[finding['severity']]} {finding['where']} [{finding['rule']}]")
            for part in ("message", "why", "remedy"):
                indent = "    " if part == "message" else "      "
                text = finding[part] if part == "message" else f"{_word('label', part, language)} {finding[part]}"
                lines.append(fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent))
    return "\n".join([*lines, "", _policy(report, language)])


def html(report: Report, language: str) -> str:
    """Return a report as HTML: the verdict, then by file each finding with its place, its reason and what to do."""
    told = report.to_dict(language)
    verdict = told["verdict"]
    parts = [
        f'<div lang="{language}" style="border-left:4px solid {COLOURS[verdict]};padding-left:12px;margin:4px">',
        f'<p style="margin:4px"><strong>{SIGNS[verdict]} {escape(_word("verdict", verdict, language))}</strong></p>',
    ]
    for name, findings in _by_file(told):
        parts.append(f'<p style="margin:8px 4px 4px 4px"><strong>{escape(name)}</strong></p>')
        if not findings:
            parts.append(f'<p style="margin:4px">{escape(_word("label", "nothing", language))}</p>')
            continue
        parts.append('<table style="color:inherit;font-size:inherit"><thead><tr>')
        parts += [f'<th style="text-align:left">{escape(_word("label", n, language))}</th>' for n in _HEAD]
        parts.append("</tr></thead><tbody>")
        parts += [_row(finding, language) for finding in findings]
        parts.append("</tbody></table>")
    parts.append(f'<p style="margin:8px 4px"><small>{escape(_policy(report, language))}</small></p></div>')
    return "".join(parts)


_HEAD = ("severity", "where", "finding")


def _row(finding: dict[str, str], language: str) -> str:
    severity = finding["severity"]
    sign = f'<span style="color:{COLOURS[severity]}">{SIGNS[severity]}</span>'
    cell = '<td style="text-align:left;vertical-align:top">'
    why, remedy = (f"<em>{escape(_word('label', n, language))}</em> {escape(finding[n])}" for n in ("why", "remedy"))
    return (
        f"<tr>{cell}{sign} {escape(_word('severity', severity, language))}</td>"
        f"{cell}{escape(finding['where'])}<br><small><code>{escape(finding['rule'])}</code></small></td>"
        f"{cell}{escape(finding['message'])}<br>{why}<br>{remedy}</td></tr>"
    )


def _by_file(told: dict[str, Any]) -> list[tuple[str, list[dict[str, str]]]]:
    """Return every file of a report with its findings; what is said of none comes last."""
    found = {
        name: list(findings)
        for name, findings in groupby(sorted(told["findings"], key=lambda f: f["file"]), key=lambda f: f["file"])
    }
    files = {str(file["name"]): found.pop(file["name"], []) for file in told["files"]}
    return [*files.items(), *found.items()]


def _policy(report: Report, language: str) -> str:
    reference = report.policy
    return translate(
        "disclosure.display.label.policy",
        language,
        id=reference.id,
        version=reference.version,
        sha256=reference.sha256[:12],
    )


def _word(group: str, name: str, language: str) -> str:
    return translate(f"disclosure.display.{group}.{name}", language)
