"""The demonstration: what it makes, once, and never over somebody's platform."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.db import Base, Database
from hdh_jupyter.demo import people
from hdh_jupyter.demo.seed import accounts_of, seed
from hdh_jupyter.projects.gate import grants_in_force, state
from hdh_jupyter.projects.model import Person, PlatformRole, ProjectRole
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.state import StateFolder


class Platform:
    """An empty platform, and the passwords that were set in it."""

    def __init__(self, root: Path) -> None:
        self.state = StateFolder(root)
        self.state.create()
        database = Database(self.state.database_url)
        Base.metadata.create_all(database.engine)
        self.registry = Registry(database)
        self.catalogue = CatalogueStore(database)
        self.passwords: dict[str, str] = {}

    def seed(self, password: str | None = None) -> dict[str, str]:
        made = seed(
            self.registry, self.passwords.__setitem__, self.catalogue, self.state, password=password, visits=2_000
        )
        return {account.name: account.password for account in made}


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(tmp_path / "state")


def test_an_empty_platform_gets_people_for_every_role(platform: Platform) -> None:
    accounts = platform.seed()
    assert platform.passwords == accounts
    assert len(set(accounts.values())) == len(accounts) == 7
    assert all(len(password) >= 12 for password in accounts.values())
    roles = [role for person in platform.registry.people() for role in person.roles]
    assert sorted(roles) == [PlatformRole.ADMIN, PlatformRole.CHECKER, PlatformRole.CHECKER, PlatformRole.STEWARD]
    assert len(platform.catalogue.all()) == 31
    assert (platform.state.datasets / "oscour" / "visits.parquet").is_file()


@pytest.mark.parametrize(
    ("project", "open_", "code"),
    [
        pytest.param(people.OPEN_PROJECT, True, "projects.state.open", id="00"),
        pytest.param(people.EXPIRED_PROJECT, False, "projects.state.expired", id="01"),
        pytest.param(people.AWAITING_PROJECT, False, "projects.state.awaiting_opinion", id="02"),
    ],
)
def test_the_three_projects_are_in_three_states(platform: Platform, project: str, open_: bool, code: str) -> None:
    platform.seed()
    seen = state(platform.registry.project(project), date.today())
    assert (seen.open, seen.code) == (open_, code)


def test_the_open_project_has_a_lead_researchers_and_its_dataset(platform: Platform) -> None:
    platform.seed()
    project = platform.registry.project(people.OPEN_PROJECT)
    assert project.role_of("claire") is ProjectRole.LEAD
    assert {project.role_of(name) for name in ("alice", "bruno")} == {ProjectRole.RESEARCHER}
    assert [project.role_of(name) for name in ("david", "emma", "farid", "gaelle")] == [None] * 4
    assert [grant.dataset for grant in grants_in_force(project, date.today())] == ["oscour"]
    for name in ("alice", "bruno"):
        assert len(platform.registry.projects_of(name)) >= 2


def test_the_projects_stay_in_their_states_whatever_the_year() -> None:
    for today in (date(2024, 2, 29), date(2031, 1, 1), date(2040, 12, 31)):
        assert [state(project, today).open for project in people.projects(today)] == [True, False, False]


def test_a_second_start_changes_nothing_and_still_knows_the_accounts(platform: Platform) -> None:
    accounts = platform.seed()
    platform.passwords.clear()
    platform.registry.set_member(people.OPEN_PROJECT, "bruno", None)
    assert platform.seed() == accounts
    assert platform.passwords == {}
    assert platform.registry.project(people.OPEN_PROJECT).role_of("bruno") is None


def test_a_platform_with_people_of_its_own_is_left_alone(platform: Platform) -> None:
    platform.registry.add_person(Person("zoe", "Zoé"))
    assert platform.seed() == {}
    assert [person.name for person in platform.registry.people()] == ["zoe"]
    assert accounts_of(platform.state) == []
    assert list(platform.state.datasets.iterdir()) == []


@pytest.mark.parametrize("after", range(10))
def test_a_run_cut_short_is_finished_by_the_next(
    platform: Platform, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0

    def cut(call: str) -> None:
        original = getattr(platform.registry, call)

        def wrapped(*arguments: object) -> None:
            nonlocal done
            if done == after:
                raise KeyboardInterrupt
            done += 1
            original(*arguments)

        monkeypatch.setattr(platform.registry, call, wrapped)

    with monkeypatch.context():
        cut("add_person")
        cut("add_project")
        with pytest.raises(KeyboardInterrupt):
            platform.seed()
    first = {account.name: account.password for account in accounts_of(platform.state)}
    monkeypatch.undo()
    assert platform.seed() == first == platform.passwords
    assert len(platform.registry.people()) == 7
    assert len(platform.registry.projects()) == 3


def test_only_the_owner_reads_the_accounts(platform: Platform) -> None:
    platform.seed(password="a-fixed-pass-phrase")
    notes = platform.state.root / "demo-accounts.json"
    assert notes.stat().st_mode & 0o777 == 0o600
    assert {account.password for account in accounts_of(platform.state)} == {"a-fixed-pass-phrase"}
    assert not [path for path in platform.state.root.iterdir() if path.name.startswith(".demo")]
