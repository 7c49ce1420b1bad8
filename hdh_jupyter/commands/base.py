"""What every command shares: the state folder, and a voice in the terminal's language."""

from __future__ import annotations

import os
from pathlib import Path

from traitlets import Unicode
from traitlets.config import Application

from .. import __version__
from ..audit.log import AuditLog
from ..db import open_database
from ..i18n import preferred_language, translate
from ..state import StateFolder


def terminal_language() -> str:
    """Return the language of the terminal."""
    return preferred_language(os.environ.get("LANG", ""))


def speak(key: str, **params: object) -> None:
    """Print a sentence in the language of the terminal."""
    print(translate(key, terminal_language(), **params), flush=True)


class Command(Application):
    """What every command with options alone shares."""

    version = __version__
    description = ""
    """Empty, so that --help begins with the class's own words."""

    state_dir = Unicode("state", help="Keep everything in this folder: database, keys, homes, datasets, requests.").tag(
        config=True
    )
    aliases = {**Application.aliases, "state": "Command.state_dir"}
    flags = dict(Application.flags)

    @property
    def state(self) -> StateFolder:
        return StateFolder(Path(self.state_dir).absolute())

    def audit_log(self) -> AuditLog:
        return AuditLog(open_database(self.state.database_url), self.state.key("audit"))
