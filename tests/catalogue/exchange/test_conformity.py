"""What is exported conforms to the shapes that others validate with."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import Graph

from hdh_jupyter.catalogue.exchange.dcat import is_public
from hdh_jupyter.catalogue.exchange.dcat_files import read, write
from hdh_jupyter.catalogue.exchange.publication import Publication
from hdh_jupyter.catalogue.exchange.rdf import description_of, graph_of, read_graph
from hdh_jupyter.catalogue.exchange.rdf_files import Syntax, parse
from hdh_jupyter.catalogue.exchange.shapes_files import Shapes, own_shapes, read_shapes
from hdh_jupyter.catalogue.exchange.table_schema import read_folder
from hdh_jupyter.catalogue.exchange.validation import validate
from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.seed import first_records

from .test_conditions import AGREED

SHARED = Path(os.environ.get("HDH_SHARED_DATA", "/nonexistent"))
SHAPES = SHARED / "shacl"
with_shapes = pytest.mark.skipif(not SHAPES.is_dir(), reason="HDH_SHARED_DATA names no folder with shacl")
with_snds = pytest.mark.skipif(
    not (SHARED / "schema-snds").is_dir(), reason="HDH_SHARED_DATA names no folder with schema-snds"
)

CORE = "dcat-ap-3.0.1-shapes.ttl"
SENSITIVE = ("ehds-pilot-sensitive-data-shapes.ttl", "healthdcat-ap-r5-non-public-shapes.ttl")


@pytest.fixture(scope="module")
def seeds() -> list[Dataset]:
    return first_records()


@pytest.fixture(scope="module")
def published(seeds: list[Dataset]) -> Graph:
    return description_of(seeds, Publication())


@pytest.fixture(scope="module")
def not_public(seeds: list[Dataset]) -> list[Dataset]:
    found = [record for record in seeds if not is_public(record)]
    assert len(found) == 27
    return found


def described(name: str) -> Shapes:
    return read_shapes([SHAPES / name])


def told(graph: Graph, shapes: Shapes) -> list[str]:
    return [violation.message("en") for violation in validate(graph, shapes)]


def test_every_first_record_has_what_is_mandatory(published: Graph) -> None:
    assert told(published, own_shapes()) == []


def test_the_terms_of_our_own_disturb_nobody(seeds: list[Dataset]) -> None:
    assert told(graph_of(seeds[:3], Publication()), own_shapes()) == []


@with_shapes
def test_every_first_record_conforms_to_dcat_ap(published: Graph) -> None:
    assert told(published, described(CORE)) == []


@with_shapes
@pytest.mark.parametrize("name", SENSITIVE)
def test_records_that_are_not_public_conform_to_the_health_profiles(not_public: list[Dataset], name: str) -> None:
    assert told(description_of(not_public, Publication()), described(name)) == []


@with_shapes
@pytest.mark.parametrize("name", [CORE, *SENSITIVE])
def test_the_terms_of_a_convention_conform_too(not_public: list[Dataset], name: str) -> None:
    record = replace(not_public[0], convention=AGREED)
    assert told(description_of([record], Publication()), described(name)) == []


@with_shapes
def test_a_known_description_conforms_to_the_same_shapes() -> None:
    text = (SHARED / "oscour.ttl").read_bytes()
    graph = parse(text, Syntax.TURTLE, "oscour.ttl")
    for shapes in (own_shapes(), *map(described, (CORE, *SENSITIVE))):
        assert told(graph, shapes) == []
    [record] = read(text, Syntax.TURTLE, "oscour.ttl").datasets
    # Read here and exported again, it conforms as well, though nobody said what kind of database it is.
    health = description_of([record], Publication())
    for shapes in (own_shapes(), *map(described, (CORE, *SENSITIVE))):
        assert told(health, shapes) == []


@with_shapes
def test_each_profile_sees_what_is_taken_out(not_public: list[Dataset]) -> None:
    kindless = replace(not_public[0], kind=Fact("autre", Certainty.UNSOURCED))
    graph = description_of([kindless], Publication())
    for shapes in (own_shapes(), *map(described, SENSITIVE)):
        [violation] = validate(graph, shapes)
        assert (violation.record, violation.property, violation.rule) == (
            kindless.id,
            "healthdcatap:healthCategory",
            "min_count",
        )


@with_snds
def test_the_national_health_data_system_goes_out_and_comes_back_whole(not_public: list[Dataset]) -> None:
    tables = read_folder(SHARED / "schema-snds").tables
    snds = next(d for d in not_public if d.id == "snds_dcir")
    record = replace(snds, tables=tables)
    assert (len(tables), len(record.variables)) == (188, 4815)
    back = read_graph(graph_of([record], Publication()), "snds")
    assert (back.datasets, back.problems) == ((record,), ())
    # As a file, in which 4,815 variables are 73,000 statements, one product is enough for a test.
    dcir = replace(snds, tables=tuple(table for table in tables if table.product == "DCIR"))
    assert len(dcir.variables) == 433
    read_again = read(write([dcir], Publication(), Syntax.JSON_LD), Syntax.JSON_LD, "snds.jsonld")
    assert (read_again.datasets, read_again.problems) == ((dcir,), ())
