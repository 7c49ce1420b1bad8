"""YAML kept by hand: what is written reads the same, what is faulty is told, what is hostile is refused."""

from __future__ import annotations

from contextlib import suppress
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hdh_jupyter.catalogue.exchange import seed_yaml
from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset, Regime, from_document, to_document
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.errors import PublicError

from .record_strategies import catalogues


@given(catalogues)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A record has hundreds of choices: shrinking one takes minutes, and says no more than the difference does.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_what_is_written_reads_the_same(datasets: list[Dataset]) -> None:
    again = seed_yaml.read(seed_yaml.written(datasets).encode(), "x.yaml")
    assert again.problems == ()
    assert list(again.datasets) == datasets


def test_the_first_records_come_back_in_short_forms() -> None:
    text = seed_yaml.written(first_records())
    assert list(seed_yaml.read(text.encode(), "x.yaml").datasets) == first_records()
    assert "  rd: Santé publique France\n" in text
    assert "listed:" not in text
    assert "value:" not in text


FAULTY = """
procedures:
  mr: {label_fr: Méthodologie de référence, certainty: A, source: S1}
  broken: {label_fr: Sans certitude}
sources:
  S1: {url: "https://example.org/s1"}
databases:
- {id: fine, name: Fine, rd: CHU, kind: registre, access: {regime: mr-like, via: mr}, certainty: A, sources: [S1, S9]}
- {name: Sans identifiant}
- {id: "../etc", name: Ailleurs}
- id: partly
  name: Partly
  certainty: Z
  first_year: soon
  population: {c: A}
  coverage: {start: {v: 2004, c: Q}, end: 2010}
  flavour: sweet
  access: {regime: open, price: 3}
  variables:
  - {name: age, type: integer, required: "no"}
  - {name: sexe, type: string, code_lists: [{codes: {1: homme, 2: femme}, valid_from: 2021-11-04}]}
  - {type: string}
  links: [{kind: cousin_of, target: x}, {kind: part_of, target: fine}]
- {id: fine, name: Encore}
- not a record
"""


def test_faults_are_told_with_their_places_and_the_rest_is_kept() -> None:
    found = seed_yaml.read(FAULTY.encode(), "f.yaml")
    assert [dataset.id for dataset in found.datasets] == ["fine", "partly"]
    told = [(problem.code, problem.where, *problem.params.values()) for problem in found.problems]
    assert [each[:2] for each in told] == [
        ("entry.bad", "f.yaml procedures broken"),
        ("entry.bad", "f.yaml fine access"),
        ("entry.unknown_source", "f.yaml fine"),
        ("entry.missing", "f.yaml"),
        ("entry.missing", "f.yaml"),
        ("entry.bad", "f.yaml partly certainty"),
        ("entry.unknown_key", "f.yaml partly"),
        ("entry.unknown_key", "f.yaml partly access"),
        ("entry.bad", "f.yaml partly population"),
        ("entry.bad", "f.yaml partly coverage"),
        ("entry.bad", "f.yaml partly variables 1"),
        ("entry.bad", "f.yaml partly variables 3"),
        ("entry.bad", "f.yaml partly links 1"),
        ("entry.bad", "f.yaml partly first_year"),
        ("entry.repeated", "f.yaml fine"),
        ("entry.missing", "f.yaml"),
    ]
    for problem in found.problems:
        assert problem.message("fr") != problem.message("en")
    fine, partly = found.datasets
    # Where nothing usable is said, nothing is made up that anybody might rely on.
    assert fine.access.regime == Fact(Regime.AUTHORISATION, Certainty.UNSOURCED)
    assert partly.certainty is Certainty.UNSOURCED
    assert partly.access.regime.value is Regime.OPEN
    assert [m.kind for m in partly.coverage] == ["end"]
    assert [variable.name for variable in partly.variables] == ["sexe"]
    assert partly.variables[0].code_lists[0].codes == (("1", "homme"), ("2", "femme"))
    assert [link.target for link in partly.links] == ["fine"]


BOMB = dedent(
    """
    a: &a [x, x, x, x, x, x, x, x, x]
    b: &b [*a, *a, *a, *a, *a, *a, *a, *a]
    databases: [*b, *b, *b]
    """
)

REFUSED = {
    "00 aliases": (BOMB, "catalogue.exchange.file.yaml_alias"),
    "01 objects of Python": ("databases: !!python/object/apply:os.system ['true']", "catalogue.exchange.file.not_yaml"),
    "02 nesting": ("databases: " + "[" * 50_000, "catalogue.exchange.too_deep"),
    "03 no records": ("datasets: []", "catalogue.exchange.file.not_records"),
    "04 a text": ("databases", "catalogue.exchange.file.not_records"),
    "05 not YAML": ("databases: [", "catalogue.exchange.file.not_yaml"),
    "06 a day that does not exist": (
        "databases: [{id: ab, name: x, x: 2021-13-45}]",
        "catalogue.exchange.file.not_yaml",
    ),
    "07 a key that is a list": ("databases: [{[a]: b}]", "catalogue.exchange.file.not_yaml"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_hostile_or_another_thing_is_refused(text: str, code: str) -> None:
    with pytest.raises(PublicError) as caught:
        seed_yaml.read(text.encode(), "f.yaml")
    assert caught.value.code == code
    assert caught.value.message("fr") != caught.value.message("en")


@given(
    st.integers(0, len(FAULTY)), st.integers(0, 20), st.sampled_from(["", "{", "[", "- ", "null", "1", "~: ", "!!x "])
)
@settings(max_examples=150, deadline=None)
def test_damage_is_told_and_nothing_else_happens(place: int, cut: int, instead: str) -> None:
    with suppress(PublicError):
        found = seed_yaml.read((FAULTY[:place] + instead + FAULTY[place + cut :]).encode(), "f.yaml")
        assert all(problem.message("en") for problem in found.problems)
        assert all(from_document(to_document(dataset)) == dataset for dataset in found.datasets)
