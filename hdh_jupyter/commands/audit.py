"""`hdh-jupyter audit`: reads the audit log."""

from __future__ import annotations

from traitlets import Integer
from traitlets.config import Application

from ..audit.sentences import line
from .base import Command, terminal_language


class AuditVerify(Command):
    """Check that no event of the audit log was changed, removed or added."""

    def start(self) -> None:
        outcome = self.audit_log().verify()
        print(outcome.message(terminal_language()))
        if not outcome.ok:
            self.exit(1)


class AuditTail(Command):
    """Show the newest events of the audit log."""

    count = Integer(20, min=1, help="Show this many events.").tag(config=True)
    aliases = {**Command.aliases, "n": "AuditTail.count"}

    def start(self) -> None:
        for event in self.audit_log().tail(self.count):
            print(line(event, terminal_language()))


class Audit(Application):
    """Read the audit log."""

    description = ""
    subcommands = {
        "verify": (AuditVerify, "Check that the log is complete and unchanged."),
        "tail": (AuditTail, "Show the newest events."),
    }
