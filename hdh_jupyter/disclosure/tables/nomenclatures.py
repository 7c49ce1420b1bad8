"""French nomenclatures whose nesting does not show in the codes: régions and départements, chapters of the CIM-10."""

from __future__ import annotations

import unicodedata
from functools import cache

REGIONS = {
    "Auvergne-Rhône-Alpes": "01 Ain|03 Allier|07 Ardèche|15 Cantal|26 Drôme|38 Isère|42 Loire|43 Haute-Loire"
    "|63 Puy-de-Dôme|69 Rhône|73 Savoie|74 Haute-Savoie",
    "Bourgogne-Franche-Comté": "21 Côte-d'Or|25 Doubs|39 Jura|58 Nièvre|70 Haute-Saône|71 Saône-et-Loire|89 Yonne"
    "|90 Territoire de Belfort",
    "Bretagne": "22 Côtes-d'Armor|29 Finistère|35 Ille-et-Vilaine|56 Morbihan",
    "Centre-Val de Loire": "18 Cher|28 Eure-et-Loir|36 Indre|37 Indre-et-Loire|41 Loir-et-Cher|45 Loiret",
    "Corse": "2A Corse-du-Sud|2B Haute-Corse",
    "Grand Est": "08 Ardennes|10 Aube|51 Marne|52 Haute-Marne|54 Meurthe-et-Moselle|55 Meuse|57 Moselle|67 Bas-Rhin"
    "|68 Haut-Rhin|88 Vosges",
    "Hauts-de-France": "02 Aisne|59 Nord|60 Oise|62 Pas-de-Calais|80 Somme",
    "Île-de-France": "75 Paris|77 Seine-et-Marne|78 Yvelines|91 Essonne|92 Hauts-de-Seine|93 Seine-Saint-Denis"
    "|94 Val-de-Marne|95 Val-d'Oise",
    "Normandie": "14 Calvados|27 Eure|50 Manche|61 Orne|76 Seine-Maritime",
    "Nouvelle-Aquitaine": "16 Charente|17 Charente-Maritime|19 Corrèze|23 Creuse|24 Dordogne|33 Gironde|40 Landes"
    "|47 Lot-et-Garonne|64 Pyrénées-Atlantiques|79 Deux-Sèvres|86 Vienne|87 Haute-Vienne",
    "Occitanie": "09 Ariège|11 Aude|12 Aveyron|30 Gard|31 Haute-Garonne|32 Gers|34 Hérault|46 Lot|48 Lozère"
    "|65 Hautes-Pyrénées|66 Pyrénées-Orientales|81 Tarn|82 Tarn-et-Garonne",
    "Pays de la Loire": "44 Loire-Atlantique|49 Maine-et-Loire|53 Mayenne|72 Sarthe|85 Vendée",
    "Provence-Alpes-Côte d'Azur": "04 Alpes-de-Haute-Provence|05 Hautes-Alpes|06 Alpes-Maritimes|13 Bouches-du-Rhône"
    "|83 Var|84 Vaucluse",
}
"""Région -> code and name of its départements (Insee, code officiel géographique), where there are several."""

SYNONYMS = {"paca": "Provence-Alpes-Côte d'Azur", "idf": "Île-de-France", "ara": "Auvergne-Rhône-Alpes"}

CHAPTERS = {
    "I": "A00-B99",
    "II": "C00-D48",
    "III": "D50-D89",
    "IV": "E00-E90",
    "V": "F00-F99",
    "VI": "G00-G99",
    "VII": "H00-H59",
    "VIII": "H60-H95",
    "IX": "I00-I99",
    "X": "J00-J99",
    "XI": "K00-K93",
    "XII": "L00-L99",
    "XIII": "M00-M99",
    "XIV": "N00-N99",
    "XV": "O00-O99",
    "XVI": "P00-P96",
    "XVII": "Q00-Q99",
    "XVIII": "R00-R99",
    "XIX": "S00-T98",
    "XX": "V01-Y98",
    "XXI": "Z00-Z99",
    "XXII": "U00-U99",
}
"""Chapter of the CIM-10 (ICD-10) -> first and last category."""


def plain(label: str) -> str:
    """Return a label in lower case, without accents, its hyphens and apostrophes as single spaces."""
    text = unicodedata.normalize("NFKD", label.strip().lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join("".join(" " if c in "-'’_" else c for c in text).split())


@cache
def region_of() -> dict[str, str]:
    """Return plain names and codes of départements -> plain name of their région."""
    found = {}
    for region, departments in REGIONS.items():
        for department in departments.split("|"):
            code, _, name = department.partition(" ")
            for form in (code, name, f"{code} {name}", f"{name} ({code})", f"{code.lower()} {name}"):
                found[plain(form)] = plain(region)
    return found


@cache
def region(label: str) -> str | None:
    """Return the plain name of the région that a label names, if it names one."""
    return _regions().get(plain(label).removeprefix("region "))


@cache
def _regions() -> dict[str, str]:
    """Return names of régions -> plain name."""
    names = {plain(region): plain(region) for region in REGIONS}
    return names | {short: plain(region) for short, region in SYNONYMS.items()}
