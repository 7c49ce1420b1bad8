"""The routes of the extraction extension, on a real server with the real checks."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.extensions.conftest import TOKEN, Serve, Served

SMALL_COUNTS = "week,department,visits\n2024-W01,01,120\n2024-W01,02,4\n2024-W02,01,95\n2024-W02,02,130\n"
TOTALS = "year,visits\n2022,120400\n2023,131020\n"

Start = Callable[..., Awaitable[Served]]


@pytest.fixture
def start(serve: Serve, tmp_path: Path) -> Start:
    """Return a function that starts a server with the extension and two tables in its home."""

    async def started(**settings: Any) -> Served:
        served = await serve(
            "hdh_egress",
            EgressExtension={"staging_folder": str(tmp_path / "staging"), "check_timeout": 60.0, **settings},
        )
        (served.home / "results").mkdir()
        (served.home / "results" / "small.csv").write_text(SMALL_COUNTS)
        (served.home / "results" / "totals.csv").write_text(TOTALS)
        return served

    return started


async def test_a_check_reports_file_by_file_in_the_pages_language(start: Start, tmp_path: Path) -> None:
    served = await start()
    paths = ["results/small.csv", "results/totals.csv"]
    reports = {}
    for language in ("fr", "en"):
        response = await served.fetch("hdh-egress/check", {"paths": paths}, language=language)
        assert response.code == 200
        reports[language] = json.loads(response.body)
    french, english = reports["fr"], reports["en"]
    assert [(f["name"], f["verdict"], f["releasable"]) for f in english["files"]] == [
        ("results/small.csv", "block", False),
        ("results/totals.csv", "pass", True),
    ]
    assert english["files"][0]["sha256"] == hashlib.sha256(SMALL_COUNTS.encode()).hexdigest()
    assert {f["rule"] for f in english["findings"]} == {f["rule"] for f in french["findings"]}
    assert english["findings"][0]["why"] != french["findings"][0]["why"]
    assert list((tmp_path / "staging").iterdir()) == []


async def test_a_notebook_is_checked_and_the_hub_zone_gets_it_as_it_is(start: Start) -> None:
    served = await start()
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": 1,
                "metadata": {},
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "ok\n"}],
                "source": "print('ok')",
            }
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    (served.home / "analysis.ipynb").write_text(json.dumps(notebook))
    report = json.loads((await served.fetch("hdh-egress/check", {"paths": ["analysis.ipynb"]})).body)
    assert [(f["kind"], f["releasable"]) for f in report["files"]] == [("notebook", True)]


async def test_staged_bytes_are_those_of_the_moment(start: Start) -> None:
    served = await start()
    response = await served.fetch("hdh-egress/stage", {"paths": ["results/totals.csv"]})
    assert response.code == 201
    manifest = json.loads(response.body)
    (served.home / "results" / "totals.csv").write_text("changed")
    assert json.loads((await served.fetch(f"hdh-egress/staged/{manifest['staging']}")).body) == manifest
    [file] = manifest["files"]
    assert (file["index"], file["name"], file["size"]) == (0, "results/totals.csv", len(TOTALS))
    pulled = await served.fetch(f"hdh-egress/staged/{manifest['staging']}/0")
    assert pulled.body == TOTALS.encode()
    assert pulled.headers["Content-Type"] == "application/octet-stream"
    assert "Content-Disposition" not in pulled.headers
    assert file["sha256"] == hashlib.sha256(pulled.body).hexdigest()


async def test_many_bytes_are_streamed_whole(start: Start) -> None:
    served = await start()
    content = os.urandom(5 * 2**20 + 3)
    (served.home / "big.png").write_bytes(content)
    manifest = json.loads((await served.fetch("hdh-egress/stage", {"paths": ["big.png"]})).body)
    assert (await served.fetch(f"hdh-egress/staged/{manifest['staging']}/0")).body == content


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"paths": ["../secret"]}, 400, "staging.outside_home", id="00"),
        pytest.param({"paths": ["link.csv"]}, 400, "staging.linked", id="01"),
        pytest.param({"paths": ["absent.csv"]}, 404, "staging.not_found", id="02"),
        pytest.param({"paths": ["results"]}, 400, "staging.not_a_file", id="03"),
        pytest.param({"paths": ["/etc/passwd"]}, 400, "staging.outside_home", id="04"),
        pytest.param({"paths": []}, 400, "staging.no_file", id="05"),
        pytest.param(
            {"paths": ["results/small.csv", "results/totals.csv", "x"]}, 413, "staging.too_many_files", id="06"
        ),
        pytest.param({"paths": "results/totals.csv"}, 400, "staging.bad_request", id="07"),
        pytest.param({"paths": [1]}, 400, "staging.bad_request", id="08"),
        pytest.param({}, 400, "staging.bad_request", id="09"),
        pytest.param([], 400, "staging.bad_request", id="10"),
        pytest.param("no object", 400, "staging.bad_request", id="11"),
        pytest.param({"paths": ["large.csv"]}, 413, "staging.file_too_large", id="12"),
    ],
)
@pytest.mark.parametrize("route", ["check", "stage"])
async def test_a_bad_request_is_told_and_leaves_nothing(
    start: Start, tmp_path: Path, route: str, body: object, status: int, code: str
) -> None:
    served = await start(max_files=2, max_file_size=1000)
    (served.home / "link.csv").symlink_to("/etc/passwd")
    (served.home / "large.csv").write_bytes(b"x" * 1001)
    response = await served.fetch(f"hdh-egress/{route}", body)
    answer = json.loads(response.body)
    assert (response.code, answer["code"]) == (status, code)
    assert answer["message"]
    assert list((tmp_path / "staging").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("check", {"paths": ["results/totals.csv"]}, id="00"),
        pytest.param("stage", {"paths": ["results/totals.csv"]}, id="01"),
        pytest.param("staged/" + "0" * 32, None, id="02"),
        pytest.param("staged/" + "0" * 32 + "/0", None, id="03"),
    ],
)
async def test_nobody_unknown_is_answered(start: Start, path: str, body: object) -> None:
    served = await start()
    response = await served.fetch(f"hdh-egress/{path}", body, token=None)
    assert response.code == 403
    assert json.loads(response.body)["code"] == "staging.refused"


@pytest.mark.parametrize(
    "path",
    ["0" * 32, "0" * 32 + "/0", "../staging", "0" * 31, "0" * 32 + "/../manifest.json", "0" * 32 + "/manifest.json"],
)
async def test_what_was_not_staged_is_not_found(start: Start, path: str) -> None:
    served = await start()
    assert (await served.fetch(f"hdh-egress/staged/{path}")).code == 404


async def test_a_check_that_takes_too_long_ends(start: Start, tmp_path: Path) -> None:
    served = await start(check_timeout=0.01)
    response = await served.fetch("hdh-egress/check", {"paths": ["results/totals.csv"]})
    assert (response.code, json.loads(response.body)["code"]) == (504, "staging.check_timed_out")
    assert list((tmp_path / "staging").iterdir()) == []


async def test_a_worker_that_dies_is_no_report(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served = await start()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text("import os; os._exit(9)")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    response = await served.fetch("hdh-egress/check", {"paths": ["results/totals.csv"]})
    assert (response.code, json.loads(response.body)["code"]) == (500, "staging.check_failed")


@pytest.fixture
async def worker(monkeypatch: pytest.MonkeyPatch) -> asyncio.Future[asyncio.subprocess.Process]:
    """The process of the next check, once it runs."""
    running: asyncio.Future[asyncio.subprocess.Process] = asyncio.get_running_loop().create_future()
    create = asyncio.create_subprocess_exec

    async def observed(*command: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await create(*command, **options)
        running.set_result(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", observed)
    return running


async def test_the_server_answers_others_during_a_check(
    start: Start, worker: asyncio.Future[asyncio.subprocess.Process]
) -> None:
    served = await start()
    check = asyncio.create_task(served.fetch("hdh-egress/check", {"paths": ["results/totals.csv"]}))
    await worker
    assert (await served.fetch("api/status")).code == 200
    assert not check.done()
    assert (await check).code == 200


async def test_a_check_that_nobody_waits_for_ends(
    start: Start, worker: asyncio.Future[asyncio.subprocess.Process]
) -> None:
    served = await start()
    _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(served.origin).port)
    body = b'{"paths": ["results/totals.csv"]}'
    head = (
        f"POST {served.app.base_url}hdh-egress/check HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: token {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    process = await worker
    writer.close()
    assert await process.wait() == -signal.SIGKILL


CROSSED = "region;femmes;hommes;total\nNord;120;40;160\nSud;35;4;39\nEst;60;52;112\ntotal;215;96;311\n"


async def test_a_table_is_protected_beside_itself_and_may_leave_then(start: Start) -> None:
    served = await start()
    original = served.home / "results" / "crossed.csv"
    original.write_text(CROSSED)
    body = {"path": "results/crossed.csv"}
    for language in ("fr", "en"):
        ways = json.loads((await served.fetch("hdh-egress/remedies", body, language=language)).body)
        assert ways["reason"] is None
        assert "suppress" in {way["id"] for way in ways["proposals"]}
        assert all(way["message"] and 0 <= way["information_lost"] <= 1 for way in ways["proposals"])
    made = await served.fetch("hdh-egress/protect", {**body, "remedies": ["suppress"]}, language="fr")
    assert made.code == 201
    assert json.loads(made.body) == {"path": "results/crossed_protege.csv"}
    copy = (served.home / "results" / "crossed_protege.csv").read_text()
    assert copy.count("c") > 2
    assert original.read_text() == CROSSED
    report = json.loads((await served.fetch("hdh-egress/check", {"paths": ["results/crossed_protege.csv"]})).body)
    assert report["verdict"] != "block"
    again = await served.fetch("hdh-egress/protect", {**body, "remedies": ["suppress"]}, language="fr")
    assert json.loads(again.body) == {"path": "results/crossed_protege_2.csv"}
    (served.home / "results" / "crossed_protege_3.csv").symlink_to("/etc/passwd")
    again = await served.fetch("hdh-egress/protect", {**body, "remedies": ["suppress"]}, language="fr")
    assert json.loads(again.body) == {"path": "results/crossed_protege_4.csv"}


async def test_what_cannot_be_protected_says_why_and_writes_nothing(start: Start) -> None:
    served = await start()
    rows = "".join(f"Dupont{n};{1950 + n % 50};{n % 2 + 1};01053\n" for n in range(60))
    (served.home / "results" / "people.csv").write_text(f"nom;annee_naissance;sexe;commune\n{rows}")
    before = sorted(path.name for path in (served.home / "results").iterdir())
    body = {"path": "results/people.csv"}
    ways = json.loads((await served.fetch("hdh-egress/remedies", body, language="fr")).body)
    assert ways["proposals"] == []
    assert "une ligne par personne" in ways["reason"]
    refused = await served.fetch("hdh-egress/protect", {**body, "remedies": ["suppress"]})
    assert (refused.code, json.loads(refused.body)["code"]) == (409, "staging.not_protected")
    assert sorted(path.name for path in (served.home / "results").iterdir()) == before


@pytest.mark.parametrize(
    ("route", "body", "status", "code"),
    [
        pytest.param("remedies", {"path": "../x.csv"}, 400, "staging.outside_home", id="00"),
        pytest.param("remedies", {"paths": ["results/small.csv"]}, 400, "staging.bad_request", id="01"),
        pytest.param("remedies", {"path": "absent.csv"}, 404, "staging.not_found", id="02"),
        pytest.param("protect", {"path": "results/small.csv"}, 400, "staging.bad_request", id="03"),
        pytest.param("protect", {"path": 1, "remedies": []}, 400, "staging.bad_request", id="04"),
        pytest.param(
            "protect", {"path": "results/small.csv", "remedies": ["none"]}, 409, "staging.not_protected", id="05"
        ),
    ],
)
async def test_a_bad_question_about_protection_is_refused(
    start: Start, route: str, body: dict[str, Any], status: int, code: str
) -> None:
    served = await start()
    response = await served.fetch(f"hdh-egress/{route}", body)
    assert (response.code, json.loads(response.body)["code"]) == (status, code)
