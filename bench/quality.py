"""How many dangerous files are caught and how many harmless ones are held up: the labelled files of `tests/corpus`.

A must-block file is caught when it is blocked, a must-flag file when it is blocked or held for review; a clean file
that is held up in either way is a false alarm. A dangerous file that is blocked because it cannot be read is caught,
and told apart. `HDH_QUALITY_SEED` chooses the half of the files (an even seed: the half on which nobody tunes),
`HDH_QUALITY_ONLY` the families whose names begin so, `HDH_QUALITY_TABLE=1` writes `docs/disclosure-quality.md` anew.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

import quality_page
from quality_outcomes import Outcome, by_rule, counted, wrong

from hdh_jupyter.disclosure import Report, check
from hdh_jupyter.disclosure.engine import examine
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.disclosure.register.extract import extract
from hdh_jupyter.disclosure.register.model import Release
from tests.corpus.all import GROUPS, cases_of
from tests.corpus.cases import Case, Group, Label

KNOWN: frozenset[str] = frozenset()
"""Dangerous files of seed 1 that are known to be missed."""


def outcomes(seed: int, only: str = "") -> Iterator[Outcome]:
    """Check every file of the corpus, each as a request of its own, and each group as its label says."""
    with TemporaryDirectory() as folder:
        for case in cases_of(seed):
            if case.family.startswith(only):
                yield judged(case, Path(folder), seed)
        for group in GROUPS:
            if group.family.startswith(only):
                yield judged_together(group, Path(folder), seed)


def judged(case: Case, folder: Path, seed: int) -> Outcome:
    """Check one file."""
    path = folder / case.name
    path.write_bytes(case.content(seed))
    report = check([path])
    path.unlink()
    rules = _rules(report)
    return Outcome(
        name=case.name,
        maker=case.maker.__name__,
        label=case.label,
        family=case.family,
        format=case.name.rpartition(".")[2],
        verdict=str(report.verdict),
        rules=rules,
        expected=not case.rules or any(rule.startswith(case.rules) for rule in rules),
        tolerated=case.tolerated,
    )


def judged_together(group: Group, folder: Path, seed: int) -> Outcome:
    """Check the files of a group: all in one request, or the last after the others were released."""
    paths = []
    for name, content in group.contents(seed).items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    if group.order == "sequential":
        report = check(paths[-1:], released=[released(path) for path in paths[:-1]])
    else:
        report = check(paths)
    for path in paths:
        path.unlink()
    return Outcome(
        name=group.name,
        maker=group.maker.__name__,
        label=group.label,
        family=group.family,
        format=group.order,
        verdict=str(report.verdict),
        rules=_rules(report),
        expected=True,
        tolerated=False,
    )


def released(path: Path) -> Release:
    """Return what the register keeps of a file that left."""
    document, _ = examine(path, path.name, default_policy())
    return extract({path.name: document} if document else {}, path.name, default_policy())


def _rules(report: Report) -> tuple[str, ...]:
    held = {finding.rule for finding in report.findings if finding.severity != "info"}
    return tuple(sorted(held))


def print_outcomes(found: Sequence[Outcome]) -> None:
    """Print figures by label, family, format and rule, then what is judged wrongly."""
    from report import table, title

    def figures(rows: Iterable[tuple[str | int, ...]]) -> list[list[str]]:
        return [[str(cell) for cell in row] for row in rows]

    for label in Label:
        chosen = [outcome for outcome in found if outcome.label is label]
        right = sum(outcome.right for outcome in chosen)
        title(f"{label.replace('_', ' ')}: {right} of {len(chosen)} judged rightly")
        table(("family", "right", "of them unread", "files"), figures(counted(chosen, lambda o: o.family)))
        title(f"{label.replace('_', ' ')}, by format")
        table(("format", "right", "of them unread", "files"), figures(counted(chosen, lambda o: o.format)))
    title("Files that each rule holds up")
    table(("rule", "must block", "must flag", "clean"), figures(by_rule(found)))
    title("Judged wrongly")
    for maker, label, which, rules in wrong(found):
        print(f"  {label:<11}{maker}: {which[:150]}  [{rules[:120]}]")
    title("Blocked, by none of the rules that the label names")
    print("  " + " ".join(o.name for o in found if o.right and not o.expected and not o.unread))


def run() -> None:
    """Measure and print; write the page too when asked."""
    seed, only = int(os.environ.get("HDH_QUALITY_SEED", "1")), os.environ.get("HDH_QUALITY_ONLY", "")
    logging.getLogger("hdh_jupyter").setLevel(logging.CRITICAL)
    start = time.process_time()
    found = list(outcomes(seed, only))
    print_outcomes(found)
    print(f"\n{len(found)} files and groups of seed {seed}, {time.process_time() - start:.0f} s of processor time")
    if os.environ.get("HDH_QUALITY_TABLE") == "1":
        quality_page.write(found, list(outcomes(seed + 1)))


if __name__ == "__main__":
    run()
