"""The Jupyter server extension."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.extension.application import ExtensionApp
from traitlets import Unicode

from hdh_jupyter.catalogue.search import open_index

from .handlers import DescriptionHandler
from .record_handlers import DatasetHandler, SnippetHandler, VariablesHandler
from .rights import ProjectRights
from .search_handlers import MatrixHandler, SearchHandler, SuggestHandler


class CatalogueExtension(ExtensionApp):
    """Serves the catalogue's panel in JupyterLab."""

    name = "hdh_catalogue"

    catalogue_folder = Unicode(
        "/catalogue",
        config=True,
        help="Read the catalogue from this folder, written by the hub zone. An absolute path.",
    )
    project_file = Unicode(
        "/catalogue/project.json",
        config=True,
        help="Read from this file what the project may use. An absolute path; without the file, nothing is usable.",
    )

    def initialize_settings(self) -> None:
        self.settings["hdh_catalogue_index"] = open_index(Path(self.catalogue_folder))
        self.settings["hdh_catalogue_rights"] = ProjectRights(Path(self.project_file), self.log)

    def initialize_handlers(self) -> None:
        dataset = r"hdh-catalogue/datasets/(?P<dataset>[a-z0-9_-]+)"
        self.handlers.extend(
            [
                (r"hdh-catalogue/openapi\.json", DescriptionHandler),
                (r"hdh-catalogue/search", SearchHandler),
                (r"hdh-catalogue/suggest", SuggestHandler),
                (r"hdh-catalogue/matrix", MatrixHandler),
                (dataset, DatasetHandler),
                (dataset + "/variables", VariablesHandler),
                (dataset + "/snippet", SnippetHandler),
            ]
        )
