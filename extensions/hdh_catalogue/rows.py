"""Facts put into rows of a page: a label in both languages, the value in words, and how well it is attested."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from hdh_jupyter.catalogue.facts import Fact
from hdh_jupyter.i18n import LANGUAGES, translate

Row = dict[str, Any]


def row(key: str, value: str, evidence: Fact[Any] | None = None) -> Row:
    """Return a row; the label is the sentence `catalogue.<key>`."""
    made: Row = {"key": key, "label": label(key), "value": value}
    if evidence is not None:
        made |= {"certainty": evidence.certainty.value, "to_confirm": evidence.to_confirm}
        made |= {"sources": list(evidence.sources), "note": evidence.note}
    return made


def fact_row(key: str, fact: Fact[Any], language: str) -> Row:
    """Return the row of a fact."""
    return row(key, value_of(fact, language), fact)


def fact_rows(language: str, **facts: Fact[str] | None) -> Iterator[Row]:
    """Yield the rows of those facts that are known."""
    for name, fact in facts.items():
        if fact is not None:
            yield fact_row(f"field.{name}", fact, language)


def text_rows(**texts: str | None) -> Iterator[Row]:
    """Yield the rows of those texts that are known, which carry no evidence of their own."""
    for name, text in texts.items():
        if text:
            yield row(f"panel.field.{name}", text)


def label(key: str) -> dict[str, str]:
    """Return the sentence `catalogue.<key>` in every language."""
    return {language: translate(f"catalogue.{key}", language) for language in LANGUAGES}


def value_of(fact: Fact[Any], language: str) -> str:
    """Return a fact's value in words, marked when nobody has attested it."""
    return marked(str(fact.value), fact, language)


def marked(text: str, evidence: Fact[Any], language: str) -> str:
    """Return a text, marked when the fact that it words is to be confirmed."""
    return translate("catalogue.valued_to_confirm", language, value=text) if evidence.to_confirm else text


def day(value: date | None, language: str) -> str:
    """Return a day as people write it in their language."""
    if value is None:
        return ""
    return value.strftime("%d/%m/%Y") if language == "fr" else value.isoformat()
