"""Events as lines for people, in French and English."""

from __future__ import annotations

from ..i18n import DEFAULT_LANGUAGE, translate
from .log import Event


def sentence(event: Event, language: str = DEFAULT_LANGUAGE) -> str:
    """Return what an event says, on one line whatever its values hold.

    An event whose action or fields are no longer what the sentence expects shows its raw values.
    """
    values = {**event.detail, "actor": event.actor, "project": event.project, "subject": event.subject}
    printable = {name: _printable(value) for name, value in values.items()}
    key = f"audit.action.{event.action}"
    try:
        return translate(key, language, **printable)
    except KeyError:
        return " ".join([_printable(event.action), *(f"{name}={value}" for name, value in sorted(printable.items()))])


def line(event: Event, language: str = DEFAULT_LANGUAGE) -> str:
    """Return an event with its number and its time (UTC)."""
    return f"{event.seq:>7}  {event.at:%Y-%m-%d %H:%M:%S}Z  {sentence(event, language)}"


def _printable(value: object) -> str:
    # Line breaks and terminal escapes in a value would forge lines of the log on a screen.
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))
