"""`hdh-jupyter doctor`: whether everything that the platform stands on is as it should be."""

from __future__ import annotations

import os
from pathlib import Path

from traitlets import Unicode

from ..i18n import translate
from ..run.configuration import load_configuration
from ..run.doctor import Level, Remark, on_cluster, on_machine, on_platform
from ..run.platform import default_hub_config
from .administration import open_platform
from .base import Command, terminal_language

MARKS = {Level.GOOD: "-", Level.NOTE: "!", Level.PROBLEM: "x"}


class Doctor(Command):
    """Look at the platform and what it stands on, and say what to do: hdh-jupyter doctor.

    Ends with status 0 when nothing is wrong, 1 when workspaces could not be opened. Nothing is changed. Which profile
    is looked at is told by HDH_PROFILE, as for the hub.
    """

    config_file_path = Unicode(
        "", help="Look at this configuration file; by default jupyterhub_config.py of the current folder."
    ).tag(config=True)
    aliases = {**Command.aliases, "hub-config": "Doctor.config_file_path"}

    def start(self) -> None:
        open_platform(self.state)
        # The configuration reads where it stands from the environment, as in the hub.
        for name, value in {"HDH_STATE": str(self.state.root), "HDH_HOST": "hdh.localhost", "HDH_PORT": "8000"}.items():
            os.environ.setdefault(name, value)
        hub_config = Path(self.config_file_path or default_hub_config())
        found = list(on_platform(self.state, hub_config))
        if os.environ.get("HDH_PROFILE", "sandbox") == "sandbox":
            found += on_machine()
        elif not any(remark.level is Level.PROBLEM for remark in found):
            found += on_cluster(load_configuration(hub_config))
        print(report(found, terminal_language()))
        if any(remark.level is Level.PROBLEM for remark in found):
            self.exit(1)


def report(remarks: list[Remark], language: str) -> str:
    """Return one line for each remark, and one that says what they come to."""
    lines = [f"{MARKS[remark.level]} {translate(remark.key, language, **remark.params)}" for remark in remarks]
    problems = sum(remark.level is Level.PROBLEM for remark in remarks)
    return "\n".join([*lines, translate("doctor.wrong" if problems else "doctor.well", language, problems=problems)])
