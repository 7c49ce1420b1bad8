"""Search in the catalogue: datasets and variables in one box.

`interface` says what is asked and answered. Also runs inside a workspace: imports the model and `words`, neither
SQLAlchemy nor JupyterHub.
"""

from .interface import (
    PUBLIC,
    Audience,
    CatalogueIndex,
    Hit,
    HitKind,
    Index,
)
from .single_file import EVERYTHING, Results, SearchIndex, Selection, digest

__all__ = [
    "EVERYTHING",
    "PUBLIC",
    "Audience",
    "CatalogueIndex",
    "Hit",
    "HitKind",
    "Index",
    "Results",
    "SearchIndex",
    "Selection",
    "digest",
]
