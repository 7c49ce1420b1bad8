"""What a convention's agreed themes say in the terms of the standards; what is still open says nothing.

Scientific credit becomes a citation, an identifier and publications; exclusivity a policy in ODRL 2.2 on each
distribution: nobody but its holder may use the data, during its period. Simplified access and pricing have no terms:
they are part of the sentence on rights.
"""

from __future__ import annotations

from datetime import date

from rdflib import DCTERMS, RDF, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.namespace import ODRL2

from ..convention import Exclusivity, Pricing, PricingModel, SimplifiedAccess
from ..model import Dataset
from .hostile import is_safe_iri
from .vocabulary import ADMS

DOI = "https://doi.org/"

PRICES = {
    PricingModel.FREE: "gratuit",
    PricingModel.COST_RECOVERY: "participation aux coûts",
    PricingModel.FEE: "redevance",
    PricingModel.ON_REQUEST: "sur demande",
}


def add_credit(graph: Graph, node: URIRef, dataset: Dataset) -> None:
    """Add how the dataset is cited: the record's own citation, else the one that was agreed."""
    credit = dataset.convention.scientific_credit
    citation = dataset.citation or (credit.citation if credit else None)
    if citation:
        graph.add((node, DCTERMS.bibliographicCitation, Literal(citation.value, lang="fr")))
    if credit is None:
        return
    if credit.doi:
        identifier = BNode()
        graph.add((node, ADMS.identifier, identifier))
        graph.add((identifier, RDF.type, ADMS.Identifier))
        graph.add((identifier, SKOS.notation, Literal(credit.doi.value)))
    for publication in credit.publications:
        said = publication.value
        iri = DOI + said if said.startswith("10.") else said
        if is_safe_iri(iri):
            graph.add((node, DCTERMS.isReferencedBy, URIRef(iri)))


def add_exclusivity(graph: Graph, distribution: URIRef, exclusivity: Exclusivity | None) -> None:
    """Add the policy of an exclusivity that somebody holds."""
    if exclusivity is None or exclusivity.holder is None:
        return
    policy, prohibition = BNode(), BNode()
    graph.add((distribution, ODRL2.hasPolicy, policy))
    graph.add((policy, RDF.type, ODRL2.Set))
    graph.add((policy, ODRL2.prohibition, prohibition))
    graph.add((prohibition, ODRL2.target, distribution))
    graph.add((prohibition, ODRL2.action, ODRL2.use))
    for text in (exclusivity.scope, exclusivity.reason):
        if text:
            graph.add((prohibition, DCTERMS.description, Literal(text, lang="fr")))
    _add_constraint(graph, prohibition, ODRL2.recipient, ODRL2.neq, Literal(exclusivity.holder))
    if exclusivity.start:
        _add_constraint(graph, prohibition, ODRL2.dateTime, ODRL2.gteq, _day(exclusivity.start))
    if exclusivity.end:
        _add_constraint(graph, prohibition, ODRL2.dateTime, ODRL2.lteq, _day(exclusivity.end))


def agreed(dataset: Dataset) -> list[str]:
    """Return in words what was agreed on access and pricing."""
    convention = dataset.convention
    return [*_access(convention.simplified_access), *_price(convention.pricing)]


def _access(access: SimplifiedAccess | None) -> list[str]:
    if access is None:
        return []
    steps = [f"{step.name} ({step.delay})" if step.delay else step.name for step in access.steps]
    days = [f"délai indicatif : {access.lead_time_days} jours"] if access.lead_time_days is not None else []
    return [*steps, *access.reference_methodologies, *access.conditions, *days]


def _price(pricing: Pricing | None) -> list[str]:
    if pricing is None:
        return []
    prices = ", ".join(f"{price.payer} {price.amount} {pricing.currency}" for price in pricing.prices)
    return [f"tarification : {PRICES[pricing.model]}{f' ({prices})' if prices else ''}"]


def _add_constraint(graph: Graph, rule: BNode, left: URIRef, operator: URIRef, right: Literal) -> None:
    constraint = BNode()
    graph.add((rule, ODRL2.constraint, constraint))
    graph.add((constraint, RDF.type, ODRL2.Constraint))
    graph.add((constraint, ODRL2.leftOperand, left))
    graph.add((constraint, ODRL2.operator, operator))
    graph.add((constraint, ODRL2.rightOperand, right))


def _day(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=XSD.date)
