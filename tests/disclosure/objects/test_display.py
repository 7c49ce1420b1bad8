"""A report shows itself without scripts, in both languages, and holds its stored form."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd
import pytest

from hdh_jupyter.disclosure import Report, check
from hdh_jupyter.disclosure.objects.display import html

SMALL = pd.DataFrame({"region": ["Nord", "Sud", "Est"], "effectif": [120, 4, 33]})


class Seen(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ("ne peut pas sortir", "Que faire", "Ligne 3")), ("en", ("may not leave", "What to do", "Row 3"))],
    ids=["00", "01"],
)
def test_it_says_what_where_and_what_to_do(language: str, words: tuple[str, ...]) -> None:
    report = check(SMALL, language=language)
    shown = report._repr_mimebundle_()
    for word in (*words, "counts.small_cell", report.policy.sha256[:12]):
        assert word in shown["text/plain"]
        assert word in shown["text/html"].replace("&#x27;", "'")
    assert report.translated("fr" if language == "en" else "en")._repr_html_() != report._repr_html_()


def test_it_has_nothing_that_runs_or_is_fetched() -> None:
    seen = Seen(check(SMALL, name='<script>alert("x")</script><img src=x onerror=y>')._repr_html_())
    assert seen.tags <= {
        "div",
        "p",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "span",
        "br",
        "small",
        "code",
        "em",
    }
    assert seen.attributes <= {"style", "lang"}
    assert seen.open == []


def test_the_stored_form_is_that_of_a_report() -> None:
    report = check(SMALL)
    stored = Report.from_stored(report.to_stored())
    assert stored.to_stored() == report.to_stored()
    assert html(stored, "fr") == report.translated("fr")._repr_html_()
