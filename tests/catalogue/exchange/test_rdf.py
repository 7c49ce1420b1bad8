"""Records in DCAT-AP and HealthDCAT-AP, and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import DCAT, DCTERMS, RDF, BNode, Graph, Literal, Namespace, URIRef

from hdh_jupyter.catalogue.convention import Convention, Pricing, PricingModel
from hdh_jupyter.catalogue.exchange.bounds import Budget
from hdh_jupyter.catalogue.exchange.dcat_files import describe, read, write
from hdh_jupyter.catalogue.exchange.own_terms import DamagedRecord, read_record
from hdh_jupyter.catalogue.exchange.publication import Publication
from hdh_jupyter.catalogue.exchange.rdf import description_of, graph_of, read_graph
from hdh_jupyter.catalogue.exchange.rdf_files import Syntax, parse, written
from hdh_jupyter.catalogue.exchange.vocabulary import HDH, HEALTH
from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset, Regime, from_document, to_document
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import CodeListVersion, Table, Variable
from hdh_jupyter.errors import PublicError

from .record_strategies import records

OURS = Publication("https://catalogue.example/records/")
CSVW = Namespace("http://www.w3.org/ns/csvw#")


@pytest.fixture(scope="module")
def seeds() -> dict[str, Dataset]:
    return {record.id: record for record in first_records()}


@pytest.mark.parametrize("syntax", Syntax)
def test_the_first_records_come_back_whole(seeds: dict[str, Dataset], syntax: Syntax) -> None:
    back = read(write(seeds.values(), OURS, syntax), syntax, "x")
    assert {record.id: record for record in back.datasets} == seeds
    assert len(seeds) == 31
    assert not back.problems


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(records, st.sampled_from(Syntax))
def test_a_record_comes_back_from_what_was_written(record: Dataset, syntax: Syntax) -> None:
    back = read(write([record], OURS, syntax), syntax, "x")
    assert back.datasets == (record,)
    assert not back.problems


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(records)
def test_a_description_never_says_what_is_not_for_everybody(record: Dataset) -> None:
    secret = Variable("SECRET_COD", "string", "Secret", restricted=True)
    hidden = replace(record, tables=(*record.tables, Table("secret_table", variables=(secret, Variable("v", "any")))))
    for syntax in Syntax:
        assert b"SECRET_COD" not in describe([hidden], OURS, syntax)
    assert not set(description_of([hidden], OURS).predicates()) & {HDH.record, HDH["published-as"]}


def test_another_catalogues_description_becomes_a_record_with_its_page_as_source() -> None:
    theirs = """
        @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
        @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix h: <http://healthdataportal.eu/ns/health#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
        @prefix csvw: <http://www.w3.org/ns/csvw#> .
        <https://other.example/dataset/Été-2020> a dcat:Dataset ; dct:title "Summer"@en, "Été 2020"@fr ;
            dct:description "Une étude"@fr ; dct:publisher [ a foaf:Agent ; foaf:name "Inserm" ] ;
            dcat:keyword "b"@fr, "a"@fr, "c"@en ; h:numberOfRecords "1200"^^xsd:nonNegativeInteger ;
            h:healthCategory <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/RQSH> ;
            h:minTypicalAge "18"^^xsd:nonNegativeInteger ; dct:temporal [ dcat:startDate "2019-05-01"^^xsd:date ] ;
            dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/ANNUAL> ;
            dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
            dcat:contactPoint [ vcard:hasEmail <mailto:etude@inserm.example> ] ;
            dcat:distribution [ dct:title "CSV" ; dcat:accessURL <https://other.example/file> ; dcat:byteSize 12 ;
                dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ] ;
            h:hasVariables [ csvw:table [ dct:title "people" ; csvw:column
                [ csvw:name "sex" ; csvw:titles "Sexe"@fr ; csvw:datatype "integer" ; dct:description "Codé" ] ] ] .
    """
    back = read(theirs.encode(), Syntax.TURTLE, "other.ttl")
    [record] = back.datasets
    assert (record.id, record.name) == ("ete-2020", "Été 2020")
    assert record.steward == Fact("Inserm", Certainty.SECONDARY, ("import",))
    assert [(s.id, s.reference) for s in record.sources] == [("import", "https://other.example/dataset/Été-2020")]
    assert record.themes == ("a", "b")
    assert record.access.regime.value is Regime.OPEN
    assert (record.first_year, record.last_year) == (2019, None)
    assert record.frequency is not None
    assert record.frequency.value == "annuelle"
    assert record.records is not None
    assert (record.records.value, record.records.certainty) == (1200, Certainty.SECONDARY)
    assert record.contact is not None
    assert record.contact.value == "etude@inserm.example"
    assert record.health is not None
    assert (record.health.categories, record.health.minimum_age) == (("RQSH",), 18)
    [distribution] = record.distributions
    assert (distribution.format, distribution.size) == ("CSV", 12)
    assert record.tables == (Table("people", "people", variables=(Variable("sex", "integer", "Sexe", "Codé"),)),)
    # What nobody said is not made up.
    assert record.kind.to_confirm
    assert record.membership.to_confirm
    assert record.convention == Convention()
    assert not back.problems


def test_what_somebody_else_changed_is_taken_over_and_the_rest_stays(seeds: dict[str, Dataset]) -> None:
    secret = Variable("SECRET", "string", "S", restricted=True, code_lists=(CodeListVersion((("1", "un"),)),))
    agreed = Convention(reference="C-1", pricing=Pricing(PricingModel.FREE))
    before = replace(
        seeds["oscour"], tables=(*seeds["oscour"].tables, Table("t", variables=(secret,))), convention=agreed
    )
    graph = graph_of([before], OURS)
    node = URIRef(OURS.page("oscour"))
    graph.set((node, DCTERMS.title, Literal("OSCOUR 2", lang="fr")))
    graph.set((node, DCTERMS.description, Literal("Autre résumé", lang="fr")))
    column = graph.value(None, CSVW.name, Literal("SECRET"))
    assert column is not None
    graph.set((column, CSVW.titles, Literal("Renommée", lang="fr")))
    back = read(written(graph, Syntax.TURTLE), Syntax.TURTLE, "x")
    [after] = back.datasets
    assert (after.name, after.summary) == ("OSCOUR 2", Fact("Autre résumé", Certainty.SECONDARY, ("import",)))
    renamed = replace(secret, label="Renommée")
    assert after.tables == (*seeds["oscour"].tables, Table("t", variables=(renamed,)))
    assert after.sources[:-1] == before.sources
    assert after.sources[-1].id == "import"
    kept = replace(after, name=before.name, summary=before.summary, tables=before.tables, sources=before.sources)
    assert kept == before
    [problem] = back.problems
    assert (problem.code, problem.where, problem.params) == (
        "changed_elsewhere",
        "oscour",
        {"fields": "name, summary, tables"},
    )


def test_a_table_and_a_variable_may_come_and_go(seeds: dict[str, Dataset]) -> None:
    a, b = Variable("a", "string", unit="kg"), Variable("b", "integer")
    before = replace(
        seeds["pmsi"], tables=(Table("t", variables=(a, b), primary_key=("a",)), Table("u", variables=(b,)))
    )
    graph = graph_of([before], OURS)
    group = graph.value(URIRef(OURS.page("pmsi")), HEALTH.hasVariables)
    tables = {str(graph.value(t, CSVW.name)): t for t in graph.objects(group, CSVW.table)}
    graph.remove((group, CSVW.table, tables["u"]))
    gone = next(c for c in graph.objects(tables["t"], CSVW.column) if graph.value(c, CSVW.name) == Literal("b"))
    graph.remove((tables["t"], CSVW.column, gone))
    new = BNode()
    graph.add((tables["t"], CSVW.column, new))
    graph.add((new, CSVW.name, Literal("c")))
    graph.add((new, CSVW.datatype, Literal("date")))
    [after] = read_graph(graph, "x").datasets
    assert after.tables == (Table("t", variables=(a, Variable("c", "date")), primary_key=("a",)),)


def test_a_damaged_record_of_ours_falls_back_to_its_description(seeds: dict[str, Dataset]) -> None:
    graph = graph_of([seeds["sidep"]], OURS)
    record = graph.value(URIRef(OURS.page("sidep")), HDH.record)
    assert record is not None
    graph.remove((record, HDH.id, None))
    back = read_graph(graph, "x")
    assert [problem.code for problem in back.problems] == ["damaged_record"]
    assert back.datasets[0].name == seeds["sidep"].name


def test_two_records_with_one_identifier_and_none_at_all_are_told() -> None:
    twice = "".join(f'<https://{n}.example/xyz> a <{DCAT.Dataset}> ; <{DCTERMS.title}> "{n}" .' for n in ("one", "two"))
    back = read(twice.encode(), Syntax.TURTLE, "f.ttl")
    assert [d.name for d in back.datasets] == ["one"]
    assert [(p.code, p.where) for p in back.problems] == [("repeated_record", "f.ttl xyz")]
    assert [p.code for p in read(b"", Syntax.TURTLE, "f.ttl").problems] == ["no_dataset"]


LOOPS = {
    "00 a list that ends nowhere": "_:l rdf:first 1 ; rdf:rest _:l . <x:d> hdh:record [ hdh:themes _:l ] .",
    "01 a node inside itself": "_:r hdh:access _:r . <x:d> hdh:record _:r .",
    "02 a node at two places": "<x:d> hdh:record [ hdh:access _:a ; hdh:convention _:a ] . _:a hdh:regime 1 .",
    "03 a list with a gap": "<x:d> hdh:record [ hdh:themes _:l ] . _:l rdf:first 1 ; rdf:rest [ rdf:rest () ] .",
    "04 no record": "<x:d> hdh:record 7 .",
    "05 another type": '<x:d> hdh:record [ hdh:id ( 1 2 ) ; hdh:name "n" ] .',
}


@pytest.mark.parametrize("said", LOOPS.values(), ids=LOOPS)
def test_a_record_that_was_tampered_with_is_damaged_not_endless(said: str) -> None:
    prefixes = f"@prefix hdh: <{HDH}> . @prefix rdf: <{RDF}> . "
    text = f"{prefixes} {said} <x:d> hdh:published-as [ hdh:base 'https://a.example/' ] ."
    graph = parse(text.encode(), Syntax.TURTLE, "x")
    with pytest.raises(DamagedRecord):
        read_record(graph, URIRef("x:d"), Budget("x"))


def test_a_catalogue_lists_its_records(seeds: dict[str, Dataset]) -> None:
    graph = Graph().parse(data=describe(seeds.values(), OURS, Syntax.TURTLE), format="turtle")
    [catalogue] = graph.subjects(RDF.type, DCAT.Catalog)
    listed = set(graph.objects(catalogue, DCAT.dataset))
    assert listed == set(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(listed) == 31


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(Syntax))
def test_a_damaged_file_is_read_or_refused_and_never_breaks_anything(
    files: dict[Syntax, bytes], data: st.DataObject, syntax: Syntax
) -> None:
    content = files[syntax]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 60)))
        piece = data.draw(
            st.binary(max_size=6) | st.sampled_from([b'"', b"[", b"<", b"@id", b"{", b"\\", b"()", b"_:a"])
        )
        content = content[:start] + piece + content[end:]
    try:
        found = read(content, syntax, "damaged")
    except PublicError:
        return
    assert all(problem.message("fr") for problem in found.problems)
    assert all(from_document(to_document(record)) == record for record in found.datasets)


@pytest.fixture(scope="module")
def files(seeds: dict[str, Dataset]) -> dict[Syntax, bytes]:
    return {syntax: write([seeds["sursaud_open"]], OURS, syntax) for syntax in Syntax}
