"""How one table is written down: as Excel in France saves it, as pandas prints it, in an article, in a notebook."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
from nbformat import v4

Value = str | int | float | None


@dataclass(frozen=True)
class Sheet:
    """A table, with what stands above and below it."""

    titles: Sequence[str]
    rows: Sequence[Sequence[Value]]
    heading: Sequence[str] = ()
    notes: Sequence[str] = ()
    name: str = "Résultats"

    def transposed(self) -> Sheet:
        """Return the table on its side."""
        rows = [list(column) for column in zip(self.titles, *self.rows, strict=True)]
        return Sheet([str(cell) for cell in rows[0]], rows[1:], self.heading, self.notes, self.name)

    def frame(self) -> pd.DataFrame:
        """Return the data frame."""
        return pd.DataFrame([list(row) for row in self.rows], columns=list(self.titles))


@dataclass(frozen=True)
class Writer:
    """A format, and how a table is written in it."""

    extension: str
    write: Callable[[Sheet], bytes] = field(repr=False)


def figure_of(value: Value, decimal: str = ".", thousands: str = "") -> str:
    """Write a number, or a text as it is."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    text = f"{value:,}" if thousands else str(value)
    return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def delimited(
    sheet: Sheet,
    delimiter: str = ";",
    decimal: str = ".",
    thousands: str = "",
    encoding: str = "utf-8",
    end: str = "\n",
    quoted: bool = False,
) -> bytes:
    """Write a text file of delimited values."""

    def cell(value: Value) -> str:
        text = figure_of(value, decimal, thousands)
        if quoted or any(sign in text for sign in (delimiter, '"', "\n")):
            return '"' + text.replace('"', '""') + '"'
        return text

    lines = [*sheet.heading, *([""] if sheet.heading else [])]
    lines += [delimiter.join(map(cell, row)) for row in (sheet.titles, *sheet.rows)]
    lines += [*([""] if sheet.notes else []), *sheet.notes]
    return (end.join(lines) + end).encode(encoding, "replace")


def workbook(*sheets: Sheet) -> bytes:
    """Write an Excel file as openpyxl does."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for line in sheet.heading:
            page.append([line])
        for row in (sheet.titles, *sheet.rows):
            page.append(list(row))
        for line in sheet.notes:
            page.append([line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def presented(sheet: Sheet) -> bytes:
    """Write an Excel file as it is made for readers: merged title, an empty column, bold, figures formatted."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet.name)
        bold, number = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "# ##0.##"})
        page.merge_range(0, 1, 0, len(sheet.titles) + 1, (sheet.heading or ("Résultats de l'étude",))[0], bold)
        top = 2
        page.write_row(top, 1, list(sheet.titles), bold)
        for index, row in enumerate(sheet.rows, top + 1):
            for column, value in enumerate(row, 1):
                page.write(index, column, value, number)
        for index, line in enumerate(sheet.notes, top + len(sheet.rows) + 2):
            page.write(index, 1, line)
        page.freeze_panes(top + 1, 2)
    return out.getvalue()


def typed(sheet: Sheet) -> pd.DataFrame:
    """Return the data frame, each column of one type: figures with marks among them are texts."""
    frame = sheet.frame()
    for title in frame:
        kinds = {type(value) for value in frame[title] if value is not None}
        if str in kinds and len(kinds) > 1:
            frame[title] = [figure_of(value) for value in frame[title]]
    return frame


def arrow(sheet: Sheet) -> pa.Table:
    """Return the table in columns."""
    return pa.Table.from_pandas(typed(sheet), preserve_index=False)


def parquet_bytes(sheet: Sheet) -> bytes:
    """Write Parquet."""
    out = io.BytesIO()
    parquet.write_table(arrow(sheet), out)
    return out.getvalue()


def feather_bytes(sheet: Sheet) -> bytes:
    """Write Feather, version 2."""
    out = io.BytesIO()
    feather.write_feather(arrow(sheet), out)
    return out.getvalue()


def stata(sheet: Sheet) -> bytes:
    """Write Stata, whose names of columns are plain words."""
    plain = [f"v{index}" if not title.isidentifier() else title[:32] for index, title in enumerate(sheet.titles)]
    out = io.BytesIO()
    typed(sheet).set_axis(plain, axis=1).to_stata(
        out,
        write_index=False,
        version=118,
        variable_labels={p: t[:80] for p, t in zip(plain, sheet.titles, strict=True)},
    )
    return out.getvalue()


def spss(sheet: Sheet) -> bytes:
    """Write SPSS."""
    import pyreadstat

    plain = [f"v{index}" if not title.isidentifier() else title[:60] for index, title in enumerate(sheet.titles)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.sav"
        pyreadstat.write_sav(typed(sheet).set_axis(plain, axis=1), str(path), column_labels=list(sheet.titles))
        return path.read_bytes()


def html(sheet: Sheet) -> bytes:
    """Write a page around pandas' own table."""
    heading = "".join(f"<h2>{line}</h2>" for line in sheet.heading)
    notes = "".join(f"<p><small>{line}</small></p>" for line in sheet.notes)
    head = '<head><meta charset="utf-8"><title>Résultats</title></head>'
    body = f"<body>{heading}{sheet.frame().to_html(index=False)}{notes}</body>"
    return f'<!DOCTYPE html><html lang="fr">{head}{body}</html>'.encode()


def markdown(sheet: Sheet) -> bytes:
    """Write a report with a pipe table."""
    lines = ["# Résultats", "", *sheet.heading, "", "| " + " | ".join(sheet.titles) + " |"]
    lines += ["|" + "|".join("---" for _ in sheet.titles) + "|"]
    lines += ["| " + " | ".join(figure_of(cell, ",", " ") for cell in row) + " |" for row in sheet.rows]
    return ("\n".join([*lines, "", *sheet.notes]) + "\n").encode()


def latex(sheet: Sheet) -> bytes:
    """Write a table for an article."""

    def line(cells: Sequence[Value]) -> str:
        texts = [figure_of(cell, ",", "\\,") for cell in cells]
        return " & ".join(text.replace("%", "\\%").replace("_", "\\_").replace("&", "\\&") for text in texts) + r" \\"

    head = [r"\begin{table}[ht]", r"\centering", *(rf"\caption{{{line}}}" for line in sheet.heading)]
    head += [rf"\begin{{tabular}}{{l{'r' * (len(sheet.titles) - 1)}}}", r"\toprule", line(sheet.titles), r"\midrule"]
    foot = [r"\bottomrule", r"\end{tabular}", *sheet.notes, r"\end{table}"]
    return ("\n".join([*head, *map(line, sheet.rows), *foot]) + "\n").encode()


def printed(sheet: Sheet) -> bytes:
    """Write as pandas prints to a terminal."""
    text = sheet.frame().to_string(index=False)
    return "\n".join([*sheet.heading, text, "", *sheet.notes]).encode()


def r_printed(sheet: Sheet) -> bytes:
    """Write as R prints a data frame: row numbers first, columns to the right."""
    cells = [["", *sheet.titles], *([str(i), *map(figure_of, row)] for i, row in enumerate(sheet.rows, 1))]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = [" ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return "\n".join([*sheet.heading, "> print(res)", *lines, *sheet.notes, ""]).encode()


def records(sheet: Sheet) -> bytes:
    """Write a list of JSON objects."""
    return sheet.frame().to_json(orient="records", force_ascii=False, indent=1).encode()


def json_columns(sheet: Sheet) -> bytes:
    """Write JSON as pandas does by default: columns of numbered rows."""
    return sheet.frame().to_json(force_ascii=False).encode()


def json_lines(sheet: Sheet) -> bytes:
    """Write one JSON object a line."""
    return sheet.frame().to_json(orient="records", lines=True, force_ascii=False).encode()


def pdf(sheet: Sheet) -> bytes:
    """Write a report with a table."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    out, styles = io.BytesIO(), getSampleStyleSheet()
    cells = [[figure_of(cell, ",", " ") for cell in row] for row in (sheet.titles, *sheet.rows)]
    parts = [Paragraph(line, styles["Heading2"]) for line in (sheet.heading or ("Résultats",))]
    parts += [Table(cells, repeatRows=1), Spacer(1, 12), *(Paragraph(line, styles["Normal"]) for line in sheet.notes)]
    SimpleDocTemplate(out, pagesize=A4, invariant=1).build(parts)
    return out.getvalue()


def notebook(*cells: str | tuple[str, list[object]]) -> bytes:
    """Write a notebook: a text is Markdown, a pair is source and outputs.

    An output is a text (printed), a data frame or a sheet (displayed), bytes of a PNG, or a MIME bundle.
    """
    made = []
    for position, cell in enumerate(cells):
        if isinstance(cell, str):
            made.append(v4.new_markdown_cell(cell, id=f"c{position}"))
        else:
            outputs = [output_of(output) for output in cell[1]]
            made.append(v4.new_code_cell(cell[0], outputs=outputs, execution_count=position + 1, id=f"c{position}"))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    return str(nbformat.writes(v4.new_notebook(cells=made, metadata=kernel))).encode()


def output_of(output: object) -> nbformat.NotebookNode:
    """Make an output of a cell."""
    if isinstance(output, str):
        return v4.new_output("stream", text=output)
    if isinstance(output, bytes):
        picture = {"image/png": base64.b64encode(output).decode(), "text/plain": "<Figure size 640x480 with 1 Axes>"}
        return v4.new_output("display_data", data=picture)
    if isinstance(output, dict):
        return v4.new_output("display_data", data=output)
    frame = output.frame() if isinstance(output, Sheet) else output
    assert isinstance(frame, pd.DataFrame)
    shown = {"text/html": frame._repr_html_(), "text/plain": repr(frame)}
    return v4.new_output("execute_result", data=shown, execution_count=1)


def in_notebook(sheet: Sheet) -> bytes:
    """Write a notebook that shows the table."""
    return notebook("# " + " ".join(sheet.heading or ("Résultats",)), ("resultat", [sheet]), *sheet.notes)


def geojson(features: Sequence[tuple[object, dict[str, Value]]]) -> bytes:
    """Write geometries with their properties."""
    made = [{"type": "Feature", "geometry": shape, "properties": values} for shape, values in features]
    return json.dumps({"type": "FeatureCollection", "features": made}, ensure_ascii=False).encode()


WRITERS: dict[str, Writer] = {
    "csv": Writer(".csv", lambda sheet: delimited(sheet, ",")),
    "csv_fr": Writer(".csv", lambda sheet: delimited(sheet, decimal=",")),
    "csv_excel": Writer(".csv", lambda s: delimited(s, ";", ",", "\N{NO-BREAK SPACE}", "cp1252", "\r\n")),
    "csv_bom": Writer(".csv", lambda sheet: delimited(sheet, ";", encoding="utf-8-sig", end="\r\n")),
    "csv_utf16": Writer(".csv", lambda sheet: delimited(sheet, "\t", ",", encoding="utf-16")),
    "csv_quoted": Writer(".csv", lambda s: delimited(s, ";", ",", "\N{NARROW NO-BREAK SPACE}", quoted=True)),
    "csv_us": Writer(".csv", lambda sheet: delimited(sheet, ",", thousands=",")),
    "tsv": Writer(".tsv", lambda sheet: delimited(sheet, "\t")),
    "xlsx": Writer(".xlsx", workbook),
    "xlsx_presented": Writer(".xlsx", presented),
    "parquet": Writer(".parquet", parquet_bytes),
    "feather": Writer(".feather", feather_bytes),
    "stata": Writer(".dta", stata),
    "spss": Writer(".sav", spss),
    "html": Writer(".html", html),
    "md": Writer(".md", markdown),
    "tex": Writer(".tex", latex),
    "txt": Writer(".txt", printed),
    "r_txt": Writer(".txt", r_printed),
    "json": Writer(".json", records),
    "json_columns": Writer(".json", json_columns),
    "ndjson": Writer(".ndjson", json_lines),
    "pdf": Writer(".pdf", pdf),
    "ipynb": Writer(".ipynb", in_notebook),
}
