"""The engine: reads files, runs every rule on each, sanitises, and checks what it sanitised.

It fails closed: a file that cannot be read, a rule that fails, and a rule that the policy does not know or disables
each make a blocking finding. Tracebacks go to the log alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from .documents import Document, Unreadable
from .model import FileReport, Finding, Place, PolicyReference, Report, Severity, Verdict, verdict_of
from .policy import Policy, default_policy
from .readers import kind_of, read
from .register.model import Release
from .rules import REGISTRY, REQUEST_REGISTRY, Rule
from .sanitised import measured, sanitise

__all__ = ["check", "check_and_sanitise", "examine", "refused"]

log = logging.getLogger(__name__)

RANK = {Severity.BLOCK: 0, Severity.REVIEW: 1, Severity.INFO: 2}
MAX_NAME = 1000


def check(
    paths: Sequence[Path | str],
    policy: Policy | None = None,
    names: Sequence[str] | None = None,
    released: Sequence[Release] = (),
    statements: Mapping[str, str] = MappingProxyType({}),
) -> Report:
    """Check files that are asked out together.

    Parameters
    ----------
    policy
        The criteria; :func:`default_policy` when None.
    names
        Each file's name as its owner chose it; the paths' own names when None.
    released
        What the project has released before.
    statements
        By file name, what its owner says of it: who is counted, under which filter.

    Raises
    ------
    ValueError
        There is not one name per path, or a name twice.
    """
    with TemporaryDirectory() as folder:
        return check_and_sanitise(paths, Path(folder), policy, names, released, statements)


def check_and_sanitise(
    paths: Sequence[Path | str],
    out: Path,
    policy: Policy | None = None,
    names: Sequence[str] | None = None,
    released: Sequence[Release] = (),
    statements: Mapping[str, str] = MappingProxyType({}),
    remade: Mapping[str, Path | None] = MappingProxyType({}),
    progress: Callable[[str], None] = lambda name: None,
) -> Report:
    """Check files, and write the form that may leave of each releasable one to `out`, named by its position from 0.

    Rules that look at the whole request see the files as they came, or as remedies made them. What they
    find of a file that sanitising rebuilds keeps it from leaving, as what they find of any.

    Parameters
    ----------
    remade
        By file name, what remedies made of it, which leaves in its place; None where they could not be applied.
    progress
        Told the name of each file before it is looked at.

    Raises
    ------
    ValueError
        There is not one name per path, or a name twice.
    """
    policy = policy or default_policy()
    chosen = _named(paths, names)
    found = {}
    for name, path in chosen.items():
        progress(name)
        document, findings = examine(path, name, policy, statement=statements.get(name, ""))
        file = _Examined(path, document, findings)
        found[name] = _protected(file, name, remade[name], policy) if name in remade else file
    documents = {name: file.document for name, file in found.items() if file.document is not None}
    together = _over_request(documents, released, policy)
    files: list[FileReport] = []
    told: list[Finding] = []
    for index, (name, path) in enumerate(chosen.items()):
        progress(name)
        report, findings = _check_file(path, name, out / str(index), policy, found[name], together.get(name, []))
        files.append(report)
        told.extend(findings)
    return Report(policy.reference, tuple(files), tuple(told))


def refused(
    paths: Sequence[Path | str], names: Sequence[str] | None, policy: PolicyReference, rule: str, key: str
) -> Report:
    """Return the report on files that were not looked at, each blocked for the same reason.

    Parameters
    ----------
    rule, key
        The finding's, `engine.<...>`, without parameters.
    """
    files, findings = [], []
    for name, path in _named(paths, names).items():
        size, digest = measured(path) if path.is_file() else (0, "")
        files.append(FileReport(name, size, digest, "unknown", Verdict.BLOCK, False))
        findings.append(_blocked(rule, name, key, {}))
    return Report(policy, tuple(files), tuple(findings))


@dataclass(frozen=True)
class _Examined:
    """A file, or what remedies made of it, with what was found.

    Attributes
    ----------
    path
        What is to be sanitised.
    protected
        Whether remedies made it; what was found of the original keeps it no more from leaving.
    """

    path: Path
    document: Document | None
    findings: list[Finding]
    protected: bool = False


def _named(paths: Sequence[Path | str], names: Sequence[str] | None) -> dict[str, Path]:
    chosen = [Path(path) for path in paths]
    names = list(names) if names is not None else [path.name for path in chosen]
    if len(names) != len(chosen) or len(set(names)) != len(names):
        raise ValueError("each file needs one name of its own")
    return dict(zip(names, chosen, strict=True))


def _protected(file: _Examined, name: str, remade: Path | None, policy: Policy) -> _Examined:
    """Return a file as remedies made it; one that they cannot be applied to stays as it came, and is blocked."""
    if remade is None:
        return replace(file, findings=[*file.findings, _blocked("engine.unsanitised", name, "engine.unprotected", {})])
    document, _ = examine(remade, name, policy, statement=file.document.statement if file.document else "")
    return _Examined(remade, document, file.findings, protected=True)


def examine(
    path: Path,
    name: str,
    policy: Policy,
    rules: Mapping[Rule, Collection[str]] = REGISTRY,
    statement: str = "",
) -> tuple[Document | None, list[Finding]]:
    """Return what one file holds, None when it cannot be read, and every finding on it alone, blocking ones first."""
    findings = _missing_rules(name, policy, (*rules.values(), *REQUEST_REGISTRY.values()))
    try:
        if not path.is_file() or path.is_symlink():
            raise Unreadable("unreadable", reason="file")
        document = replace(read(path, kind_of(name, policy), policy), statement=statement)
    except Unreadable as error:
        return None, [*findings, _blocked("engine.unreadable", name, f"unreadable_{error.key}", error.params)]
    except Exception:
        log.exception("A reader failed")
        return None, [*findings, _blocked("engine.unreadable", name, "unreadable_unreadable", {"reason": ""})]
    for rule, declared in rules.items():
        findings += _run(partial(rule, document, name, policy), declared, name)
    return document, sorted(findings, key=lambda finding: RANK[finding.severity])


def _over_request(
    documents: Mapping[str, Document], released: Sequence[Release], policy: Policy
) -> dict[str, list[Finding]]:
    """Return by file what rules over the whole request find; a rule that fails blocks every file of it."""
    found: dict[str, list[Finding]] = {}
    for rule, declared in REQUEST_REGISTRY.items():
        for finding in _run(partial(rule, documents, released, policy), declared, ""):
            for name in [finding.file] if finding.file else documents:
                found.setdefault(name, []).append(replace(finding, file=name))
    return found


def _check_file(
    path: Path, name: str, target: Path, policy: Policy, file: _Examined, together: list[Finding]
) -> tuple[FileReport, list[Finding]]:
    findings = [*file.findings, *together]
    size, digest = measured(path) if path.is_file() else (0, "")
    releasable = _release(file, name, target, findings, policy, digest) and verdict_of(together) is not Verdict.BLOCK
    if not releasable:
        target.unlink(missing_ok=True)
    findings = _readable(findings, name, policy)
    return FileReport(name, size, digest, kind_of(name, policy), verdict_of(findings), releasable), findings


def _release(file: _Examined, name: str, target: Path, findings: list[Finding], policy: Policy, digest: str) -> bool:
    """Write the sanitised form, check it as any file, and tell whether it may leave."""
    blocked = verdict_of(findings) is Verdict.BLOCK
    if blocked and any(f.rule.startswith("engine.") or f.where.part == "name" for f in findings):
        return False
    if blocked and not file.protected and kind_of(name, policy) in ("csv", "tsv"):
        # Sanitising keeps a table's values, and with them what was found.
        return False
    try:
        clean = sanitise(file.path, target, findings, policy, name)
    except Exception:
        log.exception("A file could not be sanitised")
        findings.append(_blocked("engine.unsanitised", name, "unsanitised", {}))
        return False
    if clean.neutralised:
        params: dict[str, str | int] = {"total": clean.neutralised}
        findings.append(Finding("engine.neutralised", Severity.INFO, name, Place(), "neutralised", params))
    # A file that sanitising left as it was has been checked already.
    left = findings if clean.sha256 == digest else examine(target, name, policy)[1]
    if verdict_of(left) is Verdict.BLOCK and not blocked:
        findings.append(_blocked("engine.unsanitised", name, "unsanitised", {}))
    return verdict_of(left) is not Verdict.BLOCK


def _run(rule: Callable[[], Iterator[Finding]], declared: Collection[str], name: str) -> list[Finding]:
    try:
        found = list(rule())
        for finding in found:
            if finding.rule not in declared:
                raise ValueError(f"{finding.rule} is not declared")
            finding.to_dict()
    except Exception:
        log.exception("A rule failed")
        return [_blocked("engine.rule_failed", name, "rule_failed", {"name": ", ".join(declared)})]
    return found


def _missing_rules(name: str, policy: Policy, rules: Iterable[Collection[str]]) -> list[Finding]:
    """Block for each rule that the policy does not know or disables, and for each that nobody has written."""
    declared = {rule for names in rules for rule in names}
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
