"""What happened, in a log that nobody can change unseen.

`log` appends and reads, `chain` seals and checks, `actions` with `schemas/` says what each action records, `sentences`
turns an event into a line for people. May import `db`, `errors` and `i18n`; never a floor above.
"""

from .log import AuditLog as AuditLog
