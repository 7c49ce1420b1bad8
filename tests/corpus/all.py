"""Every family, registered by being imported."""

from . import (
    block_cells,
    block_disguised,
    block_hidden,
    block_more,
    block_persons,
    block_tables,
    captions,
    clean_documents,
    clean_lists,
    clean_published,
    clean_rich,
    clean_statistics,
    clean_tables,
    figures,
    flag,
    groups,
    models,
    second_half,
)
from .cases import CASES, GROUPS, cases_of

__all__ = ["CASES", "FAMILIES", "GROUPS", "cases_of"]

FAMILIES = (
    block_cells,
    block_disguised,
    block_hidden,
    block_more,
    block_persons,
    block_tables,
    captions,
    clean_documents,
    clean_lists,
    clean_published,
    clean_rich,
    clean_statistics,
    clean_tables,
    figures,
    flag,
    groups,
    models,
    second_half,
)
