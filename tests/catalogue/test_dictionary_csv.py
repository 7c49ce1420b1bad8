"""Dictionaries as spreadsheets save them."""

from __future__ import annotations

import pytest

from hdh_jupyter.catalogue import dictionary_csv
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.errors import PublicError

AGE = Variable("age", "integer", label="Âge", first_year=2004)
SEX = Variable("sexe", "string", label="Sexe ; à l’état civil")


@pytest.mark.parametrize(
    "content",
    [
        'Nom;Type;Libellé;Première année\nage;integer;Âge;2004\nsexe;;"Sexe ; à l’état civil";jadis\n;;x;\n'.encode(),
        "name,type,label,first_year\r\nage,integer,Âge,2004\r\nsexe,,Sexe ; à l’état civil,\r\n".encode("utf-8-sig"),
        "VARIABLE\ttype\tlibellé\tfirst_year\nage\tinteger\tÂge\t2004\nsexe\t\tSexe ; à l’état civil\t\n".encode(
            "cp1252"
        ),
    ],
    ids=["00-semicolons", "01-commas", "02-tabs-windows"],
)
def test_the_same_dictionary_in_three_writings(content: bytes) -> None:
    assert dictionary_csv.read(content, "rpu") == (Table("rpu", variables=(AGE, SEX)),)


def test_variables_go_to_the_tables_they_name() -> None:
    found = dictionary_csv.read(b"table,name\na,x\nb,x\na,y\n,z\n", "other")
    assert [(table.name, [v.name for v in table.variables]) for table in found] == [
        ("a", ["x", "y"]),
        ("b", ["x"]),
        ("other", ["z"]),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "without_name"),
        (b"\x00\xff", "without_name"),
        (b"a,b\n1,2\n", "without_name"),
        (b"name\n" + b"x\n" * 100_001, "too_long"),
    ],
)
def test_what_is_no_dictionary_is_said_so(content: bytes, code: str) -> None:
    with pytest.raises(PublicError) as refusal:
        dictionary_csv.read(content, "x")
    assert refusal.value.code == f"catalogue.record.dictionary_{code}"
