"""What a home takes, and when it is counted at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hdh_jupyter.spawner.home_scan import HomeScan


@pytest.mark.parametrize(
    ("room", "suspected"),
    [
        pytest.param([(1000, 10)], False, id="00 nothing changes"),
        pytest.param([(940, 10)], True, id="01 less room"),
        pytest.param([(1000, 4)], True, id="02 fewer names"),
        pytest.param([(1400, 10)], False, id="03 others give back"),
        pytest.param([(1400, 10), (1340, 10)], True, id="04 less room after others gave back"),
        pytest.param([(1000, 50), (1000, 44)], True, id="05 fewer names after others gave back"),
    ],
)
def test_what_others_give_back_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: list[tuple[int, int]], suspected: bool
) -> None:
    free = iter([(1000, 10), (1000, 10), *room])
    monkeypatch.setattr(HomeScan, "_free_now", lambda _: next(free))
    scan = HomeScan(str(tmp_path), lambda: ())
    assert scan.work(60, urgent=False)
    assert [scan.suspect(50, 5) for _ in room][-1] is suspected
