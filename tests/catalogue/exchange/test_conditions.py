"""What a convention agrees on, in the terms of the standards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from rdflib import DCAT, DCTERMS, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.namespace import ODRL2

from hdh_jupyter.catalogue.convention import (
    Convention,
    Exclusivity,
    Price,
    Pricing,
    PricingModel,
    ScientificCredit,
    SimplifiedAccess,
    Step,
)
from hdh_jupyter.catalogue.exchange.publication import Publication
from hdh_jupyter.catalogue.exchange.rdf import description_of, graph_of, read_graph
from hdh_jupyter.catalogue.exchange.shapes_files import own_shapes
from hdh_jupyter.catalogue.exchange.validation import validate
from hdh_jupyter.catalogue.exchange.vocabulary import ADMS
from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.seed import first_records

NODE = URIRef(Publication().page("oscour"))


def stated(text: str) -> Fact[str]:
    return Fact(text, Certainty.OFFICIAL)


AGREED = Convention(
    scientific_credit=ScientificCredit(
        citation=stated("À citer ainsi"),
        doi=stated("10.1234/oscour"),
        publications=(stated("10.1/x"), stated("https://journal.example/y"), stated("Un article")),
    ),
    exclusivity=Exclusivity("Équipe A", "cancer", date(2026, 1, 1), date(2027, 12, 31), "préparation"),
    simplified_access=SimplifiedAccess((Step("avis du CESREES", "1 mois"),), lead_time_days=90),
    pricing=Pricing(PricingModel.FEE, prices=(Price("privé", "1000"),)),
)


@pytest.fixture(scope="module")
def oscour() -> Dataset:
    return replace(next(record for record in first_records() if record.id == "oscour"), convention=AGREED)


def test_credit_is_a_citation_an_identifier_and_publications(oscour: Dataset) -> None:
    bare = replace(oscour, citation=None)
    graph = description_of([bare], Publication())
    assert str(graph.value(NODE, DCTERMS.bibliographicCitation)) == "À citer ainsi"
    assert graph.value(graph.value(NODE, ADMS.identifier), SKOS.notation) == Literal("10.1234/oscour")
    references = {str(iri) for iri in graph.objects(NODE, DCTERMS.isReferencedBy)}
    assert references == {"https://doi.org/10.1/x", "https://journal.example/y"}
    own = description_of([replace(bare, citation=stated("La sienne"))], Publication())
    assert [str(v) for v in own.objects(NODE, DCTERMS.bibliographicCitation)] == ["La sienne"]


def test_exclusivity_is_a_policy_with_its_holder_and_its_days(oscour: Dataset) -> None:
    graph = description_of([oscour], Publication())
    [policy] = graph.objects(graph.value(NODE, DCAT.distribution), ODRL2.hasPolicy)
    prohibition = graph.value(policy, ODRL2.prohibition)
    assert graph.value(prohibition, ODRL2.action) == ODRL2.use
    constraints = {
        tuple(graph.value(c, part) for part in (ODRL2.leftOperand, ODRL2.operator, ODRL2.rightOperand))
        for c in graph.objects(prohibition, ODRL2.constraint)
    }
    assert constraints == {
        (ODRL2.recipient, ODRL2.neq, Literal("Équipe A")),
        (ODRL2.dateTime, ODRL2.gteq, Literal("2026-01-01", datatype=XSD.date)),
        (ODRL2.dateTime, ODRL2.lteq, Literal("2027-12-31", datatype=XSD.date)),
    }


def test_access_and_pricing_are_told_with_the_rights(oscour: Dataset) -> None:
    graph = description_of([oscour], Publication())
    rights = str(graph.value(graph.value(graph.value(NODE, DCAT.distribution), DCTERMS.rights), RDFS.label))
    assert "avis du CESREES (1 mois) ; délai indicatif : 90 jours" in rights
    assert rights.endswith("tarification : redevance (privé 1000 EUR)")


@pytest.mark.parametrize("convention", [Convention(), Convention(exclusivity=Exclusivity())], ids=["open", "nobody's"])
def test_what_is_open_or_held_by_nobody_is_no_policy(oscour: Dataset, convention: Convention) -> None:
    graph = description_of([replace(oscour, convention=convention)], Publication())
    assert set(graph.objects(None, ODRL2.hasPolicy)) == set()
    assert "tarification" not in graph.serialize(format="turtle")


def test_a_record_with_a_convention_conforms_and_comes_back(oscour: Dataset) -> None:
    graph: Graph = graph_of([oscour], Publication())
    assert validate(graph, own_shapes()) == ()
    assert read_graph(graph, "x").datasets == (oscour,)
