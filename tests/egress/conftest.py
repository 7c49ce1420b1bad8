"""Fixtures of the egress tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .world import Platform, make_platform


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = make_platform(tmp_path)
    yield made
    made.database.engine.dispose()
