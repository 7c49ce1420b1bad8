"""`hdh-jupyter init`: an empty platform, without the demonstration."""

from __future__ import annotations

from ..catalogue import snapshot
from ..catalogue.seed import seed
from ..catalogue.store import CatalogueStore
from ..db import open_database
from ..errors import PublicError
from .administration import open_platform
from .base import Command, speak


class Init(Command):
    """Make an empty platform: the state folder, its tables and the catalogue, without the demonstration.

    Register somebody before the first `run`, which would otherwise make the demonstration. On a platform that is there
    already it adds only what is missing.
    """

    def start(self) -> None:
        try:
            if self.state.mark.exists():
                open_platform(self.state)
            elif self.state.root.exists() and any(self.state.root.iterdir()):
                raise PublicError("admin.not_empty", 409, path=str(self.state.root))
            self.state.create()
        except PermissionError as error:
            raise PublicError("admin.closed_folder", 403, path=str(self.state.root)) from error
        database = open_database(self.state.database_url)
        database.upgrade()
        catalogue = CatalogueStore(database)
        seed(catalogue)
        snapshot.refresh(catalogue, self.state.catalogue)
        speak("admin.initialised", path=str(self.state.root))
