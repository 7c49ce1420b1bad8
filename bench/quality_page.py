"""Writes `docs/disclosure-quality.md` from what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from quality_outcomes import Outcome, by_rule, counted, wrong

from tests.corpus.cases import Label

PAGE = Path(__file__).parent.parent / "docs" / "disclosure-quality.md"

FAMILIES = {
    "small_cells": "a count of 1 to 10 persons, stays or events, in crossed, long, transposed and nested tables, "
    "lists, sentences, survival tables and confusion matrices",
    "small_cells.written": "the same with a unit, a sign, a percentage, as Excel's text, in letters or other digits, "
    "or as a bound below 11",
    "recoverable": "hidden cells that follow from totals, from non-negativity, from a hierarchy or a third dimension",
    "percent_to_count": "shares, rates and means of yes-or-no values that give back a count below 11 with their base",
    "dominance": "one contributor holds more than 85 % of a total",
    "differencing": "cumulated or nested counts, and tables of almost the same people, that differ by fewer than 11",
    "linked": "hidden cells that follow from other tables of the request, or from what was released before",
    "rows": "one line for each person, stay or visit, with or without a pseudonym, in tables, notebooks, logs, maps",
    "potential_identifiers": "several of the SNDS's five potential identifiers crossed",
    "identifiers": "NIR, INS, RPPS, FINESS with few patients, IPP, names, births, addresses, telephones, accounts",
    "free_text": "sentences and remarks about one person",
    "file_name": "an identifier in the name of the file",
    "extremes": "smallest and largest values, each of which is one person's",
    "hidden.workbook": "hidden sheets and columns, pivot caches, comments, defined names, stray members",
    "hidden.metadata": "rows in the metadata of a Parquet or Feather schema",
    "hidden.picture": "rows in text chunks, after the end, in tags or in the lowest bits of a picture; in a "
    "drawing's metadata, comments, white or undrawn text",
    "hidden.pdf": "attachments, properties, annotations and white text of a PDF",
    "hidden.notebook": "attachments, widgets' state, cell metadata and representations that do not show",
    "embedded_source": "plotly, Vega and Bokeh documents, and pages, that hold the rows which they draw",
    "figure_of_individuals": "a mark or a step for each person",
    "figure_small_cells": "small counts written into a drawing",
    "archive": "rows within an archive, also nested; archives that leave their folder, never end or are locked",
    "models.training_rows": "models that keep their rows: neighbours, support vectors, R's `lm`",
    "models.identifiers": "encoders and vocabularies made of identifiers",
    "models.vectors": "a vector for each patient",
    "models.execution": "files that run something when they are opened",
    "models.leaves": "trees with leaves of few patients",
    "models.freedom": "regressions with fewer than ten residual degrees of freedom",
    "class_disclosure": "all, or more than nine in ten, of a group share an attribute",
    "active_content": "pages that call another machine",
    "formula": "cells that a spreadsheet would run",
    "rows_alike": "rows of persons of which every combination stands at least eleven times",
    "too_precise": "means with sixteen digits beside the size of their group",
}

TEXT = """# How good the checks are

Nobody who publishes a disclosure check publishes its errors. These are ours, over files that
`python -m tests.corpus OUT` makes: synthetic, in the manner of French health statistics, labelled before they are
checked, and written without looking at the rules. `HDH_QUALITY_TABLE=1 make bench PART=quality` writes this page.

**Caught** is a must-block file that is blocked, or a must-flag file that is blocked or held for review. A **false
alarm** is a clean file that is held up in either way. Files that go together are judged as one request, or after those
that were released before them.

The **first half** is what the rules were built with; the **second half** is made from another seed, with other
diseases, titles, marks and layouts, and has results of other programs, other formats and other ways out besides.

{summary}

Both halves were looked at when something slipped through, and the rules mended, so that this table flatters. What
strangers' files meet is told by those that were written afterwards, labelled before anything was run, judged once and
only then looked at. Six such sets of 20 dangerous and 20 clean files each were:

| written as | dangerous, caught | clean, passed |
| --- | ---: | ---: |
| tables as programs print and journals publish them | 19 of 20 | 19 of 20 |
| other tables of persons and figures | 17 of 20 | 17 of 20 |
| logs, pages, reports and JSON of all kinds | 16 of 20 | 19 of 20 |
| oncology, emergency visits, drugs, costs, cluster analyses | 17 of 20 | 17 of 20 |
| quality of hospitals, perinatal care, flow of patients, sentences | 16 of 20 | 20 of 20 |
| rare diseases, addictions, drawings, code lists, scores, prices | 16 of 20 | 15 of 20 |
| together | 101 of 120 | 107 of 120 |

The first three were written without the rules in view, the last three by somebody who knew them and looked for their
gaps. What was found was mended by its cause each time, and the next set found other causes: expect one dangerous file
in six to need the two people who look at every request, and one clean file in nine to need a word from its author.

## Dangerous files, by family

{dangerous}

*Unread* files of either half are blocked because their reader gave up, as it should with locked or endless archives.

## Clean files, by family

{clean}

## By format

{formats}

## By rule

How many files of the first half each rule holds up. A file may be held up by several.

{rules}

## What is judged wrongly

{wrong}

## Limits of this measure

- The files are made by the same people who made the rules, though not from them. Files of somebody else's will give
  lower figures; the second half measures how far wording and layout matter, not what nobody thought of.
- A label is a claim. Each gives its reason in `labels.json`, with the source of the rule in the policy; most disputable
  are drawings of individuals (blocked here when positions can be read from the file) and single remarks in reports.
- Verdicts are measured, not sentences: a file blocked for another reason than its label names counts as caught.
- Clean files have no zeros in tables of persons, no hospital with fewer than 11 patients: results
  that have any of them are held up more often than this page says.
- Files are small, from 100 bytes to 300 kB. Speed and bounds on memory are measured elsewhere.
"""


def rows_of(cells: Sequence[Sequence[object]], headings: Sequence[str]) -> str:
    """Return a table in Markdown."""
    lines = [headings, ["---", *(["---:"] * (len(headings) - 1))], *cells]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _share(right: int, total: int) -> str:
    return f"{right} of {total} ({100 * right / total:.1f} %)"


def side_by_side(
    first: Sequence[Outcome], second: Sequence[Outcome], by: Callable[[Outcome], str]
) -> list[tuple[str, tuple[str, ...]]]:
    """Return each group's name with how many are right in either half, and how many of the first are unread."""
    halves = [{name: numbers for name, *numbers in counted(half, by)} for half in (first, second)]

    def figures(name: str) -> tuple[str, ...]:
        right = [f"{half[name][0]} of {half[name][2]}" if name in half else "" for half in halves]
        unread = sum(half[name][1] for half in halves if name in half)
        return (*right, str(unread) if unread else "")

    return [(name, figures(name)) for name in sorted(halves[0].keys() | halves[1].keys())]


def write(first: Sequence[Outcome], second: Sequence[Outcome]) -> None:
    """Write the page.

    Raises
    ------
    KeyError
        A family of dangerous files has no definition.
    """
    halves = (first, second)

    def dangerous(half: Sequence[Outcome]) -> list[Outcome]:
        return [outcome for outcome in half if outcome.label is not Label.CLEAN]

    def clean(half: Sequence[Outcome]) -> list[Outcome]:
        return [outcome for outcome in half if outcome.label is Label.CLEAN]

    summary = []
    for label, said in ((Label.MUST_BLOCK, "must be blocked: blocked"), (Label.MUST_FLAG, "must be flagged: held up")):
        chosen = [[outcome for outcome in half if outcome.label is label] for half in halves]
        summary.append([said, *(_share(sum(o.right for o in some), len(some)) for some in chosen)])
    alarms = [(sum(not o.right for o in clean(half)), len(clean(half))) for half in halves]
    summary.append(["clean: false alarms", *(_share(*pair) for pair in alarms)])

    danger = [
        [f"`{family}`", label.removeprefix("must_"), FAMILIES[family], *figures]
        for key, figures in side_by_side(*map(dangerous, halves), by=lambda o: f"{o.family} {o.label}")
        for family, label in [key.split(" ")]
    ]
    harmless = [
        [f"`{family}`", *figures] for family, figures in side_by_side(*map(clean, halves), by=lambda o: o.family)
    ]
    caught = {name: (right, total) for name, right, _, total in counted(dangerous(first), lambda o: o.format)}
    passed = {name: (right, total) for name, right, _, total in counted(clean(first), lambda o: o.format)}
    formats = [
        [f"`{name}`", *(f"{some[name][0]} of {some[name][1]}" if name in some else "" for some in (caught, passed))]
        for name in sorted(caught.keys() | passed.keys())
    ]
    rules = [[f"`{rule}`", *numbers] for rule, *numbers in by_rule(first) if not rule.startswith("engine.")]
    missed = [
        f"- {half}, {label.replace('_', ' ')}: `{maker}` ({which})" + (f", by {rules}" if rules else "")
        for half, found in zip(("First half", "Second half"), halves, strict=True)
        for maker, label, which, rules in wrong(found)
    ]
    PAGE.write_text(
        TEXT.format(
            summary=rows_of(summary, ("", "first half", "second half")),
            dangerous=rows_of(danger, ("family", "must", "what", "first half", "second half", "unread")),
            clean=rows_of(harmless, ("family", "first half", "second half", "unread")),
            formats=rows_of(formats, ("format, or order of files", "dangerous, caught", "clean, passed")),
            rules=rows_of(rules, ("rule", "must block", "must flag", "clean")),
            wrong="\n".join(missed) or "Nothing.",
        ),
        "utf-8",
    )
