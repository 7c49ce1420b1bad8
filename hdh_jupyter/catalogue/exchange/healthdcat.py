"""What HealthDCAT-AP adds to the description of a dataset: who gives access, categories, publisher, population."""

from __future__ import annotations

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef

from ..health import HealthDescription
from ..model import Dataset
from .dcat import NOT_KNOWN, add_contact, french, is_public
from .hostile import is_safe_iri
from .publication import Publication
from .vocabulary import (
    ADMS,
    CATEGORIES,
    CATEGORIES_BY_KIND,
    DCATAP,
    DPV,
    EHDS,
    HEALTH,
    PERSONAL_DATA,
    THEMES,
    THEMES_BY_WORD,
)


def categories(dataset: Dataset) -> tuple[str, ...]:
    """Return the categories of health data: the record's own, else the one that its kind suggests, else none."""
    if dataset.health and dataset.health.categories:
        return dataset.health.categories
    kind = dataset.kind.value.lower().replace("’", "'")
    return tuple(code for word, code in CATEGORIES_BY_KIND if word in kind)[:1]


def add_health(graph: Graph, node: URIRef, dataset: Dataset, publication: Publication) -> None:
    """Add to a description in DCAT-AP what the health profile asks of data that are not public."""
    health = dataset.health or HealthDescription()
    _add_concepts(graph, node, dataset, health)
    _add_numbers(graph, node, dataset, health)
    _add_texts(graph, node, dataset, health)
    if not is_public(dataset):
        graph.add((node, DCATAP.applicableLegislation, EHDS))
        graph.add((node, DCTERMS.type, PERSONAL_DATA))
        _add_access_body(graph, node, publication)
        _add_publisher(graph, node, dataset, health, publication)
        _add_sample(graph, node, dataset)


def _add_concepts(graph: Graph, node: URIRef, dataset: Dataset, health: HealthDescription) -> None:
    for code in categories(dataset):
        _add_listed(graph, node, HEALTH.healthCategory, code, str(CATEGORIES))
    for code in health.themes:
        _add_listed(graph, node, HEALTH.healthTheme, code, str(THEMES))
    if not health.themes:
        for word in dataset.themes or (dataset.kind.value,):
            if word in THEMES_BY_WORD:
                _add_listed(graph, node, HEALTH.healthTheme, THEMES_BY_WORD[word], str(THEMES))
            else:
                graph.add((node, HEALTH.healthTheme, _labelled(graph, SKOS.Concept, french(word), SKOS.prefLabel)))
    for name in dataset.coding:
        graph.add((node, HEALTH.hasCodingSystem, _labelled(graph, DCTERMS.Standard, french(name), DCTERMS.title)))


def _add_listed(graph: Graph, node: URIRef, predicate: URIRef, code: str, of_list: str) -> None:
    """Add a concept of a European list; validators look for the list that it is said to be in."""
    iri = code if is_safe_iri(code) else of_list + code
    if not is_safe_iri(iri):
        return
    concept = URIRef(iri)
    graph.add((node, predicate, concept))
    graph.add((concept, RDF.type, SKOS.Concept))
    graph.add((concept, SKOS.prefLabel, Literal(iri.rsplit("/", 1)[-1])))
    graph.add((concept, SKOS.inScheme, URIRef(of_list.rstrip("/"))))


def _add_numbers(graph: Graph, node: URIRef, dataset: Dataset, health: HealthDescription) -> None:
    numbers = {
        HEALTH.numberOfRecords: dataset.records.value if dataset.records else None,
        HEALTH.numberOfUniqueIndividuals: dataset.individuals.value if dataset.individuals else None,
        HEALTH.minTypicalAge: health.minimum_age,
        HEALTH.maxTypicalAge: health.maximum_age,
    }
    for predicate, number in numbers.items():
        if number is not None and number >= 0:
            graph.add((node, predicate, Literal(str(number), datatype=XSD.nonNegativeInteger)))


def _add_texts(graph: Graph, node: URIRef, dataset: Dataset, health: HealthDescription) -> None:
    if dataset.population:
        graph.add((node, HEALTH.populationCoverage, french(dataset.population.value)))
    said = dataset.provenance.value if dataset.provenance else f"Responsable de données : {dataset.steward.value}"
    graph.add((node, DCTERMS.provenance, _labelled(graph, DCTERMS.ProvenanceStatement, french(said), RDFS.label)))
    purpose = french(dataset.objective.value) if dataset.objective else NOT_KNOWN
    graph.add((node, DPV.hasPurpose, _labelled(graph, DPV.Purpose, purpose, DCTERMS.description)))
    for basis in health.legal_bases:
        graph.add((node, DPV.hasLegalBasis, _labelled(graph, DPV.LegalBasis, french(basis), DCTERMS.description)))


def _add_access_body(graph: Graph, node: URIRef, publication: Publication) -> None:
    body = URIRef(publication.base + "access-body")
    graph.add((node, HEALTH.hdab, body))
    if (body, RDF.type, FOAF.Agent) in graph:
        return
    graph.add((body, RDF.type, FOAF.Agent))
    graph.add((body, FOAF.name, french(publication.platform)))
    graph.add((body, FOAF.mbox, URIRef(f"mailto:{publication.email}")))
    graph.add((body, FOAF.homepage, URIRef(publication.homepage)))
    add_contact(graph, body, publication.platform, publication.email, publication)


def _add_publisher(
    graph: Graph, node: URIRef, dataset: Dataset, health: HealthDescription, publication: Publication
) -> None:
    publisher = graph.value(node, DCTERMS.publisher)
    if publisher is None:
        raise ValueError("the dataset has no publisher yet")
    kind = (
        URIRef(health.publisher_type)
        if health.publisher_type and is_safe_iri(health.publisher_type)
        else _labelled(graph, SKOS.Concept, NOT_KNOWN, SKOS.prefLabel)
    )
    graph.add((publisher, HEALTH.publisherType, kind))
    note = health.publisher_note or f"Responsable de données : {dataset.steward.value}"
    graph.add((publisher, HEALTH.publisherNote, french(note)))
    # Nobody is a trusted holder before being designated as one.
    trusted = "true" if health.trusted_holder else "false"
    graph.add((publisher, HEALTH.trustedDataHolder, Literal(trusted, datatype=XSD.boolean)))
    contact = dataset.contact.value if dataset.contact else ""
    add_contact(graph, publisher, dataset.steward.value, contact, publication)


def _add_sample(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    """Add what can be seen of the data without the data: how they are structured."""
    sample = URIRef(f"{node}/structure")
    graph.add((node, ADMS.sample, sample))
    graph.add((sample, RDF.type, DCAT.Distribution))
    graph.add((sample, DCTERMS.title, french(f"Structure de {dataset.name}, sans données")))
    graph.add((sample, DCAT.accessURL, node))
    graph.add((sample, DCATAP.applicableLegislation, EHDS))


def _labelled(graph: Graph, kind: URIRef, label: Literal, by: URIRef) -> BNode:
    node = BNode()
    graph.add((node, RDF.type, kind))
    graph.add((node, by, label))
    return node
