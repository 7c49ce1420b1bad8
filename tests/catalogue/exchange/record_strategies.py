"""Records of every shape that the model allows."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from hdh_jupyter.catalogue.convention import (
    Convention,
    ConventionStatus,
    Exclusivity,
    Price,
    Pricing,
    PricingModel,
    ScientificCredit,
    SimplifiedAccess,
    Step,
)
from hdh_jupyter.catalogue.facts import Certainty, Fact, Source
from hdh_jupyter.catalogue.health import HealthDescription
from hdh_jupyter.catalogue.model import (
    Access,
    Dataset,
    Distribution,
    Link,
    LinkKind,
    Membership,
    Milestone,
    Procedure,
    Regime,
    Remark,
)
from hdh_jupyter.catalogue.variables import CodeListVersion, ForeignKey, Table, Variable

WORDS = ("yes", "2020", "2020-01-01", "no: maybe", "1e3", "~", "", " spaced ", "l’âge\nœuvre", "# not a comment", "MCO")
"""Texts that YAML would take for something else, and others."""

texts = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
named = texts.filter(str.strip)
ids = st.from_regex(r"[a-z][a-z0-9_]{0,4}[a-z0-9]", fullmatch=True)
source_ids = st.sampled_from(["S1", "S2", "S3", "dangling"])
years = st.integers(1900, 2100)
days = st.dates(date(1990, 1, 1), date(2040, 1, 1))


def facts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    cited = st.lists(source_ids, max_size=2, unique=True).map(tuple)
    return st.builds(Fact, values, st.sampled_from(Certainty), cited, st.none() | texts)


def several(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=most).map(tuple)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


stated = facts(texts)
codes = st.builds(CodeListVersion, several(st.tuples(texts, texts)), maybe(days), maybe(days), maybe(texts))
variables = st.builds(
    Variable, named, named, *[maybe(texts)] * 6, several(codes, 2), maybe(years), maybe(years), several(years),
    maybe(texts), maybe(texts), st.booleans(), st.booleans(), maybe(texts),
)  # fmt: skip
tables = st.builds(
    Table, ids, maybe(texts), maybe(texts), maybe(texts), several(variables), several(named),
    several(st.builds(ForeignKey, several(named), texts, several(named)), 1),
)  # fmt: skip
procedures = st.builds(
    Procedure, st.sampled_from(["open", "authorisation", "mr"]), stated, several(texts), several(texts)
)
conventions = st.builds(
    Convention,
    st.sampled_from(ConventionStatus), maybe(texts), maybe(texts), several(texts), maybe(days), maybe(days),
    maybe(st.builds(ScientificCredit, *[maybe(stated)] * 5, several(stated), maybe(stated))),
    maybe(st.builds(Exclusivity, maybe(texts), maybe(texts), maybe(days), maybe(days), maybe(texts), maybe(texts))),
    maybe(
        st.builds(
            SimplifiedAccess, several(st.builds(Step, texts, maybe(texts))), maybe(st.booleans()),
            maybe(st.booleans()), several(texts), several(texts), maybe(st.integers(0, 900)),
        )
    ),
    maybe(st.builds(Pricing, st.sampled_from(PricingModel), texts, several(st.builds(Price, texts, texts)))),
)  # fmt: skip
healths = st.builds(
    HealthDescription, several(texts), several(texts), maybe(texts), maybe(texts), maybe(st.booleans()),
    maybe(st.integers(0, 120)), maybe(st.integers(0, 120)), several(texts),
)  # fmt: skip
kinds = st.sampled_from(["start", "end", "absent", "quality", "history", "1"])
records = st.builds(
    Dataset,
    id=ids,
    name=named,
    steward=stated,
    kind=stated,
    membership=facts(st.sampled_from(Membership)),
    access=st.builds(Access, facts(st.sampled_from(Regime)), several(procedures), several(stated), maybe(stated)),
    convention=conventions,
    long_name=maybe(stated),
    population=maybe(stated),
    coverage=several(st.builds(Milestone, kinds, stated)),
    themes=several(texts),
    coding=several(texts),
    tables=several(tables, 2),
    distributions=several(st.builds(Distribution, texts, *[maybe(texts)] * 3, maybe(st.integers(0, 2**40))), 1),
    links=several(st.builds(Link, st.sampled_from(LinkKind), texts, maybe(texts)), 2),
    first_year=maybe(years),
    last_year=maybe(years),
    records=maybe(facts(st.integers(0, 10**12))),
    individuals=maybe(facts(st.integers(0, 10**10))),
    contact=maybe(stated),
    objective=maybe(stated),
    citation=maybe(stated),
    remarks=several(st.builds(Remark, kinds, stated)),
    health=maybe(healths),
    certainty=st.sampled_from(Certainty),
    sources=st.lists(st.builds(Source, source_ids, texts, maybe(texts)), max_size=3, unique_by=lambda s: s.id).map(
        tuple
    ),
)
catalogues = st.lists(records, max_size=3, unique_by=lambda record: record.id)
