"""Every action has a schema in Jupyter's form, and a sentence in both languages."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from jupyter_events.schema import EventSchema

from hdh_jupyter.audit import AuditLog, actions
from hdh_jupyter.audit.log import Event
from hdh_jupyter.audit.sentences import line, sentence
from hdh_jupyter.db import Database
from hdh_jupyter.i18n import LANGUAGES, sentences

PREFIX = "audit.action."


@pytest.mark.parametrize("action", actions.actions())
def test_schema_is_one_that_jupyter_events_takes(action: str) -> None:
    schema = dict(actions.schema(action))
    assert EventSchema(schema=schema).id == f"urn:hdh-jupyter:audit:{action}:1"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_a_sentence_and_no_other(language: str) -> None:
    told = {key.removeprefix(PREFIX) for key in sentences(language) if key.startswith(PREFIX)}
    assert told == set(actions.actions())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", actions.actions())
def test_sentence_names_only_what_every_event_has(action: str, language: str) -> None:
    properties = actions.schema(action)["properties"]
    named = {name for _, name, _, _ in Formatter().parse(sentences(language)[PREFIX + action]) if name}
    always = {"actor", *properties["detail"].get("required", [])}
    always |= {name for name in ("project", "subject") if properties[name]["type"] == "string"}
    assert named <= always


def test_an_event_reads_as_a_line(database: Database) -> None:
    log = AuditLog(database, bytes(32))
    log.append("session.refused", actor="ann", detail={"reason": "auth.wrong_password"})
    (event,) = log.tail(1)
    assert re.fullmatch(
        r" +1  \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  connexion refusée à ann \(auth\.wrong_password\)", line(event, "fr")
    )
    assert line(event, "en").endswith("sign-in refused to ann (auth.wrong_password)")


@pytest.mark.parametrize(
    "actor",
    [
        pytest.param("a\n      2  2026-01-01 00:00:00Z  ann se connecte", id="00 line break"),
        pytest.param("a\r\x1b[2Kb", id="01 terminal escape"),
        pytest.param("a\u202eb\u2028c", id="02 direction and line separators"),
        pytest.param("{project}", id="03 field of a sentence"),
    ],
)
def test_values_cannot_forge_lines(database: Database, actor: str) -> None:
    log = AuditLog(database, bytes(32))
    log.append("session.signed_in", actor=actor)
    (event,) = log.tail(1)
    assert sentence(event, "fr").isprintable()
    assert len(line(event, "fr").splitlines()) == 1


def test_an_action_of_the_past_shows_its_values(database: Database) -> None:
    log = AuditLog(database, bytes(32))
    log.append("session.signed_in", actor="ann")
    (event,) = log.tail(1)
    past = Event(1, event.at, "session.renamed", "ann", None, None, {"how": "x\ny"})
    assert sentence(past, "fr") == "session.renamed actor=ann how=x\\ny project=None subject=None"
