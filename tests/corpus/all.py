"""Every family, registered by being imported."""

from . import (
    block_cells,
    clean_statistics,
    clean_tables,
)
from .cases import CASES, GROUPS

__all__ = ["CASES", "FAMILIES", "GROUPS"]

FAMILIES = (block_cells, clean_statistics, clean_tables)
