from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hdh_jupyter.spawner import supervision
from hdh_jupyter.state import StateFolder

from .inside import Running, make_state, running


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFolder]:
    state = make_state(tmp_path)
    yield state
    supervision.end_all(state)
    shutil.rmtree(state.sockets)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One running workspace for the tests of a module, none of which ends it."""
    state = make_state(tmp_path_factory.mktemp("workspace"))
    with running(state) as found:
        yield found
    shutil.rmtree(state.sockets)
