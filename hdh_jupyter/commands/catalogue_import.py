"""`hdh-jupyter catalogue import`: the records of a file or a folder, published with a version and an event each."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace

from ..catalogue import snapshot
from ..catalogue.drafting import Stage
from ..catalogue.exchange.formats import Found, read
from ..catalogue.exchange.incoming import Incoming, Outcome, compared
from ..catalogue.model import Dataset
from ..catalogue.store import CatalogueStore, publish
from ..errors import PublicError
from ..i18n import translate
from ..state import StateFolder
from .administration import Administration, Change, open_platform
from .base import speak, terminal_language
from .catalogue_output import change_lines, print_problems, progress
from .output import print_json, print_table

MOST_CHANGES = 20
"""Changes of a record that are printed."""


def bring_in(state: StateFolder, asked: Namespace) -> None:
    """Publish the records of a file or a folder, all or none, or say what would be published."""
    store = CatalogueStore(open_platform(state))
    tell = progress()
    found = read(asked.path, asked.format, tell)
    tell("")
    if not asked.json:
        print_problems(found.problems)
    datasets = _datasets(store, found, asked)
    if not datasets:
        raise PublicError("catalogue.command.nothing_to_import", path=str(asked.path))
    if asked.dry_run:
        with store.database.read() as session:
            incoming = [compared(session, dataset) for dataset in datasets]
        _print(asked, found, incoming, {})
        return
    reason = asked.reason or f"import : {asked.path.name}"
    administration = Administration(state, asked.acting_as)
    with administration.change() as change:
        incoming = [compared(change.session, dataset) for dataset in datasets]
        in_hand = [each.dataset.id for each in incoming if each.in_hand]
        if in_hand and not asked.over_stewards:
            raise PublicError("catalogue.command.in_hand", 409, datasets=", ".join(in_hand))
        versions = {each.dataset.id: _publish(change, each, reason) for each in incoming if _changes(each)}
    if versions:
        # Published is published, whatever becomes of the snapshot, which the next start makes again.
        try:
            snapshot.refresh(store, state.catalogue)
        except OSError as error:
            raise PublicError("catalogue.command.not_shown", 503, reason=str(error)) from error
    _print(asked, found, incoming, versions)


def _datasets(store: CatalogueStore, found: Found, asked: Namespace) -> list[Dataset]:
    """Return the records to publish, tables that belong to none in the one that was named."""
    if asked.into is None:
        if found.tables:
            raise PublicError("catalogue.command.tables_of_what", count=len(found.tables))
        return list(found.datasets)
    if not found.tables:
        raise PublicError("catalogue.command.no_tables", path=str(asked.path))
    others = [dataset for dataset in found.datasets if dataset.id != asked.into]
    own = [dataset for dataset in found.datasets if dataset.id == asked.into]
    record = own[0] if own else store.get(asked.into)
    return [*others, replace(record, tables=found.tables)]


def _changes(each: Incoming) -> bool:
    return each.outcome is not Outcome.SAME or each.withdrawn


def _publish(change: Change, each: Incoming, reason: str) -> int:
    version = publish(change.session, each.dataset, change.actor, reason)
    terms = [theme.value for theme in each.dataset.convention.terms_open]
    detail = {"version": version, "reason": reason, "terms_open": terms}
    change.note("catalogue.record_published", subject=each.dataset.id, detail=detail)
    return version


def _print(asked: Namespace, found: Found, incoming: Sequence[Incoming], versions: dict[str, int]) -> None:
    language = terminal_language()
    if asked.json:
        problems = [{"code": p.code, "where": p.where, "message": p.message(language)} for p in found.problems]
        records = [_document(each, versions, language) for each in incoming]
        print_json({"published": not asked.dry_run, "records": records, "problems": problems})
        return
    rows = [
        (
            each.dataset.id,
            translate(f"catalogue.command.outcome.{each.outcome}", language),
            versions.get(each.dataset.id, each.version) or None,
            len(each.changes) or None,
            len(each.dataset.variables) or None,
            _remark(each, language),
        )
        for each in incoming
    ]
    headings = ("dataset", "catalogue.outcome", "version", "catalogue.changes", "catalogue.variables", "catalogue.note")
    print_table(headings, rows)
    if asked.dry_run:
        for each in incoming:
            if each.changes:
                print(f"\n{each.dataset.id}")
                print("\n".join(change_lines(each.changes, language, MOST_CHANGES)))
        print()
        speak("catalogue.command.dry_run", count=sum(map(_changes, incoming)))
    else:
        speak("catalogue.command.imported", count=len(versions))


def _remark(each: Incoming, language: str) -> str:
    said = []
    if each.stage is not Stage.NONE:
        said.append(translate(f"catalogue.record.stage.{each.stage}", language))
    if each.withdrawn:
        said.append(translate("catalogue.record.standing.withdrawn", language))
    if each.keeps_convention:
        said.append(translate("catalogue.command.keeps_convention", language))
    return ", ".join(said)


def _document(each: Incoming, versions: dict[str, int], language: str) -> dict[str, object]:
    return {
        "dataset": each.dataset.id,
        "outcome": each.outcome.value,
        "version": versions.get(each.dataset.id, each.version),
        "stage": each.stage.value,
        "withdrawn": each.withdrawn,
        "keeps_convention": each.keeps_convention,
        "changes": [
            {"path": list(c.path), "kind": c.kind.value, "label": c.label(language), "before": c.old, "after": c.new}
            for c in each.changes
        ],
    }
