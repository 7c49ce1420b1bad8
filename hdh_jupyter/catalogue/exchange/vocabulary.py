"""The vocabularies of the European catalogues: namespaces, lists, and which of our words stands for what in them."""

from __future__ import annotations

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Namespace, URIRef
from rdflib.namespace import ODRL2

ADMS = Namespace("http://www.w3.org/ns/adms#")
CSVW = Namespace("http://www.w3.org/ns/csvw#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
DPV = Namespace("https://w3id.org/dpv#")
HEALTH = Namespace("http://healthdataportal.eu/ns/health#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
HDH = Namespace("urn:hdh-jupyter:catalogue:")
"""What no standard has a term for."""

PREFIXES = {
    "adms": ADMS, "csvw": CSVW, "dcat": DCAT, "dcatap": DCATAP, "dct": DCTERMS, "dpv": DPV, "foaf": FOAF, "hdh": HDH,
    "healthdcatap": HEALTH, "odrl": ODRL2, "rdf": RDF, "rdfs": RDFS, "skos": SKOS, "vcard": VCARD, "xsd": XSD,
}  # fmt: skip

EHDS = URIRef("http://data.europa.eu/eli/reg/2025/327/oj")
"""The regulation on the European health data space."""

_EU = "http://publications.europa.eu/resource/authority/"
ACCESS_RIGHT = Namespace(_EU + "access-right/")
FREQUENCY = Namespace(_EU + "frequency/")
FILE_TYPE = Namespace(_EU + "file-type/")
HEALTH_THEME_OF_DATA = URIRef(_EU + "data-theme/HEAL")
PERSONAL_DATA = URIRef(_EU + "dataset-type/PERSONAL_DATA")
COUNTRY = Namespace(_EU + "country/")

_HEALTH_LISTS = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"
CATEGORIES = Namespace(_HEALTH_LISTS + "healthcategories/")
THEMES = Namespace(_HEALTH_LISTS + "health-theme/")

FREQUENCIES = {
    "continue": "CONT", "quotidienne": "DAILY", "hebdomadaire": "WEEKLY", "mensuelle": "MONTHLY",
    "trimestrielle": "QUARTERLY", "semestrielle": "ANNUAL_2", "annuelle": "ANNUAL", "unique": "NEVER",
    "irrégulière": "IRREG",
}  # fmt: skip
"""What the European list calls our update frequencies; another one is given in words."""

FILE_TYPES = frozenset({"CSV", "JSON", "PARQUET", "XML", "XLSX", "ODS", "TSV", "TXT", "ZIP", "GEOJSON"})

CATEGORIES_BY_KIND = (
    ("médico-administratif", "HRAD"),
    ("échantillon", "HRAD"),
    ("mortalité", "MRMR"),
    ("registre", "MRMR"),
    ("télésurveillance", "PGEH"),
    ("cohorte", "RQSH"),
    ("enquête", "RQSH"),
    ("entrepôt", "EHRS"),
    ("clinique", "EHRS"),
    ("imagerie", "EHRS"),
    ("surveillance", "PHDR"),
    ("système d'information covid", "PHDR"),
)
"""Category of health data that a kind of database suggests, where its record names none; the first that fits."""

THEMES_BY_WORD = {"urgences": "EMERGENCY_SETTINGS"}


def new_graph() -> Graph:
    """Return an empty graph that knows the usual prefixes and no others."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph
