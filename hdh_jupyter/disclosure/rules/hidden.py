"""Content that a person who looks at a file does not see.

Sanitising removes all of it but what the pixels of an image carry, which it cannot tell from the image.

A reader names what it saw: `metadata`, or with the area of its sentences in front, `pdf.attachment`. The sentences of
the latter are `disclosure.finding.pdf.attachment`, and `disclosure.finding.pdf.attachment_removed` where it can hold no
data.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..documents import Document, Hidden
from ..model import Finding
from ..policy import Policy

RULES = ("hidden.content", "hidden.removed", "hidden.pixels", "hidden.photograph", "hidden.external")
FOR_A_PERSON = {
    "picture.low_bits": "hidden.pixels",
    "picture.photograph": "hidden.photograph",
    "external": "hidden.external",
}
"""What a person must look at, since a drawing may have it by itself."""


def hidden_content(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Tell what is hidden: block where it can hold data, mention it elsewhere."""
    for hidden in document.hidden:
        rule = FOR_A_PERSON.get(hidden.what, "hidden.content") if hidden.suspicious else "hidden.removed"
        yield Finding(rule, policy.severities[rule], file, hidden.place, _key(hidden), {"size": hidden.size})


def _key(hidden: Hidden) -> str:
    if "." in hidden.what:
        return hidden.what if hidden.suspicious else f"{hidden.what}_removed"
    return f"{'hidden' if hidden.suspicious else 'removed'}_{hidden.what}"
