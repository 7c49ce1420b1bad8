"""What a check says: findings, one report per file, and the whole report.

A finding keeps the key and parameters of its sentences, not the sentences: it can be read in either language later.
Evidence in parameters is masked by whoever makes the finding; nothing here ever holds an identifier whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from ..i18n import DEFAULT_LANGUAGE, translate


class Severity(StrEnum):
    """What a finding asks for."""

    INFO = "info"
    REVIEW = "review"
    BLOCK = "block"


class Verdict(StrEnum):
    """What the checks say of a file or of a request: `block` wins over `review`, which wins over `pass`."""

    PASS = "pass"  # noqa: S105 -- the word of the contract, not a password
    REVIEW = "review"
    BLOCK = "block"


@dataclass(frozen=True)
class Place:
    """Where in a file something was seen.

    Attributes
    ----------
    part
        A named part of a file (`source`, `metadata`, `attachment`, `widgets`, `name`, `text`), else None.
    member
        A file within an archive, a sheet of a workbook, an object of an R file: its name, masked.
    page
        Number of a page, counted from 1.
    cell, output
        Position of a notebook's cell, and of an output of that cell, counted from 1.
    row
        Number of a table's row as a spreadsheet shows it: the first line of the file is 1.
    line
        Number of a line of text, counted from 1.
    column
        The masked title of a column, or its number when it has none.
    """

    part: str | None = None
    member: str | None = None
    page: int | None = None
    cell: int | None = None
    output: int | None = None
    row: int | None = None
    line: int | None = None
    column: str | None = None

    def sentence(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the place in words: « Cellule 3, sortie 1, ligne 14, colonne « passages » »."""
        words = [
            translate(f"disclosure.where.{name}", language, value=value)
            for name, value in self.to_stored().items()
            if name != "part"
        ]
        if self.part is not None:
            words.insert(0 if self.cell is None else 1, translate(f"disclosure.where.part.{self.part}", language))
        text = ", ".join(words) if words else translate("disclosure.where.file", language)
        return text[0].upper() + text[1:]

    def to_stored(self) -> dict[str, Any]:
        """Return the known fields only."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Finding:
    """One thing that a rule noticed.

    Attributes
    ----------
    rule
        Stable identifier of the rule (`counts.small_cell`), as the policy names it.
    file
        Name of the file as its owner chose it.
    key
        Key of the three sentences `disclosure.finding.<key>.{message,why,remedy}`.
    params
        What the sentences name, evidence masked.
    """

    rule: str
    severity: Severity
    file: str
    where: Place
    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def to_dict(self, language: str = DEFAULT_LANGUAGE) -> dict[str, str]:
        """Return the finding for a person."""
        sentences = {
            name: translate(f"disclosure.finding.{self.key}.{name}", language, **self.params)
            for name in ("message", "why", "remedy")
        }
        where = self.where.sentence(language)
        return {"rule": self.rule, "severity": self.severity.value, "file": self.file, "where": where, **sentences}

    def to_stored(self) -> dict[str, Any]:
        """Return the language-free form."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "file": self.file,
            "where": self.where.to_stored(),
            "key": self.key,
            "params": dict(self.params),
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Finding:
        """Read the stored form.

        Raises
        ------
        ValueError, KeyError, TypeError
            The form is not one that this version can render.
        """
        finding = cls(
            rule=str(stored["rule"]),
            severity=Severity(stored["severity"]),
            file=str(stored["file"]),
            where=Place(**stored["where"]),
            key=str(stored["key"]),
            params={str(k): v if isinstance(v, int) else str(v) for k, v in stored["params"].items()},
        )
        finding.to_dict()
        return finding


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return what the findings amount to."""
    severities = {finding.severity for finding in findings}
    if Severity.BLOCK in severities:
        return Verdict.BLOCK
    return Verdict.REVIEW if Severity.REVIEW in severities else Verdict.PASS


@dataclass(frozen=True)
class FileReport:
    """What the check says of one file.

    Attributes
    ----------
    size
        In bytes, of the file as it came.
    sha256
        Of the file as it came.
    kind
        `csv`, `tsv`, `png`, `svg`, `notebook` or `unknown`.
    releasable
        Whether its sanitised form holds no blocking finding.
    """

    name: str
    size: int
    sha256: str
    kind: str
    verdict: Verdict
    releasable: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, which holds no sentence."""
        return {**asdict(self), "verdict": self.verdict.value}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> FileReport:
        """Read the JSON form."""
        return cls(
            name=str(stored["name"]),
            size=int(stored["size"]),
            sha256=str(stored["sha256"]),
            kind=str(stored["kind"]),
            verdict=Verdict(stored["verdict"]),
            releasable=stored["releasable"] is True,
        )


@dataclass(frozen=True)
class PolicyReference:
    """The policy that a report was made under."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Report:
    """What the check says of files that were checked together."""

    policy: PolicyReference
    files: tuple[FileReport, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of the files; a check of no file blocks."""
        if not self.files:
            return Verdict.BLOCK
        verdicts = {file.verdict for file in self.files}
        if Verdict.BLOCK in verdicts:
            return Verdict.BLOCK
        return Verdict.REVIEW if Verdict.REVIEW in verdicts else Verdict.PASS

    def to_dict(self, language: str = DEFAULT_LANGUAGE) -> dict[str, Any]:
        """Return the report for a person, its sentences in `language`."""
        return self._form([finding.to_dict(language) for finding in self.findings])

    def to_stored(self) -> dict[str, Any]:
        """Return the language-free form, from which either language can be rendered later.

        Each finding bears the policy's SHA-256, by which it is understood wherever it is quoted.
        """
        return self._form([{**finding.to_stored(), "policy": self.policy.sha256} for finding in self.findings])

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Report:
        """Read the language-free form, which an untrusted process may have written.

        Raises
        ------
        ValueError
            The form is incomplete, names a sentence that does not exist, or contradicts itself. Treat it as a check
            that failed.
        """
        try:
            report = cls(
                policy=PolicyReference(**{name: str(stored["policy"][name]) for name in ("id", "version", "sha256")}),
                files=tuple(FileReport.from_stored(file) for file in stored["files"]),
                findings=tuple(Finding.from_stored(finding) for finding in stored["findings"]),
            )
            claimed = Verdict(stored["verdict"])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"not a report of this version: {type(error).__name__}") from error
        if claimed is not report.verdict:
            raise ValueError("the report's verdict is not that of its files")
        for file in report.files:
            if file.verdict is not verdict_of(f for f in report.findings if f.file == file.name):
                raise ValueError("a file's verdict is not that of its findings")
        return report

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Report:
        """Read what :meth:`to_stored` wrote."""
        return cls.from_stored(stored)

    def _form(self, findings: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "verdict": self.verdict.value,
            "policy": asdict(self.policy),
            "files": [file.to_dict() for file in self.files],
            "findings": findings,
        }
