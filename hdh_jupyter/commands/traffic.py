"""`hdh-jupyter traffic`: what was displayed of workspaces, and requests for more."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from ..audit.log import AuditLog
from ..metering.budgets import MB, Limits
from ..metering.requests import TrafficRequest, TrafficRequests
from ..metering.standing import request_document
from ..metering.usage import UsageStore
from ..state import StateFolder
from .administration import Administration, JoinedDatabase, open_platform
from .base import speak
from .output import print_json, print_table
from .parsing import Parser, WordsCommand, changing, reading, text

COUNTING = Limits(hour=0, day=0, project_day=0, soft_share=1.0)
"""The sums alone are shown: which limits hold is in the configuration of the running platform."""


class Traffic(WordsCommand):
    """Show what was displayed of workspaces, and decide on requests for more."""

    name = "traffic"

    def build(self, parser: Parser) -> None:
        commands = parser.add_subparsers(required=True, metavar="COMMAND")

        leaf = commands.add_parser("show", parents=[reading()], help="show today's figures and the requests that wait")
        leaf.set_defaults(act=show)

        leaf = commands.add_parser("grant", parents=[changing()], help="grant more, until the end of the day")
        _add_request(leaf)
        leaf.add_argument("--megabytes", type=int, required=True, metavar="N", help="how much more, in MB")
        leaf.add_argument("--comment", type=text, metavar="TEXT", help="what the person reads")
        leaf.set_defaults(act=grant)

        leaf = commands.add_parser("refuse", parents=[changing()], help="refuse more")
        _add_request(leaf)
        leaf.add_argument("--comment", type=text, required=True, metavar="TEXT", help="why; the person reads it")
        leaf.set_defaults(act=refuse)

        leaf = commands.add_parser("undo", parents=[changing()], help="take back a grant of which nothing was used")
        _add_request(leaf)
        leaf.set_defaults(act=undo)


def show(state: StateFolder, asked: Namespace) -> None:
    """Show who was displayed how much, and the requests that wait."""
    database, now = open_platform(state), time.time()
    audit = AuditLog(database, state.key("audit"))
    meter = UsageStore(database, audit).meter(COUNTING, now)
    standings = [(*account, meter.standing(*account, now)) for account in sorted(meter.accounts())]
    pending = TrafficRequests(database, audit).pending()
    if asked.json:
        traffic = [
            {"project": p, "person": who, "hour": at.hour.used, "day": at.day.used, "granted": at.day.limit}
            for p, who, at in standings
        ]
        print_json({"traffic": traffic, "requests": [_document(request) for request in pending]})
        return
    if not standings and not pending:
        speak("admin.no_traffic")
    if standings:
        rows = (
            (p, who, *(_megabytes(n) for n in (at.hour.used, at.day.used, at.day.limit))) for p, who, at in standings
        )
        print_table(("project", "person", "hour", "today", "extra"), rows)
    if pending:
        print()
        listed = ((r.id, r.project, r.person, f"{r.asked_at.astimezone():%Y-%m-%d %H:%M}", r.reason) for r in pending)
        print_table(("request", "project", "person", "asked_at", "reason"), listed)


def grant(state: StateFolder, asked: Namespace) -> None:
    """Grant so much more, until the end of the day."""
    with _deciding(state, asked) as (requests, actor):
        granted = requests.grant(asked.request, actor, asked.megabytes * MB, asked.comment or "")
    speak("admin.traffic_granted", megabytes=asked.megabytes, person=granted.person, project=granted.project)


def refuse(state: StateFolder, asked: Namespace) -> None:
    """Refuse a request, and say why."""
    with _deciding(state, asked) as (requests, actor):
        requests.refuse(asked.request, actor, asked.comment)
    speak("admin.traffic_refused", request=asked.request)


def undo(state: StateFolder, asked: Namespace) -> None:
    """Take back a grant of which nothing was used."""
    with _deciding(state, asked) as (requests, actor):
        requests.undo(asked.request, actor)
    speak("admin.traffic_undone", request=asked.request)


@contextmanager
def _deciding(state: StateFolder, asked: Namespace) -> Iterator[tuple[TrafficRequests, str]]:
    administration = Administration(state, asked.acting_as)
    with administration.change() as change:
        database = JoinedDatabase(administration.database, change.session)
        yield TrafficRequests(database, change.audit, account=change.account), change.actor


def _document(request: TrafficRequest) -> dict[str, object]:
    return {"project": request.project, "person": request.person, **request_document(request)}


def _megabytes(size: int) -> str:
    return f"{size / MB:.1f}"


def _add_request(leaf: Parser) -> None:
    leaf.add_argument("request", type=int, metavar="NUMBER", help="the request's number")
