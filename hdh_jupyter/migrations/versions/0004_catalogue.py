"""The life of catalogue records: drafts, negotiation, withdrawal, stewards, access requests."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IMMUTABLE = {
    "sqlite": [
        """CREATE TRIGGER catalogue_records_no_update BEFORE UPDATE ON catalogue_records
        BEGIN SELECT RAISE(ABORT, 'a published version is immutable'); END""",
        """CREATE TRIGGER catalogue_records_no_delete BEFORE DELETE ON catalogue_records
        BEGIN SELECT RAISE(ABORT, 'a published version is immutable'); END""",
        """CREATE TRIGGER catalogue_records_no_replace BEFORE INSERT ON catalogue_records
        WHEN EXISTS (SELECT 1 FROM catalogue_records WHERE dataset = NEW.dataset AND version = NEW.version)
        BEGIN SELECT RAISE(ABORT, 'a published version is immutable'); END""",
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION catalogue_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a published version is immutable'; END $$""",
        """CREATE TRIGGER catalogue_records_no_change BEFORE UPDATE OR DELETE ON catalogue_records
        FOR EACH ROW EXECUTE FUNCTION catalogue_refuse()""",
        """CREATE TRIGGER catalogue_records_no_truncate BEFORE TRUNCATE ON catalogue_records
        FOR EACH STATEMENT EXECUTE FUNCTION catalogue_refuse()""",
    ],
}

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
PERIOD = re.compile(rf"(depuis le|avant le) (1er|\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})")


def upgrade() -> None:
    op.add_column("catalogue_records", sa.Column("author", sa.String(length=255), nullable=False, server_default=""))
    op.add_column("catalogue_records", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("catalogue_records", sa.Column("agreements", sa.JSON(), nullable=False, server_default="{}"))
    _tables()
    _upgrade_documents(op.get_bind())
    for statement in IMMUTABLE[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def _tables() -> None:
    op.create_table(
        "catalogue_withdrawals",
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dataset"),
    )
    op.create_table(
        "catalogue_drafts",
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.String(length=255), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dataset"),
    )
    op.create_table(
        "catalogue_edits",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_catalogue_edits_dataset", "catalogue_edits", ["dataset", "id"])
    op.create_table(
        "catalogue_term_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("theme", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_catalogue_term_events_dataset", "catalogue_term_events", ["dataset", "id"])
    op.create_table(
        "catalogue_stewards",
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "person"),
    )
    op.create_index("ix_catalogue_stewards_person", "catalogue_stewards", ["person"])
    op.create_table(
        "catalogue_access_requests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("project", sa.String(length=30), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("steward", sa.Text(), nullable=False),
        sa.Column("datasets", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=255), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_catalogue_access_requests_project", "catalogue_access_requests", ["project", "id"])
    op.create_index("ix_catalogue_access_requests_state", "catalogue_access_requests", ["state", "id"])


def _upgrade_documents(connection: sa.Connection) -> None:
    records = sa.table(
        "catalogue_records",
        sa.column("dataset", sa.String),
        sa.column("version", sa.Integer),
        sa.column("document", sa.JSON),
    )
    keys = connection.execute(sa.select(records.c.dataset, records.c.version)).all()
    for dataset, version in keys:
        here = (records.c.dataset == dataset) & (records.c.version == version)
        document = connection.execute(sa.select(records.c.document).where(here)).scalar_one()
        connection.execute(sa.update(records).where(here).values(document=upgraded(document)))


def upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """Return a record's document in the form of today; one that has it already comes back equal.

    Variables move into one table named after the dataset; a code list's period gets its days where the words name
    them; what was said of the convention in free words goes where it fits, and into remarks where it does not, its
    theme left open: neither a holder nor a price is read out of a sentence.
    """
    made = dict(document)
    variables = made.pop("variables", None)
    if variables:
        made["tables"] = [{"name": made["id"], "variables": [_variable(each) for each in variables]}]
    convention, remarks = {}, []
    for name, term in made.get("convention", {}).items():
        if not (isinstance(term, dict) and "value" in term):
            convention[name] = term
        elif name == "scientific_credit":
            convention[name] = {"acknowledgement": term}
        elif name == "simplified_access":
            convention[name] = {"conditions": [term["value"]]}
        else:
            remarks.append({"kind": "history", "fact": {**term, "note": term.get("note") or name}})
    made["convention"] = convention
    if remarks:
        made["remarks"] = [*made.get("remarks", ()), *remarks]
    return made


def _variable(variable: dict[str, Any]) -> dict[str, Any]:
    if "code_lists" not in variable:
        return variable
    return {**variable, "code_lists": [_code_list(each) for each in variable["code_lists"]]}


def _code_list(codes: dict[str, Any]) -> dict[str, Any]:
    made = {name: value for name, value in codes.items() if value is not None}
    said = PERIOD.fullmatch(made.get("period", ""))
    if said is None:
        return made
    side, day, month, year = said.groups()
    first = date(int(year), MONTHS.index(month) + 1, int(day.removesuffix("er")))
    if side == "depuis le":
        return {**made, "valid_from": first.isoformat()}
    return {**made, "valid_until": (first - timedelta(days=1)).isoformat()}
