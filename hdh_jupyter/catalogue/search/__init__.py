"""Search in the catalogue: datasets and variables in one box.

`interface` says what is asked and answered, `query` how a query is understood, `entries` what is searched of a record,
`facets` what hits are filtered and counted by. `tantivy_index` and `sqlite_index` find; `folder_index` puts them behind
the interface, in a folder of `generations`. Also runs inside a workspace: imports the model and `words`, neither
SQLAlchemy nor JupyterHub.
"""

from .facets import DEFAULT_FACETS
from .interface import (
    EVERYTHING,
    PUBLIC,
    Audience,
    CatalogueIndex,
    Hit,
    HitKind,
    Index,
    Results,
    Selection,
)
from .opening import open_index
from .records import digest

__all__ = [
    "DEFAULT_FACETS",
    "EVERYTHING",
    "PUBLIC",
    "Audience",
    "CatalogueIndex",
    "Hit",
    "HitKind",
    "Index",
    "Results",
    "Selection",
    "digest",
    "open_index",
]
