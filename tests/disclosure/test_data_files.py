"""Parquet, Feather, R, Stata, SAS, SPSS: values as tables, all else told, and a clean form of the same values."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather
from pyarrow import parquet as pq

from hdh_jupyter.disclosure import Report, default_policy
from hdh_jupyter.disclosure.documents import Document, Unreadable
from hdh_jupyter.disclosure.readers import read
from hdh_jupyter.disclosure.readers.rdata_format import INTEGER, LIST, REAL, STRINGS, Value
from hdh_jupyter.disclosure.sanitised import sanitise
from hdh_jupyter.disclosure.sanitisers import rdata, statistical

Judge = Callable[[str, str | bytes], Report]
NIR = "295109912611193"
TABLE = pa.table({"région": ["Nord", "Sud"], "passages": pa.array([120, 340], pa.int32()), "taux": [1.5, None]})
SHOWN = (("région", "passages", "taux"), [("Nord", "120", "1.5"), ("Sud", "340", "")])


def rows_of(document: Document) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    return [
        (
            table.titles,
            [row for b in table.batches() for row in zip(*(c.to_pylist() for c in b.columns), strict=True)],
        )
        for table in document.tables
    ]


def text_of(document: Document) -> str:
    return "\n".join("".join(text.chunks()) for text in document.texts)


def told(document: Document) -> set[str]:
    return {hidden.what for hidden in document.hidden if hidden.suspicious}


def written(path: Path, table: pa.Table) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        feather.write_feather(table, path)
    return path


def clean_twice(path: Path, kind: str) -> Document:
    """Return what the clean form holds, which must be the same each time, and of itself."""
    forms = []
    for source, name in ((path, "a"), (path, "b"), (path.with_name("a" + path.suffix), "c")):
        sanitise(source, path.with_name(name + path.suffix), (), default_policy())
        forms.append(path.with_name(name + path.suffix).read_bytes())
    assert forms[0] == forms[1] == forms[2]
    return read(path.with_name("a" + path.suffix), kind, default_policy())


COLUMNAR = pytest.mark.parametrize(("name", "kind"), [("t.parquet", "parquet"), ("t.feather", "feather")])


@COLUMNAR
def test_columns_are_read_and_leave_without_metadata(name: str, kind: str, tmp_path: Path) -> None:
    table = TABLE.replace_schema_metadata({"rows": "id;âge;" * 300, "note": NIR})
    path = written(tmp_path / name, table)
    found = read(path, kind, default_policy())
    assert rows_of(found) == [SHOWN]
    assert told(found) == {"metadata"}
    assert NIR in text_of(found)
    clean = clean_twice(path, kind)
    assert rows_of(clean) == [SHOWN]
    assert told(clean) == set()
    assert NIR.encode() not in (tmp_path / f"a.{kind}").read_bytes()


@COLUMNAR
def test_a_field_of_a_column_cannot_hide_rows(name: str, kind: str, tmp_path: Path) -> None:
    field = pa.field("n", pa.int64(), metadata={"rows": "patient;" * 300})
    found = read(written(tmp_path / name, pa.table([[120, 340]], pa.schema([field]))), kind, default_policy())
    assert told(found) == {"metadata"}


@COLUMNAR
def test_values_of_a_dictionary_that_no_row_uses_are_told_and_stay_behind(name: str, kind: str, tmp_path: Path) -> None:
    values = ["Nord", "Sud", *(f"patient {n} {NIR}" for n in range(20))]
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(values))
    path = written(tmp_path / name, pa.table({"région": column, "n": [120, 340]}))
    found = read(path, kind, default_policy())
    assert "unused_values" in told(found)
    assert NIR in text_of(found)
    assert told(clean_twice(path, kind)) == set()
    assert NIR.encode() not in (tmp_path / f"a.{kind}").read_bytes()


@COLUMNAR
def test_nested_and_odd_values_become_text(name: str, kind: str, tmp_path: Path) -> None:
    table = pa.table(
        {
            "liste": [[1, 2], None],
            "objet": [{"a": NIR}, {"a": "x"}],
            "octets": pa.array([b"\xff\xfe", b"abc"]),
            "vrai": [True, None],
            "jour": pa.array([0, 1], pa.date32()),
            "grand": [int(NIR), 5],
            "rien": pa.nulls(2),
        }
    )
    path = written(tmp_path / name, table)
    found = read(path, kind, default_policy())
    assert rows_of(found)[0][1] == [
        ("[1, 2]", f'{{"a": "{NIR}"}}', "ÿþ", "TRUE", "1970-01-01", NIR, ""),
        ("", '{"a": "x"}', "abc", "", "1970-01-02", "5", ""),
    ]
    assert text_of(found).count(NIR) >= 2
    assert len(rows_of(clean_twice(path, kind))[0][1]) == 2


def test_identifiers_are_told_by_row(judged: Judge, tmp_path: Path) -> None:
    table = pa.table({"région": ["a"] * 5000, "note": ["rien"] * 4000 + [NIR] + ["rien"] * 999})
    report = judged("t.parquet", written(tmp_path / "u.parquet", table).read_bytes())
    assert 4001 in {finding.where.line for finding in report.findings if finding.rule == "identifiers.nir"}


@pytest.mark.parametrize(
    ("name", "kind", "content", "reason"),
    [
        ("t.parquet", "parquet", b"PAR1" + b"\0" * 100 + b"PAR1", "unreadable"),
        ("t.parquet", "parquet", b"a;b\n1;2\n", "mismatch"),
        ("t.feather", "feather", b"FEA1" + b"\0" * 100, "old_feather"),
        ("t.feather", "feather", b"ARROW1\0\0" + b"\xff" * 100, "unreadable"),
        ("t.dta", "stata", b"<stata_dta><header><release>118</release>", "unreadable"),
        ("t.dta", "stata", b"a;b\n", "mismatch"),
        ("t.sav", "spss", b"$FL2" + b"\0" * 300, "unreadable"),
        ("t.sas7bdat", "sas", b"\0" * 600, "mismatch"),
        ("t.rds", "rdata", gzip.compress(b"X\n\0\0\0\2", mtime=0), "unreadable"),
        ("t.rds", "rdata", b"A\n2\n197888\n", "r_text"),
        ("t.rds", "rdata", b"a;b\n", "mismatch"),
        ("t.rds", "rdata", gzip.compress(b"X\n" + b"\0" * (257 << 20), 1, mtime=0), "nested_large"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, kind: str, content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Unreadable) as refused:
        read(path, kind, default_policy())
    assert refused.value.key == reason


@pytest.mark.parametrize("bit", range(8))
def test_a_parquet_file_that_contradicts_itself_is_refused_or_read(bit: int, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"région": ["Nord", "Sud"], "n": [120, 340]}), path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        with suppress(Unreadable):
            for table in read(path, "parquet", default_policy()).tables:
                list(table.batches())


def test_bytes_of_a_parquet_file_that_are_no_column_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"n": list(range(100_000))}), path)
    whole = path.read_bytes()
    assert not [h for h in read(path, "parquet", default_policy()).hidden if h.what == "metadata"]
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    path.write_bytes(whole[:-footer] + b"secret;" * 50_000 + whole[-footer:])
    [hidden] = [h for h in read(path, "parquet", default_policy()).hidden if h.what == "metadata"]
    assert hidden.suspicious
    assert 350_000 - 100 <= hidden.size <= 350_000 + 1000


def strings(*texts: str | None) -> Value:
    return Value(STRINGS, list(texts))


def frame(**columns: Value) -> Value:
    length = len(next(iter(columns.values())))
    names = Value(INTEGER, np.array([-(2**31), -length], ">i4"))
    about = {"names": strings(*columns), "class": strings("data.frame"), "row.names": names}
    return Value(LIST, list(columns.values()), about)


def numbers(*values: float) -> Value:
    return Value(REAL, np.array(values, ">f8"))


def saved(path: Path, value: Value, classes: tuple[str, ...] = ()) -> Path:
    """Write an object as R does, classes that have no clean form included."""
    body = rdata._item(value, 0) if not classes else classed(value, classes)
    path.write_bytes(gzip.compress(rdata.HEADER + body))
    return path


def classed(value: Value, classes: tuple[str, ...]) -> bytes:
    plain = rdata._item(Value(value.kind, value.data), 0)
    flags = struct.unpack(">I", plain[:4])[0] | 0x300
    about = rdata._pairs({**value.attributes, "class": strings(*classes)}, 0)
    return struct.pack(">I", flags) + plain[4:] + about


def test_data_frames_of_r_are_read_and_leave(tmp_path: Path) -> None:
    factor = Value(
        INTEGER, np.array([1, 3, -(2**31)], ">i4"), {"levels": strings("F", NIR, "H"), "class": strings("factor")}
    )
    value = frame(sexe=factor, n=numbers(120, 55.5, float("nan")), jour=numbers(0, 1, 2), note=strings("é", None, "x"))
    value.data[2].attributes["class"] = strings("Date")
    path = saved(tmp_path / "t.rds", Value(LIST, [value], {"names": strings("tab")}))
    content = classed(factor, ("factor",))
    assert NIR.encode() in content
    shown = [("F", "120", "1970-01-01", "é"), ("H", "55.5", "1970-01-02", ""), ("", "", "1970-01-03", "x")]
    assert rows_of(read(path, "rdata", default_policy())) == [(("sexe", "n", "jour", "note"), shown)]
    assert rows_of(clean_twice(path, "rdata")) == [(("sexe", "n", "jour", "note"), shown)]
    assert NIR.encode() not in gzip.decompress((tmp_path / "a.rds").read_bytes())


def test_matrices_and_named_vectors_of_r_are_tables(tmp_path: Path) -> None:
    matrix = Value(INTEGER, np.array([11, 12, 13, 14], ">i4"), {"dim": Value(INTEGER, np.array([2, 2], ">i4"))})
    matrix.attributes["dimnames"] = Value(LIST, [strings("Nord", "Sud"), strings("F", "H")])
    vector = Value(REAL, np.array([1.5, 2.5], ">f8"), {"names": strings("a", "b")})
    path = saved(tmp_path / "t.rds", Value(LIST, [matrix, vector], {"names": strings("m", "v")}))
    assert rows_of(read(path, "rdata", default_policy())) == [
        (("", "F", "H"), [("Nord", "11", "13"), ("Sud", "12", "14")]),
        (("", "v"), [("a", "1.5"), ("b", "2.5")]),
    ]


def test_a_model_of_r_that_keeps_rows_is_told_and_has_no_clean_form(tmp_path: Path) -> None:
    parts = {"coefficients": numbers(1, 2), "residuals": numbers(*range(50)), "call": strings("lm(y ~ x)")}
    value = Value(LIST, list(parts.values()), {"names": strings(*parts)})
    path = saved(tmp_path / "t.rds", value, ("glm", "lm"))
    found = read(path, "rdata", default_policy())
    assert told(found) == {"training_rows"}
    assert [(model.families, model.numbers) for model in found.models] == [(("glm", "lm"), {"residuals": 50})]
    with pytest.raises(Unreadable, match="no_clean_form"):
        sanitise(path, tmp_path / "a.rds", (), default_policy())
    small = Value(LIST, [numbers(1, 2), strings("lm")], {"names": strings("coefficients", "call")})
    assert told(read(saved(tmp_path / "u.rds", small, ("lm",)), "rdata", default_policy())) == set()


STATISTICAL = pytest.mark.parametrize(("name", "kind"), [("t.dta", "stata"), ("t.sav", "spss")])


def statistical_file(path: Path, kind: str) -> Path:
    columns = [statistical.Column("region", 12), statistical.Column("n", 0)]
    batch = pa.RecordBatch.from_arrays(
        [pa.array(["Île", "Sud", "Nord"]), pa.array([120.0, 340.5, None])], ["region", "n"]
    )
    with path.open("wb") as stream:
        (statistical._stata if kind == "stata" else statistical._spss)(stream, columns, 3, iter([batch]))
    return path


@STATISTICAL
def test_files_of_statistical_packages_are_read_and_leave(name: str, kind: str, tmp_path: Path) -> None:
    path = statistical_file(tmp_path / name, kind)
    shown = (("region", "n"), [("Île", "120"), ("Sud", "340.5"), ("Nord", "")])
    assert rows_of(read(path, kind, default_policy())) == [shown]
    assert rows_of(clean_twice(path, kind)) == [shown]


def test_notes_and_characteristics_of_stata_are_among_the_texts_and_stay_behind(tmp_path: Path) -> None:
    path = statistical_file(tmp_path / "t.dta", "stata")
    told_of = f"{NIR} {'patient;' * 200}".encode()
    noted = b"<ch>" + struct.pack("<I", 258 + len(told_of)) + b"_dta".ljust(129, b"\0") + b"rows".ljust(129, b"\0")
    noted += told_of + b"</ch>"
    content = path.read_bytes().replace(b"<characteristics>", b"<characteristics>" + noted)
    start = content.index(b"<map>") + 5
    places = list(struct.unpack("<14Q", content[start : start + 112]))
    moved = [place + len(noted) if number > 8 else place for number, place in enumerate(places)]
    path.write_bytes(content[:start] + struct.pack("<14Q", *moved) + content[start + 112 :])
    found = read(path, "stata", default_policy())
    assert told(found) == {"labels"}
    assert NIR in text_of(found)
    assert NIR not in text_of(clean_twice(path, "stata"))


def test_files_of_sas_are_read_but_have_no_clean_form(tmp_path: Path) -> None:
    pyreadstat: Any = pytest.importorskip("pyreadstat")
    pandas: Any = pytest.importorskip("pandas")
    path = tmp_path / "t.xpt"
    pyreadstat.write_xport(pandas.DataFrame({"region": ["Nord", "Sud"], "n": [120, 340]}), str(path))
    assert rows_of(read(path, "sas", default_policy())) == [(("region", "n"), [("Nord", "120"), ("Sud", "340")])]
    with pytest.raises(Unreadable, match="no_clean_form"):
        sanitise(path, tmp_path / "a.xpt", (), default_policy())
