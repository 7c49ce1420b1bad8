"""`hdh-jupyter project`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.projects.gate import grants_in_force
from hdh_jupyter.projects.model import Authorisation, BasisKind, Grant, Member, Opinion, Project, ProjectRole

from .conftest import Terminal

TODAY = date.today()
FROM, UNTIL = TODAY - timedelta(days=30), TODAY + timedelta(days=30)
DATES = (f"--from={FROM}", f"--until={UNTIL}")
CNIL = ("--opinion=favourable", f"--opinion-date={FROM}", "--cnil-number=DR-2025-123")


@pytest.fixture
def vox(peopled: Terminal) -> Terminal:
    """The command, on a platform that has a closed project too."""
    outcome = peopled("project", "add", "vox", "--title=Voix", "--summary=Ce qui se dit")
    assert outcome.status == 0, outcome.err
    return peopled


@pytest.fixture
def open_vox(vox: Terminal) -> Terminal:
    """The command, on a platform whose project is open, with a member and a dataset."""
    for words in (
        ("authorise", "vox", "reference-methodology", "--reference=MR-004", *DATES),
        ("member", "vox", "nadia", "lead"),
        ("grant", "vox", "oscour", *DATES),
    ):
        outcome = vox("project", *words)
        assert outcome.status == 0, outcome.err
    return vox


def test_a_project_is_added_closed(vox: Terminal) -> None:
    assert vox.registry.projects() == (Project("vox", "Voix", "Ce qui se dit"),)
    assert vox.told()[-1] == ("registry.project_added", "vox", None, {"title": "Voix"})
    assert vox.json("project", "show", "vox")["state"] == {
        "open": False,
        "code": "projects.state.no_basis",
        "message": "Closed: no regulatory basis on record",
    }


def test_members_come_change_and_go(vox: Terminal) -> None:
    for place, role in (("researcher", ProjectRole.RESEARCHER), ("lead", ProjectRole.LEAD)):
        outcome = vox("project", "member", "vox", "nadia", place, "--as=ada")
        assert (outcome.status, outcome.out) == (0, f"Place of nadia in project vox: {place}\n")
        assert vox.registry.project("vox").members == (Member("nadia", role),)
    assert vox("project", "member", "vox", "nadia", "none", "--as=ada").status == 0
    assert vox.registry.project("vox").members == ()
    before = vox.events()
    assert vox("project", "member", "vox", "nadia", "none").out == "There was nothing to change.\n"
    assert vox.events() == before
    assert [event.detail | {"account": ""} for event in before[-3:]] == [
        {"account": "", "before": "none", "after": "researcher"},
        {"account": "", "before": "researcher", "after": "lead"},
        {"account": "", "before": "lead", "after": "none"},
    ]
    assert {(e.action, e.actor, e.project, e.subject) for e in before[-3:]} == {
        ("registry.member_changed", "ada", "vox", "nadia")
    }


@pytest.mark.parametrize(
    ("words", "basis", "detail", "said"),
    [
        pytest.param(
            ("authorisation", *CNIL, *DATES),
            Authorisation(BasisKind.AUTHORISATION, Opinion.FAVOURABLE, FROM, "DR-2025-123", FROM, UNTIL),
            {"kind": "authorisation", "opinion": "favourable", "opinion_date": str(FROM), "cnil_number": "DR-2025-123",
             "valid_from": str(FROM), "valid_until": str(UNTIL)},
            "Open: CNIL authorisation no. DR-2025-123", id="00",
        ),
        pytest.param(
            ("authorisation", "--opinion=pending"),
            Authorisation(BasisKind.AUTHORISATION, Opinion.PENDING),
            {"kind": "authorisation", "opinion": "pending"},
            "Closed: awaiting the opinion of the CESREES", id="01",
        ),
        pytest.param(
            ("authorisation", *CNIL),
            Authorisation(BasisKind.AUTHORISATION, Opinion.FAVOURABLE, FROM, "DR-2025-123"),
            {"kind": "authorisation", "opinion": "favourable", "opinion_date": str(FROM),
             "cnil_number": "DR-2025-123"},
            "Closed: awaiting the authorisation of the CNIL", id="02 no days",
        ),
        pytest.param(
            ("reference-methodology", "--reference=MR-005", f"--until={UNTIL}"),
            Authorisation(BasisKind.REFERENCE_METHODOLOGY, reference="MR-005", valid_until=UNTIL),
            {"kind": "reference_methodology", "reference": "MR-005", "valid_until": str(UNTIL)},
            "Open: reference methodology MR-005", id="03",
        ),
        pytest.param(
            ("exemption", "--reason=Données agrégées"),
            Authorisation(BasisKind.EXEMPTION, reason="Données agrégées"),
            {"kind": "exemption", "reason": "Données agrégées"},
            "Open: exemption from authorisation", id="04",
        ),
        pytest.param(("none",), None, {"kind": "none"}, "Closed: no regulatory basis on record", id="05"),
    ],
)  # fmt: skip
def test_a_basis_replaces_the_one_before_whole(
    open_vox: Terminal, words: tuple[str, ...], basis: Authorisation | None, detail: dict[str, str], said: str
) -> None:
    outcome = open_vox("project", "authorise", "vox", *words)
    assert outcome.err == ""
    assert outcome.out.splitlines() == ["The regulatory basis of project vox is replaced.", said]
    assert open_vox.registry.project("vox").authorisation == basis
    assert open_vox.told()[-1] == ("registry.authorisation_changed", "vox", None, detail)
    events = open_vox.events()
    again = open_vox("project", "authorise", "vox", *words)
    assert again.out.splitlines() == ["There was nothing to change.", said]
    assert open_vox.events() == events


def test_datasets_are_granted_and_revoked(open_vox: Terminal) -> None:
    assert grants_in_force(open_vox.registry.project("vox"), TODAY) == (Grant("oscour", FROM, UNTIL),)
    days = {"valid_from": str(FROM), "valid_until": str(UNTIL)}
    assert open_vox.told()[-1] == ("registry.grant_changed", "vox", "oscour", {"change": "granted", **days})
    assert open_vox("project", "grant", "vox", "oscour", *DATES).out == "There was nothing to change.\n"
    open_vox("project", "grant", "vox", "oscour")
    assert open_vox.registry.project("vox").grants == (Grant("oscour"),)
    assert open_vox.told()[-1] == ("registry.grant_changed", "vox", "oscour", {"change": "granted"})
    outcome = open_vox("project", "revoke", "vox", "oscour", "--as=ada")
    assert outcome.out == "The project vox no longer has access to the dataset oscour.\n"
    assert open_vox.registry.project("vox").grants == ()
    assert open_vox.told()[-1] == ("registry.grant_changed", "vox", "oscour", {"change": "revoked"})
    assert open_vox.events()[-1].actor == "ada"


def test_show_in_json(open_vox: Terminal) -> None:
    shown: dict[str, Any] = open_vox.json("project", "show", "vox")
    assert shown == {
        "id": "vox",
        "title": "Voix",
        "summary": "Ce qui se dit",
        "state": {"open": True, "code": "projects.state.open", "message": "Open: reference methodology MR-004"},
        "authorisation": {
            "kind": "reference_methodology",
            "opinion": None,
            "opinion_date": None,
            "cnil_number": None,
            "valid_from": str(FROM),
            "valid_until": str(UNTIL),
            "reference": "MR-004",
            "reason": None,
        },
        "members": [{"person": "nadia", "role": "lead"}],
        "grants": [{"dataset": "oscour", "valid_from": str(FROM), "valid_until": str(UNTIL), "in_force": True}],
    }
    assert open_vox.json("project", "list") == [shown]


def test_show_and_list_for_people(open_vox: Terminal) -> None:
    assert open_vox("project", "show", "vox").out.splitlines() == [
        "Project      vox",
        "Title        Voix",
        "Summary      Ce qui se dit",
        "State        Open: reference methodology MR-004",
        "Basis        reference_methodology",
        f"First day    {FROM}",
        f"Last day     {UNTIL}",
        "Methodology  MR-004",
        "",
        "ACCOUNT  ROLE",
        "nadia    lead",
        "",
        "DATASET  FIRST DAY   LAST DAY",
        f"oscour   {FROM}  {UNTIL}",
    ]
    assert open_vox("project", "list").out.splitlines() == [
        "PROJECT  TITLE  MEMBERS  DATASETS  STATE",
        "vox      Voix   1        oscour    Open: reference methodology MR-004",
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("show", "nix"), "projects.unknown_project", id="00"),
        pytest.param(("add", "vox", "--title=Vox"), "projects.project_exists", id="01"),
        pytest.param(("add", "Nix", "--title=Nix"), "projects.bad_project_id", id="02"),
        pytest.param(("add", "nix"), "admin.usage", id="03"),
        pytest.param(("add", "nix", "--title=" + "x" * 256), "projects.too_long", id="04"),
        pytest.param(("add", "nix", "--title=Nix", "--as=omar"), "admin.not_an_admin", id="05"),
        pytest.param(("member", "nix", "omar", "lead"), "projects.unknown_project", id="06"),
        pytest.param(("member", "vox", "zoe", "lead"), "projects.unknown_person", id="07"),
        pytest.param(("member", "vox", "zoe", "none"), "projects.unknown_person", id="08"),
        pytest.param(("member", "vox", "omar", "boss"), "admin.bad_choice", id="09"),
        pytest.param(("member", "vox", "omar", "lead", "--as=nadia"), "admin.not_an_admin", id="10"),
        pytest.param(("authorise", "nix", "none"), "projects.unknown_project", id="11"),
        pytest.param(("authorise", "vox"), "admin.usage", id="12"),
        pytest.param(("authorise", "vox", "authorisation", "--cnil-number=1"), "admin.usage", id="13 no opinion"),
        pytest.param(("authorise", "vox", "exemption", "--reason=x", "--reference=y"), "admin.usage", id="14"),
        pytest.param(("authorise", "vox", "exemption", "--reason= "), "admin.empty_text", id="15"),
        pytest.param(("authorise", "vox", "authorisation", "--opinion=good"), "admin.bad_choice", id="16"),
        pytest.param(
            ("authorise", "vox", "authorisation", "--opinion=pending", "--cnil-number=" + "9" * 65),
            "projects.too_long", id="17",
        ),
        pytest.param(("grant", "vox", "oscour", "--from=2026-13-01"), "admin.bad_date", id="18"),
        pytest.param(("grant", "vox", "oscour", "--from=20260101"), "admin.bad_date", id="19"),
        pytest.param(("grant", "vox", "oscour", "--from=01/02/2026"), "admin.bad_date", id="20"),
        pytest.param(("grant", "vox", "oscour", f"--from={UNTIL}", f"--until={FROM}"), "projects.dates_reversed",
                     id="21"),
        pytest.param(("grant", "vox", "nowhere"), "catalogue.unknown_dataset", id="22"),
        pytest.param(("grant", "nix", "oscour"), "projects.unknown_project", id="23"),
        pytest.param(("grant", "vox", "oscour", "--as=omar"), "admin.not_an_admin", id="24"),
        pytest.param(("revoke", "vox", "snds"), "projects.unknown_grant", id="25"),
        pytest.param(("revoke", "nix", "snds"), "projects.unknown_project", id="26"),
        pytest.param(("revoke", "vox", "oscour", "--as=omar"), "admin.not_an_admin", id="27"),
        pytest.param((), "admin.usage", id="28"),
    ],
)  # fmt: skip
def test_refusals_say_why_and_change_nothing(open_vox: Terminal, words: tuple[str, ...], code: str) -> None:
    projects, events = open_vox.registry.projects(), open_vox.events()
    outcome = open_vox("project", *words)
    assert (outcome.status, outcome.out, outcome.code) == (1, "", code)
    assert len(outcome.err.splitlines()) == 1
    assert open_vox.registry.projects() == projects
    assert open_vox.events() == events


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("add", "nix", "--title=Nix"), id="00"),
        pytest.param(("member", "vox", "omar", "lead"), id="01"),
        pytest.param(("authorise", "vox", "none"), id="02"),
        pytest.param(("grant", "vox", "oscour"), id="03"),
        pytest.param(("revoke", "vox", "oscour"), id="04"),
    ],
)
def test_no_change_without_its_event(
    open_vox: Terminal, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    projects = open_vox.registry.projects()

    def fail(*_: object, **__: object) -> int:
        raise OSError("no space left for the event")

    monkeypatch.setattr(AuditLog, "append", fail)
    with pytest.raises(OSError, match="no space"):
        open_vox("project", *words)
    assert open_vox.registry.projects() == projects
