"""The migrated database is the one that the models describe."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import hdh_jupyter
from hdh_jupyter.db import VERSION_TABLE, Base, Database

for module in pkgutil.walk_packages(hdh_jupyter.__path__, "hdh_jupyter."):
    if module.name.endswith(".tables") and "disclosure" not in module.name and ".web." not in module.name:
        importlib.import_module(module.name)


@pytest.fixture
def migrated(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path}/hdh.sqlite")
    database.upgrade()
    return database


def test_the_migrations_lead_to_the_models(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_can_be_repeated(migrated: Database) -> None:
    migrated.upgrade()


def test_the_audit_log_is_append_only_in_a_migrated_database(migrated: Database) -> None:
    with migrated.write() as session:
        session.execute(
            text(
                "INSERT INTO audit_event (seq, at, action, actor, detail, previous, digest)"
                " VALUES (1, '', '', '', '{}', '', '')"
            )
        )
    for attack in ("UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event"):
        with pytest.raises(DBAPIError, match="append-only"), migrated.write() as session:
            session.execute(text(attack))
