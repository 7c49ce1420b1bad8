"""What an audience may not see is nowhere: every restricted variable is looked for as every role, every way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hdh_jupyter.catalogue.drafting import Actor
from hdh_jupyter.catalogue.drafts import begin
from hdh_jupyter.catalogue.model import Dataset, to_document
from hdh_jupyter.catalogue.search import PUBLIC, Audience, HitKind, Selection, open_index
from hdh_jupyter.catalogue.search.engine import Engine
from hdh_jupyter.catalogue.search.entries import visible
from hdh_jupyter.catalogue.search.folder_index import FolderIndex
from hdh_jupyter.catalogue.search.sqlite_index import SqliteEngine
from hdh_jupyter.catalogue.search.tantivy_index import TantivyEngine
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.snapshot import folder_for, refresh
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.catalogue.tables import WithdrawalRow
from hdh_jupyter.catalogue.variables import CodeListVersion, ForeignKey, Table, Variable
from hdh_jupyter.catalogue.words import words
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

OWNERS = ("oscour", "pmsi", "cepidc")

ROLES = {
    "nobody": Audience(),
    "another-project": Audience(frozenset({"sidep", "elfe"})),
    "an-unknown-dataset": Audience(frozenset({"not-there"})),
    "granted-oscour": Audience(frozenset({"oscour"})),
    "granted-two": Audience(frozenset({"oscour", "cepidc", "sidep"})),
    "granted-all": Audience(frozenset(OWNERS)),
}


def secret(owner: str, number: int) -> Variable:
    mark = f"{owner}hush{'xyz'[number]}"
    codes = CodeListVersion((("1", f"modalite {mark}code"),))
    return Variable(
        f"HUSH_{mark.upper()}_COD",
        "string",
        label=f"Dépistage confidentiel {mark}label",
        description=f"Résultat {mark}text",
        nomenclature=f"NOM_{mark.upper()}",
        code_lists=(codes,),
        rule=f"règle {mark}rule",
        observation=f"observation {mark}note",
        first_year=1957,
        restricted=True,
    )


def guarded(record: Dataset) -> Dataset:
    if record.id not in OWNERS:
        return record
    hidden = tuple(secret(record.id, number) for number in range(3))
    shared = Variable("COMMUN_COD", "string", label="Code commun")
    names = tuple(v.name for v in hidden)
    first = Table("VISITES", variables=(shared, *hidden), primary_key=("COMMUN_COD", names[0]))
    keys = (
        ForeignKey(("COMMUN_COD",), "VISITES", (names[1],)),
        ForeignKey((names[2],), "", ("COMMUN_COD",)),
        ForeignKey(("COMMUN_COD",), "VISITES", ("COMMUN_COD",)),
    )
    second = Table("ACTES", variables=(shared, replace(hidden[2], label=f"autre {record.id}other")), foreign_keys=keys)
    return replace(record, tables=(*record.tables, first, second))


RECORDS = [guarded(record) for record in first_records()]
FEW = [record for record in RECORDS if record.id in (*OWNERS, "elfe")]
SECRETS = [(record.id, v) for record in RECORDS for v in record.variables if v.restricted]


def traces(variable: Variable) -> Iterator[str]:
    """Return all that may be typed to find a variable: names, words, beginnings, typing errors."""
    codes = [label for version in variable.code_lists for _, label in version.codes]
    texts = (variable.name, variable.label, variable.description, variable.nomenclature, variable.rule, *codes)
    yield from (text for text in texts if text)
    for text in (*texts, variable.observation):
        for word in words(text or ""):
            yield from (word, f"{word[1:]} ", f"code {word} ")
    yield "HUSH"
    yield f"{variable.name} zzzz "


@pytest.fixture(
    scope="module", params=[pytest.param(TantivyEngine, id="tantivy"), pytest.param(SqliteEngine, id="sqlite")]
)
def kind(request: pytest.FixtureRequest) -> type[Engine]:
    found: type[Engine] = request.param
    return found


@pytest.fixture(scope="module")
def index(kind: type[Engine], tmp_path_factory: pytest.TempPathFactory) -> FolderIndex:
    index = FolderIndex(tmp_path_factory.mktemp("whole") / "c", [kind])
    index.rebuild(RECORDS)
    return index


@pytest.mark.parametrize("role", ["nobody", "granted-two"])
def test_every_question_is_answered_as_if_hidden_variables_did_not_exist(
    kind: type[Engine], role: str, tmp_path: Path
) -> None:
    audience = ROLES[role]
    index, without = (FolderIndex(tmp_path / name, [kind]) for name in ("whole", "without"))
    index.rebuild(FEW)
    without.rebuild(visible(record, audience) for record in FEW)
    asked = dict.fromkeys(("", *(text for _, variable in SECRETS[::4] for text in traces(variable))))
    for query in asked:
        within = Selection(audience=audience)
        seen, expected = index.search(query, within, limit=5000), without.search(query, within, limit=5000)
        assert (seen.total, seen.relaxed, seen.corrected) == (expected.total, expected.relaxed, expected.corrected)
        assert set(seen.hits) == set(expected.hits)
        assert index.facets(query, within) == without.facets(query, within)
        assert index.count(query, within) == seen.total
        assert index.by_dataset(query, within) == without.by_dataset(query, within)
        assert set(index.suggest(query, within, limit=1000)) == set(without.suggest(query, within, limit=1000))


@pytest.mark.parametrize("role", ROLES)
def test_each_restricted_variable_is_found_by_those_with_a_grant_alone(index: FolderIndex, role: str) -> None:
    for owner, variable in SECRETS:
        audience = ROLES[role]
        for within in (
            Selection(audience=audience),
            Selection(audience=audience, only=[owner]),
            Selection(audience=audience, kind=HitKind.VARIABLE, facets={"result": ["variable"]}),
        ):
            names = [hit.name for hit in index.search(variable.name, within, limit=1000).hits]
            assert (variable.name in names) == (owner in audience.granted)
        page = to_document(index.dataset(owner, audience))
        assert (variable.name in str(page)) == (owner in audience.granted)
    # A page that is asked for without saying for whom is for nobody.
    assert "HUSH" not in str([index.dataset(owner) for owner in OWNERS])


def test_keys_that_name_a_hidden_variable_go_and_others_stay() -> None:
    record = next(record for record in RECORDS if record.id == "oscour")
    first, second = visible(record, PUBLIC).tables[-2:]
    assert first.primary_key == ()
    assert second.foreign_keys == (ForeignKey(("COMMUN_COD",), "VISITES", ("COMMUN_COD",)),)
    assert visible(record, ROLES["granted-oscour"]) is record


def test_the_files_of_a_workspace_do_not_hold_what_it_may_not_know(database: Database, tmp_path: Path) -> None:
    store = CatalogueStore(database)
    store.put(*RECORDS)
    shared = tmp_path / "catalogue"
    refresh(store, shared)
    for role, audience in ROLES.items():
        folder = folder_for(store, shared, audience.granted)
        assert (folder == shared) == (not audience.granted & set(OWNERS)), role
        content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).lower()
        index = open_index(folder)
        for owner, variable in SECRETS:
            mark = variable.name.split("_")[1].lower()
            assert (mark.encode() in content) == (owner in audience.granted), (role, mark)
            # Even for who claims a grant.
            found = index.search(variable.name, Selection(audience=Audience(frozenset(OWNERS)))).hits
            assert any(hit.name == variable.name for hit in found) == (owner in audience.granted)


def test_drafts_and_withdrawn_records_are_in_no_index(database: Database, tmp_path: Path) -> None:
    store = CatalogueStore(database)
    store.put(*RECORDS)
    refresh(store, tmp_path / "catalogue")
    index = open_index(tmp_path / "catalogue")
    assert index.search("oscour").hits[0].dataset == "oscour"
    with database.write() as session:
        session.add(WithdrawalRow(dataset="oscour", person="ada", reason="ended", at=datetime.now(UTC)))
        draft = replace(RECORDS[0], id="draft-of-ada", name="Brouillonnage")
        begin(session, Actor("ada", is_steward=True), draft, None)
    assert refresh(store, tmp_path / "catalogue")
    for role in ROLES.values():
        for query in ("oscour", "brouillonnage", "draft-of-ada", "HUSH_OSCOURHUSHX_COD", ""):
            results = index.search(query, Selection(audience=role), limit=2000)
            assert not {hit.dataset for hit in results.hits} & {"oscour", "draft-of-ada"}
        for name in ("oscour", "draft-of-ada"):
            with pytest.raises(PublicError):
                index.dataset(name, role)
