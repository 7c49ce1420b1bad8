"""What a deployment decides of the search in the catalogue."""

from __future__ import annotations

from typing import Any

from traitlets import Dict, TraitError, Unicode, validate
from traitlets.config import Configurable

from .facets import DEFAULT_FACETS, declared


class CatalogueSearch(Configurable):
    """How the catalogue is searched."""

    facets = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        default_value=dict(DEFAULT_FACETS),
        config=True,
        help="""Filter and count hits by these facets, in this order: each name with its source.

        A source is a path in a record (`steward`, `access.regime`, `coding`), or one of `exclusivity` and `usable`
        (today), `pricing`, `years`. Names are small letters, digits and underscores, 31 at most. Published when the
        platform starts; workspaces that run see it at once.
        """,
    )

    @validate("facets")
    def _names(self, proposal: dict[str, Any]) -> dict[str, str]:
        try:
            declared(proposal["value"])
        except ValueError as error:
            raise TraitError(str(error)) from error
        facets: dict[str, str] = proposal["value"]
        return facets
