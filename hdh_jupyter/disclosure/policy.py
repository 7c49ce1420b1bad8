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
class Policy:
    """The criteria of a check.

    Attributes
    ----------
    min_count
        A count of persons or stays between 1 and `min_count` - 1 is small.
    source
        Where the threshold comes from.
    kinds
        Kind -> file name extensions, lower case, with the dot.
    severities
        Rule -> what its findings ask for; a rule that is absent or disabled makes the engine block.
    sha256
        Of the policy's text.
    """

    id: str
    version: str
    min_count: int
    source: str
    kinds: Mapping[str, tuple[str, ...]]
    limits: Limits
    severities: Mapping[str, Severity]
    sha256: str

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
                min_count=int(data["min_count"]["value"]),
                source=str(data["min_count"]["source"]),
                kinds={str(kind): tuple(extensions) for kind, extensions in data["kinds"].items()},
                limits=Limits(
                    bytes={str(kind): int(size) for kind, size in data["limits"]["bytes"].items()},
                    columns=int(data["limits"]["columns"]),
                    pixels=int(data["limits"]["pixels"]),
                    findings=int(data["limits"]["findings"]),
                ),
                # YAML reads a bare `off` as false: a disabled rule, which the engine then finds missing.
                severities={str(r): Severity(s) for r, s in data["rules"].items() if s not in (False, "off")},
                sha256=sha256(text.encode()).hexdigest(),
            )
        except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError) as error:
            raise ValueError(f"the disclosure policy cannot be read: {error}") from error
        if policy.min_count < 2:
            raise ValueError("the disclosure policy's min_count must be at least 2")
        if missing := set(policy.kinds) - set(policy.limits.bytes):
            raise ValueError(f"the disclosure policy gives no size limit for {', '.join(sorted(missing))}")
        return policy


@cache
def default_policy() -> Policy:
    """Return the policy for French health data that comes with the package."""
    folder = resources.files("hdh_jupyter.disclosure") / "policies"
    return Policy.from_yaml((folder / "french-health.yaml").read_text("utf-8"))
