"""The archive: what is in it, and when there is none."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import UTC, datetime

import pytest

from hdh_jupyter import __version__
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.egress import records, release
from hdh_jupyter.egress.model import CheckState, Decision, Status
from hdh_jupyter.egress.tables import DecisionRow, RequestRow
from hdh_jupyter.errors import PublicError

from .world import FILES, STATED


async def test_the_archive_holds_the_sanitised_bytes_and_the_record(platform):
    request = await platform.released()
    with zipfile.ZipFile(platform.service.archive(request.id, "lea")) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"manifest.json", *(f"files/{name}" for name in FILES)}
        manifest = json.loads(archive.read("manifest.json"))
        for entry in manifest["files"]:
            content = archive.read(entry["path"])
            name = entry["path"].removeprefix("files/")
            assert content == FILES[name] + b"# sanitised\n"
            assert entry["sha256"] == hashlib.sha256(content).hexdigest()
            assert entry["size"] == len(content)
            assert entry["original_sha256"] == hashlib.sha256(FILES[name]).hexdigest()
    policy = default_policy()
    assert manifest["schema_version"] == 1
    assert manifest["software"]["version"] == __version__
    assert manifest["request"]["id"] == request.id
    assert manifest["request"]["turn"] == 1
    assert manifest["request"]["submitted_by"] == "lea"
    assert manifest["request"]["author"] == "rosa"
    assert {name: manifest["request"][name] for name in STATED} == STATED
    assert manifest["check"]["policy"]["sha256"] == policy.sha256
    assert manifest["check"]["policy"]["thresholds"]["min_count"]["value"] == policy.min_count
    assert manifest["check"]["policy"]["severities"] == dict(policy.severities)
    assert [(d["reviewer"], d["decision"]) for d in manifest["decisions"]] == [("carl", "approve"), ("cleo", "approve")]
    assert manifest["released_at"] == "2026-03-02T09:00:00Z"


async def test_the_same_request_gives_the_same_bytes(platform, tmp_path):
    request = await platform.released()
    with platform.database.read() as session:
        whole = records.whole(session, session.get(RequestRow, request.id)).request
    made = []
    for name in ("one", "two"):
        record = release.manifest(whole, {}, datetime(2026, 3, 2, tzinfo=UTC))
        release.write_archive(platform.store, whole, record, tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]


async def test_comments_stay_inside(platform):
    request = await platform.submitted()
    for checker in ("carl", "cleo"):
        platform.service.decide(request.id, checker, Decision.APPROVE, "Le Dr Ixelles, ligne 3 ?", turn=1)
    path = platform.service.archive(request.id, "lea")
    with zipfile.ZipFile(path) as archive:
        assert "Ixelles" not in archive.read("manifest.json").decode()


async def test_a_damaged_sanitised_file_is_not_released_and_mended_later(platform):
    request = await platform.submitted()
    damaged = platform.store.path(request.files[0].sanitised_sha256)
    kept = damaged.read_bytes()
    damaged.chmod(0o600)
    damaged.write_bytes(b"somebody else's data")
    for checker in ("carl", "cleo"):
        platform.service.decide(request.id, checker, Decision.APPROVE, turn=1)
    assert platform.service.request(request.id, "lea").status is Status.APPROVED
    with pytest.raises(PublicError) as refused:
        platform.service.archive(request.id, "lea")
    assert refused.value.code == "egress.wrong_status"
    assert list((platform.store.root / "incoming").iterdir()) == []
    assert platform.service.releases.waiting() == (request.id,)
    damaged.write_bytes(kept)
    platform.service.releases.release(request.id)
    assert platform.service.request(request.id, "lea").status is Status.RELEASED
    platform.service.releases.release(request.id)
    assert len(platform.told("egress.released")) == 1


async def test_a_changed_archive_is_not_given(platform):
    request = await platform.released()
    path = platform.service.archive(request.id, "lea")
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(PublicError) as refused:
        platform.service.archive(request.id, "lea")
    assert refused.value.code == "egress.store_damaged"
    assert len(platform.told("egress.downloaded")) == 1
    assert platform.told("egress.refused")[-1]["reason"] == "egress.store_damaged"


async def test_a_status_written_into_the_database_releases_nothing(platform):
    request = await platform.submitted()
    platform.service.decide(request.id, "carl", Decision.APPROVE, turn=1)
    with platform.database.write() as session:
        session.get(RequestRow, request.id).status = Status.APPROVED.value
    with pytest.raises(PublicError) as refused:
        platform.service.releases.release(request.id)
    assert refused.value.code == "egress.not_cleared"


async def test_approvals_without_a_finished_check_release_nothing(platform):
    draft = await platform.checked_draft()
    platform.service.submit(draft.id, "lea", turn=0)
    with platform.database.write() as session:
        session.get(RequestRow, draft.id).status = Status.APPROVED.value
        for checker in ("carl", "cleo"):
            at = platform.clock()
            session.add(
                DecisionRow(request=draft.id, turn=1, reviewer=checker, decision="approve", comment="", decided_at=at)
            )
    assert platform.service.request(draft.id, "lea").check.state is CheckState.PENDING
    with pytest.raises(PublicError) as refused:
        platform.service.releases.release(draft.id)
    assert refused.value.code == "egress.not_cleared"
