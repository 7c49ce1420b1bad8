"""Regressions: too few degrees of freedom, as many parameters as rows, values for each person.

Summaries are recognised as statsmodels, R, Stata, SAS, lifelines and the packages that typeset them write them, in
texts and in tables. Thresholds: `min_dof` for the residuals, `min_count` for observations and events.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import re2

from ..documents import Document, Table, Text
from ..model import Finding, Place
from ..policy import Policy
from .columns import Profile, profiles
from .counts import count_columns

RULES = ("regressions.low_dof", "regressions.saturated", "regressions.few", "regressions.individual_values")

WITHOUT_SUMMARIES = frozenset({"csv", "tsv", "parquet", "feather", "stata", "sas", "spss", "model"})
"""Kinds whose texts are their tables."""
BETWEEN = r"[\s:=|&}$*]{1,60}"
"""What stands between a label and its number in text, LaTeX, Markdown and the text of an HTML table."""
NUMBER = r"([0-9]{1,3}(?:[ ,\x{a0}\x{202f}][0-9]{3})+|[0-9]+(?:\.[0-9]+)?)"
OBSERVATIONS = (
    r"No\. Observations|Number of observations(?: (?:read|used))?|number of observations|Number of obs(?:\.)?"
    r"|Num\. ?[Oo]bs\.?|Nombre d['’]observations|Observations"
)
EVENTS = r"number of events(?: observed)?|No\. of events|Number of events|Num\. events|Nombre d['’][ée]v[ée]nements"
SAYS = re2.compile(
    rf"(?P<observations>(?m)^[^\n0-9]{{0,40}}\b(?:{OBSERVATIONS}){BETWEEN}{NUMBER}\b)"
    rf"|(?P<both>\bn\s?=\s?{NUMBER}, number of events\s?=\s?{NUMBER})"
    rf"|(?P<events>\b(?:{EVENTS}){BETWEEN}{NUMBER}\b)"
    rf"|(?P<residual>\bDf Residuals?{BETWEEN}{NUMBER}\b)"
    r"|(?P<error>(?i:residual (?:standard error|deviance|std\. error))[^\n]{0,60}?"
    rf"\bon\s+{NUMBER}\s+degrees? of freedom)"
    rf"|(?P<typeset>(?i:residual std\. error)[^\n]{{0,60}}?\(?df\s?=\s?{NUMBER})"
    rf"|(?P<ratio>\bF-statistic:[^\n]{{1,40}}?\bon\s+[0-9.]+\s+and\s+{NUMBER}\s+DF\b)"
    rf"|(?P<variance>(?m)^Residuals\s+{NUMBER}\s+[0-9.]+)"
    rf"|(?P<test>\bt\s?=\s?-?[0-9.e+\-]+,\s?df\s?=\s?{NUMBER}\b)"
    rf"|(?P<stata>\bF\([0-9]+,\s*{NUMBER}\)\s+=)"
    r"|(?P<none>\bALL \d+ residuals are 0\b|no residual degrees of freedom)"
)
ROLE = {
    "observations": "observations",
    "both": "events",
    "events": "events",
    "residual": "dof",
    "error": "dof",
    "typeset": "dof",
    "ratio": "dof",
    "variance": "dof",
    "test": "dof",
    "stata": "dof",
    "none": "none",
}
MODEL_WORDS = re2.compile(
    r"(?i)\bR-?\s?(?:squared|2\b)|R\$?\^|coef|std\.? ?err|deviance|log-?likelihood|hazard|odds|\bexp\(|estimate"
    r"|p>\|?[tz]|coxph|\blm\(|\bglm\(|standard error|f-statistic|adjusted r|\baic\b"
    r"|variable d[ée]pendante|dependent variable"
)
"""What a summary of a model says beside its number of observations, which any table may give."""

DOF_TITLE = re2.compile(
    r"(?i)^\s*(?:df[._ ]?resid(?:uals?)?|resid(?:uals?)?\.?[._ ]?df|ddl[._ ]r[ée]sid\w*|dof[._ ]resid\w*)\s*$"
)
DOF_OF_ROW = re2.compile(r"(?i)^\s*(?:df|ddl|dof|d\.f\.|degr[ée]s de libert[ée]|degrees of freedom)\s*$")
RESIDUAL_ROW = re2.compile(r"(?i)^\s*(?:residuals?|r[ée]sidus?|error|erreur|within)\s*$")
DOF_LABEL = re2.compile(
    r"(?i)^\s*(?:df[._ ]?resid(?:uals?)?|residual df|df residuals?|ddl (?:des )?r[ée]sid\w*)\s*:?\s*$"
)
DIAGNOSTIC = re2.compile(
    r"(?i)^\.?(?:[a-z]+[._ ])?(?:resid(?:uals?)?|r[ée]sidus?|rstudent|rstandard|hat|hat_?diag|leverage"
    r"|cooks?[._']?(?:d|distance)?|dffits?|dfbetas?\w*|student\w*[._ ]resid\w*|schoenfeld"
    r"|martingale|std[._]?resid|studentized\w*)(?:[._ ][a-z]+)?$"
)
"""Titles of what a model says of each of its rows."""
PREDICTED = re2.compile(
    r"(?i)^\.?(?:fitted(?:[._ ]?values?)?|y[._]?(?:hat|pred|prob\w*|score)"
    r"|pred(?:ict(?:ed|ion)s?)?(?:[._ ]?(?:prob\w*|class|risk|value))?"
    r"|proba?(?:bilit[yé]\w*)?(?:[._ ]?\w*)?|score[._ ](?:propension|propensity|risque)"
    r"|propensity(?:[._ ]score)?|pscore|ps|linear[._ ]predictor|lp|valeurs?[._ ](?:ajust|pr[ée]d)\w*)$"
)
OBSERVED = re2.compile(
    r"(?i)^(?:y|y[._]?(?:true|test|obs\w*|r[ée]el\w*)|obs(?:erved|erv[ée])?|label|classe?|target|outcome|event|status|traite(?:ment)?|treat\w*)$"
)
PERIOD = re2.compile(
    r"(?i)date|semaine|week|mois|month|ann[ée]e|year|jour|day|trimestre|quarter|p[ée]riode|period|decile|d[ée]cile|bin|class|r[ée]gion|d[ée]p|geo|groupe?|site|hospital|h[ôo]pital|centre|ghm|age|[âa]ge"
)
"""Titles of what a table of results is broken down by."""
NAMED = re2.compile(r"(?m)^\s*1(?:\s+[0-9]+)+[ ]*\n\s*-?[0-9]*\.[0-9]+")
"""The begin of a vector that R prints under the numbers of its rows."""
MANY_ROWS = 20
TOO_MANY_GROUPS = 100
"""Values from which a vector is no result for each week or age."""
LABELS = 200


@dataclass(frozen=True)
class _Said:
    """A number that a summary gives, and where."""

    role: str
    value: float
    place: Place


def regressions(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find regressions that give persons away, in the texts and tables of a document."""
    said: list[_Said] = []
    if document.kind not in WITHOUT_SUMMARIES:
        for text in document.texts:
            if not text.code:
                said.extend(_in_text(text))
                for place, rows in _listings(text):
                    rule = "regressions.individual_values"
                    yield Finding(rule, policy.severities[rule], file, place, rule, {"rows": rows, "what": "1, 2, 3…"})
    for seen in profiles(document, policy.min_count):
        said.extend(_in_table(seen))
        if (kind := _individual(seen)) is not None:
            rule = "regressions.individual_values"
            yield Finding(
                rule, policy.severities[rule], file, seen.table.place, rule, {"rows": seen.rows, "what": kind}
            )
    told: set[tuple[str, float, str]] = set()
    for one in said:
        finding = _judged(one, policy)
        # The same number in the plain and the typeset form of one output is said once.
        if finding is not None and (key := (one.role, one.value, repr(replace(one.place, line=None)))) not in told:
            told.add(key)
            rule, params = finding
            yield Finding(rule, policy.severities[rule], file, one.place, rule, params)


def _judged(one: _Said, policy: Policy) -> tuple[str, dict[str, str | int]] | None:
    minimum = int(policy.thresholds["min_dof"].value)
    if one.role == "none" or (one.role == "dof" and one.value <= 0):
        return "regressions.saturated", {}
    if one.role == "dof" and one.value < minimum:
        return "regressions.low_dof", {"value": math.ceil(one.value), "threshold": minimum}
    if one.role in ("observations", "events") and 0 < one.value < policy.min_count:
        return "regressions.few", {"value": int(one.value), "threshold": policy.min_count}
    return None


def _in_text(text: Text) -> Iterator[_Said]:
    line = 1
    for chunk in text.chunks():
        model = MODEL_WORDS.search(chunk) is not None
        for match in SAYS.finditer(chunk):
            kind = next(name for name in ROLE if match.group(name) is not None)
            # Observations alone are said of tables too, where the rules on counts look.
            if ROLE[kind] == "observations" and not model:
                continue
            place = replace(text.place, line=line + chunk.count("\n", 0, match.start()))
            if kind == "both":
                yield _Said("observations", _number(match.group(kind).partition(",")[0]), place)
            yield _Said(ROLE[kind], _number(match.group(kind)), place)
        line += chunk.count("\n")


def _listings(text: Text) -> Iterator[tuple[Place, int]]:
    """Find vectors printed by R that have a fraction for each numbered row, of both signs as residuals are."""
    line = 1
    for chunk in text.chunks():
        for match in NAMED.finditer(chunk):
            values: list[float] = []
            lines = chunk[match.start() :].lstrip("\n").split("\n")
            for names, numbers in zip(lines[::2], lines[1::2], strict=False):
                wanted = [str(len(values) + i + 1) for i in range(len(names.split()))]
                if not wanted or names.split() != wanted or len(numbers.split()) != len(wanted):
                    break
                try:
                    values += map(float, numbers.split())
                except ValueError:
                    break
            signed = any(value < 0 for value in values) and any(value > 0 for value in values)
            if len(values) >= (MANY_ROWS if signed else TOO_MANY_GROUPS):
                yield replace(text.place, line=line + chunk.count("\n", 0, match.start())), len(values)
        line += chunk.count("\n")


def _number(words: str) -> float:
    """Return the last number of what was matched."""
    found = re2.findall(NUMBER, words)
    return float(re2.sub(r"[ ,\x{a0}\x{202f}]", "", found[-1])) if found else 0.0


def _in_table(seen: Profile) -> Iterator[_Said]:
    titles = seen.table.titles
    by_title = [i for i, title in enumerate(titles) if DOF_TITLE.match(title)]
    by_row = [i for i, title in enumerate(titles) if DOF_OF_ROW.match(title)]
    labels = seen.columns[0].distinct if seen.columns and len(seen.columns[0].distinct) <= LABELS else set()
    rows = any(DOF_LABEL.match(label) or (by_row and RESIDUAL_ROW.match(label)) for label in labels)
    if not by_title and not rows:
        return
    for row, cells in _rows(seen.table):
        wanted = list(by_title)
        if DOF_LABEL.match(cells[0]):
            wanted = list(range(1, len(cells)))
        elif RESIDUAL_ROW.match(cells[0]):
            wanted += by_row
        for index in wanted:
            if re2.fullmatch(r"\s*[0-9]+(?:[.,][0-9]*)?\s*", cells[index]):
                value = float(cells[index].strip().replace(",", "."))
                yield _Said("dof", value, replace(seen.table.place, row=row))


def _rows(table: Table) -> Iterator[tuple[int, list[str]]]:
    row = table.first_row
    for batch in table.batches():
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield row, [cell or "" for cell in cells]
            row += 1


def _individual(seen: Profile) -> str | None:
    """Return the title of a column that has a value of a model for each person, if the table has one row for each."""
    titles = [title.strip() for title in seen.table.titles]
    if seen.rows < MANY_ROWS:
        return None
    diagnostic = next((title for title in titles if DIAGNOSTIC.match(title)), None)
    predicted = next((title for title in titles if PREDICTED.match(title)), None)
    if diagnostic is None and (predicted is None or not any(OBSERVED.match(title) for title in titles)):
        return None
    # A count, a period or a group beside it: predictions for groups.
    if any(PERIOD.search(title) for title in titles) and not _repeats_person(seen):
        return None
    if any(
        seen.columns[i].whole and seen.columns[i].maximum > 1 for i in count_columns(seen) if not _numbers_rows(seen, i)
    ):
        return None
    return diagnostic or predicted


def _numbers_rows(seen: Profile, index: int) -> bool:
    return seen.columns[index].is_sequence


def _repeats_person(seen: Profile) -> bool:
    """Tell whether a column of fractions differs in nearly every row of a long table: no group is that fine."""
    return seen.rows > 500 and any(c.decimals > 0.9 * c.filled and c.distinct_share > 0.95 for c in seen.columns)
