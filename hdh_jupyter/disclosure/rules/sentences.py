"""Small counts of persons in sentences and log lines: « 8 patients ont été hospitalisés », `effectif : 3`, `n = 4`, and
shares of a stated number of persons.

A number beside a noun is no count when it is a bound (« au moins 3 séjours »), a rate (« 3 patients sur 10 »), or the
size of something planned (« lots de 10 patients »).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import re2

from ..documents import Document, Text
from ..model import Finding
from ..numbers import WORDS, read
from ..policy import Policy
from . import subjects
from .percentages import fitting

RULES = ("counts.in_text", "percentages.in_text")
TABULAR = frozenset({"csv", "tsv", "parquet", "feather", "workbook", "stata", "sas", "spss", "rdata"})
"""Kinds whose text is that of their cells, which other rules look at."""
SHOWN = 20
NEAR = 48
REACH = 240

NUMBER = r"(\d{1,3}(?:[ \x{a0}\x{202f}]\d{3})+|\d{1,3}(?:,\d{3})+|\d+)"
PERSONS = (
    r"(?:patient(?:e?s|\(s\)|e)?|personnes?|individus?|sujets?|malades?|d[ée]c[èe]s|cas|femmes?|hommes?|enfants?"
    r"|nourrissons?|nouveau-n[ée]s?|b[ée]n[ée]ficiaires?|assur[ée]e?s?|participant(?:e?s|e)?|naissances?|persons?|people|subjects?|individuals?|deaths?"
    r"|cases|women|men|children|beneficiaries)"
)
STAYS = r"(?:s[ée]jours?|hospitalisations?|admissions?|passages?|stays?|events?|[ée]v[ée]nements?)"
IN_WORDS = "|".join(word for word, value in WORDS.items() if 2 <= value <= 10)
SPACE = r"[ \x{a0}\x{202f}]{1,3}"
COUNTED = re2.compile(rf"(?i)\b{NUMBER}{SPACE}{PERSONS}\b")
WORDED = re2.compile(
    rf"(?i)\b({IN_WORDS})\s+(?:patiente?s|personnes|femmes|hommes|enfants|nouveau-n[ée]s|nourrissons|d[ée]c[èe]s|participante?s|women|children|deaths)\b"
)
FIELD = re2.compile(
    rf"(?im)\b(?:effectifs?|(?:nombre|nb|number)\s+(?:de\s+|d['’]\s?|of\s+)?(?:{PERSONS}|{STAYS})|nb_(?:{PERSONS}|{STAYS}))"
    rf"\b[^\n:=.;|,]{{0,40}}[:=]\s*{NUMBER}(?:\s+(?:{PERSONS}|{STAYS}))?\s*(?:[).;,]|$)"
)
STATED = re2.compile(rf"\b[nN]\s?=\s?{NUMBER}(?:\s*([\pL]+))?")
STAYED = re2.compile(rf"(?im)[:=]\s*{NUMBER}\s+{STAYS}\s*[.;]?$")
PERCENT = re2.compile(r"(\d{1,3}(?:[.,]\d+)?)[ \x{a0}\x{202f}]?%")
SENTENCE_END = re2.compile(r"[.!?](?:\s|$)|\n\s*\n|\n\s*[-*|#]")
BEFORE = re2.compile(
    r"(?i)(?:\d[ \x{a0}\x{202f},.\-–/]?|[<>≤≥±+\-–]\s?|moins d['e’]\s?|au moins |plus d['e’]\s?|jusqu['’][àa] "
    r"|minimum (?:de )?|maximum (?:de )?|au plus |au maximum |inf[ée]rieure?s? [àa] |sup[ée]rieure?s? [àa] |at least "
    r"|at most |less than |fewer than |more than |up to |under |over |\d (?:[àa]|et|ou|to|and|or) |un sur |one in "
    r"|1 in |lots? de |blocs? de |paquets? de |batch(?:es)? of |groups of |par |per |pour |every |seuil (?:de |: ?)"
    r"|seuil [àa] |moyenne de |m[ée]diane de |average of |typ(?:e|ique) )$"
)
"""What stands before a number that is a bound, a rate, or the end of a range or of a longer number."""
AFTER = re2.compile(
    r"(?i)^\s*(?:(?:sur|pour|par|in|per|out of|/)\s+"
    r"(?:an\b|jour|mois|10\b|100\b|1[ \x{a0}\x{202f},]?000|10[ \x{a0}\x{202f},]?000"
    r"|(?:patient|personne|habitant|sujet|s[ée]jour|groupe|m[ée]decin|bras|strate|cellule|lit)\w*)"
    r"|(?:ou|et) plus|(?:or|and) more|ou moins|or less|or fewer|au (?:moins|plus|minimum|maximum)|minimum|maximum"
    r"|de figure|d['’]usage|en moyenne|on average|par\b|per\b|[a-z]*\s*[/]\s?an)"
)
"""What stands after a number that is a bound or a rate."""
PLURAL_WORDS = re2.compile(r"(?i)\b(?:les|des|ces|aux|ou|et|the|these|those|of|entre|between|[àa])\s$")
PLANNED = re2.compile(
    r"(?i)^(?:fold|pli|it[ée]r|boot|r[ée]p|jobs?$|threads?|cores?|c[oœ]urs|estim|arbres?|trees?|cluster|classe|groupe|variable"
    r"|centre|hopita|h[ôo]pita|sites?|r[ée]gion|[ée]tude|stud|years?|ans?$|mois|jours?|days?|bras|arms?|param|couche|layer|epoch)"
)
FRACTION = re2.compile(r"^[.,]\d")
CONFIDENCE = re2.compile(
    r"(?i)(?:\bIC|\bCI|confiance|confidence|seuil|risque|alpha|niveau|level|puissance|power)[^.;]{0,12}$"
)


def sentences(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find small counts in the texts of a document, one finding per place up to a few."""
    if document.kind in TABULAR:
        return
    told = 0
    for text in document.texts:
        if text.code or text.place.part in ("metadata", "widgets"):
            continue
        for rule, line, params in _of_text(text, policy.min_count):
            if told == SHOWN:
                return
            told += 1
            where = replace(text.place, line=line)
            key = "in_text" if rule == "counts.in_text" else "share_in_text"
            params = {**params, "threshold": policy.min_count}
            yield Finding(rule, policy.severities[rule], file, where, f"meaning.{key}", params)


def _of_text(text: Text, min_count: int) -> Iterator[tuple[str, int, dict[str, str | int]]]:
    passed = 1
    for chunk in text.chunks():
        for start, value in _counts(chunk, min_count):
            yield "counts.in_text", passed + chunk.count("\n", 0, start), {"value": value}
        for start, base, low, high in _shares(chunk, min_count):
            span = str(low) if low == high else f"{low}-{high}"
            yield "percentages.in_text", passed + chunk.count("\n", 0, start), {"count": span, "base": base}
        passed += chunk.count("\n")


def _counts(chunk: str, min_count: int) -> Iterator[tuple[int, int]]:
    """Yield where small counts stand in a text, and what they are."""
    seen: set[int] = set()
    for pattern in (COUNTED, FIELD, STATED, STAYED):
        for match in pattern.finditer(chunk):
            value = _value(match[1])
            start = match.start(1)
            if not 1 <= value < min_count or start in seen or _is_no_count(chunk, start, match.end()):
                continue
            if pattern is STATED and (
                (match[2] and PLANNED.match(match[2])) or FRACTION.match(chunk[match.end(1) :][:3])
            ):
                continue
            seen.add(start)
            yield start, value
    for match in WORDED.finditer(chunk):
        if not PLURAL_WORDS.search(chunk[max(match.start() - 10, 0) : match.start()]) and not _is_no_count(
            chunk, match.start(), match.end()
        ):
            yield match.start(), WORDS[match[1].lower()]
    for start, end, value in subjects.found(chunk, min_count):
        if start not in seen and not _is_no_count(chunk, start, end):
            seen.add(start)
            yield start, value


def _is_no_count(chunk: str, start: int, end: int) -> bool:
    before = chunk[max(start - NEAR, 0) : start]
    return BEFORE.search(before) is not None or AFTER.match(chunk[end : end + NEAR]) is not None


def _shares(chunk: str, min_count: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield where a share stands after the number of persons that it is of, that number, and the counts that fit."""
    for pattern in (COUNTED, STATED):
        for match in pattern.finditer(chunk):
            base = _value(match[1])
            if base < min_count or BEFORE.search(chunk[max(match.start(1) - NEAR, 0) : match.start(1)]):
                continue
            rest = chunk[match.end() : match.end() + REACH]
            end = SENTENCE_END.search(rest)
            rest = rest[: end.start()] if end else rest
            for share in PERCENT.finditer(rest):
                written = read(share[0])
                if written is None or CONFIDENCE.search(rest[: share.start()]) or COUNTED.search(rest[: share.start()]):
                    continue
                low, high = fitting(written, base)
                if 1 <= low <= high < min_count:
                    yield match.end() + share.start(), base, low, high


def _value(digits: str) -> int:
    return int("".join(c for c in digits if c.isdigit()))
