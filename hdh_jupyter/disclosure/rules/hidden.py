"""Content that a person who looks at a file does not see; sanitising removes all of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..documents import Document
from ..model import Finding
from ..policy import Policy

RULES = ("hidden.content", "hidden.removed")


def hidden_content(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Tell what is hidden: block where it can hold data, mention it elsewhere."""
    for hidden in document.hidden:
        rule = "hidden.content" if hidden.suspicious else "hidden.removed"
        key = f"{'hidden' if hidden.suspicious else 'removed'}_{hidden.what}"
        yield Finding(rule, policy.severities[rule], file, hidden.place, key, {"size": hidden.size})
