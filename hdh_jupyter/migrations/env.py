"""Run by Alembic: applies the versions to the engine that `Database.upgrade` hands over."""

from alembic import context

from hdh_jupyter.db import VERSION_TABLE, Base

with context.config.attributes["engine"].begin() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table=VERSION_TABLE,
        render_as_batch=True,
    )
    context.run_migrations()
