"""A description in DCAT-AP or HealthDCAT-AP, whoever wrote it, into a record.

What another catalogue states is a fact of certainty B with that catalogue's page as its source. What a record must
have and the description does not say is put as not known, of certainty C.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from ..convention import Convention
from ..facts import Certainty, Fact, Source
from ..health import HealthDescription
from ..model import Access, Dataset, Distribution, Link, Membership, Regime
from ..store import DATASET_ID
from ..words import fold
from .bounds import VALUE_EFFORT, Budget
from .csvw_reading import tables
from .dcat import LINKS
from .hostile import clean, is_safe_iri
from .vocabulary import ACCESS_RIGHT, CATEGORIES, DPV, FILE_TYPE, FREQUENCIES, FREQUENCY, HEALTH, THEMES, VCARD

SOURCE = "import"
LONGEST_TEXT = 20_000
NOT_KNOWN = "à préciser"
T = TypeVar("T")

LABELS = (RDFS.label, SKOS.prefLabel, DCTERMS.title, FOAF.name, DCTERMS.description, VCARD.fn)


def datasets(graph: Graph) -> list[Node]:
    """Return the nodes that are datasets, in a stable order."""
    return sorted(graph.subjects(RDF.type, DCAT.Dataset, unique=True), key=str)


class Description:
    """Reads what a graph says of one dataset."""

    def __init__(self, graph: Graph, node: Node, budget: Budget) -> None:
        self.graph = graph
        self.node = node
        self.budget = budget

    def dataset(self) -> Dataset:
        """Return the record."""
        name = self.text(DCTERMS.title) or str(self.node).rsplit("/", 1)[-1]
        public = ACCESS_RIGHT.PUBLIC in self.values(DCTERMS.accessRights)
        regime = Fact(Regime.OPEN, Certainty.SECONDARY, (SOURCE,)) if public else _unknown(Regime.AUTHORISATION)
        steward = self.fact(DCTERMS.publisher) or self.fact(DCTERMS.creator)
        return Dataset(
            id=self.identifier(name),
            name=name,
            steward=steward or _unknown(NOT_KNOWN),
            kind=_unknown(NOT_KNOWN),
            membership=_unknown(Membership.UNKNOWN),
            access=Access(regime),
            convention=Convention(),
            long_name=self.fact(DCTERMS.alternative),
            summary=self.fact(DCTERMS.description),
            population=self.fact(HEALTH.populationCoverage),
            geography=self.fact(DCTERMS.spatial),
            frequency=self.frequency(),
            themes=self.texts(DCAT.keyword),
            coding=self.texts(HEALTH.hasCodingSystem),
            tables=tables(self.graph, self.node, self.budget),
            distributions=self.distributions(),
            links=self.links(),
            first_year=self.year(DCAT.startDate, min),
            last_year=self.year(DCAT.endDate, max),
            records=self.number(HEALTH.numberOfRecords),
            individuals=self.number(HEALTH.numberOfUniqueIndividuals),
            contact=self.contact(),
            objective=self.fact(DPV.hasPurpose),
            provenance=self.fact(DCTERMS.provenance),
            citation=self.fact(DCTERMS.bibliographicCitation),
            health=self.health(),
            certainty=Certainty.SECONDARY,
            sources=(Source(SOURCE, self.page()),),
        )

    def identifier(self, name: str) -> str:
        """Return the last part of the dataset's IRI where it can name a folder, else one made from its name."""
        for candidate in (str(self.node).rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1], name):
            made = re.sub(r"[^a-z0-9_]+", "-", fold(candidate)).strip("-_")[:64].strip("-_")
            if isinstance(self.node, URIRef) or candidate == name:
                made = made if made[:1].isalpha() else f"d-{made}"
                if DATASET_ID.fullmatch(made):
                    return made
        return "dataset"

    def page(self) -> str:
        return str(self.node) if isinstance(self.node, URIRef) and is_safe_iri(str(self.node)) else NOT_KNOWN

    def values(self, predicate: URIRef, node: Node | None = None) -> list[Node]:
        found = list(self.graph.objects(node or self.node, predicate))
        self.budget.spend(VALUE_EFFORT * (1 + len(found)))
        return sorted(found, key=_order)

    def texts(self, predicate: URIRef) -> tuple[str, ...]:
        """Return every text; of a text in several languages the French one alone, where there is one."""
        found = self.values(predicate)
        french = [v for v in found if isinstance(v, Literal) and v.language == "fr"]
        # By text: the nodes without a name, whose labels these may be, come in another order at each reading.
        # What has a label goes before what has but an IRI.
        bare = {v for v in found if isinstance(v, URIRef) and not self.label(v)}
        said = sorted((v in bare, self.words(v)) for v in french or found)
        return tuple(dict.fromkeys(text for _, text in said if text))

    def text(self, predicate: URIRef) -> str | None:
        return next(iter(self.texts(predicate)), None)

    def words(self, node: Node) -> str:
        """Return a literal's text, or the label of a node; of one that has none, the end of its IRI."""
        if isinstance(node, Literal):
            return self.cleaned(node)
        label = self.label(node)
        return label or (clean(str(node).rstrip("/#").rsplit("/", 1)[-1]) if isinstance(node, URIRef) else "")

    def label(self, node: Node) -> str:
        """Return what a node is called, the French name first; empty for a node that is called nothing."""
        for predicate in LABELS:
            found = [v for v in self.values(predicate, node) if isinstance(v, Literal)]
            if found:
                best = min(found, key=lambda v: (v.language != "fr", str(v)))
                return self.cleaned(best)
        return ""

    def cleaned(self, text: Literal) -> str:
        self.budget.spend(len(text))
        return clean(str(text))[:LONGEST_TEXT]

    def fact(self, predicate: URIRef) -> Fact[str] | None:
        text = self.text(predicate)
        return Fact(text, Certainty.SECONDARY, (SOURCE,)) if text else None

    def frequency(self) -> Fact[str] | None:
        ours: dict[Node, str] = {FREQUENCY[code]: word for word, code in FREQUENCIES.items()}
        for value in self.values(DCTERMS.accrualPeriodicity):
            if value in ours:
                return Fact(ours[value], Certainty.SECONDARY, (SOURCE,))
        return self.fact(DCTERMS.accrualPeriodicity)

    def number(self, predicate: URIRef) -> Fact[int] | None:
        number = self.whole(predicate)
        return None if number is None else Fact(number, Certainty.SECONDARY, (SOURCE,))

    def whole(self, predicate: URIRef) -> int | None:
        for value in self.values(predicate):
            if re.fullmatch(r"[0-9]{1,15}", str(value)):
                return int(str(value))
        return None

    def year(self, predicate: URIRef, choose: Callable[[list[int]], int]) -> int | None:
        years = [
            int(str(value)[:4])
            for period in self.values(DCTERMS.temporal)
            for value in self.values(predicate, period)
            if re.match(r"[12][0-9]{3}\b", str(value))
        ]
        return choose(years) if years else None

    def contact(self) -> Fact[str] | None:
        """Return an address, or a page where there is none."""
        for predicate in (VCARD.hasEmail, VCARD.hasURL):
            iris = [str(iri) for card in self.values(DCAT.contactPoint) for iri in self.values(predicate, card)]
            safe = sorted(iri for iri in iris if is_safe_iri(iri))
            if safe:
                return Fact(safe[0].removeprefix("mailto:"), Certainty.SECONDARY, (SOURCE,))
        return None

    def links(self) -> tuple[Link, ...]:
        found = [
            Link(kind, str(target))
            for kind, predicate in LINKS.items()
            for target in self.values(predicate)
            if isinstance(target, URIRef) and is_safe_iri(str(target))
        ]
        return tuple(found)

    def distributions(self) -> tuple[Distribution, ...]:
        found = [self.distribution(node) for node in self.values(DCAT.distribution)]
        return tuple(sorted(found, key=lambda d: (d.title, d.access_url or "")))

    def distribution(self, node: Node) -> Distribution:
        own = Description(self.graph, node, self.budget)
        pages = [str(v) for v in (*own.values(DCAT.accessURL), *own.values(DCAT.downloadURL)) if is_safe_iri(str(v))]
        form = next(iter(own.values(DCTERMS.format)), None)
        size = own.whole(DCAT.byteSize)
        return Distribution(
            title=own.text(DCTERMS.title) or self.words(node) or NOT_KNOWN,
            access_url=pages[0] if pages else None,
            format=None if form is None else _short(form, str(FILE_TYPE)) or own.text(DCTERMS.format),
            media_type=own.text(DCAT.mediaType),
            # 0 is what descriptions say of a size that they do not know.
            size=size or None,
            rights=own.text(DCTERMS.rights),
            licence=own.text(DCTERMS.license),
        )

    def health(self) -> HealthDescription | None:
        publisher = next(iter(self.values(DCTERMS.publisher)), None)
        about = Description(self.graph, publisher, self.budget) if publisher is not None else None
        kinds = about.values(HEALTH.publisherType) if about else []
        trusted = [str(v) for v in about.values(HEALTH.trustedDataHolder)] if about else []
        made = HealthDescription(
            categories=self.codes(HEALTH.healthCategory, str(CATEGORIES)),
            themes=self.codes(HEALTH.healthTheme, str(THEMES)),
            publisher_type=next((str(k) for k in kinds if isinstance(k, URIRef) and is_safe_iri(str(k))), None),
            publisher_note=about.text(HEALTH.publisherNote) if about else None,
            trusted_holder=None if not trusted else trusted[0] in ("true", "1"),
            minimum_age=self.whole(HEALTH.minTypicalAge),
            maximum_age=self.whole(HEALTH.maxTypicalAge),
            legal_bases=self.texts(DPV.hasLegalBasis),
        )
        return None if made == HealthDescription() else made

    def codes(self, predicate: URIRef, of_list: str) -> tuple[str, ...]:
        found = [_short(v, of_list) or str(v) for v in self.values(predicate) if isinstance(v, URIRef)]
        return tuple(code for code in found if "/" not in code or is_safe_iri(code))


def _unknown(value: T) -> Fact[T]:
    return Fact(value, Certainty.UNSOURCED)


def _short(node: Node, of_list: str) -> str | None:
    """Return the code of a concept of a list, None for another list's."""
    return str(node).removeprefix(of_list) if str(node).startswith(of_list) else None


def _order(node: Node) -> tuple[bool, str]:
    # Nodes without a name are called anew at each reading: they come last, in an order of their own.
    return (not isinstance(node, Literal | URIRef), str(node))
