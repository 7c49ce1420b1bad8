"""Numbers as people write them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.disclosure.numbers import plain, read, with_points

WRITTEN = {
    "00": ("4", "number", 4),
    "01": ("4 patients", "count", 4),
    "02": ("4 patient(s)", "count", 4),
    "03": ("n=4", "count", 4),
    "04": ("N = 4", "count", 4),
    "05": ('="4"', "number", 4),
    "06": ("'4", "number", 4),
    "07": ("４", "number", 4),
    "08": ("٤", "number", 4),
    "09": ("④", "number", 4),
    "10": ("1\u202f234", "number", 1234),
    "11": ("1,234", "number", 1234),
    "12": ("1'234", "number", 1234),
    "13": ("1,5", "number", 1.5),
    "14": ("1.234", "number", 1.234),
    "15": ("12 (5 %)", "count_and_share", 12),
    "16": ("5 % (12)", "count_and_share", 12),
    "17": ("4/120", "fraction", 4),
    "18": ("4 sur 120", "fraction", 4),
    "19": ("5 %", "percent", 5),
    "20": ("quatre", "number", 4),
    "21": ("Trois patients", "count", 3),
    "22": ("4²", "number", 4),
    "23": ("4*", "number", 4),
    "24": ("−4", "number", -4),
    "25": ("54,2 (12,1)", "value_and_spread", 54.2),
    "26": ("4 mg", "measure", 4),
    "27": ("10 ans", "measure", 10),
    "28": ("<5", "bound_below", 5),
    "29": ("moins de 5", "bound_below", 5),
    "30": ("≤ 5", "bound_at_most", 5),
    "31": ("1 à 4", "range", 1),
    "32": ("2.500e+00", "number", 2.5),
    "33": ("\u200b4\u200b", "number", 4),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_a_number_is_read_as_it_is_written(case: str) -> None:
    cell, kind, value = WRITTEN[case]
    found = read(cell)
    assert found is not None
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize(
    "cell", ["", "-", "c", "J18", "2020-01-01", "Corse", "un patient de la région", "4 5 6", "x" * 500]
)
def test_other_cells_are_no_number(cell: str) -> None:
    assert read(cell) is None


@pytest.mark.parametrize(
    ("cell", "bounds"),
    [
        ("<5", (1, 4)),
        ("<11", (1, 10)),
        ("≤ 5", (1, 5)),
        ("1-4", (1, 4)),
        ("> 10", (11, float("inf"))),
        ("4 patients", (4, 4)),
        ("< 0,001", None),
        ("5 %", None),
        ("1e999", None),
        ("4,5", None),
    ],
)
def test_what_a_cell_says_of_a_count(cell: str, bounds: tuple[float, float] | None) -> None:
    found = read(cell)
    assert found is not None
    assert found.bounds == bounds


def test_points_may_part_thousands() -> None:
    assert with_points("1.234.567") == "1234567"
    assert with_points("1.234,5") == "1234,5"
    assert with_points("1.5") == "1.5"


DIGITS = ["".join(chr(start + i) for i in range(10)) for start in (0x30, 0x660, 0x6F0, 0x966, 0xFF10, 0x1D7CE)]


@given(st.integers(0, 10**9), st.sampled_from(DIGITS), st.sampled_from(["", " ", "\u00a0", "\u200b", "'", '"']))
def test_digits_of_any_script_are_the_same_number(value: int, digits: str, around: str) -> None:
    cell = around + str(value).translate(str.maketrans("0123456789", digits)) + around
    found = read(cell)
    assert found is not None
    assert found.value == value


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(cell: str) -> None:
    read(cell)
    assert not any(unicodedata.category(c) == "Cf" for c in plain(cell))
