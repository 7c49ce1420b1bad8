"""More ways out: file names, health records' own formats, interactive boxes and histograms, nested JSON."""

from __future__ import annotations

import json

import plotly.graph_objects as go

from .block_cells import diseases
from .cases import Draw, Label, case, group
from .clean_tables import stays_by_age_and_sex
from .people import people, person
from .words import REGIONS
from .writers import Sheet, Value, delimited, notebook

BLOCK = Label.MUST_BLOCK
ROWS = ("rows.", "identifiers.", "persons.", "hidden.", "figures.")


@group(BLOCK, "file_name", "together", variants=3, difficulty=3)
def person_in_file_name(draw: Draw) -> dict[str, bytes]:
    """A clean table in a file whose name is a person's."""
    one = person(draw)
    name = draw.turn(f"resultats_{one.nir}.csv", f"bilan {one.email}.csv", f"export_{one.phone}.csv")
    return {name: delimited(stays_by_age_and_sex(draw))}


@case(BLOCK, "identifiers", ".ndjson", ".json", ".ndjson", difficulty=2, rules=ROWS)
def fhir_patients(draw: Draw) -> bytes:
    """FHIR patients with their national identifier, name and birth."""
    made = [
        {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": one.nir}],
            "name": [{"family": one.last, "given": [one.first]}],
            "gender": "female" if one.sex == 2 else "male",
            "birthDate": one.birth.isoformat(),
        }
        for one in people(draw, 20)
    ]
    if draw.variant == 1:
        return json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in made]}).encode()
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in made).encode()


@case(BLOCK, "identifiers", ".txt", ".txt", difficulty=3, rules=ROWS)
def hl7_message(draw: Draw) -> bytes:
    """A message between hospitals' systems."""
    one = person(draw)
    return "\n".join((
        "MSH|^~\\&|SIH|CHU|EGATE|CHU|202203121000||ADT^A01|42|P|2.5",
        f"PID|||{draw.random.randint(10**8, 10**9)}^^^CHU^PI~{one.nir}^^^ASIP-SANTE-INS-NIR^INS|"
        f"|{one.last}^{one.first}|"
        f"|{one.birth:%Y%m%d}|{'F' if one.sex == 2 else 'M'}|||{one.address}||{one.phone}",
    )).encode()  # fmt: skip


@case(BLOCK, "identifiers", "csv_fr", "csv", "xlsx", difficulty=4, rules=ROWS)
def births_alone(draw: Draw) -> Sheet:
    """Full dates of birth with a measurement."""
    return Sheet(
        [draw.turn("date_naissance", "Né le", "BEN_DTE_NAI"), "valeur"],
        [[f"{one.birth:%d/%m/%Y}", draw.between(4, 12)] for one in people(draw, 60)],
    )


@case(BLOCK, "embedded_source", ".html", ".json", ".ipynb", ".json", difficulty=4, rules=ROWS)
def plotly_from_rows(draw: Draw) -> bytes:
    """A box or histogram that plotly computes from every person's value, which the document holds."""
    values = draw.numpy.normal(63, 14, 500).round(1)
    chart = go.Figure(go.Box(y=values) if draw.variant % 2 else go.Histogram(x=values))
    if draw.variant == 0:
        return str(chart.to_html(include_plotlyjs=False, div_id="figure")).encode()
    if draw.variant == 2:
        return notebook("# Âges", ("fig", [{"application/vnd.plotly.v1+json": json.loads(str(chart.to_json()))}]))
    return str(chart.to_json()).encode()


@case(BLOCK, "small_cells", ".json", ".json", difficulty=4, rules=("counts.", "tables."))
def small_in_nested_json(draw: Draw) -> bytes:
    """Numbers of patients by region and disease as nested objects, one small."""
    tree = {
        region: {disease: {"nb_patients": draw.count(300)} for disease in diseases(draw, 4)} for region in REGIONS[:5]
    }
    list(tree["Corse"].values())[1]["nb_patients"] = draw.random.randint(2, 9)
    return json.dumps({"annee": 2022, "resultats": tree}, ensure_ascii=False, indent=1).encode()


@case(BLOCK, "small_cells", ".txt", ".tex", ".txt", difficulty=4, rules=("counts.", "tables."))
def small_in_listing(draw: Draw) -> bytes:
    """What R's `table` or an article's LaTeX shows of a crossing, one cell small."""
    names = [code for code, _ in draw.some(draw.words.diseases, 4)]
    cells = [[draw.count(200), draw.count(200)] for _ in names]
    cells[2][1] = draw.random.randint(2, 9)
    if draw.variant == 1:
        lines = [f"{name} & {a} & {b} \\\\" for name, (a, b) in zip(names, cells, strict=True)]
        return (
            "\\begin{tabular}{lrr}\nDiagnostic & Femmes & Hommes \\\\ \\hline\n"
            + "\n".join(lines)
            + "\n\\end{tabular}\n"
        ).encode()
    lines = [f"  {name:<5}{a:>6}{b:>6}" for name, (a, b) in zip(names, cells, strict=True)]
    return ("> table(base$diag, base$sexe)\n       \n             1     2\n" + "\n".join(lines) + "\n").encode()


@case(BLOCK, "extremes", "csv_fr", "csv", difficulty=5, rules=("rows.", "extremes.", "statistics.", "counts."))
def top_ten(draw: Draw) -> Sheet:
    """The ten dearest patients, one line each."""
    amounts = sorted((draw.between(60_000, 400_000, 2) for _ in range(10)), reverse=True)
    rows: list[list[Value]] = [
        [rank, one.disease, str(one.sex), 2022 - one.birth.year, amount]
        for rank, (one, amount) in enumerate(zip(people(draw, 10), amounts, strict=True), 1)
    ]
    return Sheet(["rang", "diagnostic", "sexe", "age", draw.turn("depense_totale", "cout_euros")], rows)
