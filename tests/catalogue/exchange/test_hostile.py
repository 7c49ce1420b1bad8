"""What files of people who mean harm are read with, before anything understands them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hdh_jupyter.catalogue.exchange.bounds import Budget
from hdh_jupyter.catalogue.exchange.hostile import MAX_IRI, clean, is_safe_iri, json_of, read_bytes, text_of
from hdh_jupyter.catalogue.exchange.publication import Publication
from hdh_jupyter.errors import PublicError

IRIS = {
    "00": ("https://host.example/a", True),
    "01": ("mailto:somebody@host.example", True),
    "02": ("urn:isbn:1", True),
    "03": ("https://user:word@host.example/", False),
    "04": ("https://user@host.example/", False),
    "05": ("javascript:alert(1)", False),
    "06": ("file:///etc/passwd", False),
    "07": ("data:text/html,x", False),
    "08": ("https://host.example/<script>", False),
    "09": ("https://host.example/a b", False),
    "10": ("https://host.example/\n", False),
    "11": ("https://host.example/" + "x" * MAX_IRI, False),
    "12": ("https://[not-an-address/", False),
    "13": ("relative", False),
    "14": ("", False),
}


@pytest.mark.parametrize(("iri", "safe"), IRIS.values(), ids=IRIS)
def test_addresses_that_may_be_kept(iri: str, safe: bool) -> None:
    assert is_safe_iri(iri) is safe


def test_only_files_of_a_reasonable_size_are_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100)
    assert read_bytes(file, 100) == b"x" * 100
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, most, code in (
        (file, 99, "too_large"),
        (pipe, 99, "unreadable"),
        (tmp_path, 99, "unreadable"),
        (tmp_path / "absent", 99, "unreadable"),
        (Path("/dev/zero"), 99, "unreadable"),
    ):
        with pytest.raises(PublicError) as refused:
            read_bytes(path, most)
        assert refused.value.code == f"catalogue.exchange.{code}"


def test_a_sparse_file_of_100_gigabytes_costs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "sparse"
    with file.open("wb") as opened:
        opened.truncate(100 * 2**30)
    with pytest.raises(PublicError) as refused:
        read_bytes(file)
    assert refused.value.code == "catalogue.exchange.too_large"


def test_bytes_of_windows_are_read_as_such() -> None:
    assert text_of("\ufeffé".encode()) == "é"
    assert text_of(b"l\x92\xc3\xa9") == "l’é"
    assert clean("l\x92a\r\nb\x00\u200b ") == "l’a\nb"


def test_json_has_bounds() -> None:
    assert json_of(b'{"a": [1]}', "f") == {"a": [1]}
    for content, code in ((b"[" * 65 + b"]" * 65, "too_deep"), (b"Infinity", "not_json"), (b"{", "not_json")):
        with pytest.raises(PublicError) as refused:
            json_of(content, "f")
        assert refused.value.code == f"catalogue.exchange.{code}"


def test_a_budget_ends() -> None:
    budget = Budget("f", 10)
    budget.spend(10)
    with pytest.raises(PublicError) as refused:
        budget.spend(1)
    assert refused.value.code == "catalogue.exchange.too_tangled"


PUBLICATIONS = {
    "00": ("base", "https://catalogue.example/records"),
    "01": ("base", "javascript:/"),
    "02": ("platform", "  "),
    "03": ("email", "nobody"),
    "04": ("homepage", "not a page"),
    "05": ("country", "fra/../x"),
}


@pytest.mark.parametrize(("name", "value"), PUBLICATIONS.values(), ids=PUBLICATIONS)
def test_in_whose_name_records_are_published_is_looked_at(name: str, value: str) -> None:
    with pytest.raises(PublicError) as refused:
        Publication(**{name: value})
    assert (refused.value.code, refused.value.params) == ("catalogue.exchange.bad_publication", {"name": name})
    assert Publication().page("a/b") == "https://hdh.example/catalogue/a%2Fb"
