"""The engine: reads files, runs every rule on each, sanitises, and checks what it sanitised.

It fails closed: a file that cannot be read, a rule that fails, and a rule that the policy does not know or disables
each make a blocking finding. Tracebacks go to the log alone.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .documents import Document, Unreadable
from .model import FileReport, Finding, Place, Report, Severity, Verdict, verdict_of
from .policy import Policy, default_policy
from .readers import kind_of, read
from .rules import REGISTRY, Rule
from .sanitised import measured, sanitise

log = logging.getLogger(__name__)

RANK = {Severity.BLOCK: 0, Severity.REVIEW: 1, Severity.INFO: 2}
MAX_NAME = 1000


def check(paths: Sequence[Path | str], policy: Policy | None = None, names: Sequence[str] | None = None) -> Report:
    """Check files that are asked out together.

    Parameters
    ----------
    policy
        The criteria; :func:`default_policy` when None.
    names
        Each file's name as its owner chose it; the paths' own names when None.

    Raises
    ------
    ValueError
        There is not one name per path, or a name twice.
    """
    with TemporaryDirectory() as folder:
        return check_and_sanitise(paths, Path(folder), policy, names)


def check_and_sanitise(
    paths: Sequence[Path | str], out: Path, policy: Policy | None = None, names: Sequence[str] | None = None
) -> Report:
    """Check files, and write the sanitised form of each releasable one to `out`, named by its position from 0.

    Raises
    ------
    ValueError
        There is not one name per path, or a name twice.
    """
    policy = policy or default_policy()
    chosen = [Path(path) for path in paths]
    names = list(names) if names is not None else [path.name for path in chosen]
    if len(names) != len(chosen) or len(set(names)) != len(names):
        raise ValueError("each file needs one name of its own")
    files: list[FileReport] = []
    findings: list[Finding] = []
    for index, (path, name) in enumerate(zip(chosen, names, strict=True)):
        report, found = _check_file(path, name, out / str(index), policy)
        files.append(report)
        findings.extend(found)
    return Report(policy.reference, tuple(files), tuple(findings))


def examine(path: Path, name: str, policy: Policy, rules: Mapping[Rule, Collection[str]] = REGISTRY) -> list[Finding]:
    """Return every finding on one file, blocking ones first."""
    findings = _missing_rules(name, policy, rules)
    try:
        if not path.is_file() or path.is_symlink():
            raise Unreadable("unreadable", reason="file")
        document = read(path, kind_of(name, policy), policy)
    except Unreadable as error:
        return [*findings, _blocked("engine.unreadable", name, f"unreadable_{error.key}", error.params)]
    except Exception:
        log.exception("A reader failed")
        return [*findings, _blocked("engine.unreadable", name, "unreadable_unreadable", {"reason": ""})]
    for rule, declared in rules.items():
        findings += _run(rule, declared, document, name, policy)
    return sorted(findings, key=lambda finding: RANK[finding.severity])


def _check_file(path: Path, name: str, target: Path, policy: Policy) -> tuple[FileReport, list[Finding]]:
    findings = examine(path, name, policy)
    size, digest = measured(path) if path.is_file() else (0, "")
    releasable = _release(path, name, target, findings, policy, digest)
    if not releasable:
        target.unlink(missing_ok=True)
    findings = _readable(findings, name, policy)
    return FileReport(name, size, digest, kind_of(name, policy), verdict_of(findings), releasable), findings


def _release(path: Path, name: str, target: Path, findings: list[Finding], policy: Policy, digest: str) -> bool:
    """Write the sanitised form, check it as any file, and tell whether it may leave."""
    blocked = verdict_of(findings) is Verdict.BLOCK
    if blocked and any(f.rule.startswith("engine.") or f.where.part == "name" for f in findings):
        return False
    if blocked and kind_of(name, policy) in ("csv", "tsv"):
        # Sanitising keeps a table's values, and with them what was found.
        return False
    try:
        clean = sanitise(path, target, findings, policy, name)
    except Exception:
        log.exception("A file could not be sanitised")
        findings.append(_blocked("engine.unsanitised", name, "unsanitised", {}))
        return False
    if clean.neutralised:
        params: dict[str, str | int] = {"total": clean.neutralised}
        findings.append(Finding("engine.neutralised", Severity.INFO, name, Place(), "neutralised", params))
    # A file that sanitising left as it was has been checked already.
    left = findings if clean.sha256 == digest else examine(target, name, policy)
    if verdict_of(left) is Verdict.BLOCK and not blocked:
        findings.append(_blocked("engine.unsanitised", name, "unsanitised", {}))
    return verdict_of(left) is not Verdict.BLOCK


def _run(rule: Rule, declared: Collection[str], document: Document, name: str, policy: Policy) -> list[Finding]:
    try:
        found = list(rule(document, name, policy))
        for finding in found:
            if finding.rule not in declared:
                raise ValueError(f"{finding.rule} is not declared")
            finding.to_dict()
    except Exception:
        log.exception("A rule failed")
        return [_blocked("engine.rule_failed", name, "rule_failed", {"name": ", ".join(declared)})]
    return found


def _missing_rules(name: str, policy: Policy, rules: Mapping[Rule, Collection[str]]) -> list[Finding]:
    """Block for each rule that the policy does not know or disables, and for each that nobody has written."""
    declared = {rule for names in rules.values() for rule in names}
    wrong = sorted(declared.symmetric_difference(policy.severities))
    return [_blocked("engine.rule_failed", name, "rule_missing", {"name": rule}) for rule in wrong]


def _readable(findings: list[Finding], name: str, policy: Policy) -> list[Finding]:
    """Keep as many findings as a person can read, blocking ones first, and say how many more there are."""
    limit = policy.limits.findings
    ranked = sorted(findings, key=lambda finding: RANK[finding.severity])
    if len(ranked) <= limit:
        return ranked
    params: dict[str, str | int] = {"shown": limit, "total": len(ranked)}
    return [*ranked[:limit], Finding("engine.more_findings", Severity.INFO, name, Place(), "more_findings", params)]


def _blocked(rule: str, name: str, key: str, params: Mapping[str, str | int]) -> Finding:
    return Finding(rule, Severity.BLOCK, name, Place(), key, params)
