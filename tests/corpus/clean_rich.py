"""Clean files of rich formats, full of what could hide something and does not: charts, styles, widgets."""

from __future__ import annotations

import io
import json

import nbformat
import plotly.graph_objects as go
from bokeh.embed import file_html, json_item
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure as bokeh_figure
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from PIL import Image

from .cases import Draw, Label, case
from .clean_statistics import odds_ratios
from .clean_tables import stays_by_age_and_sex
from .figures import epidemic_curve
from .words import REGIONS
from .writers import notebook

CLEAN = Label.CLEAN


def _bars(draw: Draw) -> go.Figure:
    counts = [draw.count(3000, 300) for _ in REGIONS]
    chart = go.Figure(go.Bar(x=list(REGIONS), y=counts, text=counts))
    if draw.variant % 2:
        chart = go.Figure(
            go.Scatter(x=list(range(2010, 2023)), y=[draw.between(3, 9) for _ in range(13)], mode="lines+markers")
        )
    chart.update_layout(title="Patients par région" if not draw.variant % 2 else "Taux pour 1 000")
    return chart


@case(CLEAN, "clean.figures.documents", ".html", ".json", ".ipynb", ".html", ".json", ".ipynb", difficulty=3)
def plotly_of_aggregates(draw: Draw) -> bytes:
    """Plotly bars or lines over a dozen aggregates."""
    chart = _bars(draw)
    if draw.variant % 3 == 1:
        return str(chart.to_json()).encode()
    if draw.variant % 3 == 2:
        return notebook("# Barres", ("fig", [{"application/vnd.plotly.v1+json": json.loads(str(chart.to_json()))}]))
    return str(chart.to_html(include_plotlyjs=False, full_html=True, div_id="figure")).encode()


@case(CLEAN, "clean.figures.documents", ".html", ".json", difficulty=4)
def bokeh_of_aggregates(draw: Draw) -> bytes:
    """Bokeh bars over the thirteen régions."""
    plot = bokeh_figure(y_range=list(REGIONS), width=300, height=300)
    columns = {"region": list(REGIONS), "patients": [draw.count(3000, 300) for _ in REGIONS]}
    plot.hbar(y="region", right="patients", height=0.8, source=ColumnDataSource(columns))
    return json.dumps(json_item(plot)).encode() if draw.variant else file_html(plot, title="Barres").encode()


@case(CLEAN, "clean.workbook", ".xlsx", ".xlsx", difficulty=4)
def workbook_with_charts(draw: Draw) -> bytes:
    """Three sheets, a chart, a harmless comment, a print area, a note to readers."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": "Annexe statistique", "company": "Santé publique"})
        readme = book.add_worksheet("Lisez-moi")
        readme.write_column(0, 0, ["Annexe statistique", "Champ : France entière, 2022", "Secret : < 11 non diffusé"])
        page, sheet = book.add_worksheet("Tableau 1"), stays_by_age_and_sex(draw)
        for index, row in enumerate((sheet.titles, *sheet.rows)):
            page.write_row(index, 0, row)
        page.write_comment(0, 1, "Âge au 1er janvier de l'année")
        page.print_area(0, 0, len(sheet.rows), len(sheet.titles) - 1)
        chart = book.add_chart({"type": "column"})
        last = len(sheet.rows) - 1
        chart.add_series({"categories": ["Tableau 1", 1, 0, last, 0], "values": ["Tableau 1", 1, 1, last, 1]})
        page.insert_chart("J2", chart)
        other, ratios = book.add_worksheet("Tableau 2"), odds_ratios(draw)
        for index, row in enumerate((ratios.titles, *ratios.rows)):
            other.write_row(index, 0, row)
        if draw.variant:
            other.write_formula(len(ratios.rows) + 2, 1, "=AVERAGE(B3:B9)", None, 1.07)
    return out.getvalue()


@case(CLEAN, "clean.notebook", ".ipynb", ".ipynb", difficulty=4)
def notebook_with_noise(draw: Draw) -> bytes:
    """Progress bars, warnings, styled table, versions and an interrupted cell."""
    frame = stays_by_age_and_sex(draw).frame()
    styled = {"text/html": frame.style.format(precision=0).set_uuid("t1").to_html(), "text/plain": "<Styler>"}
    made = nbformat.reads(
        notebook(
            "# Suivi\n\nRelancé le 3 mars ; 2 essais.",
            ("for lot in tqdm(range(24)):\n    traiter(lot)", ["100%|██████████| 24/24 [00:07<00:00,  3.12it/s]\n"]),
            ("style", [styled]),
            (
                "!pip list",
                ["Package    Version\n---------- -------\nnumpy      1.26.4\npandas     2.2.1\nscipy      1.13.0\n"],
            ),
            ("modele.fit(X, y)", ["ConvergenceWarning: 3 itérations sur 10\n"]),
            ("1 / 0", [f"ZeroDivisionError: division by zero (ligne {draw.random.randint(1, 9)})\n"]),
        ),
        4,
    )
    made.cells[1].metadata["tags"] = ["parameters"]
    made.cells[2].metadata["scrolled"] = True
    return str(nbformat.writes(made)).encode()


@case(CLEAN, "clean.figures", ".pdf", ".pdf", difficulty=4)
def pages_of_figures(draw: Draw) -> bytes:
    """A report of three pages of figures and text."""
    out = io.BytesIO()
    with PdfPages(out, metadata={"Title": "Rapport", "CreationDate": None}) as pages:
        for page in range(3):
            figure = Figure(figsize=(8, 6))
            axes = figure.subplots()
            axes.plot(range(2012, 2023), [draw.between(10, 90) for _ in range(11)])
            axes.set(title=f"Figure {page + 1}", xlabel="Année", ylabel="Taux pour 100 000")
            figure.text(0.1, 0.01, f"Champ : {draw.count(40000, 9000)} patients. Source : SNDS 2012-2022.")
            pages.savefig(figure)
    return out.getvalue()


@case(CLEAN, "clean.figures", ".jpeg", ".jpg", difficulty=3)
def curve_in_jpeg(draw: Draw) -> bytes:
    """An epidemic curve saved as JPEG."""
    out = io.BytesIO()
    Image.open(io.BytesIO(epidemic_curve(draw, "png"))).convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()


CONSOLE = """R version 4.2.2 (2022-10-31) -- "Innocent and Trusting"
> table(base$sexe)

    1     2
{a:>5} {b:>5}
> summary(base$age)
> round(prop.table(table(base$ald)), 3)

    0     1
0.712 0.288
> quantile(base$delai, c(.25, .5, .75))
25% 50% 75%
  2   5   9
> t.test(hba1c ~ sexe, data = base)

	Welch Two Sample t-test

t = 3.4126, df = {a}, p-value = 0.00065
95 percent confidence interval:
 0.0712 0.2633
sample estimates:
mean in group 1 mean in group 2
       7.412033        7.244781
"""


@case(CLEAN, "clean.log", ".txt", ".log", ".md", difficulty=4)
def r_console(draw: Draw) -> bytes:
    """A session of R with large tables and tests."""
    text = CONSOLE.format(a=draw.count(9000, 4000), b=draw.count(9000, 4000))
    return (f"# Séance\n\n```\n{text}```\n" if draw.variant == 2 else text).encode()


SAS = """1    proc freq data=work.base; tables sexe*ald / chisq; run;
NOTE: There were {a} observations read from the data set WORK.BASE.
NOTE: PROCEDURE FREQ used (Total process time):
      real time           0.09 seconds
      cpu time            0.05 seconds
2    proc logistic data=work.base; model deces(event='1') = age sexe ald; run;
NOTE: PROC LOGISTIC is modeling the probability that deces=1.
NOTE: Convergence criterion (GCONV=1E-8) satisfied.
WARNING: 4 variables de la liste KEEP n'existent pas.
NOTE: The data set WORK.RESULTAT has 6 observations and 4 variables.
"""


@case(CLEAN, "clean.log", ".log", ".txt", difficulty=4)
def sas_log(draw: Draw) -> bytes:
    """A log of SAS: few observations in a data set of results are lines, not persons."""
    return SAS.format(a=draw.count(90000, 20000)).encode()
