"""What a request asks for: read from its parameters, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tornado.web import RequestHandler

from hdh_jupyter.catalogue.search import Audience, HitKind, Selection
from hdh_jupyter.errors import PublicError

from .rights import Right, Usable

MAX_QUERY = 200
MAX_PAGE = 100
MAX_VARIABLES = 500
MAX_OFFSET = 1_000_000
MAX_CONDITIONS = 50
KINDS: Mapping[str, HitKind | None] = {"all": None, "dataset": HitKind.DATASET, "variable": HitKind.VARIABLE}


@dataclass(frozen=True)
class Asked:
    """What is searched for: words, conditions by facet, and whether only among the datasets that may be used."""

    words: str
    facets: Mapping[str, tuple[str, ...]]
    kind: HitKind | None
    datasets: tuple[str, ...]
    usable: bool

    def within(self, rights: Mapping[str, Right], without: str | None = None) -> Selection:
        """Return what the index is asked, for a project with these rights; `without` leaves a facet's condition out."""
        granted = frozenset(name for name, right in rights.items() if right.usable is Usable.GRANTED)
        only = frozenset(self.datasets) if self.datasets else None
        if self.usable:
            only = granted if only is None else granted & only
        facets = {name: values for name, values in self.facets.items() if name != without}
        return Selection(facets=facets or None, only=only, audience=Audience(granted), kind=self.kind)


def asked(handler: RequestHandler) -> Asked:
    """Return what a request asks for.

    Raises
    ------
    PublicError
        A parameter is too long, or not one of its values.
    """
    words = handler.get_query_argument("q", "", strip=False).lstrip()
    if len(words) > MAX_QUERY:
        raise PublicError("catalogue.query_too_long", most=MAX_QUERY)
    kind = handler.get_query_argument("kind", "all")
    if kind not in KINDS:
        raise PublicError("catalogue.panel.bad_kind")
    usable = handler.get_query_argument("usable", "false") or "false"
    if usable not in ("true", "false"):
        raise PublicError("catalogue.bad_usable")
    datasets = handler.get_query_arguments("dataset")
    return Asked(
        words, _facets(handler), KINDS[kind], tuple(dict.fromkeys(datasets[:MAX_CONDITIONS])), usable == "true"
    )


def number(handler: RequestHandler, name: str, default: int, least: int, most: int) -> int:
    """Return a whole number of a request.

    Raises
    ------
    PublicError
        It is none, or out of its bounds.
    """
    text = handler.get_query_argument(name, "") or str(default)
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        raise PublicError("catalogue.bad_number", name=name, least=least, most=most)
    return int(text)


def _facets(handler: RequestHandler) -> Mapping[str, tuple[str, ...]]:
    given = handler.get_query_arguments("facet", strip=False)
    if len(given) > MAX_CONDITIONS:
        raise PublicError("catalogue.panel.too_many_conditions", most=MAX_CONDITIONS)
    facets: dict[str, tuple[str, ...]] = {}
    for condition in given:
        name, colon, value = condition.partition(":")
        if not colon or not name or not value or len(condition) > MAX_QUERY:
            raise PublicError("catalogue.panel.bad_condition")
        facets[name] = (*facets.get(name, ()), value)
    return facets
