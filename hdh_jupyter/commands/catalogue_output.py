"""What the catalogue's commands print for people."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ..catalogue.completeness import score
from ..catalogue.convention import Convention, Theme
from ..catalogue.exchange.problems import Problem
from ..catalogue.facts import Fact
from ..catalogue.model import Dataset
from ..catalogue.store import Version
from ..catalogue.variables import Table
from ..catalogue.versions import Change, ChangeKind, diff
from ..i18n import sentences, translate
from .base import terminal_language
from .output import print_table, printable

MOST_VALUES = 12
"""Values of a facet that are printed."""

MOST_PROBLEMS = 30

LONGEST_CHANGE = 200

LONGEST_CELL = 60
"""Characters of a name or a label in a table."""

LINE = Iterable[tuple[str, str]]

FIELDS = (
    *("long_name", "steward", "contact", "kind", "membership", "summary", "objective", "population", "geography"),
    *("granularity", "frequency", "records", "individuals", "provenance", "citation", "authorship_rule"),
)
SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}


def print_record(record: Dataset, version: Version, language: str) -> None:
    """Print a record: what it says, the conditions of its use, its tables."""
    print(printable(record.name))
    published = version.published_at.date().isoformat()
    by = printable(version.author)
    told = {"dataset": record.id, "version": version.number, "day": published, "author": by}
    print(translate("catalogue.command.published", language, **told))
    print(translate("catalogue.command.completeness", language, percent=score(record).percent))
    for name, lines in (
        ("identification", _facts(record, language)),
        ("content", _content(record, language)),
        ("access", _access(record, language)),
        ("convention", _convention(record, language)),
    ):
        _print_section(translate(f"catalogue.section.{name}", language), lines)
    if record.tables:
        print()
        rows = [(t.name, cell(t.title), len(t.variables)) for t in record.tables]
        print_table(("catalogue.table", "title", "catalogue.variables"), rows)


def print_variables(table: Table) -> None:
    """Print the variables of a table."""
    rows = (
        (v.name, v.type, cell(v.label), v.nomenclature or _codes(len(v.code_lists)), years(v.first_year, v.last_year))
        for v in table.variables
    )
    headings = ("catalogue.name", "catalogue.type", "catalogue.label", "catalogue.codes", "catalogue.years")
    print_table(headings, rows)


def change_lines(changes: Sequence[Change], language: str, most: int) -> Iterator[str]:
    """Yield a line for each change, and one for those beyond `most`."""
    for change in changes[:most]:
        before, after = (printable(value or "") for value in (change.before(language), change.after(language)))
        told = {ChangeKind.ADDED: after, ChangeKind.REMOVED: before}.get(change.kind, f"{before} → {after}")
        yield f"  {SIGNS[change.kind]} {printable(change.label(language))}: {_short(told, LONGEST_CHANGE)}"
    if len(changes) > most:
        yield "  " + translate("catalogue.command.more_changes", language, count=len(changes) - most)


def print_problems(problems: Sequence[Problem]) -> None:
    """Print what was faulty, each with its place, to standard error."""
    language = terminal_language()
    if problems:
        print(translate("catalogue.command.problems", language, count=len(problems)), file=sys.stderr)
    for problem in problems[:MOST_PROBLEMS]:
        print(f"  {printable(problem.message(language))}", file=sys.stderr)
    if len(problems) > MOST_PROBLEMS:
        count = len(problems) - MOST_PROBLEMS
        print("  " + translate("catalogue.command.more_problems", language, count=count), file=sys.stderr)


def facet_lines(counts: Mapping[str, Mapping[str, int]], language: str) -> Iterator[str]:
    """Yield the values of each facet as `--facet` takes them, with how many hits have them."""
    width = max((len(str(many)) for values in counts.values() for many in values.values()), default=1)
    for name, values in counts.items():
        for value, many in [*values.items()][:MOST_VALUES]:
            yield f"{many:>{width}}  {name}={printable(value)}"
        if len(values) > MOST_VALUES:
            yield translate("catalogue.command.more_values", language, name=name, count=len(values) - MOST_VALUES)


def progress() -> Callable[[str], None]:
    """Return what shows on a terminal which file is read, and clears the line at an empty name."""
    if not sys.stderr.isatty():
        return lambda name: None
    language = terminal_language()

    def tell(name: str) -> None:
        line = translate("catalogue.command.reading", language, name=printable(name)) if name else ""
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    return tell


def cell(text: str | None) -> str:
    """Return a text as short as a table needs it."""
    return _short(text or "", LONGEST_CELL)


def years(first: int | None, last: int | None) -> str:
    """Return a period in years; empty where nothing is known."""
    return "" if first is None and last is None else f"{first or ''}-{last or ''}"


def _print_section(title: str, lines: LINE) -> None:
    found = list(lines)
    if found:
        width = max(len(name) for name, _ in found)
        print(f"\n{title}")
        for name, value in found:
            print(f"  {name:<{width}}  {printable(value)}")


def _facts(record: Dataset, language: str) -> LINE:
    for name in FIELDS:
        fact = getattr(record, name)
        if fact is not None:
            yield _field(name, language), _fact(fact, language, f"catalogue.{name}.")


def _content(record: Dataset, language: str) -> LINE:
    if record.first_year is not None or record.last_year is not None:
        yield _field("coverage", language), years(record.first_year, record.last_year)
    for milestone in record.coverage:
        yield _word("catalogue.milestone.", milestone.kind, language), _fact(milestone.fact, language)
    for name in ("themes", "coding", "variable_groups"):
        if getattr(record, name):
            yield _field(name, language), ", ".join(getattr(record, name))
    for link in record.links:
        yield _word("catalogue.record.link_kind.", link.kind, language), link.target
    for remark in record.remarks:
        yield _word("catalogue.remark.", remark.kind, language), _fact(remark.fact, language)


def _access(record: Dataset, language: str) -> LINE:
    access = record.access
    yield _field("regime", language), _fact(access.regime, language, "catalogue.regime.")
    for procedure in access.procedures:
        yield translate("catalogue.field.procedure", language), _fact(procedure.label, language)
        if procedure.steps:
            yield translate("catalogue.field.steps", language), " → ".join(procedure.steps)
        if procedure.delays:
            yield translate("catalogue.field.delays", language), " ; ".join(procedure.delays)
    for condition in access.conditions:
        yield translate("catalogue.field.condition", language), _fact(condition, language)
    if access.licence is not None:
        yield _field("licence", language), _fact(access.licence, language)


def _convention(record: Dataset, language: str) -> LINE:
    convention = record.convention
    status = convention.status_on(date.today())
    yield _field("status", language), translate(f"catalogue.record.convention_status.{status}", language)
    empty = replace(record, convention=Convention())
    said = diff(empty, record)
    for name in ("reference", "version", "parties", "signed", "valid_until"):
        values = [change.after(language) or "" for change in said if change.path[1:2] == (name,)]
        if values:
            yield _field(name, language), ", ".join(values)
    for theme in Theme:
        title = _field(theme.value, language)
        agreed = getattr(convention, theme.value)
        if agreed is None:
            yield title, translate("catalogue.to_agree", language)
            continue
        for change in said:
            if change.path[1:2] == (theme.value,):
                rest = " › ".join(change.label(language).split(" › ")[2:])
                yield (f"{title} › {rest}" if rest else title), change.after(language) or ""


def _fact(fact: Fact[Any], language: str, words: str = "") -> str:
    value = str(fact.value)
    shown = sentences(language).get(words + value, value) if words else value
    return translate("catalogue.valued_to_confirm", language, value=shown) if fact.to_confirm else shown


def _field(name: str, language: str) -> str:
    return translate(f"catalogue.record.field.{name}", language)


def _word(prefix: str, name: str, language: str) -> str:
    return sentences(language).get(prefix + name, printable(name))


def _codes(versions: int) -> str:
    return "" if not versions else translate("catalogue.command.code_lists", terminal_language(), count=versions)


def _short(value: str, most: int) -> str:
    return value if len(value) <= most else f"{value[: most - 1]}…"
