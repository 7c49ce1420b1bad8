"""What tests of several packages share."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

import hdh_jupyter
from hdh_jupyter.db import Base, Database

# No test is timed: a machine may be busy with others.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database in a file of its own, with the tables of every package."""
    for module in Path(hdh_jupyter.__file__).parent.glob("*/tables.py"):
        import_module(f"hdh_jupyter.{module.parent.name}.tables")
    database = Database(f"sqlite:///{tmp_path}/hdh.sqlite")
    Base.metadata.create_all(database.engine)
    yield database
    database.engine.dispose()
