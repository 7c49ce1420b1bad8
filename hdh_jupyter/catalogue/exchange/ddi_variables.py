"""The variables of a codebook, with their categories."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from ..variables import CodeListVersion, Variable
from .ddi_elements import child, children, content, local, text
from .hostile import clean, is_safe_iri
from .problems import Problem

INTEGER = re.compile(r"[+-]?\d{1,18}")


def variable(part: Element, number: int, path: str, problems: list[Problem]) -> Variable | None:
    """Return a variable, None for one without a name.

    Parameters
    ----------
    number
        Its place in the codebook.
    """
    name = clean(part.get("name") or "") or text(part, "labl") or ""
    if not part.get("name"):
        problems.append(Problem("nameless_variable", path, {"number": number}))
        return None
    codes = _codes(part, f"{path} {name}", problems)
    location = child(part, "location")
    concept = child(part, "concept")
    iri = None if concept is None else concept.get("vocabURI") or concept.get("vocab")
    return Variable(
        name=name,
        type=_type(part, codes),
        label=text(part, "labl"),
        description=text(part, "txt") or text(part, "qstn", "qstnLit") or _question(part),
        length=None if location is None else location.get("width"),
        unit=clean(part.get("measUnit") or "") or None,
        nomenclature=text(part, "stdCatgry"),
        code_lists=(CodeListVersion(codes),) if codes else (),
        rule=text(part, "derivation", "drvdesc"),
        observation=text(part, "notes") or text(part, "universe"),
        concept=iri if iri and is_safe_iri(iri) else None,
    )


def _codes(part: Element, where: str, problems: list[Problem]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for number, category in enumerate(children(part, "catgry"), 1):
        code = text(category, "catValu")
        if code is None:
            problems.append(Problem("ddi.no_code", where, {"number": number}))
        elif code in found:
            problems.append(Problem("ddi.repeated_code", where, {"code": code[:80]}))
        else:
            found[code] = text(category, "labl") or code
    return tuple(found.items())


def _type(part: Element, codes: tuple[tuple[str, str], ...]) -> str:
    """Return the type as Table Schema names it."""
    form = child(part, "varFormat")
    told = "" if form is None else (form.get("type") or "").lower()
    category = "" if form is None else (form.get("category") or "").lower()
    if category in ("date", "time"):
        return category
    if told == "character":
        return "string"
    if told == "numeric":
        whole = part.get("dcml") == "0" or (codes and all(INTEGER.fullmatch(code) for code, _ in codes))
        return "integer" if whole else "number"
    return "string" if codes else "any"


def _question(part: Element) -> str | None:
    """Return a question whose words stand in it directly."""
    question = child(part, "qstn")
    if question is None or any(local(each) for each in question):
        return None
    return content(question) or None
