"""The register: what has left counts in every later check, and a project's policy in every decision."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hdh_jupyter.disclosure import worker as disclosure_worker
from hdh_jupyter.disclosure.policy import word_list
from hdh_jupyter.egress.checks import CheckWorker
from hdh_jupyter.egress.model import CheckState, Status
from hdh_jupyter.egress.sandbox import CheckLimits
from hdh_jupyter.egress.sealed_check import SealedCheck
from hdh_jupyter.egress.tables import ReleaseRow
from hdh_jupyter.errors import PublicError
from hdh_jupyter.projects import policies

from .world import STATED

REGIONS = ("Bretagne", "Corse", "Normandie", "Occitanie", "Grand Est")
FIRST = {"t.csv": ("region;effectif\n" + "".join(f"{r};{100 + 7 * i}\n" for i, r in enumerate(REGIONS))).encode()}
UPDATED = {"t.csv": FIRST["t.csv"].replace(b"Corse;107", b"Corse;104")}
TIGHTER = (
    word_list("french-health").replace("value: 11\n", "value: 200\n", 1).replace('version: "', 'version: "flu-', 1)
)


class UnsealedCheck(SealedCheck):
    """The real check in this process: the sandbox is tested elsewhere."""

    async def run(self, folder: Path) -> None:
        await asyncio.to_thread(disclosure_worker.work, folder / "in", folder / "out")


def worker_of(platform):
    return CheckWorker(platform.service, check=UnsealedCheck(platform.store, CheckLimits()))


async def submitted(platform, files):
    draft = await platform.draft(files=files)
    assert await worker_of(platform).run_once()
    platform.service.edit(draft.id, "lea", **STATED)
    platform.service.submit(draft.id, "lea", turn=0)
    assert await worker_of(platform).run_once()
    return draft.id


def approve(platform, request):
    for checker in ("carl", "cleo"):
        platform.service.decide(request, checker, "approve", turn=1)
    return platform.service.request(request, "lea").status


def release_of(platform, request):
    with platform.database.read() as session:
        return session.get(ReleaseRow, request)


async def test_an_update_of_what_was_released_is_blocked(platform):
    first = await submitted(platform, FIRST)
    assert approve(platform, first) is Status.RELEASED
    assert len(release_of(platform, first).register["tables"][0]["cells"]) == len(REGIONS)
    draft = await platform.draft(files=UPDATED)
    assert await worker_of(platform).run_once()
    request = platform.service.request(draft.id, "lea")
    assert [f["rule"] for f in request.check.report["findings"]] == ["linked.difference"]
    assert f"#{first}" in str(request.check.report["findings"][0]["params"])
    assert not any(f.releasable for f in request.files)


async def test_the_same_table_again_passes(platform):
    assert approve(platform, await submitted(platform, FIRST)) is Status.RELEASED
    assert approve(platform, await submitted(platform, FIRST)) is Status.RELEASED


async def test_a_release_without_a_register_is_read_anew(platform):
    first = await submitted(platform, FIRST)
    approve(platform, first)
    with platform.database.write() as session:
        session.get(ReleaseRow, first).register = None
    draft = await platform.draft(files=UPDATED)
    assert await worker_of(platform).run_once()
    assert not any(f.releasable for f in platform.service.request(draft.id, "lea").files)


async def test_other_projects_releases_do_not_count(platform):
    approve(platform, await submitted(platform, FIRST))
    with platform.database.read() as session:
        from hdh_jupyter.egress.register import count

        assert (count(session, "flu"), count(session, "asthma")) == (1, 0)


async def test_two_requests_under_way_do_not_pass_one_another(platform):
    """Both were checked before either left: the second is checked anew, and comes back."""
    first, second = await submitted(platform, FIRST), await submitted(platform, UPDATED)
    platform.service.decide(second, "carl", "approve", turn=1)
    assert approve(platform, first) is Status.RELEASED
    platform.service.decide(second, "cleo", "approve", turn=1)
    assert platform.service.request(second, "lea").status is Status.APPROVED
    assert release_of(platform, second) is None
    assert await worker_of(platform).run_once()
    assert platform.service.request(second, "lea").status is Status.RETURNED
    worker_of(platform).release_waiting()
    assert release_of(platform, second) is None


async def test_the_worker_checks_what_waits_anew_after_a_release(platform):
    first, second = await submitted(platform, FIRST), await submitted(platform, UPDATED)
    assert approve(platform, first) is Status.RELEASED
    worker_of(platform).release_waiting()
    assert platform.service.request(second, "lea").check.state is CheckState.PENDING
    with pytest.raises(PublicError) as refused:
        platform.service.decide(second, "carl", "approve", turn=1)
    assert refused.value.code == "egress.check_not_done"
    assert await worker_of(platform).run_once()
    assert platform.service.request(second, "lea").status is Status.RETURNED
    worker_of(platform).release_waiting()
    assert not await worker_of(platform).run_once()


def adopt(platform, text, reason="Petits territoires"):
    with platform.database.write() as session:
        return policies.adopt(session, "flu", text, "ada", reason, datetime.now(UTC))


async def test_a_project_is_judged_by_its_own_policy(platform):
    waiting = await submitted(platform, FIRST)
    version = adopt(platform, TIGHTER)
    worker_of(platform).release_waiting()
    assert await worker_of(platform).run_once()
    request = platform.service.request(waiting, "lea")
    assert request.status is Status.RETURNED
    assert request.check.report["policy"]["sha256"] == version.sha256
    assert {f["policy"] for f in request.check.report["findings"]} == {version.sha256}
    adopt(platform, None, "Retour à la règle")
    draft = await platform.draft(files=FIRST)
    assert await worker_of(platform).run_once()
    assert all(f.releasable for f in platform.service.request(draft.id, "lea").files)


async def test_a_stored_policy_that_cannot_be_read_blocks(platform):
    adopt(platform, TIGHTER)
    with platform.database.write() as session:
        session.get(policies.PolicyRow, ("flu", 1)).text = "nonsense: ["
    draft = await platform.draft(files=FIRST)
    assert await worker_of(platform).run_once()
    check = platform.service.request(draft.id, "lea").check
    assert (check.state, check.failure) == (CheckState.FAILED, "egress.check.bad_policy")


REFUSED = {
    "00 no YAML": ("a: [", "x", "policy.unreadable"),
    "01 a rule that nobody wrote": (TIGHTER + "  counts.unheard_of: block\n", "x", "policy.unknown_rules"),
    "02 a rule switched off": (
        TIGHTER.replace("identifiers.nir: block", 'identifiers.nir: "off"'),
        "x",
        "policy.unknown_rules",
    ),
    "03 a threshold out of its bounds": (TIGHTER.replace("value: 200\n", "value: 1\n"), "x", "policy.unreadable"),
    "04 no reason": (TIGHTER, "  ", "policy.no_reason"),
    "05 too long": (TIGHTER + "#" * policies.SIZE, "x", "policy.too_long"),
    "06 nothing changes": (None, "x", "policy.unchanged"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_policy_that_nobody_could_follow_is_refused(platform, case):
    text, reason, code = case
    with pytest.raises(PublicError) as refused:
        adopt(platform, text, reason)
    assert refused.value.code == code
    assert refused.value.message("fr")
    with platform.database.read() as session:
        assert policies.history(session, "flu") == ()
