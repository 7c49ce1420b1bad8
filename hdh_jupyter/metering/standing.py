"""How a person's standing reads: for JupyterLab as JSON, for people as a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..i18n import translate
from .meter import Level, Standing, State
from .requests import TrafficRequest


def message(standing: Standing, language: str) -> str | None:
    """Return what a person should know of their standing, or None when nothing is near."""
    if standing.state is State.OK:
        return None
    level = standing.tightest
    share = 100 * level.used // level.limit
    return translate(
        f"metering.{standing.state.word}.{level.window.value}", language, share=share, until=clock(standing)
    )


def clock(standing: Standing) -> str:
    """Return when something passes again, HH:MM in the machine's time zone; empty when something does now."""
    return "" if standing.until is None else f"{standing.until.astimezone():%H:%M}"


def document(standing: Standing, requests: Iterable[TrafficRequest], language: str) -> dict[str, Any]:
    """Return what `GET hdh/traffic` answers."""
    return {
        "hour": _level(standing.hour),
        "day": _level(standing.day),
        "project_day": _level(standing.project_day),
        "state": standing.state.word,
        "until": standing.until and standing.until.isoformat(),
        "message": message(standing, language),
        "requests": [request_document(request) for request in requests],
    }


def request_document(request: TrafficRequest) -> dict[str, Any]:
    """Return a request as JSON shows it; sizes in bytes."""
    return {
        "id": request.id,
        "state": request.state.value,
        "reason": request.reason,
        "asked_at": request.asked_at.isoformat(),
        "decided_at": request.decided_at and request.decided_at.isoformat(),
        "comment": request.comment,
        "amount": request.amount,
        "day": request.day and request.day.isoformat(),
    }


def _level(level: Level) -> dict[str, int]:
    return {"used": level.used, "limit": level.limit}
