"""What became of labelled files, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.corpus.cases import Label

RIGHT = {Label.MUST_BLOCK: ("block",), Label.MUST_FLAG: ("block", "review"), Label.CLEAN: ("pass",)}


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
    maker: str
    label: Label
    family: str
    format: str
    verdict: str
    rules: tuple[str, ...]
    expected: bool
    tolerated: bool

    @property
    def right(self) -> bool:
        """Whether the verdict is what the label asks for."""
        return self.verdict in RIGHT[self.label] or (self.tolerated and self.verdict == "review")

    @property
    def unread(self) -> bool:
        """Whether it is held up because it cannot be read, and not for what is in it."""
        return self.verdict != "pass" and all(rule.startswith("engine.") for rule in self.rules)


def counted(found: Iterable[Outcome], by: Callable[[Outcome], str]) -> list[tuple[str, int, int, int]]:
    """Return each group's name, how many of it are right, how many of those unread, and how many there are."""
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in found:
        groups[by(outcome)].append(outcome)
    return [
        (name, sum(o.right for o in some), sum(o.right and o.unread for o in some), len(some))
        for name, some in sorted(groups.items())
    ]


def by_rule(found: Sequence[Outcome]) -> list[tuple[str, int, int, int]]:
    """Return for each rule how many must-block, must-flag and clean files it holds up, the worst first."""
    counts = {
        label: Counter(rule for o in found if o.label is label and not o.tolerated for rule in o.rules)
        for label in Label
    }
    rules = sorted(set().union(*counts.values()), key=lambda rule: (-counts[Label.CLEAN][rule], rule))
    return [(rule, *(counts[label][rule] for label in Label)) for rule in rules]


def wrong(found: Iterable[Outcome]) -> list[tuple[str, str, str, str]]:
    """Return the makers whose files are judged wrongly: name, which files, verdicts, rules."""
    groups: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in found:
        if not outcome.right:
            groups[outcome.label, outcome.maker].append(outcome)
    rows = []
    for (label, maker), some in sorted(groups.items()):
        which = " ".join(outcome.name.removeprefix(f"{maker}_") for outcome in some)
        rules = sorted({rule for outcome in some for rule in outcome.rules})
        rows.append((maker, label, which, ", ".join(rules)))
    return rows
