"""Every sentence exists in both languages, and every key that the pages ask for exists."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from hdh_jupyter.disclosure.model import Severity, Verdict
from hdh_jupyter.egress.model import Action, CheckState, Decision, Status
from hdh_jupyter.i18n import LANGUAGES, sentences
from hdh_jupyter.projects.model import PlatformRole, ProjectRole
from hdh_jupyter.web import FOLDER
from hdh_jupyter.web.requests import NOTICES

SOURCES = {path.name: path.read_text("utf-8") for path in (*FOLDER.glob("templates/*.html"), *FOLDER.glob("*.py"))}
FRENCH = sentences("fr")
BUILT = {
    "web.status.": Status,
    "web.verdict.": [*Verdict, "unchecked", "cleaned"],
    "web.severity.": Severity,
    "web.decision.": Decision,
    "web.decided.": Decision,
    "web.event.": Action,
    "web.role.": ProjectRole,
    "web.notice.": NOTICES,
    "web.check.": [CheckState.PENDING, CheckState.RUNNING, CheckState.FAILED],
    "web.review.": ["waiting", "decided", "checking", "no_waiting", "no_decided"],
    "web.review.no_": ["waiting", "decided"],
    "web.parts.": ["table", "text", "page", "figure", "model"],
    "web.statement.": [
        f"{name}{end}" for name in ("title", "purpose", "recipient", "justification") for end in ("", "_help")
    ],
    "web.decide.": ["approve_help", "return_help", "reject_help"],
    "web.preview.": ["exact", "sanitised", "exact_help", "sanitised_help"],
    "web.preview.none.": [
        "empty",
        "unreadable",
        "too_large",
        "unknown",
        "svg_original",
        "no_file",
        "blocked",
        "unchecked",
        "closed",
    ],
    "web.notebook.": ["code", "markdown", "raw"],
    "web.area.": [f"{role}.{part}" for role in PlatformRole if role != "checker" for part in ("title", "text")],
    "web.next.": [
        Status.SUBMITTED,
        Status.APPROVED,
        Status.RELEASED,
        Status.REJECTED,
        Status.WITHDRAWN,
        "purpose",
        "recipient",
        "justification",
    ],
    "web.size.": ["byte", "kilo", "mega", "giga"],
    "web.time.month": [str(month) for month in range(1, 13)],
    "web.error.": [
        f"{name}.{part}"
        for name in ("400", "403", "404", "405", "503", "request", "fault")
        for part in ("title", "text")
    ],
}
"""Keys that are put together: their beginning, and what may follow."""


def test_both_languages_have_the_same_keys_and_parameters() -> None:
    def shape(language: str) -> dict[str, set[str | None]]:
        return {
            key: {name for _, name, _, _ in Formatter().parse(text) if name is not None}
            for key, text in sentences(language).items()
            if key.startswith("web.")
        }

    french, english = map(shape, LANGUAGES)
    assert french == english


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_key_that_is_written_exists(name: str) -> None:
    literal = set(re.findall(r"""["'](web\.[a-z_0-9.]*[a-z_0-9])["'](?!\s*~)""", SOURCES[name]))
    missing = {
        key
        for key in literal
        if key not in FRENCH and not {f"{key}.none", f"{key}.one", f"{key}.many"} <= FRENCH.keys()
    }
    assert not missing


def test_every_key_that_is_put_together_exists() -> None:
    assert [f"{start}{end}" for start, ends in BUILT.items() for end in ends if f"{start}{end}" not in FRENCH] == []


def test_the_list_of_keys_put_together_is_complete() -> None:
    found = {
        start
        for source in SOURCES.values()
        for start in re.findall(r"""["'](web\.[a-z_0-9.]*)["']\s*~""", source)
        + re.findall(r'f"(web\.[a-z_.]*)\{', source)
    }
    assert found <= BUILT.keys()


def test_no_sentence_is_left_over() -> None:
    written = "\n".join(SOURCES.values())
    built = {f"{start}{end}" for start, ends in BUILT.items() for end in ends}
    unused = {
        key
        for key in FRENCH
        if key.startswith("web.") and key not in built and key not in written and key.rpartition(".")[0] not in written
    }
    assert not unused


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("templates/*.html")))
def test_templates_hold_no_words_and_no_script_of_their_own(name: str) -> None:
    """Words belong to the sentences, scripts and styles to files: the content security policy allows nothing inline."""
    source = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", SOURCES[name], flags=re.DOTALL)
    words = re.findall(r"[A-Za-zÀ-ÿ]{3,}", re.sub(r"<[^>]*>", " ", source))
    assert set(words) <= {"HDH", "Jupyter", "SHA"}
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son[a-z]+=|\sstyle=", SOURCES[name])
