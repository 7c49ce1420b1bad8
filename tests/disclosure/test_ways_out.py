"""Ways in which rows and identifiers leave without showing, by carelessness or a little cleverness; and what is clean."""

# ruff: noqa: E501, S608 -- a file of the numbered tables stands on one line; no query is made
from __future__ import annotations

import base64
import gzip
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable

import nbformat
import openpyxl
import pytest
from nbformat import v4
from openpyxl.worksheet.datavalidation import DataValidation

from hdh_jupyter.disclosure import Report
from hdh_jupyter.disclosure.identity.keys import has_valid_key

Judge = Callable[[str, str | bytes], Report]
DRAW = random.Random(5)
FIRST = ["Jeanne", "Karim", "Odile", "Thierry", "Sylvain", "Noémie", "Hugo", "Mireille"]
LAST = ["Vasseur", "Tessier", "Mbarki", "Delacroix", "Perrot", "Lemoine", "Fabre", "Diallo"]


def nir() -> str:
    body = f"{DRAW.choice('12')}{DRAW.randrange(30, 99)}{DRAW.randrange(1, 13):02d}75{DRAW.randrange(1, 300):03d}{DRAW.randrange(1, 300):03d}"
    number = f"{body}{97 - int(body) % 97:02d}"
    assert has_valid_key(number)
    return number


def born() -> str:
    return f"{DRAW.randrange(1, 29):02d}/{DRAW.randrange(1, 13):02d}/{DRAW.randrange(1925, 2005)}"


def person(index: int) -> str:
    return f"{FIRST[index % 8]} {LAST[(index + index // 8) % 8]}"


NIRS = [nir() for _ in range(25)]
PERSONS = "nom;naissance;cp\n" + "".join(f"{LAST[i % 8]};{born()};{DRAW.randrange(10000, 95000)}\n" for i in range(30))
ENCODED = base64.b64encode(PERSONS.encode()).decode()
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="600" height="400">{}</svg>'
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
SAMPLES = [f"HG{DRAW.randrange(10000, 99999)}" for _ in range(30)]


def zipped(**entries: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def workbook(change: Callable[[openpyxl.Workbook], object]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (("année", "patients"), (2020, 1233), (2021, 1310)):
        sheet.append(row)
    change(book)
    book.save(out)
    return out.getvalue()


def header(book: openpyxl.Workbook) -> None:
    book.active.oddHeader.left.text = "Patient : Odile Vasseur, née le 12/03/1951"


def validation(book: openpyxl.Workbook) -> None:
    check = DataValidation(type="list", formula1=f'"{",".join(NIRS[:8])}"')
    book.active.add_data_validation(check)
    check.add("C2")


def very_hidden(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("brut")
    sheet.sheet_state = "veryHidden"
    for line in PERSONS.splitlines():
        sheet.append(line.split(";"))


def notebook(*cells: nbformat.NotebookNode) -> str:
    return str(nbformat.writes(v4.new_notebook(cells=list(cells))))


def printed(text: str) -> nbformat.NotebookNode:
    return v4.new_code_cell(
        "show()", outputs=[v4.new_output("execute_result", {"text/plain": text}, execution_count=1)]
    )


DANGEROUS = {
    "00 a link's data in a text": ("a.txt", f"Figure : data:text/csv;base64,{ENCODED}\n"),
    "01 a link's data in a program": ("a.py", f'URL = "data:text/csv;base64,{ENCODED}"\n'),
    "02 a link's data in LaTeX": ("a.tex", f"\\href{{data:text/csv;base64,{ENCODED}}}{{base}}\n"),
    "03 a link's data in a drawing": ("a.svg", SVG.format(f'<a xlink:href="data:text/csv;base64,{ENCODED}"><text x="9" y="9">base</text></a>')),
    "04 tooltips with persons": ("a.svg", SVG.format("".join(f'<circle cx="{9 * i}" cy="9" r="2"><title>{person(i)} {born()}</title></circle>' for i in range(12)))),
    "05 a page's header": ("a.xlsx", workbook(header)),
    "06 the list of a validation": ("a.xlsx", workbook(validation)),
    "07 a very hidden sheet": ("a.xlsx", workbook(very_hidden)),
    "08 pairs of alleles by sample": ("a.tsv", "CHROM\tID\t" + "\t".join(SAMPLES) + "\n" + "".join(f"chr7\trs{i + 10**6}\t" + "\t".join(DRAW.choices(["0/0", "0/1", "1/1"], k=30)) + "\n" for i in range(40))),
    "09 expressions by sample": ("a.csv", "gene," + ",".join(SAMPLES) + "\n" + "".join(f"GENE{i}," + ",".join(f"{DRAW.gauss(8, 2):.3f}" for _ in SAMPLES) + "\n" for i in range(40))),
    "10 names with births, a line each": ("a.txt", "".join(f"{i + 8}h - {person(i)} ({born()}) - consultation\n" for i in range(8))),
    "11 an HL7 message": ("a.txt", "MSH|^~\\&|SIH|CHU|EAI|CHU|20240105||ADT^A01|1|P|2.5\nPID|1||80012345^^^CHU^PI||VASSEUR^ODILE||19510312|F\n"),
    "12 references to patients": ("a.ndjson", "".join(json.dumps({"subject": f"Patient/{DRAW.getrandbits(40):010x}1", "valeur": 3 + i / 7}) + "\n" for i in range(40))),
    "13 one INSERT for each row": ("a.sql", "CREATE TABLE p (nom TEXT, naissance DATE, cp TEXT);\n" + "".join(f"INSERT INTO p VALUES ('{LAST[i % 8]}', '19{30 + i}-01-1{i % 9}', '{75000 + i}');\n" for i in range(20))),
    "14 digits of another alphabet": ("a.csv", "x,y\n" + "".join(f"{n.translate(ARABIC)},{i % 2}\n" for i, n in enumerate(NIRS))),
    "15 characters of no width": ("a.txt", "Contrôle : " + "\u200b".join(NIRS[0]) + "\n"),
    "16 NIR in pieces": ("a.csv", "a;b;c;d\n" + "".join(f"{n[:1]};{n[1:5]};{n[5:13]};{n[13:]}\n" for n in NIRS)),
    "17 dictionaries on one line": ("a.ipynb", notebook(printed(str([{"age": 30 + i, "sexe": "FH"[i % 2], "commune": f"7500{i}", "date_entree": f"2021-03-1{i}"} for i in range(6)])))),
    "18 a comment of a cell": ("a.ipynb", notebook(v4.new_code_cell(f"# à exclure : {NIRS[0]}, {NIRS[1]}\ndf = df[keep]"))),
    "19 a table as an image": ("a.png", PERSONS),
    "20 an image as a table": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8),
    "21 a workbook as a text": ("a.txt", workbook(very_hidden)),
    "22 an archive in an archive": ("a.zip", zipped(b_zip=zipped(c_csv=PERSONS))),
    "23 four archives deep": ("a.zip", zipped(b_zip=zipped(c_zip=zipped(d_zip=zipped(e_csv="annee;n\n2020;1200\n"))))),
    "24 a packed table in a tar": ("a.tar.gz", tarred("b.csv.gz", gzip.compress(PERSONS.encode()))),
    "25 a path that leads out": ("a.tar.gz", tarred("../b.csv", b"annee;n\n2020;1200\n")),
    "26 an unknown kind in an archive": ("a.zip", zipped(b_exe=b"MZ" + bytes(100))),
    "27 sparse rows": ("a.csv", "id," + ",".join(f"c{i}" for i in range(12)) + "\n" + "".join(f"{DRAW.getrandbits(60):015x}," + ",".join(str(DRAW.randrange(400)) if DRAW.random() < 0.2 else "" for _ in range(12)) + "\n" for _ in range(60))),
    "28 persons turned to columns": ("a.csv", "variable," + ",".join(f"P{i}" for i in range(30)) + "\nage," + ",".join(str(20 + 2 * i) for i in range(30)) + "\nsexe," + ",".join("HF"[i % 2] for i in range(30)) + "\ncommune," + ",".join(f"{75000 + i}" for i in range(30)) + "\ndiag," + ",".join(f"I{20 + i}" for i in range(30)) + "\n"),
    "29 a value of each of persons who repeat": ("a.csv", "sexe,zone,age,y\n" + "".join(f"{'FH'[i % 2]},{'AB'[i // 2 % 2]},{DRAW.gauss(60, 9):.4f},{DRAW.gauss(0, 1):.4f}\n" for i in range(500))),
    "30 a header of mail": ("a.log", f"2024-01-05 WARN doublon NIR {NIRS[2][:1]} {NIRS[2][1:3]} {NIRS[2][3:5]} {NIRS[2][5:7]} {NIRS[2][7:10]} {NIRS[2][10:13]} {NIRS[2][13:]}\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", DANGEROUS)
def test_what_is_out_of_sight_does_not_leave(case: str, judged: Judge) -> None:
    name, content = DANGEROUS[case]
    report = judged(name, content)
    assert report.verdict == "block", report.to_dict("en")


def test_bubbles_of_many_sizes_are_counted(judged: Judge) -> None:
    def bubble(x: float, y: float, r: float) -> str:
        bend = 0.5523 * r
        return (
            f'<path d="M {x} {y + r} C {x + bend} {y + r} {x + r} {y + bend} {x + r} {y} C {x + r} {y - bend} {x + bend} {y - r} {x} {y - r} '
            f'C {x - bend} {y - r} {x - r} {y - bend} {x - r} {y} C {x - r} {y + bend} {x - bend} {y + r} {x} {y + r} z" style="fill: #1f77b4"/>'
        )

    drawn = "".join(bubble(DRAW.uniform(20, 580), DRAW.uniform(20, 380), DRAW.uniform(2, 12)) for _ in range(60))
    report = judged("a.svg", SVG.format(drawn))
    assert [f.rule for f in report.findings] == ["figures.points"]


CLEAN = {
    "00 floats that a key fits": ("a.csv", "variable,coefficient\n" + "".join(f"v{i},{n[0]}.{n[1:]}\n" for i, n in enumerate(NIRS[:9]))),
    "01 floats in a log": ("a.log", "".join(f"step {i}: value {n[0]}.{n[1:]} ok\n" for i, n in enumerate(NIRS))),
    "02 authors and versions by day": ("CHANGELOG.txt", "".join(f"2024-03-{i + 1:02d}  {person(i % 2)}  corrige le calcul du taux\n" for i in range(15))),
    "03 contributors since": ("a.md", "# Contributors\n\n" + "".join(f"- {person(i)} (Inserm), since 20{15 + i}-03-0{i + 1}\n" for i in range(8))),
    "04 weeks as columns": ("a.csv", "region," + ",".join(f"S{i:02d}" for i in range(1, 53)) + "\n" + "".join(f"Region {chr(65 + r)}," + ",".join(str(DRAW.randrange(200, 900)) for _ in range(52)) + "\n" for r in range(22))),
    "05 variants as columns": ("a.csv", "population," + ",".join(f"rs{DRAW.randrange(10**6, 10**7)}" for _ in range(24)) + "\n" + "".join(f"Population {chr(65 + r)}," + ",".join(f"{DRAW.random():.3f}" for _ in range(24)) + "\n" for r in range(22))),
    "06 a header without a person": ("a.xlsx", workbook(lambda book: setattr(book.active.oddHeader.center, "text", "Projet CARDIO - &D"))),
    "07 settings put into a table": ("a.sql", "INSERT INTO parametres (nom, valeur) VALUES ('seuil', '11'), ('annee_debut', '2015'), ('annee_fin', '2021');\n"),
    "08 a small icon in a text": ("a.md", "![](data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7)\n\nRésultats en annexe.\n"),
    "09 a letter for data": ("a.log", "payload data:,5 ignored\nmetadata:,none\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEAN)
def test_what_looks_like_it_passes(case: str, judged: Judge) -> None:
    name, content = CLEAN[case]
    report = judged(name, content)
    assert report.verdict == "pass", report.to_dict("en")
