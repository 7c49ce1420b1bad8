"""A record as DCAT-AP 3 describes datasets.

What a record does not say is left out. Where the standard demands a value that is not known, the description says that
it is not known; nothing is made up.
"""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from ..model import Dataset, Distribution, LinkKind, Regime
from .conditions import add_credit, add_exclusivity, agreed
from .csvw import add_tables
from .hostile import is_safe_iri
from .publication import Publication
from .vocabulary import (
    ACCESS_RIGHT,
    COUNTRY,
    DCATAP,
    EHDS,
    FILE_TYPE,
    FILE_TYPES,
    FREQUENCIES,
    FREQUENCY,
    HEALTH_THEME_OF_DATA,
    VCARD,
)

LINKS = {
    LinkKind.DERIVED_FROM: DCTERMS.source,
    LinkKind.LINKABLE_WITH: DCTERMS.relation,
    LinkKind.REPLACES: DCTERMS.replaces,
    LinkKind.PART_OF: DCTERMS.isPartOf,
}

NOT_KNOWN = Literal("non précisé", lang="fr")


def french(text: str) -> Literal:
    """Return a text in the language that records are written in."""
    return Literal(text, lang="fr")


def is_public(dataset: Dataset) -> bool:
    """Tell whether the data themselves are open; whatever needs any permission is not."""
    return dataset.access.regime.value is Regime.OPEN


def add_dataset(graph: Graph, dataset: Dataset, publication: Publication) -> URIRef:
    """Add what DCAT-AP says of a dataset, its distributions and its tables; return its node."""
    node = URIRef(publication.page(dataset.id))
    add = _Adder(graph, node)
    add(RDF.type, DCAT.Dataset)
    add(DCTERMS.title, french(dataset.name))
    if dataset.long_name:
        add(DCTERMS.alternative, french(dataset.long_name.value))
    add(DCTERMS.description, french(described(dataset)))
    add(DCTERMS.identifier, Literal(node, datatype=XSD.anyURI))
    add(DCTERMS.accessRights, ACCESS_RIGHT.PUBLIC if is_public(dataset) else ACCESS_RIGHT.NON_PUBLIC)
    add(DCAT.theme, HEALTH_THEME_OF_DATA)
    for theme in dataset.themes or (dataset.kind.value,):
        add(DCAT.keyword, french(theme))
    _add_coverage(add, dataset, publication)
    publisher = add.node(DCTERMS.publisher, FOAF.Agent)
    graph.add((publisher, FOAF.name, french(dataset.steward.value)))
    add_contact(graph, node, dataset.steward.value, dataset.contact.value if dataset.contact else "", publication)
    add_credit(graph, node, dataset)
    for link in dataset.links:
        target = link.target if is_safe_iri(link.target) else publication.page(link.target)
        add(LINKS[link.kind], URIRef(target))
    add_tables(graph, node, dataset.tables)
    _add_distributions(graph, node, dataset)
    return node


def add_catalogue(graph: Graph, records: Iterable[Dataset], publication: Publication) -> None:
    """Add the catalogue that records are in, with who publishes it."""
    catalogue = URIRef(publication.base)
    publisher = BNode()
    for statement in (
        (catalogue, RDF.type, DCAT.Catalog),
        (catalogue, DCTERMS.title, french(f"Catalogue : {publication.platform}")),
        (catalogue, DCTERMS.description, french(f"Bases de données de santé décrites par : {publication.platform}")),
        (catalogue, DCATAP.applicableLegislation, EHDS),
        (catalogue, DCTERMS.publisher, publisher),
        (publisher, RDF.type, FOAF.Agent),
        (publisher, FOAF.name, french(publication.platform)),
        *((catalogue, DCAT.dataset, URIRef(publication.page(dataset.id))) for dataset in records),
    ):
        graph.add(statement)


def described(dataset: Dataset) -> str:
    """Return the summary, or where there is none what the record says in its place."""
    if dataset.summary:
        return dataset.summary.value
    name = dataset.long_name.value if dataset.long_name else dataset.name
    return f"{name} ({dataset.kind.value})"


def add_contact(graph: Graph, node: Node, name: str, contact: str, publication: Publication) -> None:
    """Add a contact point with an address and a page, the platform's where `contact` is neither."""
    card = BNode()
    graph.add((node, DCAT.contactPoint, card))
    graph.add((card, RDF.type, VCARD.Kind))
    graph.add((card, VCARD.fn, Literal(name)))
    is_address = "@" in contact and is_safe_iri(f"mailto:{contact}") and ":" not in contact
    graph.add((card, VCARD.hasEmail, URIRef(f"mailto:{contact if is_address else publication.email}")))
    page = contact if not is_address and is_safe_iri(contact) else publication.homepage
    graph.add((card, VCARD.hasURL, URIRef(page)))


class _Adder:
    """Adds statements about one node."""

    def __init__(self, graph: Graph, node: URIRef) -> None:
        self.graph = graph
        self.subject = node

    def __call__(self, predicate: URIRef, value: Node) -> None:
        self.graph.add((self.subject, predicate, value))

    def node(self, predicate: URIRef, kind: URIRef) -> BNode:
        """Add a node without a name, and return it."""
        made = BNode()
        self(predicate, made)
        self.graph.add((made, RDF.type, kind))
        return made

    def labelled(self, predicate: URIRef, kind: URIRef, label: Literal, by: URIRef = RDFS.label) -> None:
        self.graph.add((self.node(predicate, kind), by, label))


def _add_coverage(add: _Adder, dataset: Dataset, publication: Publication) -> None:
    add(DCTERMS.spatial, COUNTRY[publication.country])
    if dataset.geography:
        add.labelled(DCTERMS.spatial, DCTERMS.Location, french(dataset.geography.value), SKOS.prefLabel)
    years = {DCAT.startDate: dataset.first_year, DCAT.endDate: dataset.last_year}
    known = {predicate: year for predicate, year in years.items() if year is not None and 1000 <= year <= 9999}
    if known:
        period = add.node(DCTERMS.temporal, DCTERMS.PeriodOfTime)
        for predicate, year in known.items():
            add.graph.add((period, predicate, Literal(str(year), datatype=XSD.gYear, normalize=False)))
    if dataset.frequency:
        said = dataset.frequency.value
        if said in FREQUENCIES:
            add(DCTERMS.accrualPeriodicity, FREQUENCY[FREQUENCIES[said]])
        else:
            add.labelled(DCTERMS.accrualPeriodicity, DCTERMS.Frequency, french(said))


def _add_distributions(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    known = dataset.distributions or (Distribution(f"Accès à {dataset.name}"),)
    for number, distribution in enumerate(known, 1):
        form = URIRef(f"{node}/distribution/{number}")
        graph.add((node, DCAT.distribution, form))
        add = _Adder(graph, form)
        add(RDF.type, DCAT.Distribution)
        add(DCTERMS.title, french(distribution.title))
        url = distribution.access_url or ""
        # Where no page is known, the record's own says how the data are reached.
        add(DCAT.accessURL, URIRef(url) if is_safe_iri(url) else node)
        if not is_public(dataset):
            add(DCATAP.applicableLegislation, EHDS)
        # The pilot's shapes demand a number: 0 stands for a size that nobody stated, as in their own example.
        size = distribution.size if distribution.size is not None and distribution.size >= 0 else 0
        add(DCAT.byteSize, Literal(str(size), datatype=XSD.nonNegativeInteger))
        _add_format(add, distribution.format)
        if distribution.media_type:
            add.labelled(DCAT.mediaType, DCTERMS.MediaType, Literal(distribution.media_type))
        add.labelled(
            DCTERMS.rights, DCTERMS.RightsStatement, french(distribution.rights or _conditions(dataset)), RDFS.label
        )
        add_exclusivity(graph, form, dataset.convention.exclusivity)
        licence = distribution.licence or (dataset.access.licence.value if dataset.access.licence else None)
        if licence and is_safe_iri(licence):
            add(DCTERMS.license, URIRef(licence))
        elif licence:
            add.labelled(DCTERMS.license, DCTERMS.LicenseDocument, french(licence))


def _add_format(add: _Adder, form: str | None) -> None:
    if form and form.upper() in FILE_TYPES:
        add(DCTERMS.format, FILE_TYPE[form.upper()])
    elif form and is_safe_iri(form):
        add(DCTERMS.format, URIRef(form))
    else:
        add.labelled(DCTERMS.format, DCTERMS.MediaTypeOrExtent, french(form) if form else NOT_KNOWN)


def _conditions(dataset: Dataset) -> str:
    """Return in words what a project goes through."""
    said = [procedure.label.value for procedure in dataset.access.procedures]
    said += [condition.value for condition in dataset.access.conditions]
    said += agreed(dataset)
    return " ; ".join(said) or ("Données ouvertes" if is_public(dataset) else "Accès soumis à autorisation")
