"""The shapes of what the catalogue's extension answers: text and numbers that the panel shows as text."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct

from .shapes import Count, Line, Missing

Year = Annotated[int, Meta(ge=0, le=9999)]


class Labels(Struct):
    fr: str
    en: str


class Regime(Struct):
    regime: Line
    label: str


class Usable(Struct):
    code: Literal["granted", "not_granted", "expired"]
    message: str


class CatalogueItem(Struct, tag_field="kind", tag="dataset"):
    id: Line
    title: str
    long_title: str | None
    summary: str | None
    steward: str
    coverage: str
    access: Regime
    conditions: str
    usable: Usable


class VariableItem(Struct, tag_field="kind", tag="variable"):
    """A variable, with all the tables of one dataset that have it."""

    dataset: Line
    dataset_title: str
    name: Line
    label: str | None
    type: Line | None
    tables: list[Line]
    table_count: Count
    years: Line | None
    restricted: bool
    usable: Usable


class FacetValue(Struct):
    value: str
    label: str
    count: Count


class SearchResults(Struct):
    total: Count
    relaxed: bool
    corrected: str | None
    message: str | None
    items: list[CatalogueItem | VariableItem]
    facets: dict[Line, list[FacetValue]]
    facet_labels: dict[Line, str]


class Suggestions(Struct):
    suggestions: list[str]


class Column(Struct):
    id: Line
    title: str
    steward: str


class Cell(Struct):
    named: bool
    variables: Count


class Topic(Struct):
    topic: str
    datasets: Count
    cells: dict[Line, Cell]


class Matrix(Struct):
    columns: list[Column]
    topics: list[Topic]


class Row(Struct):
    key: Line
    label: Labels
    value: str
    certainty: Line | Missing = UNSET
    to_confirm: bool | Missing = UNSET
    sources: list[Line] | Missing = UNSET
    note: str | Missing | None = UNSET


class Section(Struct):
    key: Line
    label: Labels
    rows: list[Row]


class Step(Struct):
    name: str
    delay: str | None


class Price(Struct):
    payer: str
    amount: str


class Term(Struct):
    key: Line
    label: Labels
    agreed: bool
    summary: str | None
    exclusive_today: bool | None
    rows: list[Row]
    steps: list[Step]
    prices: list[Price]


class Terms(Struct):
    status: str
    rows: list[Row]
    themes: list[Term]


class ForeignKey(Struct):
    variables: list[Line]
    table: Line
    targets: list[Line]


class TableLine(Struct):
    name: Line
    title: str | None
    description: str | None
    product: str | None
    variables: Count
    primary_key: list[Line]
    foreign_keys: list[ForeignKey]


class Link(Struct):
    label: Labels
    target: str
    note: str | None


class FilledYear(Struct):
    year: Year
    variables: Count | None


class YearMark(Struct):
    year: Year
    label: str
    value: str


class Years(Struct):
    first: Year
    last: Year
    goes_on: bool
    years: list[FilledYear]
    marks: list[YearMark]


class Completeness(Struct):
    share: float
    missing: list[str]


class Citation(Struct):
    text: str
    bibtex: str


class Source(Struct):
    id: Line
    reference: str
    licence: str | None


class CataloguePage(CatalogueItem, kw_only=True, tag_field="kind", tag="dataset"):
    sections: list[Section]
    convention: Terms
    tables: list[TableLine]
    links: list[Link]
    years: Years | None
    completeness: Completeness
    citation: Citation
    sources: list[Source]


class Code(Struct):
    code: str
    label: str


class CodeList(Struct):
    period: str | None
    valid_from: Line | None
    valid_until: Line | None
    current: bool
    codes: list[Code]


class Variable(Struct):
    name: Line
    type: Line
    label: str | None
    description: str | None
    format: str | None
    length: str | None
    unit: str | None
    nomenclature: str | None
    first_year: Year | None
    last_year: Year | None
    missing_years: list[Year]
    rule: str | None
    observation: str | None
    restricted: bool
    code_lists: list[CodeList]


class TableVariables(Struct):
    table: Line
    total: Count
    variables: list[Variable]


class Snippet(Struct):
    code: str


class Description(Struct):
    """An OpenAPI document, for programs."""

    openapi: Line
    info: dict[Line, Raw]
    paths: dict[Line, Raw]
    components: dict[Line, Raw]
