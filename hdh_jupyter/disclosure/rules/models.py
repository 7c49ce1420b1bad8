"""Models: what they keep of the rows that they were fitted on, and what would run when they are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..documents import Document, FittedModel
from ..masking import masked
from ..model import Finding
from ..policy import Policy

RULES = (
    "models.code",
    "models.training_rows",
    "models.opaque",
    "models.small_leaf",
    "models.saturated",
    "models.words",
    "models.embedding",
    "models.untitled",
    "models.large",
    "models.executable",
)
SHOWN = 3
Said = tuple[str, dict[str, str | int]]


def models(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Tell of every model of a document what of its training rows it keeps, and what in it a person must look at."""
    for model in document.models:
        for key, params in (*_kept(model), *_to_look_at(model, policy)):
            rule = f"models.{key}"
            yield Finding(rule, policy.severities[rule], file, model.place, rule, params)


def _kept(model: FittedModel) -> Iterator[Said]:
    """Tell what certainly gives persons away, or runs."""
    if model.code:
        yield "code", {"names": _list(model.code), "total": len(model.code)}
    if model.held:
        rows = max(model.held.values())
        yield "training_rows", {"rows": rows, "parts": _list(model.held), "model": _name(model)}
    if model.opaque:
        yield "opaque", {"size": model.opaque}


def _to_look_at(model: FittedModel, policy: Policy) -> Iterator[Said]:
    """Tell what may."""
    threshold = policy.min_count
    if model.smallest_leaf is not None and 0 < model.smallest_leaf < threshold:
        yield "small_leaf", {"value": model.smallest_leaf, "threshold": threshold}
    if model.parameters and model.observations and model.parameters >= model.observations:
        yield "saturated", {"parameters": model.parameters, "observations": model.observations}
    if model.words:
        yield "words", {"total": model.words}
    if model.embeddings and not model.held:
        yield "embedding", {"rows": max(model.embeddings.values()), "parts": _list(model.embeddings)}
    if model.untitled and not model.held:
        yield "untitled", {"rows": max(model.untitled.values()), "parts": _list(model.untitled)}
    numbers, limit = sum(model.numbers.values()), int(policy.thresholds["model_numbers"].value)
    if numbers > limit and not model.held:
        yield "large", {"numbers": numbers, "limit": limit}
    if model.executable:
        yield "executable", {"model": _name(model)}


def _name(model: FittedModel) -> str:
    return masked(model.families[0].rpartition(".")[2]) if model.families else "?"


def _list(names: Iterable[str]) -> str:
    known = [masked(name) or "?" for name in names]
    return ", ".join(known[:SHOWN]) + (", …" if len(known) > SHOWN else "")
