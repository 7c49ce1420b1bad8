"""Where the hub zone keeps its files: a folder of one machine, or a volume that its pods share."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from .errors import PublicError

DATABASE_VARIABLE = "HDH_DATABASE_URL"
"""Names the database where it is not a file of the state folder: an SQLAlchemy URL, for PostgreSQL."""


@dataclass(frozen=True)
class StateFolder:
    """The folder of everything the hub zone must keep: database, keys, egress store, homes, datasets.

    Nobody but the account that runs the hub may enter it.
    """

    root: Path

    @property
    def database_url(self) -> str:
        """Where the platform's own database is: what HDH_DATABASE_URL says, else a file in the folder."""
        return os.environ.get(DATABASE_VARIABLE) or f"sqlite:///{self.root / 'hdh.sqlite'}"

    @property
    def mark(self) -> Path:
        """What is there, and belongs to the platform's account, once a platform was made in this folder."""
        return self.root / "keys" if os.environ.get(DATABASE_VARIABLE) else self.root / "hdh.sqlite"

    @property
    def homes(self) -> Path:
        """One folder per project, the workspace's `/home/project`."""
        return self.root / "homes"

    @property
    def datasets(self) -> Path:
        """One folder per dataset, bound read-only to `/data/<dataset>` where it is granted."""
        return self.root / "datasets"

    @property
    def catalogue(self) -> Path:
        """The catalogue's snapshot for workspaces, bound read-only to `/catalogue`."""
        return self.root / "catalogue"

    @property
    def egress(self) -> Path:
        """The content-addressed store of what was asked out and what was released."""
        return self.root / "egress"

    @property
    def workspaces(self) -> Path:
        """What the spawner notes of each running workspace (supervisor, probe report, log)."""
        return self.root / "workspaces"

    @property
    def routes(self) -> Path:
        """One record per running workspace, written by the spawner and read by the gateway."""
        return self.root / "routes"

    @property
    def sockets(self) -> Path:
        """The folder of unix sockets.

        It stands outside the state folder because a socket's path is limited to 107 bytes and because the hub's HTTP
        client folds it to lower case.
        """
        name = sha256(str(self.root.resolve()).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"hdh-{os.geteuid()}-{name}"

    def create(self) -> None:
        """Make every folder, closed to other accounts.

        Raises
        ------
        PublicError
            The folder of sockets belongs to somebody else.
        """
        if self.sockets.is_symlink() or (self.sockets.exists() and self.sockets.stat().st_uid != os.geteuid()):
            raise PublicError("run.sockets_taken", path=str(self.sockets))
        folders = (self.root, self.homes, self.datasets, self.catalogue, self.egress, self.workspaces, self.routes)
        for folder in (*folders, self.root / "keys", self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    def key(self, name: str) -> bytes:
        """Return the 32-byte key `name`, made at the first call and readable by its owner alone."""
        path = self.root / "keys" / name
        if not path.exists():
            draft = path.with_name(f".{name}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
            # A hard link appears whole or not at all, and never replaces the key of a process that was faster.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        return bytes.fromhex(path.read_text())
