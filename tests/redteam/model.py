"""The register of attacks, and what came of each: with the control, and here.

An attack is registered once, at import, under a number that never changes::

    POPUP = attack(811, "A notebook's output opens a window", Stands.PAGE, reference="lab_channels 20")

    def test_popup(outcomes: Outcomes) -> None:
        outcomes.judge(POPUP, control=try_it(plain_lab), here=try_it(platform))
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "red-team.md"

GROUPS = {
    1: "Network, from a notebook in Python",
    2: "Files, and other projects",
    3: "Kernel interfaces and privileges",
    4: "Resources and availability",
    5: "R and terminals",
    6: "Scripts with cookies, former members, strangers",
    7: "Staging and pulling",
    8: "Output in the browser",
    9: "A replaced server",
    10: "Tricks at the gateway",
    11: "Cookies and subdomains",
}
"""The hundreds of an attack's number."""


class Stands(StrEnum):
    """Where the attacker stands."""

    NOTEBOOK = "notebook"
    TERMINAL = "terminal"
    SERVER = "replaced server"
    PAGE = "page"
    COOKIE = "member's cookie"
    FORMER = "former member"
    STRANGER = "stranger"


class Expected(StrEnum):
    """What the platform promises: nothing at all gets through, or no more than a bound that is metered.

    What is `OPEN` is known to succeed and stands in the threat model; a test that finds it closed fails as well.
    """

    BLOCKED = "blocked"
    BOUNDED = "bounded"
    OPEN = "open"


@dataclass(frozen=True)
class Attack:
    """One way to get something out, or to do harm.

    Attributes
    ----------
    number
        Never changes; its hundreds are the group.
    reference
        Where the channel comes from: a man page, a known escape, a row of a survey.
    """

    number: int
    title: str
    stands: Stands
    expected: Expected
    reference: str

    @property
    def group(self) -> str:
        return GROUPS[self.number // 100]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


@dataclass(frozen=True)
class Outcome:
    """What came of one try.

    Attributes
    ----------
    reached
        Whether the attacker got what the attack is for; of a bounded attack, whether they got beyond the bound.
    detail
        In a few words what they saw, the same in every run (no process numbers, ports or times).
    """

    reached: bool
    detail: str


@dataclass(frozen=True)
class Record:
    """An attack with both outcomes; `no_control` says why this machine has no control."""

    attack: Attack
    control: Outcome | None
    here: Outcome
    no_control: str = ""

    @property
    def counts(self) -> bool:
        """Whether the control showed that the attack works."""
        return self.control is not None and self.control.reached

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """Number, title, where from, the control's outcome, the outcome here."""
        control = f"no control here: {self.no_control}"
        if self.control is not None:
            control = f"{'succeeds' if self.control.reached else '**BROKEN**'}: {self.control.detail}"
        verdict = self.attack.expected.value
        if self.here.reached:
            verdict = "**OPEN**" if self.attack.expected is Expected.OPEN else "**SUCCEEDS**"
        here = f"{verdict}: {self.here.detail}"
        return str(self.attack.number), self.attack.title, self.attack.stands.value, control, here


REGISTER: dict[int, Attack] = {}


def attack(
    number: int, title: str, stands: Stands, *, expected: Expected = Expected.BLOCKED, reference: str = ""
) -> Attack:
    """Register an attack.

    Raises
    ------
    ValueError
        The number is taken, or belongs to no group.
    """
    if number in REGISTER or number // 100 not in GROUPS:
        raise ValueError(f"the number {number} is taken, or of no group")
    REGISTER[number] = Attack(number, title, stands, expected, reference)
    return REGISTER[number]


def registered() -> dict[int, Attack]:
    """Import every module of this folder, and return all attacks by number."""
    for module in sorted(Path(__file__).parent.glob("*.py")):
        if module.stem not in ("__init__", "conftest", "model"):
            importlib.import_module(f"{__package__}.{module.stem}")
    return dict(sorted(REGISTER.items()))


class Outcomes:
    """What came of the attacks of one run."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}

    def judge(self, attack: Attack, *, control: Outcome | None, here: Outcome, no_control: str = "") -> None:
        """Record both outcomes, and fail unless the control succeeded and the attack did not.

        Parameters
        ----------
        no_control
            Why this machine can give no control, when `control` is None; the attack is not counted then.
        """
        self.records[attack.number] = Record(attack, control, here, no_control)
        if attack.expected is Expected.OPEN:
            assert here.reached, f"{attack} does not succeed any more ({here.detail}): it is open no longer"
        else:
            assert not here.reached, f"{attack} SUCCEEDS: {here.detail}"
        if control is None:
            assert no_control, f"{attack} has neither a control nor a reason for having none"
        else:
            assert control.reached, f"{attack} is broken, its control fails: {control.detail}"

    def table(self, missing: Iterable[Attack] = ()) -> str:
        """Return the table of this run, in Markdown, group by group; `missing` attacks are said to be not run."""
        rows = {number: record.row for number, record in self.records.items()}
        rows |= {
            one.number: (str(one.number), one.title, one.stands.value, "not run", "**NOT RUN**") for one in missing
        }
        lines = []
        for hundred, group in GROUPS.items():
            numbers = [number for number in sorted(rows) if number // 100 == hundred]
            if numbers:
                lines += ["", f"## {group}", "", "| # | attack | from | control | here |", "|---|---|---|---|---|"]
                lines += [f"| {' | '.join(map(_cell, rows[number]))} |" for number in numbers]
        return "\n".join(lines).lstrip("\n")

    @property
    def summary(self) -> str:
        records = self.records.values()
        counted = [record for record in records if record.counts]
        is_open = sum(record.attack.expected is Expected.OPEN for record in records)
        succeed = sum(record.here.reached for record in records) - is_open
        bounded = sum(r.attack.expected is Expected.BOUNDED and not r.here.reached for r in counted)
        closed = len(counted) - is_open - succeed
        return (
            f"{closed} attacks whose control succeeded are closed, {bounded} of them bounded, "
            f"the others blocked; {len(records) - len(counted)} without a control on the machine of this run; "
            f"{is_open} known to be open; {succeed} succeed."
        )

    def write(self, document: Path = DOCUMENT) -> list[Attack]:
        """Write the document of all attacks, and return those that it says were not run.

        Raises
        ------
        ValueError
            More than `FEW` were not run: that is no run of them all.
        """
        known = registered()
        missing = [attack for number, attack in known.items() if number not in self.records]
        if len(missing) > FEW * len(known):
            raise ValueError(f"{len(missing)} of {len(known)} attacks were not run")
        not_run = f" **Not run: {', '.join(str(attack.number) for attack in missing)}.**" if missing else ""
        document.write_text(f"{INTRODUCTION}\n{self.summary}{not_run}\n\n{self.table(missing)}\n", "utf-8")
        return missing


FEW = 0.2
"""The share of attacks that may be missing in a document: as many as one fixture that fails takes with it."""

INTRODUCTION = """# The red team's table

Every attack runs twice in the same run: on a plain JupyterLab without protection (the control, which must succeed, so
that no attack is listed as blocked because it is broken), and here, on the installed platform with a real workspace.
"Blocked" means that nothing got through; "bounded" that no more got through than a limit, and that it was counted;
"open" that it succeeds, is known and stands in the threat model.
`make redteam` runs them all and prints this table; `HDH_RED_TEAM_TABLE=1 make redteam` writes it.
"""


def listed(document: Path = DOCUMENT) -> dict[int, str]:
    """Return what the document lists: number -> title."""
    rows = re.findall(r"^\| (\d+) \| (.+?) \| ", document.read_text("utf-8"), re.MULTILINE)
    return {int(number): title for number, title in rows}


def _cell(text: str) -> str:
    """Return text that stays in one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
