"""What a description lacks, said in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import DCAT, DCTERMS, FOAF, RDF, SH, XSD, Graph, Literal, URIRef

from hdh_jupyter.catalogue.exchange.publication import Publication
from hdh_jupyter.catalogue.exchange.rdf import description_of
from hdh_jupyter.catalogue.exchange.rdf_files import Syntax, parse
from hdh_jupyter.catalogue.exchange.shapes_files import own_shapes, read_shapes
from hdh_jupyter.catalogue.exchange.validation import validate
from hdh_jupyter.catalogue.exchange.violations import Severity, Step, Violation
from hdh_jupyter.catalogue.exchange.vocabulary import ACCESS_RIGHT, DCATAP, HEALTH, VCARD
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import sentences

OSCOUR = URIRef(Publication().page("oscour"))
CSVW = "http://www.w3.org/ns/csvw#"


@pytest.fixture
def oscour() -> Graph:
    return description_of([record for record in first_records() if record.id == "oscour"], Publication())


MANDATORY = {
    "00": (DCTERMS.title, "le titre (dct:title) manque"),
    "01": (DCTERMS.description, "la description (dct:description) manque"),
    "02": (DCTERMS.identifier, "l’identifiant (dct:identifier) manque"),
    "03": (DCTERMS.accessRights, "le niveau d’accès (dct:accessRights) manque"),
    "04": (DCATAP.applicableLegislation, "le texte applicable (dcatap:applicableLegislation) manque"),
    "05": (DCAT.contactPoint, "le contact (dcat:contactPoint) manque"),
    "06": (DCAT.keyword, "le mot-clé (dcat:keyword) manque"),
    "07": (DCAT.theme, "le thème (dcat:theme) manque"),
    "08": (DCAT.distribution, "la distribution (dcat:distribution) manque"),
    "09": (DCTERMS.provenance, "la provenance (dct:provenance) manque"),
    "10": (DCTERMS.type, "le type (dct:type) manque"),
    "11": (DCTERMS.publisher, "le responsable de données (dct:publisher) manque"),
    "12": (HEALTH.hdab, "l’organisme responsable de l’accès (healthdcatap:hdab) manque"),
    "13": (HEALTH.healthCategory, "la catégorie de données de santé (healthdcatap:healthCategory) manque"),
}


@pytest.mark.parametrize(("predicate", "words"), MANDATORY.values(), ids=MANDATORY)
def test_each_mandatory_property_is_missed_by_name(oscour: Graph, predicate: URIRef, words: str) -> None:
    assert validate(oscour, own_shapes()) == ()
    oscour.remove((OSCOUR, predicate, None))
    found = validate(oscour, own_shapes())
    missing = [v for v in found if v.rule == "min_count"]
    assert [(v.record, v.place, v.shacl) for v in missing] == [("oscour", (), "sh:minCount 1")]
    assert missing[0].message("fr") == f"oscour : {words} (il en faut au moins 1). [règle sh:minCount 1]"
    assert missing[0].message("en").endswith("is missing (at least 1 needed). [rule sh:minCount 1]")


def test_open_data_have_a_shorter_list(oscour: Graph) -> None:
    oscour.set((OSCOUR, DCTERMS.accessRights, ACCESS_RIGHT.PUBLIC))
    for predicate, _ in (MANDATORY[key] for key in ("06", "07", "09", "10", "12", "13")):
        oscour.remove((OSCOUR, predicate, None))
    assert validate(oscour, own_shapes()) == ()
    before = set(oscour)
    validate(oscour, own_shapes())
    assert set(oscour) == before


def test_the_place_leads_from_the_record_to_the_fault(oscour: Graph) -> None:
    publisher = oscour.value(OSCOUR, DCTERMS.publisher)
    oscour.remove((publisher, DCAT.contactPoint, None))
    card = oscour.value(OSCOUR, DCAT.contactPoint)
    assert card is not None
    for predicate in (VCARD.hasEmail, VCARD.hasURL):
        oscour.remove((card, predicate, None))
    found = {v.place: v for v in validate(oscour, own_shapes())}
    publisher_step = (Step("dct:publisher", "Santé publique France"),)
    contact_step = (Step("dcat:contactPoint", "Santé publique France"),)
    assert set(found) == {publisher_step, contact_step}
    assert (
        found[publisher_step]
        .message("fr")
        .startswith("oscour › le responsable de données Santé publique France : le contact (dcat:contactPoint) manque")
    )
    assert found[contact_step].property == "vcard:hasEmail | vcard:hasURL"
    assert "l’adresse électronique ou l’adresse web" in found[contact_step].message("fr")


WRONG = {
    "00 datatype": (HEALTH.numberOfRecords, Literal("beaucoup"), "datatype", "« beaucoup » ne l’est pas"),
    "01 too many": (DCTERMS.accessRights, ACCESS_RIGHT.RESTRICTED, "max_count", "1 au plus"),
    "02 a text for an address": (DCAT.theme, Literal("santé"), "node_kind", "une adresse (IRI) ; « santé »"),
    "03 negative": (HEALTH.minTypicalAge, Literal("-1", datatype=XSD.nonNegativeInteger), "datatype", "« -1 »"),
    "04 no agent": (DCTERMS.publisher, Literal("moi"), "node_kind", "un élément décrit"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_quoted(oscour: Graph, case: tuple[URIRef, Literal | URIRef, str, str]) -> None:
    predicate, value, rule, words = case
    oscour.add((OSCOUR, predicate, value))
    [violation] = [v for v in validate(oscour, own_shapes()) if v.rule == rule]
    assert words in violation.message("fr")
    assert violation.message("fr") != violation.message("en")


def test_a_variable_is_called_by_its_name(oscour: Graph) -> None:
    text = f"""<{OSCOUR}> <{HEALTH.hasVariables}> [ <{CSVW}table> [ a <{CSVW}Table> ; <{DCTERMS.title}> "Passages" ;
        <{CSVW}column> [ a <{CSVW}Column> ; <{CSVW}name> "SEXE" ; <{CSVW}titles> "Sexe" ; <{CSVW}datatype> "a", "b" ;
            <{DCTERMS.description}> "Sexe" ] ] ] ."""
    oscour.parse(data=text, format="turtle")
    [violation] = validate(oscour, own_shapes())
    assert violation.message("fr") == (
        "oscour › les variables › la table Passages › la variable SEXE : "
        "le type (csvw:datatype) est donné trop de fois (1 au plus). [règle sh:maxCount 1]"
    )


PREFIXES = (
    "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> . "
    "@prefix dct: <http://purl.org/dc/terms/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
)
OWN = PREFIXES + "<a:s> a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ %s ] ."

RULES = {
    "00 in": ('sh:path dct:title ; sh:in ( "A" "B" )', "in", "Valeurs possibles : A, B"),
    "01 pattern": ('sh:path dct:title ; sh:pattern "^X"', "pattern", "« OSCOUR »"),
    "02 class": ("sh:path dct:publisher ; sh:class dcat:Dataset", "class", "dcat:Dataset"),
    "03 length": ("sh:path dct:title ; sh:maxLength 3", "max_length", "3 caractères au plus"),
    "04 value": ('sh:path dct:title ; sh:hasValue "Z"', "has_value", "« Z »"),
    "05 another rule": ("sh:path dct:title ; sh:equals dct:description", "other", "sh:Equals"),
    "06 closed": ("sh:path dct:publisher ; sh:node [ sh:closed true ]", "other", "sh:Closed"),
    "07 inverse path": ("sh:path [ sh:inversePath dct:source ] ; sh:minCount 1", "min_count", "^dct:source"),
    "08 way": ("sh:path ( dct:publisher dct:type ) ; sh:minCount 1", "min_count", "dct:publisher / dct:type"),
    "09 own words": (
        'sh:path dct:source ; sh:minCount 1 ; sh:message "Mein Wort"@de, "Mot"@fr',
        "min_count",
        "« Mot »",
    ),
}


@pytest.mark.parametrize("case", RULES.values(), ids=RULES)
def test_shapes_of_others_are_told_too(oscour: Graph, tmp_path: Path, case: tuple[str, str, str]) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(OWN % case[0], "utf-8")
    found = validate(oscour, read_shapes([shapes]))
    assert {v.rule for v in found} == {case[1]}
    assert all(v.record == "oscour" for v in found)
    assert case[2] in found[0].message("fr")
    assert found[0].message("fr") != found[0].message("en")


def test_warnings_are_known_from_violations(oscour: Graph, tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(OWN % "sh:path dct:source ; sh:minCount 1 ; sh:severity sh:Warning")
    [violation] = validate(oscour, read_shapes([shapes]))
    assert violation.severity is Severity.WARNING


def test_several_files_of_shapes_are_one(oscour: Graph, tmp_path: Path) -> None:
    paths = [tmp_path / "one.ttl", tmp_path / "two.jsonld"]
    paths[0].write_text(OWN % "sh:path dct:source ; sh:minCount 1")
    graph = Graph().parse(data=(OWN % "sh:path dct:replaces ; sh:minCount 1").replace("a:s", "a:t"), format="turtle")
    paths[1].write_text(graph.serialize(format="json-ld"))
    assert {v.property for v in validate(oscour, read_shapes(paths))} == {"dct:source", "dct:replaces"}


def test_what_a_file_of_shapes_does_not_have_is_left_out_and_told(oscour: Graph, tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(
        PREFIXES
        + "<a:o> owl:imports <https://elsewhere.example/shapes> . <a:s> a sh:NodeShape ; sh:targetClass dcat:Dataset ;"
        " sh:property <a:Undefined>, [ sh:minCount 1 ], [ sh:path dct:title ; sh:node <a:Absent> ],"
        " [ sh:path dct:source ; sh:minCount 1 ] ."
    )
    shapes = read_shapes([path])
    assert [p.code for p in shapes.problems] == ["shapes_imported", *["shape_left_out"] * 3]
    assert all(p.message("fr") != p.message("en") for p in shapes.problems)
    assert [v.property for v in validate(oscour, shapes)] == ["dct:source"]


REFUSED = {
    "00 query": (
        '<a:s> a sh:NodeShape ; sh:sparql [ sh:select "SELECT $this WHERE { SERVICE <http://a.example/> {} }" ] .',
        "shapes_with_code",
    ),
    "01 target": ('<a:s> a sh:NodeShape ; sh:target [ sh:ask "ASK {}" ] .', "shapes_with_code"),
    "02 script": ('<a:s> a sh:NodeShape ; sh:js [ sh:jsFunctionName "f" ] .', "shapes_with_code"),
    "03 rule": ("<a:s> a sh:NodeShape ; sh:rule [ sh:object 1 ] .", "shapes_with_code"),
    "04 no shapes": ("<a:s> dct:title 'x' .", "no_shapes"),
    "05 no turtle": ("<a:s> a", "not_rdf"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_shapes_that_run_something_are_refused(tmp_path: Path, case: tuple[str, str]) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(PREFIXES + case[0])
    with pytest.raises(PublicError) as refused:
        read_shapes([path])
    assert refused.value.code == f"catalogue.exchange.{case[1]}"


def test_shapes_that_make_no_sense_are_a_fault_of_theirs(oscour: Graph, tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(OWN % "sh:path dct:title ; sh:minCount 1, 2")
    with pytest.raises(PublicError) as refused:
        validate(oscour, read_shapes([path]))
    assert refused.value.code == "catalogue.exchange.bad_shapes"


def test_a_fault_outside_any_record_is_told_as_such() -> None:
    graph = parse(f"<a:x> a <{FOAF.Agent}> .".encode(), Syntax.TURTLE, "x")
    [violation] = validate(graph, own_shapes())
    assert violation.message("fr").startswith("a:x : le nom (foaf:name) manque")
    nameless = parse(f"[] a <{FOAF.Agent}> .".encode(), Syntax.TURTLE, "x")
    [violation] = validate(nameless, own_shapes())
    assert violation.message("fr").startswith("hors de toute fiche : ")


def test_every_property_of_the_own_shapes_has_a_name_in_both_languages() -> None:
    shapes = own_shapes()
    assert not shapes.problems
    assert (None, RDF.type, SH.NodeShape) in shapes.graph
    for language in ("fr", "en"):
        known = sentences(language)
        for path in shapes.graph.objects(None, SH.path):
            if isinstance(path, URIRef):
                message = Violation("r", (), _curie(path), "min_count", "sh:minCount 1", "1").message(language)
                assert f" ({_curie(path)})" in message or "spdx" in message or "endpointURL" in message, message
        assert known["catalogue.exchange.violation.min_count"]


def _curie(iri: URIRef) -> str:
    prefix, _, name = own_shapes().graph.namespace_manager.qname(iri).partition(":")
    return f"{prefix}:{name}"
