"""Variables as CSV on the Web: the document, and what HealthDCAT-AP embeds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from rdflib import DCTERMS, SKOS, Graph, Literal, URIRef

from hdh_jupyter.catalogue.exchange.bounds import Budget
from hdh_jupyter.catalogue.exchange.csvw import add_tables
from hdh_jupyter.catalogue.exchange.csvw_document import column_name, document, write
from hdh_jupyter.catalogue.exchange.csvw_reading import tables
from hdh_jupyter.catalogue.exchange.publication import Publication
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import CodeListVersion, ForeignKey, Table, Variable
from hdh_jupyter.errors import PublicError

OURS = Publication("https://catalogue.example/records/")
NODE = URIRef("https://catalogue.example/records/x")

BEFORE = CodeListVersion((("A", "0-14 ans"), ("B", "15 ans et plus")), None, date(2021, 11, 3))
AFTER = CodeListVersion((("A", "0-4 ans"), ("B", "5 ans et plus")), date(2021, 11, 4), None, "depuis novembre 2021")
AGE = Variable("classe-âge", "string", "Âge", length="1", code_lists=(BEFORE, AFTER), required=True)
YEAR = Variable(
    "an", "year", None, "Année", "any", unit="an", nomenclature="IR_AN", first_year=2006, missing_years=(2008, 2009),
    rule="Règle", concept="https://concepts.example/year",
)  # fmt: skip
SECRET = Variable("secret", "string", restricted=True)
PEOPLE = Table(
    "personnes", "Personnes", "Une ligne par personne", variables=(AGE, YEAR, SECRET), primary_key=("an",),
    foreign_keys=(
        ForeignKey(("an",), "années", ("an",)), ForeignKey(("an",), "ailleurs", ("x",)),
        ForeignKey(("secret",), "", ("an",)),
    ),
)  # fmt: skip
YEARS = Table("années", variables=(Variable("an", "year"),))


@pytest.fixture(scope="module")
def record() -> Dataset:
    seed = next(record for record in first_records() if record.id == "oscour")
    return replace(seed, tables=(PEOPLE, YEARS, Table("vide")))


def test_the_document_describes_every_table_that_has_variables(record: Dataset) -> None:
    made = json.loads(write(record, OURS))
    assert made["@context"] == ["http://www.w3.org/ns/csvw", {"@language": "fr"}]
    assert [table["url"] for table in made["tables"]] == ["personnes.csv", "ann%C3%A9es.csv"]
    schema = made["tables"][0]["tableSchema"]
    age, year = schema["columns"]
    assert age["name"] == "classe%2D%C3%A2ge"
    assert age["datatype"] == {"base": "string", "maxLength": 1}
    assert age["required"] is True
    assert (year["titles"], year["datatype"], year["dc:description"]) == ("an", "gYear", "Année")
    assert year["propertyUrl"] == "https://concepts.example/year"
    assert year["dc:temporal"]["dcat:startDate"] == {"@value": "2006", "@type": "xsd:gYear"}
    assert year["rdfs:comment"] == ["Règle", "Non renseignée : 2008, 2009"]
    assert year["dc:conformsTo"] == "IR_AN"
    assert schema["primaryKey"] == ["an"]


def test_code_lists_come_with_their_versions(record: Dataset) -> None:
    before, after = document(record, OURS)["tables"][0]["tableSchema"]["columns"][0]["dc:conformsTo"]
    assert before["dc:temporal"] == {
        "@type": "dc:PeriodOfTime",
        "dcat:endDate": {"@value": "2021-11-03", "@type": "xsd:date"},
    }
    assert after["dc:temporal"]["dcat:startDate"]["@value"] == "2021-11-04"
    assert after["dc:temporal"]["rdfs:label"] == "depuis novembre 2021"
    assert [(c["skos:notation"], c["skos:prefLabel"]) for c in after["skos:hasTopConcept"]] == [
        ("A", "0-4 ans"),
        ("B", "5 ans et plus"),
    ]


def test_keys_lead_to_what_is_described_alone(record: Dataset) -> None:
    [key] = document(record, OURS)["tables"][0]["tableSchema"]["foreignKeys"]
    assert key == {"columnReference": ["an"], "reference": {"resource": "ann%C3%A9es.csv", "columnReference": ["an"]}}


def test_restricted_variables_are_not_in_it(record: Dataset) -> None:
    assert b"secret" not in write(record, OURS)
    with pytest.raises(PublicError) as refused:
        write(replace(record, tables=(Table("t", variables=(SECRET,)),)), OURS)
    assert refused.value.code == "catalogue.exchange.no_variables"


NAMES = {
    "BEN_SEX_COD": "BEN_SEX_COD",
    "_x": "%5Fx",
    "a b": "a%20b",
    "é": "%C3%A9",
    "a-b.c~": "a%2Db%2Ec%7E",
    "_": "%5F",
}


@pytest.mark.parametrize(("name", "allowed"), NAMES.items())
def test_names_are_those_that_csvw_allows(name: str, allowed: str) -> None:
    assert column_name(name) == allowed


def test_what_healthdcat_ap_embeds_comes_back_but_for_what_it_has_no_term_for() -> None:
    graph = Graph(bind_namespaces="none")
    add_tables(graph, NODE, (PEOPLE, YEARS, Table("vide")))
    years, people = tables(graph, NODE, Budget("x"))
    assert years == Table("années", "années", variables=(Variable("an", "year"),))
    assert (people.name, people.title, people.description) == ("personnes", "Personnes", "Une ligne par personne")
    assert people.variables == (
        replace(AGE, length=None),
        Variable("an", "year", None, "Année", concept="https://concepts.example/year"),
        Variable("secret", "string"),
    )


def test_columns_of_others_have_an_order_whatever_they_say() -> None:
    csvw = "http://www.w3.org/ns/csvw#"
    numbered = {"c": "x", "b": "2", "a": "1", "d": "9" * 50}
    columns = "".join(f'<{csvw}column> [ <{csvw}name> "{c}" ; <{csvw}number> "{n}" ] ;' for c, n in numbered.items())
    schema = f"<{csvw}table> [ <{csvw}tableSchema> [ {columns} ] ]"
    text = f"<{NODE}> <http://healthdataportal.eu/ns/health#hasVariables> [ {schema} ] ."
    for _ in range(3):
        [table] = tables(Graph().parse(data=text, format="turtle"), NODE, Budget("x"))
        assert [v.name for v in table.variables] == ["c", "d", "a", "b"]


def test_codes_are_concepts_of_a_list() -> None:
    graph = Graph(bind_namespaces="none")
    add_tables(graph, NODE, (Table("t", variables=(AGE,)),))
    schemes = set(graph.objects(None, DCTERMS.conformsTo))
    assert len(schemes) == 2
    notations = {
        str(v) for s in schemes for c in graph.objects(s, SKOS.hasTopConcept) for v in graph.objects(c, SKOS.notation)
    }
    assert notations == {"A", "B"}
    assert (None, SKOS.prefLabel, Literal("0-4 ans", lang="fr")) in graph
