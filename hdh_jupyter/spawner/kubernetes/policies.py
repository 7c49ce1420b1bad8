"""Whether the network policies of a project's namespace close its pods. Pure.

Policies add up: what one of them allows, none can forbid. So besides the one that was ordered there may be none that
allows a pod of the project anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .objects import Manifest


def same_rules(ordered: Manifest, found: Manifest) -> bool:
    """Tell whether a policy that was read back says what was ordered: word for word, as far as words carry meaning."""
    return bool(meaningful(ordered["spec"]) == meaningful(found.get("spec", {})))


def openings(policies: Iterable[Manifest], ordered: Manifest, labels: Mapping[str, str]) -> list[str]:
    """Return the names of the other policies that allow traffic of a pod with these labels."""
    own = ordered["metadata"]["name"]
    others = (policy for policy in policies if policy["metadata"]["name"] != own)
    return sorted(policy["metadata"]["name"] for policy in others if opens(policy.get("spec") or {}, labels))


def opens(spec: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether a policy allows anything to or from pods with these labels."""
    allows = bool(spec.get("ingress")) or bool(spec.get("egress"))
    return allows and selects(spec.get("podSelector") or {}, labels)


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether a label selector takes in an object; what is not understood takes it in."""
    if any(labels.get(name) != value for name, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_matches(one, labels) for one in selector.get("matchExpressions") or ())


def meaningful(value: Any) -> Any:
    """Return a manifest without the fields that say nothing (none, or an empty list), which an API leaves out."""
    if isinstance(value, Mapping):
        kept = {name: meaningful(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one is not None and one != []}
    return [meaningful(one) for one in value] if isinstance(value, list) else value


def contains(found: Any, ordered: Any) -> bool:
    """Tell whether an object says all that was ordered; what the cluster adds by itself (defaults, marks) is left out.

    An empty text and none are the same to the cluster.
    """
    if isinstance(ordered, Mapping):
        return isinstance(found, Mapping) and all(contains(found.get(name), one) for name, one in ordered.items())
    return bool(found == ordered or (ordered == "" and found is None))


def _matches(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    name, values = expression.get("key", ""), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(name) in values
        case "NotIn":
            return labels.get(name) not in values
        case "Exists":
            return name in labels
        case "DoesNotExist":
            return name not in labels
    return True
