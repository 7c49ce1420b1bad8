"""Remedies on a file: what could be done, and doing it. Every result is checked like any other file."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import engine
from ..model import Finding, Report, Severity, Verdict
from ..policy import Policy
from ..readers import kind_of
from .layout import KINDS, Layout, layout_of
from .model import NotPossible, Proposal
from .options import OPTIONS, Changed, needs_remedy

log = logging.getLogger(__name__)

SECONDS = 10.0
"""Time for looking for the proposals of a file."""
RECODE = 0.3
"""From this share of hidden counts on, merging categories serves readers better (Hundepool et al., 4.5)."""


def propose(path: Path, name: str, findings: Sequence[Finding], policy: Policy) -> tuple[Proposal, ...]:
    """Return the remedies that lead to a file that may leave, what loses least first.

    Parameters
    ----------
    name
        The file's name as its owner chose it.
    findings
        Of the check of this file.

    Raises
    ------
    NotPossible
        None can help: the file holds one row per person, or is of a kind that cannot be rewritten.
    """
    _refuse(name, findings, policy)
    layout = _layout(path, name, policy)
    found = []
    with TemporaryDirectory() as folder:
        for option in OPTIONS:
            changed = _changes(layout, option, policy, SECONDS / len(OPTIONS))
            if changed is None:
                continue
            target = Path(folder) / option
            layout.write(target, [change.table for change in changed])
            if _check(target, name, policy).verdict is not Verdict.BLOCK:
                found.append(_proposal(option, changed, layout, policy.min_count))
    return tuple(sorted(found, key=lambda one: (one.key == "suppress_many", one.information_lost)))


def apply(path: Path, name: str, out: Path, proposal_ids: Sequence[str], policy: Policy, seconds: float = 30) -> Report:
    """Write a file with remedies, one after the other, and return the report of its own check.

    Parameters
    ----------
    out
        Where to write; nothing is written unless the result may leave.
    proposal_ids
        As :class:`Proposal` names them.
    seconds
        Time for looking for cheap solutions.

    Raises
    ------
    NotPossible
        A remedy does not exist, does not apply to this file, or does not lead to one that may leave.
    """
    if unknown := [one for one in proposal_ids if one not in OPTIONS]:
        raise NotPossible("unknown", id=unknown[0][:40])
    _refuse(name, engine.examine(path, name, policy)[1], policy)
    ends = time.monotonic() + seconds
    with TemporaryDirectory() as folder:
        current = path
        for step, option in enumerate(proposal_ids):
            layout = _layout(current, name, policy)
            changed = _changes(layout, option, policy, max(ends - time.monotonic(), 0.0))
            if changed is None:
                raise NotPossible("no_solution", id=option)
            current = Path(folder) / str(step)
            layout.write(current, [change.table for change in changed])
        report = _check(current, name, policy)
        if report.verdict is Verdict.BLOCK:
            raise NotPossible("still_blocked", report)
        shutil.copyfile(current, out)
    return report


def remake(
    files: Mapping[str, Path], chosen: Mapping[str, Sequence[str]], folder: Path, policy: Policy
) -> dict[str, Path | None]:
    """Apply remedies to the files that they were chosen for, and return where each result is.

    Parameters
    ----------
    files
        Each file by the name that its owner chose.
    chosen
        By file name, the proposals to apply to it.

    Returns
    -------
    remade
        By file name; None for a file that they cannot be applied to, whatever the reason.
    """
    remade: dict[str, Path | None] = {}
    for position, (name, proposal_ids) in enumerate(chosen.items()):
        target = folder / str(position)
        try:
            apply(files[name], name, target, proposal_ids, policy)
        except Exception:
            log.exception("A remedy could not be applied")
            remade[name] = None
        else:
            remade[name] = target
    return remade


def _refuse(name: str, findings: Sequence[Finding], policy: Policy) -> None:
    if kind_of(name, policy) not in KINDS:
        raise NotPossible("kind", allowed=", ".join(KINDS))
    if any(f.severity is Severity.BLOCK and f.rule.startswith(("rows.", "identifiers.")) for f in findings):
        raise NotPossible("row_level")


def _layout(path: Path, name: str, policy: Policy) -> Layout:
    largest = int(policy.thresholds["audit_cells"].value)
    layout = layout_of(path, kind_of(name, policy), policy)
    if layout.cells > largest:
        raise NotPossible("too_large", cells=layout.cells, limit=largest)
    return layout


def _changes(layout: Layout, option: str, policy: Policy, seconds: float) -> list[Changed] | None:
    """Return every table after a remedy, those that need none as they are; None when one cannot be helped."""
    found: list[Changed] = []
    helped = 0
    for table in layout.tables:
        if not needs_remedy(table, policy.min_count):
            found.append(Changed(table, 0, 0.0, 0.0))
            continue
        changed = OPTIONS[option](table, policy.min_count, seconds / len(layout.tables))
        if changed is None:
            return None
        found.append(changed)
        helped += 1
    return found if helped else None


def _proposal(option: str, changed: Sequence[Changed], layout: Layout, threshold: int) -> Proposal:
    cells = sum(change.cells_lost for change in changed)
    whole = sum(change.whole for change in changed)
    lost = sum(change.lost for change in changed) / whole if whole else 0.0
    key = option.replace("-", "_")
    if option == "suppress" and cells > RECODE * layout.cells:
        key = "suppress_many"
    params: dict[str, str | int] = {"cells": cells, "lost": round(100 * lost), "threshold": threshold}
    return Proposal(option, key, params, cells, lost)


def _check(path: Path, name: str, policy: Policy) -> Report:
    with TemporaryDirectory() as folder:
        return engine.check_and_sanitise([path], Path(folder), policy, [name])
