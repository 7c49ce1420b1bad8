"""What results speak of, in two halves: the first for odd seeds, the second, on which nobody tunes, for even ones."""

from __future__ import annotations

from dataclasses import dataclass

REGIONS = (
    "Auvergne-Rhône-Alpes",
    "Bourgogne-Franche-Comté",
    "Bretagne",
    "Centre-Val de Loire",
    "Corse",
    "Grand Est",
    "Hauts-de-France",
    "Île-de-France",
    "Normandie",
    "Nouvelle-Aquitaine",
    "Occitanie",
    "Pays de la Loire",
    "Provence-Alpes-Côte d'Azur",
)

DEPARTEMENTS = (
    ("01", "Ain"),
    ("02", "Aisne"),
    ("03", "Allier"),
    ("06", "Alpes-Maritimes"),
    ("13", "Bouches-du-Rhône"),
    ("14", "Calvados"),
    ("21", "Côte-d'Or"),
    ("29", "Finistère"),
    ("2A", "Corse-du-Sud"),
    ("2B", "Haute-Corse"),
    ("31", "Haute-Garonne"),
    ("33", "Gironde"),
    ("34", "Hérault"),
    ("35", "Ille-et-Vilaine"),
    ("38", "Isère"),
    ("44", "Loire-Atlantique"),
    ("54", "Meurthe-et-Moselle"),
    ("57", "Moselle"),
    ("59", "Nord"),
    ("62", "Pas-de-Calais"),
    ("67", "Bas-Rhin"),
    ("69", "Rhône"),
    ("75", "Paris"),
    ("76", "Seine-Maritime"),
    ("77", "Seine-et-Marne"),
    ("80", "Somme"),
    ("83", "Var"),
    ("92", "Hauts-de-Seine"),
    ("93", "Seine-Saint-Denis"),
    ("94", "Val-de-Marne"),
    ("971", "Guadeloupe"),
    ("974", "La Réunion"),
)


@dataclass(frozen=True)
class Words:
    """A vocabulary.

    Attributes
    ----------
    diseases
        Code of the ICD and name.
    count
        Titles of a column of persons or stays.
    places
        Names of places.
    """

    diseases: tuple[tuple[str, str], ...]
    drugs: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str], ...]
    ages: tuple[str, ...]
    sexes: tuple[str, str]
    count: tuple[str, ...]
    total: tuple[str, ...]
    hidden: tuple[str, ...]
    places: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]


FIRST = Words(
    diseases=(
        ("E11", "Diabète de type 2"),
        ("I50", "Insuffisance cardiaque"),
        ("C50", "Cancer du sein"),
        ("J44", "BPCO"),
        ("F32", "Épisode dépressif"),
        ("G20", "Maladie de Parkinson"),
        ("N18", "Maladie rénale chronique"),
        ("I63", "Infarctus cérébral"),
        ("C18", "Cancer du côlon"),
        ("K50", "Maladie de Crohn"),
    ),
    drugs=(
        ("A10BA02", "Metformine"),
        ("C09AA05", "Ramipril"),
        ("N02BE01", "Paracétamol"),
        ("B01AC06", "Acide acétylsalicylique"),
        ("C10AA05", "Atorvastatine"),
        ("J01CA04", "Amoxicilline"),
        ("A02BC01", "Oméprazole"),
        ("H03AA01", "Lévothyroxine"),
    ),
    groups=(
        ("05M092", "Insuffisances cardiaques et états de choc circulatoire, niveau 2"),
        ("04M051", "Bronchopneumopathies chroniques, niveau 1"),
        ("01M301", "Accidents vasculaires intracérébraux non transitoires, niveau 1"),
        ("08C481", "Prothèses de hanche pour traumatismes récents, niveau 1"),
        ("14Z14A", "Accouchements uniques par voie basse chez une multipare, sans complication"),
        ("28Z04Z", "Hémodialyse, en séances"),
        ("10M021", "Diabète, âge supérieur à 35 ans, niveau 1"),
    ),
    ages=("0-17 ans", "18-39 ans", "40-59 ans", "60-74 ans", "75 ans et plus"),
    sexes=("Femmes", "Hommes"),
    count=("nb_patients", "n", "effectif", "nb_sejours", "Nombre de patients"),
    total=("Total", "Ensemble"),
    hidden=("c", "<11", "*"),
    places=("Rennes", "Lille", "Bordeaux", "Ajaccio", "Dijon", "Nantes", "Strasbourg"),
    first_names=("Sophie", "Karim", "Jeanne", "Thomas", "Awa", "Pierre", "Lucie", "Mehdi", "Hélène", "Paul"),
    last_names=("Moreau", "Benali", "Le Goff", "Martin", "Traoré", "Girard", "Rossi", "Nguyen", "Dupuis", "Schmitt"),
    streets=(
        "impasse des Lilas",
        "rue Victor-Hugo",
        "avenue de la République",
        "chemin du Moulin",
        "place de l'Église",
    ),
)

SECOND = Words(
    diseases=(
        ("J45", "Asthme"),
        ("I48", "Fibrillation auriculaire"),
        ("C61", "Cancer de la prostate"),
        ("G35", "Sclérose en plaques"),
        ("F20", "Schizophrénie"),
        ("M06", "Polyarthrite rhumatoïde"),
        ("K74", "Cirrhose du foie"),
        ("I21", "Infarctus du myocarde"),
        ("C34", "Cancer du poumon"),
        ("L40", "Psoriasis"),
    ),
    drugs=(
        ("R03AC02", "Salbutamol"),
        ("B01AF02", "Apixaban"),
        ("N05BA12", "Alprazolam"),
        ("L04AB04", "Adalimumab"),
        ("C07AB07", "Bisoprolol"),
        ("N06AB10", "Escitalopram"),
        ("A11CC05", "Colécalciférol"),
        ("M01AE01", "Ibuprofène"),
    ),
    groups=(
        ("05K101", "Cathétérismes cardiaques thérapeutiques, niveau 1"),
        ("06C071", "Interventions mineures sur l'intestin grêle et le côlon, niveau 1"),
        ("15M05A", "Nouveau-nés de 3 300 g et âge gestationnel de 40 SA et assimilés, sans problème significatif"),
        ("08C371", "Interventions sur le poignet, niveau 1"),
        ("02C05J", "Interventions sur le cristallin, en ambulatoire"),
        ("23M20T", "Autres symptômes et motifs de recours, très courte durée"),
        ("11M041", "Infections des reins et des voies urinaires, niveau 1"),
    ),
    ages=("<15", "15-44", "45-64", "65-79", "80+"),
    sexes=("F", "M"),
    count=("effectifs", "N", "nombre_beneficiaires", "Patients", "Séjours"),
    total=("TOTAL", "Tous"),
    hidden=("s", "< 11", "nd"),
    places=("Brest", "Amiens", "Pau", "Bastia", "Besançon", "Le Mans", "Colmar"),
    first_names=("Camille", "Yacine", "Odette", "Julien", "Fatou", "Bernard", "Inès", "Rachid", "Élodie", "Marc"),
    last_names=("Lefèvre", "Haddad", "Kerbrat", "Bernard", "Diallo", "Santoni", "Lopez", "Tran", "Chevalier", "Weber"),
    streets=("allée des Tilleuls", "boulevard Pasteur", "rue du Général-Leclerc", "route de la Mer", "square Monge"),
)

HALVES = (FIRST, SECOND)
