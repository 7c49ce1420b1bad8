"""What validators report, in words: which record, which property, which rule."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from hdh_jupyter.i18n import DEFAULT_LANGUAGE, LANGUAGES, sentences, translate

from .hostile import clean
from .vocabulary import CSVW, PREFIXES, VCARD

RECORDS = (DCAT.Dataset, DCAT.Catalog, URIRef(f"{DCAT}DatasetSeries"))
NAMES = (DCTERMS.title, FOAF.name, CSVW.name, VCARD.fn, SKOS.prefLabel, RDFS.label)
MAX_WAY = 1_000
"""Nodes looked at on the way from a faulty node to its record."""

LONGEST_VALUE = 120

RULES = {
    SH.MinCountConstraintComponent: ("min_count", SH.minCount),
    SH.MaxCountConstraintComponent: ("max_count", SH.maxCount),
    SH.NodeKindConstraintComponent: ("node_kind", SH.nodeKind),
    SH.DatatypeConstraintComponent: ("datatype", SH.datatype),
    SH.ClassConstraintComponent: ("class", SH["class"]),
    SH.HasValueConstraintComponent: ("has_value", SH.hasValue),
    SH.InConstraintComponent: ("in", SH["in"]),
    SH.PatternConstraintComponent: ("pattern", SH.pattern),
    SH.UniqueLangConstraintComponent: ("unique_lang", SH.uniqueLang),
    SH.MinLengthConstraintComponent: ("min_length", SH.minLength),
    SH.MaxLengthConstraintComponent: ("max_length", SH.maxLength),
    SH.NodeConstraintComponent: ("node", SH.node),
}
"""Our words for SHACL's constraints, and the parameter that says what was wanted; others are told by their names."""


class Severity(StrEnum):
    """How grave a violation is, by its shapes."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


SEVERITIES = {str(SH.Warning): Severity.WARNING, str(SH.Info): Severity.INFO}


@dataclass(frozen=True)
class Step:
    """A property on the way from a record to the node at fault, and what that node is called."""

    property: str
    name: str = ""


@dataclass(frozen=True)
class Violation:
    """Something that a record lacks or says in the wrong way.

    Attributes
    ----------
    record
        Last part of the IRI of the record; empty where the fault is in no record.
    place
        From the record to the node at fault; empty when it is the record itself.
    property
        With its usual prefix (`dct:title`); empty when the node itself is at fault.
    rule
        Key below `catalogue.exchange.violation`, and the rule in SHACL (`sh:minCount 1`).
    value
        What was found instead, where something was.
    said
        What the shapes say of the rule themselves, by language; the empty one where they name none.
    """

    record: str
    place: tuple[Step, ...]
    property: str
    rule: str
    shacl: str
    wanted: str = ""
    value: str = ""
    severity: Severity = Severity.VIOLATION
    said: Mapping[str, str] = field(default_factory=dict, hash=False)

    def message(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the sentence for a person."""
        known = language if language in LANGUAGES else DEFAULT_LANGUAGE
        way = [_step(step, known) for step in self.place]
        where = " › ".join([self.record or translate("catalogue.exchange.violation.no_record", known), *way])
        wanted, value = (_worded(text, known) for text in (self.wanted, self.value))
        name = _property(self.property, known) if self.property else ""
        key = self.rule if name else "whole"
        fault = translate(
            f"catalogue.exchange.violation.{key}", known, property=name, wanted=wanted, value=value, shacl=self.shacl
        )
        said = self.said.get(known) or self.said.get("") or self.said.get("en", "")
        rule = translate("catalogue.exchange.violation.rule", known, shacl=self.shacl)
        own = translate("catalogue.exchange.violation.said", known, said=said) if said else ""
        return f"{where}{' : ' if known == 'fr' else ': '}{fault} {rule}{own}"


def read_report(report: Graph, data: Graph, shapes: Graph) -> tuple[Violation, ...]:
    """Return the violations of a SHACL report, each once, record by record."""
    reader = _Reader(report, data, shapes)
    found = {violation: None for result in report.objects(None, SH.result) for violation in reader.read(result)}
    return tuple(sorted(found, key=lambda v: (v.record, v.place != (), repr(v.place), v.property, v.rule, v.value)))


class _Reader:
    def __init__(self, report: Graph, data: Graph, shapes: Graph) -> None:
        self.report = report
        self.data = data
        self.shapes = shapes

    def read(self, result: Node, way: tuple[str, tuple[Step, ...]] | None = None) -> Iterator[Violation]:
        """Yield a result; in its place the details of one that says but that another node is at fault."""
        focus = self.report.value(result, SH.focusNode)
        record, place = way or self.way_to(focus)
        path = self.report.value(result, SH.resultPath)
        value = self.report.value(result, SH.value)
        details = sorted(self.report.objects(result, SH.detail), key=str)
        if details and path is not None:
            step = Step(self.path(path), self.name(value))
            for detail in details:
                yield from self.read(detail, (record, (*place, step)))
            return
        component = self.report.value(result, SH.sourceConstraintComponent)
        rule, parameter = RULES.get(component, ("other", None)) if isinstance(component, URIRef) else ("other", None)
        shape = self.report.value(result, SH.sourceShape)
        wanted = self.wanted(shape, parameter) if parameter is not None else ""
        named = _curie(parameter) if parameter is not None else _curie(component)
        yield Violation(
            record,
            place,
            self.path(path) if path is not None else "",
            rule,
            f"{named} {wanted}".strip(),
            wanted,
            self.shown(value),
            self.severity(result),
            self.said(result, shape),
        )

    def way_to(self, focus: Node | None) -> tuple[str, tuple[Step, ...]]:
        """Return the record that a node belongs to, and the properties from there to the node."""
        if focus is None:
            return "", ()
        pending: deque[tuple[Node, tuple[Step, ...]]] = deque([(focus, ())])
        seen = {focus}
        while pending and len(seen) < MAX_WAY:
            node, place = pending.popleft()
            if any((node, RDF.type, kind) in self.data for kind in RECORDS):
                return (_last(node) if isinstance(node, URIRef) else self.name(node)), place
            for subject, predicate in sorted(islice(self.data.subject_predicates(node), MAX_WAY), key=str):
                if subject not in seen:
                    seen.add(subject)
                    pending.append((subject, (Step(_curie(predicate), self.name(node)), *place)))
        return (_last(focus) if isinstance(focus, URIRef) else ""), ()

    def name(self, node: Node | None) -> str:
        """Return what a node is called, empty where it has no name."""
        for predicate in NAMES if node is not None else ():
            names = sorted(str(v) for v in self.data.objects(node, predicate) if isinstance(v, Literal))
            if names:
                return clean(names[0])[:LONGEST_VALUE]
        return ""

    def path(self, path: Node) -> str:
        """Return a path in words that need no SHACL: a property, several, or the way through some."""
        if isinstance(path, URIRef):
            return _curie(path)
        for choice in self.own(path, SH.alternativePath):
            return " | ".join(map(self.path, self.members(choice)))
        for inverse in self.own(path, SH.inversePath):
            return f"^{self.path(inverse)}"
        return " / ".join(map(self.path, self.members(path))) or "sh:path"

    def own(self, node: Node | None, predicate: URIRef) -> list[Node]:
        """Return what the report says of a shape, and what the shapes themselves say."""
        return [v for graph in (self.report, self.shapes) for v in graph.objects(node, predicate)]

    def members(self, head: Node) -> list[Node]:
        found = next((graph for graph in (self.report, self.shapes) if (head, RDF.first, None) in graph), None)
        return [] if found is None else list(Collection(found, head))

    def wanted(self, shape: Node | None, parameter: URIRef) -> str:
        found = self.own(shape, parameter)
        if parameter == SH["in"]:
            return ", ".join(dict.fromkeys(self.shown(part) for head in found for part in self.members(head)))
        return " ".join(dict.fromkeys(self.shown(v) for v in found))

    def shown(self, value: Node | None) -> str:
        if value is None:
            return ""
        if isinstance(value, BNode):
            return self.name(value)
        text = _curie(value) if isinstance(value, URIRef) else clean(str(value))
        return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"

    def severity(self, result: Node) -> Severity:
        return SEVERITIES.get(str(self.report.value(result, SH.resultSeverity)), Severity.VIOLATION)

    def said(self, result: Node, shape: Node | None) -> dict[str, str]:
        """Return what the shapes say themselves; what the validator makes up where they say nothing is left out."""
        own = set(self.shapes.objects(shape, SH.message)) if shape is not None else set()
        told = [v for v in self.report.objects(result, SH.resultMessage) if isinstance(v, Literal) and v in own]
        return {(v.language or "")[:2]: clean(str(v))[:500] for v in sorted(told)}


def _curie(iri: Node | None) -> str:
    text = str(iri)
    for prefix, namespace in {**PREFIXES, "sh": SH}.items():
        if text.startswith(str(namespace)):
            return f"{prefix}:{text.removeprefix(str(namespace))}"
    return text


def _last(iri: URIRef) -> str:
    return str(iri).rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


def _property(curie: str, language: str) -> str:
    label = _label(curie, language)
    return f"{label} ({curie})" if label else curie


def _step(step: Step, language: str) -> str:
    label = _label(step.property, language) or step.property
    return f"{label} {step.name}" if step.name else label


def _label(curie: str, language: str) -> str:
    keys = [f"catalogue.exchange.property.{each.replace(':', '.')}" for each in curie.split(" | ")]
    parts = [sentences(language).get(key, "") for key in keys]
    between = translate("catalogue.exchange.violation.or", language)
    return between.join(parts) if all(parts) else ""


def _worded(text: str, language: str) -> str:
    """Return the kinds of nodes and of values in words, anything else as it is."""
    return sentences(language).get(f"catalogue.exchange.term.{text.replace(':', '.')}", text)
