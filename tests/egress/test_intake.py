"""Files out of a workspace become a draft, or nothing does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from hdh_jupyter.egress.model import Action, CheckState, Limits, Status
from hdh_jupyter.egress.tables import FileRow, RequestRow
from hdh_jupyter.errors import PublicError

from .world import FILES, Staged, all_staged, each, make_platform, staged, stream


def drafts(platform):
    with platform.database.read() as session:
        return session.scalar(select(func.count()).select_from(RequestRow))


async def refused(platform, files, code, project="flu", author="rosa", title=""):
    with pytest.raises(PublicError) as error:
        await platform.service.receive(project, author, files, title)
    assert error.value.code == code
    assert error.value.message("fr")
    assert drafts(platform) == 0
    (told,) = platform.told("egress.refused")
    assert (told["actor"], told["project"], told["reason"]) == (author, project, code)


async def test_a_draft_is_made(platform):
    draft = await platform.service.receive("flu", "rosa", all_staged(FILES), "")
    assert (draft.status, draft.turn, draft.project, draft.author) == (Status.DRAFT, 0, "flu", "rosa")
    assert draft.title == "weekly.csv, trend.csv"
    assert [(f.index, f.name, f.size) for f in draft.files] == [
        (n, name, len(content)) for n, (name, content) in enumerate(FILES.items())
    ]
    assert draft.check.state is CheckState.PENDING
    assert [e.action for e in draft.history] == [Action.DRAFT]
    for file in draft.files:
        assert platform.store.verify(file.sha256).read_bytes() == FILES[file.name]
    (told,) = platform.told("egress.drafted")
    assert told["actor"] == "rosa"
    assert told["subject"] == str(draft.id)
    assert [f["sha256"] for f in told["files"]] == [f.sha256 for f in draft.files]
    assert platform.audit.verify().ok


async def test_nobody_from_elsewhere_drafts(platform):
    await refused(platform, all_staged(FILES), "egress.not_a_member", author="otto")


async def test_an_admin_who_is_no_member_does_not_draft(platform):
    await refused(platform, all_staged(FILES), "egress.not_a_member", author="ada")


async def test_a_closed_project_lets_nothing_out(platform):
    await refused(platform, all_staged(FILES), "egress.project_closed", project="closed")


async def test_an_expired_authorisation_lets_nothing_out(platform):
    platform.clock.pass_time(days=400)
    await refused(platform, all_staged(FILES), "egress.project_closed")


async def test_membership_that_ends_during_the_transfer(platform):
    async def leaving():
        yield staged("a.csv", b"a")
        platform.registry.set_member("flu", "rosa", None)

    await refused(platform, leaving(), "egress.not_a_member")


async def test_no_file(platform):
    await refused(platform, each([]), "egress.no_files")


async def test_bytes_other_than_those_staged(platform):
    file = staged("a.csv", b"checked,bytes\n")
    changed = Staged(file.name, file.size, file.sha256, stream(b"secret,bytes!\n"))
    await refused(platform, each([changed]), "egress.not_what_was_staged")


async def test_a_truncated_stream(platform):
    file = staged("a.csv", b"a,b\n1,2\n")
    cut_short = Staged(file.name, file.size, file.sha256, stream(b"a,b\n"))
    await refused(platform, each([cut_short]), "egress.not_what_was_staged")


async def test_a_lie_about_the_size(platform):
    file = staged("a.csv", b"a,b\n1,2\n")
    await refused(platform, each([replace(file, size=1)]), "egress.not_what_was_staged")


async def test_a_negative_size_gains_nothing(platform):
    file = staged("a.csv", b"a,b\n1,2\n")
    await refused(platform, each([replace(file, size=-9)]), "egress.not_what_was_staged")


async def test_a_name_outside_home(platform):
    await refused(platform, all_staged({"../../hub/hdh.sqlite": b"x"}), "egress.bad_name")


async def test_the_same_name_twice(platform):
    await refused(platform, each([staged("a.csv", b"1"), staged("A.csv", b"2")]), "egress.duplicate_name")


async def test_a_transfer_that_breaks_off_leaves_no_draft(platform):
    async def broken():
        yield staged("a.csv", b"a")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await platform.service.receive("flu", "rosa", broken())
    assert drafts(platform) == 0


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a": b"x" * 11}, "egress.file_too_large"),
        ({"a": b"x" * 10, "b": b"x" * 10, "c": b"x" * 6}, "egress.request_too_large"),
        ({"a": b"1", "b": b"2", "c": b"3", "d": b"4"}, "egress.too_many_files"),
    ],
    ids=["size", "total", "count"],
)
async def test_limits(tmp_path, files, code):
    platform = make_platform(tmp_path, Limits(files=3, file_size=10, total_size=25))
    await refused(platform, all_staged(files), code)


async def test_an_undeclared_flood_stops_at_the_total(tmp_path):
    platform = make_platform(tmp_path, Limits(files=3, file_size=10, total_size=12))
    flood = [staged("a", b"x" * 10), Staged("b", 1, "0" * 64, stream(b"x" * 10))]
    await refused(platform, each(flood), "egress.request_too_large")


async def test_drafts_are_counted(tmp_path):
    platform = make_platform(tmp_path, Limits(open_drafts=2))
    first = await platform.draft()
    await platform.draft("remi")
    with pytest.raises(PublicError) as error:
        await platform.draft()
    assert error.value.status == 429
    platform.service.withdraw(first.id, "rosa")
    await platform.draft()
    with platform.database.read() as session:
        assert session.scalar(select(func.count()).select_from(FileRow)) == 3 * len(FILES)
