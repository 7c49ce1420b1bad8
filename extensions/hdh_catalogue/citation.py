"""How a dataset is cited: as a sentence and as BibTeX."""

from __future__ import annotations

import re
from datetime import date

from hdh_jupyter.catalogue.model import Dataset

SPECIAL = re.compile(r"[\\{}%&$#_~^]")
ESCAPED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
DOI = re.compile(r"10\.\d{4,9}/\S+")


def citation(dataset: Dataset, today: date) -> dict[str, str]:
    """Return the reference to cite, as the convention words it where that is agreed, and a BibTeX entry."""
    credit = dataset.convention.scientific_credit
    agreed = credit.citation if credit else None
    stated = agreed or dataset.citation
    title = dataset.name + (f" : {dataset.long_name.value}" if dataset.long_name else "")
    text = stated.value if stated else f"{dataset.steward.value}. {title}."
    fields = {
        "author": f"{{{_tex(dataset.steward.value)}}}",
        "title": f"{{{_tex(title)}}}",
        "note": _tex(text),
        "urldate": today.isoformat(),
    }
    doi = DOI.search(credit.doi.value if credit and credit.doi else text)
    if doi:
        fields["doi"] = doi[0].rstrip(".,;)")
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return {"text": text, "bibtex": f"@misc{{{dataset.id},\n{lines}\n}}\n"}


def _tex(text: str) -> str:
    return SPECIAL.sub(lambda found: ESCAPED.get(found[0], "\\" + found[0]), text)
