"""What people may do with a request, and what happens then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hdh_jupyter.egress.forms import FormError
from hdh_jupyter.egress.model import SYSTEM, Action, CheckState, Decision, Status
from hdh_jupyter.errors import PublicError
from hdh_jupyter.projects.model import ProjectRole

from .world import STATED

NOBODY = ("sven", "ada", "otto")


def code_of(call, *args, **kwargs):
    """Return the code of the refusal, or "" when it was allowed."""
    try:
        call(*args, **kwargs)
    except PublicError as error:
        return error.code if error.message("fr") != error.message("en") else "no sentence"
    return ""


WHO_DRAFT = {
    # id: (person, action, expected) on a checked, complete draft of rosa's
    "00 the author edits the title": ("rosa", "title", ""),
    "01 the lead edits the title": ("lea", "title", ""),
    "02 the other lead edits the title": ("luc", "title", ""),
    "03 another member does not": ("remi", "title", "egress.not_author_or_lead"),
    "04 the author does not state the case": ("rosa", "case", "egress.not_the_lead"),
    "05 the lead states the case": ("lea", "case", ""),
    "06 the author removes a file": ("rosa", "remove", ""),
    "07 the lead removes a file": ("lea", "remove", ""),
    "08 another member does not": ("remi", "remove", "egress.not_author_or_lead"),
    "09 the author does not submit": ("rosa", "submit", "egress.not_the_lead"),
    "10 another member does not submit": ("remi", "submit", "egress.not_the_lead"),
    "11 a checker in the project does not submit": ("ines", "submit", "egress.not_the_lead"),
    "12 the lead submits": ("lea", "submit", ""),
    "13 the author withdraws": ("rosa", "withdraw", ""),
    "14 the lead withdraws": ("lea", "withdraw", ""),
    "15 another member does not withdraw": ("remi", "withdraw", "egress.not_author_or_lead"),
    "16 a checker knows of no draft": ("carl", "title", "egress.unknown_request"),
    "17 a checker does not decide on a draft": ("carl", "decide", "egress.unknown_request"),
    "18 an admin knows of no draft": ("ada", "submit", "egress.unknown_request"),
    "19 the lead of another project knows of none": ("otto", "submit", "egress.unknown_request"),
    "20 nobody downloads a draft": ("lea", "download", "egress.wrong_status"),
}
WHO_SUBMITTED = {
    # id: (person, action, expected) on a submitted request that can be decided on
    "30 a checker decides": ("carl", "decide", ""),
    "31 the author does not": ("rosa", "decide", "egress.not_a_checker"),
    "32 the lead who submitted does not": ("lea", "decide", "egress.not_a_checker"),
    "33 a lead who is a checker does not": ("luc", "decide", "egress.own_project"),
    "34 a checker in the project does not": ("ines", "decide", "egress.own_project"),
    "35 an admin knows of nothing": ("ada", "decide", "egress.unknown_request"),
    "36 a steward knows of nothing": ("sven", "decide", "egress.unknown_request"),
    "37 the author does not withdraw": ("rosa", "withdraw", "egress.not_the_lead"),
    "38 the lead withdraws": ("lea", "withdraw", ""),
    "39 nobody edits": ("lea", "case", "egress.wrong_status"),
    "40 nobody removes a file": ("lea", "remove", "egress.wrong_status"),
    "41 nobody downloads": ("lea", "download", "egress.wrong_status"),
    "42 a checker does not download": ("carl", "download", "egress.wrong_status"),
    "43 a checker looks at the bytes": ("carl", "look", ""),
    "44 the lead does not": ("lea", "look", "egress.not_a_checker"),
    "45 a checker in the project does not": ("ines", "look", "egress.not_a_checker"),
    "46 a checker withdraws nothing": ("carl", "withdraw", "egress.not_the_lead"),
}
WHO_RELEASED = {
    "60 the lead downloads": ("lea", "download", ""),
    "61 the other lead downloads": ("luc", "download", ""),
    "62 the author does not": ("rosa", "download", "egress.not_the_lead"),
    "63 a checker who decided does not": ("carl", "download", "egress.not_the_lead"),
    "64 an admin does not": ("ada", "download", "egress.unknown_request"),
    "65 the lead of another project does not": ("otto", "download", "egress.unknown_request"),
    "66 nobody withdraws what is out": ("lea", "withdraw", "egress.wrong_status"),
    "67 a third checker does not decide": ("cyril", "decide", "egress.turn_complete"),
    "68 nobody looks through the checkers' door any more": ("cyril", "look", "egress.wrong_status"),
}


def act(platform, request, person, action):
    service, id_ = platform.service, request.id
    calls = {
        "title": lambda: service.edit(id_, person, title="Autre titre"),
        "case": lambda: service.edit(id_, person, recipient="Santé publique France"),
        "remove": lambda: service.remove_file(id_, person, 1),
        "submit": lambda: service.submit(id_, person, turn=request.turn),
        "withdraw": lambda: service.withdraw(id_, person),
        "decide": lambda: service.decide(id_, person, Decision.APPROVE, turn=request.turn),
        "look": lambda: service.reviewed_bytes(id_, person, 0),
        "download": lambda: service.archive(id_, person),
    }
    expected_refusals = len(platform.told("egress.refused"))
    code = code_of(calls[action])
    # Every refusal leaves a trace, and nothing but a refusal does.
    assert len(platform.told("egress.refused")) == expected_refusals + bool(code)
    if code:
        told = platform.told("egress.refused")[-1]
        assert (told["actor"], told["reason"], told["subject"]) == (person, code, str(id_))
        assert told["project"] == "flu"
    return code


@pytest.mark.parametrize("case", WHO_DRAFT.values(), ids=WHO_DRAFT)
async def test_who_does_what_to_a_draft(platform, case):
    person, action, expected = case
    assert act(platform, await platform.checked_draft(), person, action) == expected


@pytest.mark.parametrize("case", WHO_SUBMITTED.values(), ids=WHO_SUBMITTED)
async def test_who_does_what_to_a_submitted_request(platform, case):
    person, action, expected = case
    assert act(platform, await platform.submitted(), person, action) == expected


@pytest.mark.parametrize("case", WHO_RELEASED.values(), ids=WHO_RELEASED)
async def test_who_does_what_to_a_released_request(platform, case):
    person, action, expected = case
    assert act(platform, await platform.released(), person, action) == expected


@pytest.mark.parametrize("person", NOBODY)
async def test_strangers_learn_nothing(platform, person):
    request = await platform.released()
    assert code_of(platform.service.request, request.id, person) == "egress.unknown_request"
    assert code_of(platform.service.request, 4711, person) == "egress.unknown_request"
    assert platform.service.requests_of("flu", person) == ()
    assert platform.service.queue(person) == ()


async def test_a_member_who_left_is_out(platform):
    request = await platform.released()
    platform.registry.set_member("flu", "lea", None)
    assert code_of(platform.service.archive, request.id, "lea") == "egress.unknown_request"
    platform.registry.set_member("flu", "lea", ProjectRole.RESEARCHER)
    assert code_of(platform.service.archive, request.id, "lea") == "egress.not_the_lead"


async def test_the_way_of_a_request(platform):
    request = await platform.released()
    assert request.status is Status.RELEASED
    assert [(e.actor, e.action) for e in request.history] == [
        ("rosa", Action.DRAFT),
        ("lea", Action.STATE_CASE),
        ("lea", Action.SUBMIT),
        ("carl", Action.DECIDE),
        ("cleo", Action.DECIDE),
        (SYSTEM, Action.APPROVE),
        (SYSTEM, Action.RELEASE),
    ]
    platform.service.archive(request.id, "lea")
    done = ("drafted", "checked", "edited", "submitted", "checked", "decided", "decided", "concluded", "released")
    assert [e.action for e in platform.audit.tail(100)] == [f"egress.{name}" for name in (*done, "downloaded")]
    assert platform.audit.verify().ok


async def test_the_case_is_demanded_field_by_field(platform):
    draft = await platform.draft()
    platform.finish_check()
    platform.service.edit(draft.id, "lea", purpose="Article", recipient="")
    with pytest.raises(FormError) as refused:
        platform.service.submit(draft.id, "lea", turn=0)
    assert set(refused.value.by_field()) == {"purpose", "recipient", "justification"}
    kept = platform.service.request(draft.id, "lea")
    assert (kept.status, kept.purpose) == (Status.DRAFT, "Article")
    assert platform.told("egress.refused") == []


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda p: None, "egress.check_not_done"),
        (lambda p: p.queue.claim(), "egress.check_not_done"),
        (lambda p: p.fail_check(), "egress.check_failed"),
        (lambda p: p.finish_check(["results/weekly.csv"]), "egress.files_blocked"),
    ],
    ids=["pending", "running", "failed", "blocked"],
)
async def test_no_submission_without_a_clean_check(platform, prepare, code):
    draft = await platform.draft()
    platform.service.edit(draft.id, "lea", **STATED)
    prepare(platform)
    with pytest.raises(PublicError) as refused:
        platform.service.submit(draft.id, "lea", turn=0)
    assert refused.value.code == code
    if code == "egress.files_blocked":
        assert "results/weekly.csv" in refused.value.message("fr")
        assert "results/trend.csv" not in refused.value.message("fr")
    assert Action.SUBMIT not in platform.service.request(draft.id, "lea").actions


async def test_removing_the_blocked_file_unblocks(platform):
    draft = await platform.draft()
    platform.service.edit(draft.id, "lea", **STATED)
    platform.finish_check(["results/weekly.csv"])
    left = platform.service.remove_file(draft.id, "rosa", 0)
    assert [f.index for f in left.files] == [1]
    assert left.check.state is CheckState.PENDING
    assert left.history[-1].detail["file"] == "results/weekly.csv"
    platform.finish_check()
    assert platform.service.submit(draft.id, "lea", turn=0).status is Status.SUBMITTED


async def test_removing_twice_is_removing_once(platform):
    draft = await platform.draft()
    platform.service.remove_file(draft.id, "rosa", 0)
    again = platform.service.remove_file(draft.id, "rosa", 0)
    assert [e.action for e in again.history] == [Action.DRAFT, Action.REMOVE_FILE]
    assert code_of(platform.service.remove_file, draft.id, "rosa", 1) == "egress.last_file"
    assert code_of(platform.service.remove_file, draft.id, "rosa", 7) == "egress.unknown_file"


async def test_a_check_of_files_that_changed_counts_no_more(platform):
    draft = await platform.draft()
    job = platform.queue.claim()
    platform.service.remove_file(draft.id, "rosa", 0)
    assert not platform.queue.beat(job)
    platform.queue.fail(job, "egress.check.crashed")
    assert platform.service.request(draft.id, "rosa").check.state is CheckState.PENDING


async def test_recheck(platform):
    draft = await platform.draft()
    assert platform.service.recheck(draft.id, "rosa").check.state is CheckState.PENDING
    platform.fail_check()
    failed = platform.service.request(draft.id, "rosa")
    assert Action.RECHECK in failed.actions
    assert failed.check.failure_message("fr") == "Le contrôle s'est arrêté sur une erreur."
    assert platform.service.recheck(draft.id, "rosa").check.state is CheckState.PENDING
    platform.finish_check()
    assert code_of(platform.service.recheck, draft.id, "rosa") == "egress.check_not_failed"


async def test_submission_is_checked_anew_and_waits_for_it(platform):
    draft = await platform.checked_draft()
    submitted = platform.service.submit(draft.id, "lea", turn=0)
    assert (submitted.turn, submitted.check.state) == (1, CheckState.PENDING)
    assert Action.DECIDE not in platform.service.request(draft.id, "carl").actions
    decide = platform.service.decide
    assert code_of(decide, draft.id, "carl", Decision.APPROVE, turn=1) == "egress.check_not_done"
    platform.finish_check()
    assert Action.DECIDE in platform.service.request(draft.id, "carl").actions
    assert code_of(decide, draft.id, "carl", Decision.APPROVE, turn=1) == ""


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda p: p.finish_check(["results/weekly.csv"]), "egress.sent_back.blocked"),
        (lambda p: p.fail_check(), "egress.sent_back.check_failed"),
    ],
    ids=["blocked", "failed"],
)
async def test_a_submission_that_the_check_stops_goes_back_by_itself(platform, end, reason):
    draft = await platform.checked_draft()
    platform.service.submit(draft.id, "lea", turn=0)
    end(platform)
    back = platform.service.request(draft.id, "lea")
    assert (back.status, back.sent_back) == (Status.RETURNED, reason)
    assert back.history[-1].actor == SYSTEM
    assert code_of(platform.service.decide, draft.id, "carl", Decision.APPROVE, turn=1) == "egress.wrong_status"
    if back.check.state is CheckState.FAILED:
        platform.service.recheck(draft.id, "lea")
    else:
        platform.service.remove_file(draft.id, "lea", 0)
    platform.finish_check()
    again = platform.service.submit(draft.id, "lea", turn=1)
    assert (again.status, again.turn, again.sent_back) == (Status.SUBMITTED, 2, None)


async def test_a_project_that_closed_submits_nothing(platform):
    draft = await platform.checked_draft()
    platform.clock.pass_time(days=400)
    assert code_of(platform.service.submit, draft.id, "lea", turn=0) == "egress.project_closed"


async def test_a_double_click_submits_once(platform):
    draft = await platform.checked_draft()
    first = platform.service.submit(draft.id, "lea", turn=0)
    assert platform.service.submit(draft.id, "lea", turn=0) == first
    assert len(platform.told("egress.submitted")) == 1
    assert code_of(platform.service.submit, draft.id, "luc", turn=0) == "egress.wrong_status"


async def test_a_double_click_decides_once(platform):
    request = await platform.submitted()
    first = platform.service.decide(request.id, "carl", Decision.RETURN, "Ligne 3.", turn=1)
    assert platform.service.decide(request.id, "carl", Decision.RETURN, "Ligne 3.", turn=1) == first
    assert len(platform.told("egress.decided")) == 1
    for other in (Decision.APPROVE, Decision.REJECT):
        assert code_of(platform.service.decide, request.id, "carl", other, "Non.", turn=1) == "egress.already_decided"


async def test_a_double_click_on_the_last_decision(platform):
    request = await platform.submitted()
    platform.service.decide(request.id, "carl", Decision.APPROVE, turn=1)
    first = platform.service.decide(request.id, "cleo", Decision.APPROVE, turn=1)
    assert platform.service.decide(request.id, "cleo", Decision.APPROVE, turn=1) == first
    assert len(platform.told("egress.released")) == 1


@pytest.mark.parametrize("decision", [Decision.REJECT, Decision.RETURN])
async def test_refusing_demands_a_comment(platform, decision):
    request = await platform.submitted()
    assert code_of(platform.service.decide, request.id, "carl", decision, "  ", turn=1) == "egress.form_incomplete"
    assert platform.service.request(request.id, "carl").decided == 0


async def test_an_unknown_decision(platform):
    request = await platform.submitted()
    assert code_of(platform.service.decide, request.id, "carl", "abstain", turn=1) == "egress.unknown_decision"


async def test_a_decision_on_an_earlier_turn_is_refused(platform):
    request = await platform.submitted()
    for checker in ("carl", "cleo"):
        platform.service.decide(request.id, checker, Decision.RETURN, "Arrondir.", turn=1)
    platform.service.submit(request.id, "lea", turn=1)
    platform.finish_check()
    assert code_of(platform.service.decide, request.id, "cyril", Decision.APPROVE, turn=1) == "egress.stale_turn"
    assert code_of(platform.service.decide, request.id, "cyril", Decision.APPROVE, turn=2) == ""
    now = platform.service.request(request.id, "lea")
    assert (now.decided, [d.turn for d in now.decisions]) == (1, [1, 1])
    assert code_of(platform.service.submit, request.id, "lea", turn=1) == ""


@pytest.mark.parametrize(
    ("decisions", "status"),
    [
        ((Decision.APPROVE, Decision.APPROVE), Status.RELEASED),
        ((Decision.REJECT, Decision.REJECT), Status.REJECTED),
        ((Decision.APPROVE, Decision.REJECT), Status.RETURNED),
        ((Decision.RETURN, Decision.APPROVE), Status.RETURNED),
    ],
)
async def test_two_decisions_conclude(platform, decisions, status):
    request = await platform.submitted()
    for checker, decision in zip(("carl", "cleo"), decisions, strict=True):
        platform.service.decide(request.id, checker, decision, "Voir la ligne 3.", turn=1)
    concluded = platform.service.request(request.id, "lea")
    assert concluded.status is status
    assert [d.comment for d in concluded.decisions] == ["Voir la ligne 3."] * 2


async def test_the_second_checker_is_blind(platform):
    request = await platform.submitted()
    platform.service.decide(request.id, "carl", Decision.REJECT, "Petit effectif.", turn=1)
    for viewer in ("cleo", "cyril", "lea", "rosa", "ines"):
        for seen in (platform.service.request(request.id, viewer), *platform.service.requests_of("flu", viewer)):
            assert seen.decided == 1
            assert seen.decisions == ()
            assert "carl" not in {e.actor for e in seen.history}
            assert "Petit effectif." not in repr(seen)
    assert [d.reviewer for d in platform.service.request(request.id, "carl").decisions] == ["carl"]
    platform.service.withdraw(request.id, "lea")
    assert "Petit effectif." not in repr(platform.service.request(request.id, "lea"))


async def test_the_queue(platform):
    first = await platform.submitted()
    platform.clock.pass_time(minutes=5)
    second = await platform.submitted("remi")
    assert [r.id for r in platform.service.queue("carl")] == [first.id, second.id]
    assert [r.id for r in platform.service.queue("ines")] == []
    platform.service.decide(first.id, "carl", Decision.APPROVE, turn=1)
    waiting = [r.id for r in platform.service.queue("carl") if Action.DECIDE in r.actions]
    assert waiting == [second.id]


async def test_the_project_sees_its_requests_newest_first(platform):
    first = await platform.checked_draft()
    second = await platform.submitted()
    assert [r.id for r in platform.service.requests_of("flu", "remi")] == [second.id, first.id]
    assert [r.id for r in platform.service.requests_of("flu", "remi", before=second.id)] == [first.id]
    assert [r.id for r in platform.service.requests_of("flu", "carl")] == [second.id]
    assert platform.service.requests_of("asthma", "otto") == ()


async def test_checkers_who_decide_at_once(platform):
    request = await platform.submitted()

    def decide(checker):
        return code_of(platform.service.decide, request.id, checker, Decision.APPROVE, turn=1)

    with ThreadPoolExecutor(3) as pool:
        outcome = dict(zip(("carl", "cleo", "cyril"), pool.map(decide, ("carl", "cleo", "cyril")), strict=True))
    assert sorted(outcome.values()) == ["", "", "egress.turn_complete"]
    done = platform.service.request(request.id, "lea")
    assert done.status is Status.RELEASED
    assert len(platform.told("egress.released")) == 1
    assert platform.audit.verify().ok


async def test_leads_who_submit_at_once(platform):
    draft = await platform.checked_draft()
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda lead: code_of(platform.service.submit, draft.id, lead, turn=0), ("lea", "luc")))
    assert sorted(codes) == ["", "egress.wrong_status"]
    assert platform.service.request(draft.id, "lea").turn == 1
