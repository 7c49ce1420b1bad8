"""How many dangerous files are caught and how many harmless ones are held up: the labelled files of `tests/corpus`.

A must-block file is caught when it is blocked, a must-flag file when it is blocked or held for review; a clean file
that is held up in either way is a false alarm. A dangerous file that is blocked because it cannot be read is caught, and
told apart. `HDH_QUALITY_SEED` chooses the half of the files (an even seed: the half on which nobody tunes),
`HDH_QUALITY_ONLY` the families whose names begin so, `HDH_QUALITY_TABLE=1` writes `docs/disclosure-quality.md` anew.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from hdh_jupyter.disclosure import Report, check
from hdh_jupyter.disclosure.engine import examine
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.disclosure.register.extract import extract
from hdh_jupyter.disclosure.register.model import Release
from tests.corpus.all import CASES, GROUPS
from tests.corpus.cases import Case, Group, Label

KNOWN: frozenset[str] = frozenset()
"""Dangerous files, as seed 1 makes them, that are known to be missed: the page names them."""

PAGE = Path(__file__).parent.parent / "docs" / "disclosure-quality.md"
CAUGHT = {Label.MUST_BLOCK: ("block",), Label.MUST_FLAG: ("block", "review"), Label.CLEAN: ("pass",)}


@dataclass(frozen=True)
class Outcome:
    """What became of one labelled file, or of one group of them.

    Attributes
    ----------
    rules
        Of the findings that held it up.
    expected
        Whether a rule found it that the label names; true when it names none.
    """

    name: str
    label: Label
    family: str
    format: str
    verdict: str
    rules: tuple[str, ...]
    expected: bool
    tolerated: bool
    reason: str

    @property
    def right(self) -> bool:
        """Whether the verdict is what the label asks for."""
        return self.verdict in CAUGHT[self.label] or (self.tolerated and self.verdict == "review")

    @property
    def understood(self) -> bool:
        """Whether a rule found something, rather than a reader giving up."""
        return any(not rule.startswith("engine.") for rule in self.rules)


def outcomes(seed: int, only: str = "") -> Iterator[Outcome]:
    """Check every file of the corpus, each as a request of its own, and each group as its label says."""
    with TemporaryDirectory() as folder:
        for case in CASES:
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
    expected = not case.rules or any(rule.startswith(case.rules) for rule in rules)
    extension = case.name.rpartition(".")[2]
    return Outcome(
        case.name, case.label, case.family, extension, str(report.verdict), rules, expected, case.tolerated, case.reason
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
        group.name,
        group.label,
        group.family,
        group.order,
        str(report.verdict),
        _rules(report),
        True,
        False,
        group.reason,
    )


def released(path: Path) -> Release:
    """Return what the register keeps of a file that left."""
    document, _ = examine(path, path.name, default_policy())
    return extract({path.name: document} if document else {}, path.name, default_policy())


def _rules(report: Report) -> tuple[str, ...]:
    held = {finding.rule for finding in report.findings if finding.severity != "info"}
    return tuple(sorted(held))


def counted(found: Iterable[Outcome], by: Callable[[Outcome], str]) -> list[tuple[str, int, int]]:
    """Return each group's name, how many of it are right, and how many there are."""
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for outcome in found:
        groups[by(outcome)].append(outcome.right)
    return [(name, sum(right), len(right)) for name, right in sorted(groups.items())]


def alarms(found: Iterable[Outcome]) -> list[tuple[str, int]]:
    """Return how many clean files each rule holds up, the worst first."""
    return Counter(rule for outcome in found if not outcome.right for rule in outcome.rules).most_common()


def print_outcomes(found: Sequence[Outcome]) -> None:
    """Print figures by label, family, format and rule, then every file that is judged wrongly."""
    from report import table, title

    for label in Label:
        chosen = [outcome for outcome in found if outcome.label is label]
        right = sum(outcome.right for outcome in chosen)
        title(f"{label.replace('_', ' ')}: {right} of {len(chosen)} judged rightly")
        table(("family", "right", "of"), [(n, str(r), str(t)) for n, r, t in counted(chosen, lambda o: o.family)])
    clean = [outcome for outcome in found if outcome.label is Label.CLEAN]
    title("Clean files by format")
    table(("format", "right", "of"), [(n, str(r), str(t)) for n, r, t in counted(clean, lambda o: o.format)])
    title("Rules that hold up clean files")
    table(("rule", "files"), [(rule, str(number)) for rule, number in alarms(clean)])
    title("Judged wrongly")
    wrong = [outcome for outcome in found if not outcome.right]
    unread = [o for o in found if o.right and o.label is not Label.CLEAN and not o.understood]
    table(
        ("file", "label", "verdict", "rules"),
        [(o.name, o.label, o.verdict, ", ".join(o.rules)[:90]) for o in wrong],
    )
    title("Blocked because they cannot be read")
    table(("file", "family"), [(o.name, o.family) for o in unread])


def run() -> None:
    """Measure and print; write the page too when asked."""
    seed, only = int(os.environ.get("HDH_QUALITY_SEED", "1")), os.environ.get("HDH_QUALITY_ONLY", "")
    start = time.process_time()
    found = list(outcomes(seed, only))
    print_outcomes(found)
    print(f"\n{len(found)} files and groups of seed {seed}, {time.process_time() - start:.0f} s of processor time")


if __name__ == "__main__":
    run()
