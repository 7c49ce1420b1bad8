"""The Jupyter server extension."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.extension.application import ExtensionApp
from traitlets import Unicode

from hdh_jupyter.catalogue.search import SearchIndex

from .handlers import DatasetHandler, SearchHandler, SnippetHandler
from .rights import ProjectRights


class CatalogueExtension(ExtensionApp):
    """Serves the catalogue's panel in JupyterLab."""

    name = "hdh_catalogue"

    catalogue_file = Unicode(
        "/catalogue/catalogue.sqlite",
        config=True,
        help="Read catalogue records from this file, written by the hub zone. An absolute path.",
    )
    project_file = Unicode(
        "/catalogue/project.json",
        config=True,
        help="Read from this file what the project may use. An absolute path; without the file, nothing is usable.",
    )

    def initialize_settings(self) -> None:
        self.settings["hdh_catalogue_index"] = SearchIndex(Path(self.catalogue_file))
        self.settings["hdh_catalogue_rights"] = ProjectRights(Path(self.project_file), self.log)

    def initialize_handlers(self) -> None:
        dataset = r"hdh-catalogue/datasets/(?P<dataset>[a-z0-9_-]+)"
        self.handlers.extend(
            [
                (r"hdh-catalogue/search", SearchHandler),
                (dataset, DatasetHandler),
                (dataset + "/snippet", SnippetHandler),
            ]
        )
