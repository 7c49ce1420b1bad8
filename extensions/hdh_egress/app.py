"""The Jupyter server extension: its settings and its routes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float, Integer, TraitError, Unicode, validate

from .handlers import CheckHandler, ProtectHandler, RemediesHandler, StagedFileHandler, StagedHandler, StageHandler
from .staging import Limits, StagingArea
from .working import Worker


class EgressExtension(ExtensionApp):
    """Checks and stages the files that a project wants to take out."""

    name = "hdh_egress"
    load_other_extensions = True

    staging_folder = Unicode(
        config=True,
        help="""Keep staged copies in this folder, made with mode 0700.

        Default: `hdh-egress-<uid>` under the system's temporary folder. A folder that another account owns, that
        others may enter, or that is a link is refused at start.""",
    )
    max_files = Integer(20, config=True, help="Accept at most this many files in one request; at least 1.")
    max_file_size = Integer(100 * 2**20, config=True, help="Accept files of at most this many bytes; at least 1.")
    max_total_size = Integer(
        400 * 2**20, config=True, help="Accept at most this many bytes over all files of one request; at least 1."
    )
    max_stagings = Integer(
        20, config=True, help="Keep at most this many staged requests, the oldest leave first; at least 1."
    )
    staging_lifetime = Float(3600.0, config=True, help="Remove staged copies after this many seconds; above 0.")
    check_timeout = Float(
        100.0,
        config=True,
        help="""End a check that takes longer than this many seconds, the wait for its turn included; above 0.

        Stay below the gateway's `reply_timeout`, so that the person reads why.""",
    )
    check_memory = Integer(
        4 * 2**30, config=True, help="Let a check have at most this many bytes of address space; at least 512 MiB."
    )

    @validate(
        "max_files",
        "max_file_size",
        "max_total_size",
        "max_stagings",
        "staging_lifetime",
        "check_timeout",
    )
    def _above_zero(self, proposal: Any) -> Any:
        if proposal.value <= 0:
            raise TraitError(f"{proposal.trait.name} must be above 0")
        return proposal.value

    @validate("check_memory")
    def _enough_memory(self, proposal: Any) -> Any:
        if proposal.value < 512 * 2**20:
            raise TraitError("check_memory must be at least 512 MiB")
        return proposal.value

    def initialize_settings(self) -> None:
        """Make the staging folder and hand the services to the handlers."""
        limits = Limits(self.max_files, self.max_file_size, self.max_total_size)
        home = Path(self.settings["contents_manager"].root_dir)
        folder = self.staging_folder or str(Path(tempfile.gettempdir()) / f"hdh-egress-{os.getuid()}")
        area = StagingArea(Path(folder), home, limits, lifetime=self.staging_lifetime, keep=self.max_stagings)
        area.prepare()
        self.settings["hdh_egress_staging"] = area
        self.settings["hdh_egress_worker"] = Worker(area, timeout=self.check_timeout, memory=self.check_memory)

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(
            [
                (r"/hdh-egress/check", CheckHandler),
                (r"/hdh-egress/remedies", RemediesHandler),
                (r"/hdh-egress/protect", ProtectHandler),
                (r"/hdh-egress/stage", StageHandler),
                (r"/hdh-egress/staged/([0-9a-f]{32})", StagedHandler),
                (r"/hdh-egress/staged/([0-9a-f]{32})/([0-9]{1,4})", StagedFileHandler),
            ]
        )
