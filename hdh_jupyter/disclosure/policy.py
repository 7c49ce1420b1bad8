"""The policy: thresholds, allowed kinds, limits and severities, as versioned data.

Every rule must have a severity in the policy, and every rule that the policy names must exist; the engine blocks
otherwise, so that a rule cannot be lost by a typing mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

import yaml

from .model import PolicyReference, Severity

THRESHOLDS: Mapping[str, tuple[float, float]] = {
    "min_count": (2, 1000),
    "dominance_n": (1, 10),
    "dominance_k": (0.01, 1),
    "p_percent": (0, 100),
    "min_units": (1, 100),
    "min_dof": (0, 1000),
    "category_share": (0.5, 1),
    "potential_identifiers": (0, 5),
    "individual_points": (1, 100_000),
    "audit_cells": (1, 10_000_000),
    "model_numbers": (1, 1_000_000_000),
}
"""Every threshold that rules compare with, and between what a policy may set it."""

WORD_LISTS = ("vocabulary", "svg", "persons", "models")


@dataclass(frozen=True)
class Limits:
    """What a file may measure at most.

    Attributes
    ----------
    bytes
        Kind -> bytes.
    columns
        Columns of a table.
    pixels
        Width times height of an image.
    findings
        Findings told per file.
    """

    bytes: Mapping[str, int]
    columns: int
    pixels: int
    findings: int


@dataclass(frozen=True)
class Threshold:
    """A number that a rule compares with, and where it comes from."""

    value: float
    source: str


@dataclass(frozen=True)
class Policy:
    """The criteria of a check.

    Attributes
    ----------
    thresholds
        Name -> threshold; all of :data:`THRESHOLDS` are there.
    kinds
        Kind -> file name extensions, lower case, with the dot.
    severities
        Rule -> what its findings ask for; a rule that is absent or disabled makes the engine block.
    sha256
        Of the policy's text, followed by the word lists and the list of drawing elements that rules go by.
    """

    id: str
    version: str
    thresholds: Mapping[str, Threshold]
    kinds: Mapping[str, tuple[str, ...]]
    limits: Limits
    severities: Mapping[str, Severity]
    sha256: str

    @property
    def min_count(self) -> int:
        """A count of persons or stays from 1 to `min_count` - 1 is small."""
        return int(self.thresholds["min_count"].value)

    @property
    def reference(self) -> PolicyReference:
        """What a report says of the policy."""
        return PolicyReference(self.id, self.version, self.sha256)

    @classmethod
    def from_yaml(cls, text: str) -> Policy:
        """Read a policy.

        Raises
        ------
        ValueError
            A field is missing, or has a value that makes no sense.
        """
        try:
            data: dict[str, Any] = yaml.safe_load(text)
            policy = cls(
                id=str(data["id"]),
                version=str(data["version"]),
                thresholds={
                    str(name): Threshold(float(given["value"]), str(given["source"]))
                    for name, given in data["thresholds"].items()
                },
                kinds={str(kind): tuple(extensions) for kind, extensions in data["kinds"].items()},
                limits=Limits(
                    bytes={str(kind): int(size) for kind, size in data["limits"]["bytes"].items()},
                    columns=int(data["limits"]["columns"]),
                    pixels=int(data["limits"]["pixels"]),
                    findings=int(data["limits"]["findings"]),
                ),
                # YAML reads a bare `off` as false: a disabled rule, which the engine then finds missing.
                severities={str(r): Severity(s) for r, s in data["rules"].items() if s not in (False, "off")},
                sha256=sha256("\0".join((text, *map(word_list, WORD_LISTS))).encode()).hexdigest(),
            )
        except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError) as error:
            raise ValueError(f"the disclosure policy cannot be read: {error}") from error
        if wrong := set(policy.thresholds).symmetric_difference(THRESHOLDS):
            raise ValueError(f"the disclosure policy lacks, or does not know, the threshold {', '.join(sorted(wrong))}")
        for name, (low, high) in THRESHOLDS.items():
            if not low <= policy.thresholds[name].value <= high:
                raise ValueError(f"the disclosure policy's {name} must be from {low:g} to {high:g}")
        if missing := set(policy.kinds) - set(policy.limits.bytes):
            raise ValueError(f"the disclosure policy gives no size limit for {', '.join(sorted(missing))}")
        return policy


@cache
def default_policy() -> Policy:
    """Return the policy for French health data that comes with the package."""
    return Policy.from_yaml(word_list("french-health"))


def word_list(name: str) -> str:
    """Return the text of a file of `policies/`."""
    return (resources.files("hdh_jupyter.disclosure") / "policies" / f"{name}.yaml").read_text("utf-8")
