"""Results whose meaning stands in their titles' horizons, in the caption, in the words around a number."""

from __future__ import annotations

import json

from .block_cells import diseases
from .cases import Draw, Label, case
from .writers import Sheet

CLEAN, BLOCK = Label.CLEAN, Label.MUST_BLOCK
COUNTS = ("counts.",)


def _points(draw: Draw, values: list[list[object]], heading: str) -> Sheet:
    unit, step = draw.turn(("mois", 12), ("jours", 30), ("ans", 1), ("months", 6))
    titles = [draw.turn("bras", "stade", "groupe"), *(f"{step * index} {unit}" for index in range(1, 5))]
    names = diseases(draw, len(values))
    return Sheet(titles, [[name, *row] for name, row in zip(names, values, strict=True)], heading=(heading,))  # type: ignore[list-item]


@case(BLOCK, "small_cells", "html", "md", "csv_fr", "xlsx_presented", difficulty=3, rules=COUNTS)
def at_risk_at_points_in_time(draw: Draw) -> Sheet:
    """How many are at risk, points in time as titles."""
    rows: list[list[object]] = []
    for last in (draw.random.randint(2, 9), draw.random.randint(20, 40)):
        rows.append([last + steps * draw.random.randint(15, 40) for steps in (9, 5, 2)] + [last])
    return _points(draw, rows, draw.turn("Effectifs à risque", "Number at risk", "Patients suivis"))


@case(CLEAN, "clean.survival", "html", "md", "csv_fr", "tex")
def survival_at_points_in_time(draw: Draw) -> Sheet:
    """Shares of survivors in whole per cent, points in time as titles, and the caption says so."""
    rows: list[list[object]] = [
        [draw.random.randint(60, 95), draw.random.randint(30, 55), draw.random.randint(12, 25), low] for low in (5, 9)
    ]
    return _points(draw, rows, draw.turn("Survie globale (%)", "Overall survival, %", "Taux de survie (%)"))


@case(BLOCK, "small_cells", "csv", "tex", "xlsx", "html", difficulty=3, rules=COUNTS)
def events_within_a_horizon(draw: Draw) -> Sheet:
    """Deaths or returns within so many days, which are no duration."""
    title = draw.turn("Décès à 30 jours", "readmitted within 90 days", "survivants à 5 ans", "events at 12 months")
    names = diseases(draw, 4)
    small = draw.random.randrange(4)
    rows = [
        [n, draw.count(500), draw.random.randint(2, 9) if i == small else draw.count(60)] for i, n in enumerate(names)
    ]
    return Sheet([draw.turn("pathologie", "disease"), draw.turn("séjours", "stays"), title], rows)


@case(BLOCK, "small_cells", ".md", ".txt", ".md", ".txt", ".md", difficulty=4, rules=COUNTS)
def persons_counted_by_a_verb(draw: Draw) -> bytes:
    """A number that stands for persons who were named before."""
    base, few = draw.count(400), draw.random.randint(3, 9)
    told = draw.turn(
        f"Parmi les {base} femmes suivies, {few} ont eu une complication grave.",
        f"Les {base} patients ont été revus à un an, dont {few} en réanimation.",
        f"Of the {base} residents screened, {few} required transfer.",
        f"Nous avons suivi {base} enfants ; {few} convulsions ont été signalées.",
        f"La cohorte compte {base} malades. Perdus de vue :\n\n- Décès : {few}\n",
    )
    return f"# Résultats\n\n{told}\n".encode()


@case(CLEAN, "clean.report", ".md", ".txt", ".md", ".txt")
def things_counted_by_a_verb(draw: Draw) -> bytes:
    """Small numbers of models, centres and analyses beside large ones of persons."""
    base, few = draw.count(4000, 900), draw.random.randint(3, 9)
    told = draw.turn(
        f"Les {base} patients ont été répartis en {few} groupes. Parmi les modèles, {few} ont convergé.",
        f"Des {base} séjours, issus de {few} centres ; ces centres, {few} sur 12, ont répondu.",
        f"We followed {base} patients for {few} years; {few} models were compared and {few} trends were observed.",
        f"Suivi de {base} personnes pendant {few} ans, dont {few} mois de traitement.",
    )
    return f"# Méthodes\n\n{told}\n".encode()


@case(CLEAN, "clean.models", ".json", ".json", ".json")
def settings_of_a_model(draw: Draw) -> bytes:
    """The settings of an algorithm."""
    settings = draw.turn(
        {
            "learning_rate": 0.05,
            "max_depth": 6,
            "n_estimators": 400,
            "early_stopping_rounds": 10,
            "min_child_weight": 3,
        },
        {"batch_size": 64, "epochs": 8, "patience": 3, "dropout": 0.2, "layers": 4, "seed": 7},
        {"chains": 4, "warmup": 1000, "draws": 2000, "thin": 2, "max_treedepth": 10},
    )
    return json.dumps(draw.turn(settings, {"model": "gbm", "params": settings})).encode()


@case(BLOCK, "dominance", "csv", "md", "xlsx", difficulty=4, rules=("concentration.",))
def share_of_the_largest_in_words(draw: Draw) -> Sheet:
    """The share of the largest contributor, without its amount."""
    title = draw.turn("part du premier (%)", "share of the largest (%)", "poids du premier laboratoire (%)")
    rows = [[f"marché {i + 1}", draw.count(9000), round(draw.between(20, 60), 1)] for i in range(4)]
    rows[draw.random.randrange(4)][2] = round(draw.between(87, 97), 1)
    return Sheet(["marché", "montant (k€)", title], rows)


@case(BLOCK, "differencing", "csv", "json", "md", difficulty=4, rules=("differences.", "counts."))
def selection_that_leaves_few_out(draw: Draw) -> Sheet:
    """The steps of a selection, one of which leaves fewer than 11 out."""
    first = draw.count(2400, 900)
    second = first - draw.random.randint(80, 300)
    last = second - draw.random.randint(3, 9)
    return Sheet(["étape", "effectif"], [["initial", first], ["après âge", second], ["après doublons", last]])


@case(CLEAN, "clean.codes", "csv", "html", "xlsx")
def limits_of_stays(draw: Draw) -> Sheet:
    """Limits of stays, and ends of intervals, in whole numbers."""
    rows = [[f"0{i}C24{i}", i + 3, i, 10 + i, draw.between(900, 9000, 0)] for i in range(1, 5)]
    return Sheet(["GHM", "DMS", "borne basse", "borne haute", "tarif (€)"], rows)
