"""The catalogue inside a workspace: search, records, and the code that reads a granted dataset.

It reads two files that the hub zone binds in read-only. What it says of a project's rights is information: what can
be read is decided by what is mounted below `/data`. Imports `hdh_jupyter`'s `errors` and `i18n`,
and of its `catalogue` what runs in a workspace.
"""

from .app import CatalogueExtension

__all__ = ["CatalogueExtension"]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    return [{"module": "hdh_catalogue", "app": CatalogueExtension}]
