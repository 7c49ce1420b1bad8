"""Changing thresholds and severities in the text of a disclosure policy, its comments kept."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..disclosure.model import Severity
from ..disclosure.policy import Policy
from ..errors import PublicError
from .policies import checked


def edited(text: str, thresholds: Mapping[str, str], severities: Mapping[str, str]) -> str:
    """Return the text of a policy with other values.

    Parameters
    ----------
    thresholds
        Name -> number as a person wrote it (a decimal comma too); those that stay may be among them.
    severities
        Rule -> `info`, `review` or `block`; likewise.

    Raises
    ------
    PublicError
        `policy.not_a_number`, `policy.bad_severity`, or as :func:`.policies.checked` (400); `policy.not_by_form` (400):
        the text is not laid out as the platform's, so that it must be edited as a text.
    """
    policy = checked(text)
    for name, written in thresholds.items():
        value = _number(name, written)
        if name in policy.thresholds and policy.thresholds[name].value != value:
            text = _replaced(
                text,
                rf"(?m)^(  {re.escape(name)}:\n(?: +#.*\n)*    value: )\S+",
                repr(int(value)) if value.is_integer() else repr(value),
            )
    for rule, word in severities.items():
        if word not in set(Severity):
            raise PublicError("policy.bad_severity", 400, rule=rule)
        if rule in policy.severities and policy.severities[rule].value != word:
            text = _replaced(text, rf"(?m)^(  {re.escape(rule)}: )\S+", word)
    _require_as_asked(checked(text), thresholds, severities)
    return text


def _number(name: str, written: str) -> float:
    try:
        return float(written.strip().replace(",", "."))
    except ValueError as error:
        raise PublicError("policy.not_a_number", 400, name=name) from error


def _replaced(text: str, pattern: str, value: str) -> str:
    changed, times = re.subn(pattern, rf"\g<1>{value}", text)
    if times != 1:
        raise PublicError("policy.not_by_form", 400)
    return changed


def _require_as_asked(policy: Policy, thresholds: Mapping[str, str], severities: Mapping[str, str]) -> None:
    values = all(policy.thresholds[n].value == _number(n, v) for n, v in thresholds.items() if n in policy.thresholds)
    words = all(policy.severities[rule].value == word for rule, word in severities.items() if rule in policy.severities)
    if not (values and words):
        raise PublicError("policy.not_by_form", 400)
