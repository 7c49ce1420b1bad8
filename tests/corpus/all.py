"""Every family, registered by being imported."""

from . import (
    block_cells,
    clean_documents,
    clean_lists,
    clean_statistics,
    clean_tables,
    figures,
)
from .cases import CASES, GROUPS

__all__ = ["CASES", "FAMILIES", "GROUPS"]

FAMILIES = (block_cells, clean_documents, clean_lists, clean_statistics, clean_tables, figures)
