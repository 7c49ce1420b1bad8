"""What readers make of files, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hdh_jupyter.disclosure import Place, Report, default_policy
from hdh_jupyter.disclosure.documents import Table, Unreadable
from hdh_jupyter.disclosure.readers import encoding, html_tables, read, text_tables
from hdh_jupyter.disclosure.readers.delimited import delimiter_of
from hdh_jupyter.disclosure.readers.grid import has_titles

Judge = Callable[[str, str | bytes], Report]


def rows_of(table: Table) -> list[list[str]]:
    return [list(row.values()) for batch in table.batches() for row in batch.to_pylist()]


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_table_reads_the_same_in_every_encoding(name: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes('région;coût\nÎle-de-France;12,5\n"a\nb";3\n'.encode(name))
    (table,) = read(path, "csv", default_policy()).tables
    assert table.titles == ("région", "coût")
    assert rows_of(table) == [["Île-de-France", "12,5"], ["a\nb", "3"]]


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ("a;b\n1,5;2,5\n", ";"),
        ("a,b\n1.5,2.5\n", ","),
        ("a\tb\n1,5\t2,5\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('a;b\n"x,y;z";2\n', ";"),
        ("a;b;c\nAix, Bouc;1,5;2\nB;1,7;3\n", ";"),
    ],
)
def test_the_delimiter_is_told_from_the_first_lines(head: str, delimiter: str) -> None:
    assert delimiter_of(head) == delimiter


@pytest.mark.parametrize(
    ("first", "titled"),
    [
        (["region", "n"], True),
        (["region", "2020", "2021"], True),
        (["", "0", "1", "2"], True),
        (["1", "37", "28"], False),
        (["Bretagne", "120"], False),
        (["2020-01-01", "x"], False),
    ],
)
def test_titles_are_told_from_data(first: list[str], titled: bool) -> None:
    assert has_titles(first, [["x", "1", "2"]]) is titled


def test_tables_of_different_widths_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Titre\n\nregion;n\nBretagne;120\n\nsexe;n;pct\nF;100;50\nH;100;50\nSource : enquête\n")
    first, second = read(path, "csv", default_policy()).tables
    assert (first.titles, rows_of(first), first.first_row) == (("region", "n"), [["Bretagne", "120"]], 4)
    assert (second.titles, len(rows_of(second)), second.first_row) == (("sexe", "n", "pct"), 2, 7)


def test_spanning_cells_are_repeated() -> None:
    html = "<table><tr><th rowspan=2>a</th><th>b</th></tr><tr><td>1</td></tr></table>"
    (table,) = html_tables.tables(html, Place())
    assert rows_of(table)[-1] == ["a", "1"]


def test_html_without_its_programs_is_plain_text() -> None:
    assert html_tables.plain_text("<p>Bonjour</p><script>steal()</script><b>toi</b>") == "Bonjour\ntoi"


def test_a_text_without_columns_holds_no_table() -> None:
    assert text_tables.tables("une seule\ncolonne\n\nfin", Place()) == []


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"  \n\n", "empty"),
        ("a.csv", b"PK\x03\x04zip", "mismatch"),
        ("a.csv", b"a,b\x00\x01\x02\n1,2\n", "mismatch"),
        ("a.csv", b'{"cells": []}', "mismatch"),
        ("a.csv", b"<html></html>", "mismatch"),
        ("a.csv", b"a\x81b;\x8d\n", "unreadable"),
        ("a.csv", b",".join(b"x" for _ in range(2500)) + b"\n", "too_many_columns"),
        ("a.png", b"a,b\n1,2\n", "mismatch"),
        ("a.png", b"\x89PNG\r\n\x1a\nbroken", "unreadable"),
        ("a.svg", b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "mismatch"),
        ("a.svg", b"<svg", "unreadable"),
        (
            "a.svg",
            b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
            "unreadable",
        ),
        ("a.ipynb", b"[]", "unreadable"),
        ("a.ipynb", b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "unreadable"),
        ("a.ipynb", b'{"nbformat": 99}', "unreadable"),
        ("a.ipynb", b"\xff\xfe", "unreadable"),
        ("a.docx", b"PK\x03\x04", "unknown_kind"),
        ("a", b"x", "unknown_kind"),
    ],
)
def test_what_cannot_be_read_blocks_with_its_reason(name: str, content: bytes, key: str, judged: Judge) -> None:
    report = judged(name, content)
    (finding,) = report.findings
    assert (finding.rule, finding.key) == ("engine.unreadable", f"unreadable_{key}")
    assert report.verdict == "block"
    assert not report.files[0].releasable


def test_a_file_over_its_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    with path.open("wb") as stream:
        stream.truncate(default_policy().limits.bytes["svg"] + 1)
    with pytest.raises(Unreadable) as caught:
        read(path, "svg", default_policy())
    assert caught.value.key == "too_large"


def test_a_line_longer_than_a_chunk_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    pad = encoding.CHUNK - 8
    path.write_text("x" * pad + " 295109912611193 " + "y" * pad)
    assert any("295109912611193" in chunk for chunk in encoding.lines_of(path, "utf-8"))
