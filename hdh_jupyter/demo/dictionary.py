"""What describes the fictitious visits: a data package for programs, a page for people."""

from __future__ import annotations

from typing import Any

from .epidemics import FIRST_DAY, LAST_DAY, diagnoses

TITLE = "Passages aux urgences fictifs, à la manière d’OSCOUR®"
WARNING = (
    "Données entièrement fictives, tirées au hasard par un programme : aucune ligne ne décrit une personne réelle, "
    "aucun chiffre ne doit être cité. / Wholly fictitious data, drawn at random by a program: no line describes a "
    "real person, no figure may be quoted."
)

CCMU_LABELS = {
    "1": "État stable, sans acte",
    "2": "État stable, avec acte",
    "3": "État susceptible de s’aggraver",
    "4": "Pronostic vital engagé",
    "5": "Pronostic vital engagé, réanimation immédiate",
    "D": "Décès à l’arrivée",
    "P": "Problème psychologique ou psychiatrique dominant",
}
TRANSPORT_LABELS = {
    "PERSO": "Moyens personnels",
    "AMBU": "Ambulance",
    "VSAB": "Véhicule de secours",
    "SMUR": "Équipe du SMUR",
    "HELI": "Hélicoptère",
    "FO": "Forces de l’ordre",
}
SEX_LABELS = {"F": "Féminin", "M": "Masculin"}


def data_package(visits: int) -> dict[str, Any]:
    """Return the description of the two files as a Frictionless data package."""
    resource = {
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": _fields(), "missingValues": [""]},
    }
    return {
        "name": "oscour",
        "title": TITLE,
        "description": WARNING,
        "temporal": {"start": FIRST_DAY.isoformat(), "end": LAST_DAY.isoformat()},
        "rows": visits,
        "resources": [
            {"name": "visits", "path": "visits.csv", "format": "csv", **resource},
            {
                "name": "visits-parquet",
                "path": "visits.parquet",
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "schema": resource["schema"],
            },
        ],
    }


def readme(package: dict[str, Any]) -> str:
    """Return the page for people."""
    lines = [f"# {package['title']}", "", f"**{package['description']}**", ""]
    lines += [
        f"{package['rows']} passages du {package['temporal']['start']} au {package['temporal']['end']}, un par ligne, "
        "dans `visits.parquet` et `visits.csv` (mêmes données).",
        "",
        "| variable | type | contenu |",
        "|---|---|---|",
    ]
    for field in package["resources"][0]["schema"]["fields"]:
        lines.append(f"| `{field['name']}` | {field['type']} | {field['description']} |")
    for field in package["resources"][0]["schema"]["fields"]:
        if "categories" in field:
            lines += ["", f"## Codes de `{field['name']}`", "", "| code | libellé |", "|---|---|"]
            lines += [f"| {code['value']} | {code['label']} |" for code in field["categories"]]
    return "\n".join(lines) + "\n"


def _fields() -> list[dict[str, Any]]:
    diagnosis_labels = {each.code: each.label for each in diagnoses()}
    return [
        {"name": "day", "type": "date", "description": "Jour du passage"},
        {"name": "department", "type": "string", "description": "Code du département du service (01 à 976, 2A, 2B)"},
        {"name": "age", "type": "integer", "description": "Âge en années révolues"},
        _coded("sex", "Sexe", SEX_LABELS),
        _coded("ccmu", "Gravité : classification clinique des malades aux urgences", CCMU_LABELS),
        _coded("diagnosis", "Diagnostic principal (CIM-10), vide s’il n’est pas renseigné", diagnosis_labels),
        _coded("transport", "Mode d’arrivée, vide s’il n’est pas renseigné", TRANSPORT_LABELS),
        {
            "name": "patient",
            "type": "string",
            "description": "Numéro de patient pseudonymisé (32 chiffres hexadécimaux), le même à chaque retour",
        },
    ]


def _coded(name: str, description: str, labels: dict[str, str]) -> dict[str, Any]:
    categories = [{"value": code, "label": label} for code, label in labels.items()]
    return {"name": name, "type": "string", "description": description, "categories": categories}
