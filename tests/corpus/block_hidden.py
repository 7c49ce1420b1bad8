"""Data that a reader of the file does not see: hidden sheets, caches, metadata, attachments, embedded sources."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import zipfile

import nbformat
import numpy as np
import openpyxl
import pikepdf
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as parquet
from bokeh.embed import file_html, json_item
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure as bokeh_figure
from matplotlib.axes import Axes
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from PIL import Image, PngImagePlugin

from .cases import Draw, Label, case
from .clean_tables import stays_by_age_and_sex
from .figures import drawn, epidemic_curve
from .people import people, person, rows_of
from .writers import arrow, delimited, notebook, pdf, workbook

BLOCK, FLAG = Label.MUST_BLOCK, Label.MUST_FLAG
ANY = ("hidden.", "rows.", "identifiers.", "persons.", "figures.")


def _clean_book(draw: Draw) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook(stays_by_age_and_sex(draw))))


def _saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@case(BLOCK, "hidden.workbook", ".xlsx", ".xlsx", ".xlsx", difficulty=2, rules=ANY)
def hidden_sheet(draw: Draw) -> bytes:
    """A sheet of patients, hidden."""
    book = _clean_book(draw)
    page = book.create_sheet(draw.turn("Feuil2", "data", "base"))
    sheet = rows_of(draw, 80, pseudonym=draw.variant != 1)
    for row in (sheet.titles, *sheet.rows):
        page.append(list(row))
    page.sheet_state = draw.turn("hidden", "veryHidden", "hidden")
    return _saved(book)


@case(BLOCK, "hidden.workbook", ".xlsx", ".xlsx", difficulty=3, rules=ANY)
def comments_in_cells(draw: Draw) -> bytes:
    """Notes on cells that name patients."""
    book = _clean_book(draw)
    page = book.active
    assert page is not None
    for row, one in enumerate(people(draw, 4), 2):
        page.cell(row, 2).comment = Comment(
            f"dont {one.first} {one.last}, NIR {one.nir}, née le {one.birth:%d/%m/%Y}", "auteur"
        )
    return _saved(book)


@case(BLOCK, "hidden.workbook", ".xlsx", difficulty=4, rules=ANY)
def defined_names(draw: Draw) -> bytes:
    """Numbers of persons in a defined name."""
    book = _clean_book(draw)
    value = ",".join(one.nir for one in people(draw, 6))
    book.defined_names["liste"] = DefinedName("liste", attr_text=f'"{value}"')
    return _saved(book)


@case(BLOCK, "hidden.workbook", ".xlsx", ".xlsx", difficulty=3, rules=ANY)
def hidden_columns(draw: Draw) -> bytes:
    """Columns or rows of patients in a sheet that shows aggregates, hidden by format."""
    book = _clean_book(draw)
    page = book.active
    assert page is not None
    sheet = rows_of(draw, 30)
    for index, row in enumerate((sheet.titles, *sheet.rows), 1 if draw.variant == 0 else 40):
        for column, value in enumerate(row, 12):
            page.cell(index, column, value)
    for column in range(12, 22):
        page.column_dimensions[openpyxl.utils.get_column_letter(column)].hidden = True
    return _saved(book)


PIVOT_DEFINITION = (
    '<?xml version="1.0" encoding="UTF-8"?><pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
    '2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1" recordCount="'
    '{count}"><cacheSource type="worksheet"><worksheetSource ref="A1:C{last}" sheet="base"/></cacheSource><cacheFields '
    'count="3"><cacheField name="id_patient"/><cacheField name="naissance"/><cacheField name="diag"/></cacheFields>'
    "</pivotCacheDefinition>"
)  # fmt: skip


@case(BLOCK, "hidden.workbook", ".xlsx", ".xlsx", difficulty=4, rules=ANY)
def pivot_cache(draw: Draw) -> bytes:
    """The records that a pivot table keeps of its source."""
    listed = people(draw, 90)
    records = "".join(
        f'<r><s v="{draw.random.getrandbits(48):012x}"/><s v="{one.birth}"/><s v="{one.disease}"/></r>'
        for one in listed
    )
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kept = {
        "xl/pivotCache/pivotCacheDefinition1.xml": PIVOT_DEFINITION.format(count=len(listed), last=len(listed) + 1),
        "xl/pivotCache/pivotCacheRecords1.xml": f"<pivotCacheRecords {space}>{records}</pivotCacheRecords>",
    }
    return _with_members(_saved(_clean_book(draw)), kept)


@case(BLOCK, "hidden.workbook", ".xlsx", difficulty=5, rules=ANY)
def unreferenced_member(draw: Draw) -> bytes:
    """A file of patients within the workbook's archive that no sheet refers to."""
    return _with_members(_saved(_clean_book(draw)), {"xl/embeddings/base.csv": delimited(rows_of(draw, 60)).decode()})


def _with_members(archive: bytes, members: dict[str, str]) -> bytes:
    out = io.BytesIO(archive)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name, (2024, 3, 4, 10, 0, 0)), content)
    return out.getvalue()


@case(BLOCK, "hidden.metadata", ".parquet", ".parquet", ".feather", difficulty=4, rules=ANY)
def schema_metadata(draw: Draw) -> bytes:
    """An aggregate whose schema carries rows of patients."""
    extra = json.dumps(rows_of(draw, 60).frame().to_dict("records"))
    table = arrow(stays_by_age_and_sex(draw)).replace_schema_metadata({b"source": extra.encode()})
    out = io.BytesIO()
    if draw.variant == 2:
        with pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table)
    else:
        parquet.write_table(table, out)
    return out.getvalue()


@case(BLOCK, "hidden.picture", ".png", ".png", ".png", difficulty=3, rules=ANY)
def text_in_png(draw: Draw) -> bytes:
    """Rows of patients in a text chunk, plain or compressed, or after the picture's end."""
    clean = epidemic_curve(draw, "png")
    rows = delimited(rows_of(draw, 120)).decode()
    if draw.variant == 2:
        return clean + rows.encode()
    info, out = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("Description", rows, zip=draw.variant == 1)
    Image.open(io.BytesIO(clean)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


@case(FLAG, "hidden.picture", ".png", ".png", difficulty=4, rules=("hidden.", "pictures.", "figures."))
def data_in_lowest_bits(draw: Draw) -> bytes:
    """Compressed rows in the lowest bits of a chart's pixels."""
    import zlib

    pixels = np.asarray(Image.open(io.BytesIO(epidemic_curve(draw, "png"))).convert("RGB")).copy()
    payload = zlib.compress(delimited(rows_of(draw, 600)).decode().encode())
    bits = np.unpackbits(np.frombuffer(payload, np.uint8))[: pixels.size]
    bits = np.resize(bits, pixels.size)
    flat = pixels.reshape(-1)
    flat[:] = (flat & 0xFE) | bits
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@case(FLAG, "hidden.picture", ".png", ".png", difficulty=4, rules=("hidden.", "pictures.", "figures."))
def pixel_per_patient(draw: Draw) -> bytes:
    """A picture whose pixels are the values of patients."""
    values = draw.numpy.integers(0, 256, (300, 400, 3) if draw.variant else (300, 400)).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(values).save(out, "PNG")
    return out.getvalue()


@case(BLOCK, "hidden.picture", ".svg", ".svg", ".svg", ".svg", difficulty=3, rules=ANY)
def hidden_in_svg(draw: Draw) -> bytes:
    """Rows of patients in metadata, a comment, white or invisible text of a drawing."""
    rows = delimited(rows_of(draw, 40)).decode()
    added = draw.turn(
        f"<metadata><desc>{rows}</desc></metadata>", f"<!-- {rows} -->",
        f'<text fill="#fff" font-size="1">{rows}</text>',
        f'<g display="none"><text>{rows}</text></g>',
    )  # fmt: skip
    return epidemic_curve(draw, "svg").decode().replace("</svg>", added + "</svg>").encode()


@case(BLOCK, "hidden.pdf", ".pdf", ".pdf", difficulty=3, rules=ANY)
def attached_to_pdf(draw: Draw) -> bytes:
    """A report with a file of patients attached."""
    with pikepdf.open(io.BytesIO(pdf(stays_by_age_and_sex(draw)))) as document:
        document.attachments[draw.turn("base.csv", "annexe.txt")] = delimited(rows_of(draw, 90))
        return _pdf_bytes(document)


def _pdf_bytes(document: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


@case(BLOCK, "hidden.pdf", ".pdf", ".pdf", ".pdf", difficulty=4, rules=ANY)
def hidden_in_pdf(draw: Draw) -> bytes:
    """Persons in the document's properties, an annotation, or white text."""
    one = person(draw)
    said = f"Patient {one.first} {one.last}, né le {one.birth:%d/%m/%Y}, NIR {one.nir}"
    if draw.variant == 2:
        return _with_white_text(said)
    with pikepdf.open(io.BytesIO(pdf(stays_by_age_and_sex(draw)))) as document:
        if draw.variant:
            note = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[10, 10, 30, 30], Contents=said
            )
            document.pages[0].Annots = document.make_indirect(pikepdf.Array([document.make_indirect(note)]))
        else:
            document.docinfo["/Subject"] = said
        return _pdf_bytes(document)


def _with_white_text(said: str) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    page = Canvas(out, invariant=1)
    page.drawString(80, 780, "Résultats : 48 213 patients inclus.")
    page.setFillColorRGB(1, 1, 1)
    page.drawString(80, 60, said)
    page.save()
    return out.getvalue()


@case(BLOCK, "hidden.notebook", ".ipynb", ".ipynb", ".ipynb", ".ipynb", difficulty=3, rules=ANY)
def hidden_in_notebook(draw: Draw) -> bytes:
    """Rows of patients in an attachment, the widgets' state, a cell's metadata, an unseen representation."""
    made = nbformat.reads(notebook("# Résultats", ("tableau", [stays_by_age_and_sex(draw)])), 4)
    rows = delimited(rows_of(draw, 60)).decode()
    if draw.variant == 0:
        made.cells[0]["attachments"] = {"base.csv": {"text/csv": base64.b64encode(rows.encode()).decode()}}
    elif draw.variant == 1:
        state = {
            "abc": {"model_name": "HTMLModel", "model_module": "@jupyter-widgets/controls", "state": {"value": rows}}
        }
        made.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"version_major": 2, "state": state}}
    elif draw.variant == 2:
        made.cells[1].metadata["source_rows"] = rows
    else:
        made.cells[1].outputs[0].data["application/vnd.dataresource+json"] = {
            "data": rows_of(draw, 60).frame().to_dict("records")
        }
    return str(nbformat.writes(made)).encode()


@case(BLOCK, "embedded_source", ".html", ".json", ".ipynb", ".html", difficulty=3, rules=ANY)
def plotly_points(draw: Draw) -> bytes:
    """A plotly cloud with a point for each patient."""
    chart = go.Figure(go.Scatter(x=draw.numpy.normal(60, 12, 400), y=draw.numpy.normal(8, 2, 400), mode="markers"))
    if draw.variant in (0, 3):
        if draw.variant == 3:
            chart.data[0].customdata = [f"{draw.random.getrandbits(48):012x}" for _ in range(400)]
        return chart.to_html(include_plotlyjs="cdn", div_id="figure").encode()
    if draw.variant == 1:
        return str(chart.to_json()).encode()
    return notebook("# Nuage", ("fig", [{"application/vnd.plotly.v1+json": json.loads(str(chart.to_json()))}]))


@case(BLOCK, "embedded_source", ".json", ".html", ".ipynb", difficulty=4, rules=ANY)
def vega_rows(draw: Draw) -> bytes:
    """Bars that Vega-Lite aggregates from rows which the document holds."""
    values = rows_of(draw, 200, pseudonym=draw.variant == 1).frame().to_dict("records")
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "mark": "bar",
        "encoding": {"x": {"field": "diag_principal"}, "y": {"aggregate": "count"}},
    }
    text = json.dumps(chart)
    if draw.variant == 2:
        return notebook("# Barres", ("chart", [{"application/vnd.vegalite.v5+json": chart}]))
    return (
        f'<html><body><div id="vis"></div><script>vegaEmbed("#vis", {text})</script></body></html>'.encode()
        if (draw.variant)
        else text.encode()
    )


@case(BLOCK, "embedded_source", ".html", ".json", difficulty=4, rules=ANY)
def bokeh_source(draw: Draw) -> bytes:
    """A Bokeh cloud whose source holds every column of the base."""
    columns = rows_of(draw, 300).frame().to_dict("list")
    plot = bokeh_figure(width=300, height=300)
    plot.scatter("duree_sejour", "hba1c", source=ColumnDataSource(columns))
    if draw.variant:
        return json.dumps(json_item(plot)).encode()
    return file_html(plot, title="Nuage").encode()


@case(BLOCK, "embedded_source", ".html", ".html", difficulty=3, rules=ANY)
def rows_behind_page(draw: Draw) -> bytes:
    """An aggregate page with rows in a comment or a script."""
    from .writers import html

    rows = json.dumps(rows_of(draw, 60).frame().to_dict("records"))
    added = draw.turn(f"<!-- {rows} -->", f'<script type="application/json">{rows}</script>')
    return html(stays_by_age_and_sex(draw)).decode().replace("</body>", added + "</body>").encode()


@case(BLOCK, "archive", ".zip", ".zip", ".tar.gz", ".zip", difficulty=3, rules=(*ANY, "counts.", "engine."))
def rows_in_archive(draw: Draw) -> bytes:
    """A file of patients among clean ones, within an archive, or within another in it."""
    inner = ("annexe/base.csv", delimited(rows_of(draw, 60)))
    members = [("tableau.csv", delimited(stays_by_age_and_sex(draw))), inner]
    if draw.variant == 3:
        members = [members[0], ("lot.zip", _zip([inner]))]
    return _tar(members) if draw.variant == 2 else _zip(members)


@case(BLOCK, "archive", ".zip", ".tar.gz", ".zip", ".zip", difficulty=3, rules=("engine.", *ANY))
def archive_with_trap(draw: Draw) -> bytes:
    """An archive that leaves its folder, expands without end, or is locked."""
    if draw.variant == 0:
        return _zip([("../../etc/cron.d/x", b"rien\n")])
    if draw.variant == 1:
        return _tar([("/tmp/ailleurs.csv", b"a;b\n1;2\n")])
    if draw.variant == 2:
        return _zip([(f"zeros{i}.csv", b"0" * 30_000_000) for i in range(5)])
    packed = bytearray(_zip([("secret.csv", delimited(rows_of(draw, 9)))]))
    packed[6] |= 1
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def _zip(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(zipfile.ZipInfo(name, (2024, 3, 4, 10, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _tar(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@case(BLOCK, "hidden.picture", ".jpeg", ".jpeg", difficulty=4, rules=ANY)
def text_in_jpeg(draw: Draw) -> bytes:
    """Rows of patients in the comment or the tags of a photograph-like picture."""
    clean = Image.open(io.BytesIO(epidemic_curve(draw, "png"))).convert("RGB")
    rows = delimited(rows_of(draw, 60)).decode()
    out = io.BytesIO()
    if draw.variant:
        tags = Image.Exif()
        tags[0x010E] = rows
        clean.save(out, "JPEG", exif=tags)
    else:
        clean.save(out, "JPEG", comment=rows.encode())
    return out.getvalue()


@case(BLOCK, "figure_of_individuals", ".svg", difficulty=5, rules=ANY)
def off_canvas(draw: Draw) -> bytes:
    """A drawing with the names of patients outside what it shows."""

    def paint(axes: Axes) -> None:
        axes.bar(range(5), [draw.count(900) for _ in range(5)])

    names = "".join(
        f'<text x="-{900 + i}" y="-500">{one.first} {one.last} {one.nir}</text>'
        for i, one in enumerate(people(draw, 12))
    )
    return drawn(paint, "svg").decode().replace("</svg>", names + "</svg>").encode()
