"""The study that a codebook describes, as a record.

What the codebook states is of certainty B, with the codebook as its source; what a record must have and the codebook
does not say is put as not known, of certainty C. Its words on access and credit bind nobody: they are conditions that
are known, never terms of a convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar
from xml.etree.ElementTree import Element

from ..convention import Convention
from ..facts import Certainty, Fact, Source
from ..model import Access, Dataset, Distribution, Membership, Milestone, Regime, Remark
from ..store import DATASET_ID
from ..variables import Table
from ..words import fold
from .ddi_elements import all_texts, child, children, content, text
from .hostile import is_safe_iri
from .problems import Problem

SOURCE = "import"
NOT_KNOWN = "à préciser"

YEAR = re.compile(r"\b(1[89]|20|21)\d\d\b")

T = TypeVar("T")


def study_record(
    study: Element, ids: Sequence[str], tables: tuple[Table, ...], cases: Sequence[int], path: str,
    problems: list[Problem],
) -> Dataset | None:  # fmt: skip
    """Return the record, None for a study without a title or anything to call it by.

    Parameters
    ----------
    ids
        What it is called by, the best first.
    cases
        Rows of its files.
    """
    title, short = text(study, "citation", "titlStmt", "titl"), text(study, "citation", "titlStmt", "altTitl")
    name = _identifier([*ids, *([short] if short else []), *([title] if title else [])])
    if name is None:
        problems.append(Problem("ddi.nameless_study", path))
        return None
    where = f"{path} {name}"
    if title is None:
        problems.append(Problem("ddi.no_title", where))
    # The shorter title is the name that people use.
    titles = sorted((each for each in (title, short) if each), key=len) or [name]
    summary, use = child(study, "stdyInfo", "sumDscr"), child(study, "dataAccs", "useStmt")
    periods = _periods(summary, where, problems)
    years = [int(found.group()) for _, date in periods if (found := YEAR.search(date))]
    ends = [int(found.group()) for kind, date in periods if kind == "end" and (found := YEAR.search(date))]
    collection = child(study, "method", "dataColl")
    return Dataset(
        id=name,
        name=titles[0].replace("\n", " "),
        steward=_stated(_organisations(study)) or _unknown(NOT_KNOWN),
        kind=_stated(text(summary, "dataKind")) or _unknown(NOT_KNOWN),
        membership=_unknown(Membership.UNKNOWN),
        access=Access(_unknown(Regime.AUTHORISATION), conditions=_conditions(use)),
        convention=Convention(),
        long_name=_stated(titles[-1] if len(titles) > 1 else None),
        summary=_stated(_abstract(study)),
        population=_stated(text(summary, "universe")),
        geography=_stated(", ".join((*all_texts(summary, "nation"), *all_texts(summary, "geogCover"))) or None),
        frequency=_stated(text(collection, "frequenc")),
        granularity=_stated(text(summary, "anlyUnit")),
        coverage=tuple(Milestone(kind, Fact(date, Certainty.SECONDARY, (SOURCE,))) for kind, date in periods),
        themes=_themes(study),
        tables=tables,
        distributions=tuple(_distributions(study)),
        first_year=min(years, default=None),
        last_year=max(ends, default=None),
        records=Fact(cases[0], Certainty.SECONDARY, (SOURCE,)) if len(cases) == 1 else None,
        contact=_stated(_contact(study)),
        objective=_stated(_abstract(study, "purpose")),
        provenance=_stated(text(collection, "sources", "dataSrc") or text(collection, "collMode")),
        citation=_stated(text(study, "citation", "biblCit") or text(use, "citReq")),
        remarks=tuple(_remarks(study)),
        certainty=Certainty.SECONDARY,
        sources=(Source(SOURCE, _page(study) or path),),
    )


def _identifier(names: Iterable[str]) -> str | None:
    for name in names:
        made = re.sub(r"[^a-z0-9_]+", "-", fold(name)).strip("-_")[:64].strip("-_")
        made = made if made[:1].isalpha() else f"d-{made}"
        if made != "d-" and DATASET_ID.fullmatch(made):
            return made
    return None


def _organisations(study: Element) -> str | None:
    """Return who answers for the data: its producers, else who gives it out, else its authors."""
    for names in (("prodStmt", "producer"), ("distStmt", "distrbtr"), ("rspStmt", "AuthEnty")):
        found = all_texts(study, "citation", *names)
        if found:
            return " ; ".join(found)
    return None


def _abstract(study: Element, kind: str = "abstract") -> str | None:
    told = Element("stdyInfo")
    told.extend(a for a in children(study, "stdyInfo", "abstract") if (a.get("contentType") or "abstract") == kind)
    return text(told, "abstract")


def _themes(study: Element) -> tuple[str, ...]:
    found = [*all_texts(study, "stdyInfo", "subject", "keyword"), *all_texts(study, "stdyInfo", "subject", "topcClas")]
    return tuple(dict.fromkeys(" ".join(each.split()) for each in found))


def _periods(summary: Element | None, where: str, problems: list[Problem]) -> list[tuple[str, str]]:
    """Return milestones: the period that the data are about, else that of the collection."""
    for name in ("timePrd", "collDate"):
        found: list[tuple[str, str]] = []
        for each in children(summary, name):
            date = (each.get("date") or content(each)).strip()
            if YEAR.search(date):
                found.append((each.get("event") or "single", date))
            elif date:
                problems.append(Problem("ddi.not_a_date", where, {"key": name, "value": date[:40]}))
        if found:
            return _milestones(found)
    return []


def _milestones(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the first start and the last end; what has neither, or comes in several rounds, is waves."""
    starts, ends = sorted(d for e, d in found if e == "start"), sorted(d for e, d in found if e == "end")
    singles = [d for e, d in found if e not in ("start", "end")]
    made = [(kind, date) for kind, date in (("start", starts[:1]), ("end", ends[-1:])) if date]
    rounds = [f"{start} / {end}" for start, end in zip(starts, ends, strict=False)] if len(starts) > 1 else []
    waves = [*rounds, *singles]
    if not made and len(singles) == 1:
        return [("start", singles[0]), ("end", singles[0])]
    listed = [("waves", ", ".join(waves))] if waves else []
    return [*((kind, date[0]) for kind, date in made), *listed]


def _conditions(use: Element | None) -> tuple[Fact[str], ...]:
    found = (each for name in ("restrctn", "conditions", "specPerm", "confDec") for each in all_texts(use, name))
    return tuple(Fact(each, Certainty.SECONDARY, (SOURCE,)) for each in found)


def _distributions(study: Element) -> Iterable[Distribution]:
    for place in children(study, "dataAccs", "setAvail", "accsPlac"):
        page = place.get("URI") or ""
        if is_safe_iri(page) and page:
            yield Distribution(content(place) or NOT_KNOWN, page)


def _contact(study: Element) -> str | None:
    places = (("dataAccs", "useStmt", "contact"), ("citation", "distStmt", "contact"), ("dataAccs", "contact"))
    cards = [card for names in places for card in children(study, *names)]
    for card in cards:
        address = (card.get("email") or "").strip()
        if "@" in address and is_safe_iri(f"mailto:{address}"):
            return address
    return next((page for card in cards if (page := card.get("URI") or "") and is_safe_iri(page)), None)


def _remarks(study: Element) -> Iterable[Remark]:
    places = {
        "quality": (("method", "anlyInfo", "respRate"), ("method", "anlyInfo", "dataAppr")),
        "exclusion": (("method", "dataColl", "deviat"),),
        "history": (("citation", "verStmt", "version"),),
    }
    for kind, paths in places.items():
        for names in paths:
            for each in all_texts(study, *names):
                yield Remark(kind, Fact(each, Certainty.SECONDARY, (SOURCE,)))


def _page(study: Element) -> str | None:
    pages = (each.get("URI") or "" for each in children(study, "citation", "holdings"))
    return next((page for page in pages if page and is_safe_iri(page)), None)


def _stated(value: str | None) -> Fact[str] | None:
    return Fact(value, Certainty.SECONDARY, (SOURCE,)) if value else None


def _unknown(value: T) -> Fact[T]:
    return Fact(value, Certainty.UNSOURCED)
