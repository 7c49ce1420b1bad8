"""Free text about one person: a column of remarks, and a passage that tells one person's story.

Told from code lists and dictionaries, which are long texts as well, by words that speak of one person: a civil title,
a pronoun, kin, an age, a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

import re2

from ..documents import Document, Text
from ..identity.patterns import DATE, PERSON
from ..masking import masked
from ..model import Finding
from ..policy import Policy
from .columns import Profile, profiles

RULES = ("free_text.column", "free_text.vignette", "free_text.vignette_dated")
TABULAR = ("csv", "tsv")
"""Kinds whose text is their tables."""
LONG, DISTINCT, SHARE, ABOUT_ONE, SAMPLE = 20, 5, 0.5, 0.25, 500
"""Characters on average, different texts, their share of the cells, share of those about one person, how many are
read."""
WINDOW = 300
SHOWN = 5

ONE_PERSON = re2.compile(
    rf"(?i)\b(?:mme|mlle|mr|monsieur|madame|elle|il a|il est|je|mari|[ée]pou(?:x|se)|conjointe?|fils|fille|m[èe]re"
    rf"|p[èe]re|patiente?|vue? (?:le|en|par|ce)|rappeler|suivie? (?:par|pour|en)|hospitalis[ée]e? (?:le|pour|en|du)"
    rf"|vit (?:seule?|avec|chez)|se plaint|a d[ée]clar[ée]|rapporte|refuse|ras|atcd|adress[ée]e? (?:par|pour)"
    rf"|d[ée]c[ée]d[ée]e? (?:le|à)|\d{{1,3}} ?ans)\b"
    rf"|\bM\. |\b[Jj]['’]|\b[Ll]['’]a (?:vue?|re[çc]u)|{DATE}"
)
"""Words of a remark on one person."""

ONE = re2.compile(
    r"(?i:\b(?:patiente?|homme|femme|gar[çc]on|fillette|fille|enfant|nourrisson|mme|madame|monsieur|assur[ée]e?|sujet"
    r"|elle|il|man|woman|boy|girl|male|female)\b|\bM\.)[^.\n]{0,30}?(?i:\b(?:de|[âa]g[ée]e? de|a|aged?)|,)? ?"
    r"(\d{1,3})(?i:[ -]?(?:ans|mois|years?[ -]old|y\.o\.|yo))\b"
)
CRITERION = re2.compile(
    r"(?i)^\W{0,2}(?:et (?:plus|moins|\d)|ou (?:plus|moins)|à \d|or (?:more|older)|and (?:over|older)|en moyenne"
    r"|\(?moyenne)"
)
STORY = re2.compile(
    r"(?i)\b(?:(?:hospitalisation|admission|entr[ée]e|sortie|op[ée]ration|consultation|d[ée]c[èe]s) (?:le|du|au) "
    r"|hospitalis[ée]e? (?:le|pour|en|du|depuis)|adress[ée]e? (?:par|pour|aux?)|admise? (?:le|pour|en|aux)"
    r"|op[ée]r[ée]e? (?:le|d|en)|d[ée]c[ée]d[ée]e? (?:le|à|apr[èe]s|d|en)|se plaint|vit (?:seule?|avec|chez|à)"
    r"|a (?:[ée]t[ée]|pr[ée]sent[ée]|consult[ée]|b[ée]n[ée]fici[ée])|consulte (?:pour|le)|amen[ée]e? par|rapporte"
    r"|vue? (?:le|en consultation)|d[ée]crit|s['’]est pr[ée]sent[ée]e?|presented with|was admitted"
    r"|sorti[e]? (?:le|à)|[ée]tait suivie?|souffr(?:e|ait) d)"
)
SPEAKS = re2.compile(
    rf"(?:\b[Jj]e m['’]appelle |\b[Mm]on nom est |\b[Mm]y name is )({PERSON})"
    rf"|(?i:\b(?:le|la|un|une) patiente? )({PERSON}),? \((?i:ddn|n[ée]e?)"
)
DATES = re2.compile(DATE)
NAMED_DATED = re2.compile(rf"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame) {PERSON},? (?:{DATE})")


@dataclass
class _Passages:
    total: int = 0
    lines: list[int] = field(default_factory=list)


def free_text(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find remarks on persons in the columns of every table, and stories of one person in every text."""
    for seen in profiles(document, policy.min_count):
        for index in range(len(seen.columns)):
            if _is_remarks(seen, index):
                place = replace(seen.table.place, column=masked(seen.table.titles[index]) or str(index + 1))
                params: dict[str, str | int] = {"rows": seen.rows, "distinct": len(seen.columns[index].distinct)}
                yield Finding(RULES[0], policy.severities[RULES[0]], file, place, "rows.text_column", params)
    if document.kind in TABULAR:
        return
    for text in document.texts:
        if not text.code:
            yield from _stories(text, file, policy)


def _is_remarks(seen: Profile, index: int) -> bool:
    column = seen.columns[index]
    if column.numbers > 0.2 * column.filled or len(column.distinct) < DISTINCT or column.distinct_share < SHARE:
        return False
    values = [value for value in islice(column.distinct, SAMPLE) if " " in value.strip()]
    if len(values) < DISTINCT or sum(map(len, values)) < LONG * len(values):
        return False
    about = sum(ONE_PERSON.search(value) is not None and value.count(" ") >= 2 for value in values)
    return about >= ABOUT_ONE * len(values)


def _stories(text: Text, file: str, policy: Policy) -> Iterator[Finding]:
    found: dict[str, _Passages] = {}
    line = 1
    for chunk in text.chunks():
        for start, rule in _passages(chunk):
            seen = found.setdefault(rule, _Passages())
            seen.total += 1
            if len(seen.lines) < SHOWN:
                seen.lines.append(line + chunk.count("\n", 0, start))
        line += chunk.count("\n")
    for rule, seen in found.items():
        params: dict[str, str | int] = {"total": seen.total, "lines": ", ".join(map(str, dict.fromkeys(seen.lines)))}
        place = replace(text.place, line=seen.lines[0])
        yield Finding(rule, policy.severities[rule], file, place, f"rows.{rule.partition('.')[2]}", params)


def _passages(chunk: str) -> Iterator[tuple[int, str]]:
    """Return where passages on one person begin, and the rule that speaks of each."""
    for pattern in (SPEAKS, NAMED_DATED):
        for match in pattern.finditer(chunk):
            yield match.start(), "free_text.vignette_dated"
    for match in ONE.finditer(chunk):
        after = chunk[match.end() : match.end() + WINDOW]
        if CRITERION.match(after) or not STORY.search(after.partition("\n\n")[0]):
            continue
        window = chunk[max(match.start() - WINDOW // 2, 0) : match.end() + WINDOW]
        yield match.start(), "free_text.vignette_dated" if DATES.search(window) else "free_text.vignette"
