"""Passwords, and the delays for whoever guesses them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hdh_jupyter.auth.accounts import FORGET_AFTER, FREE_FAILURES, MAX_DELAY, LocalAccounts, delay
from hdh_jupyter.auth.tables import Credential, SignInFailure
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

PASSWORD = "cheval correct pile agrafe"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2025, 6, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(database: Database, clock: Clock) -> LocalAccounts:
    accounts = LocalAccounts(database, CHEAP, clock)
    accounts.set_password("ann", PASSWORD)
    return accounts


def refusal(accounts: LocalAccounts, name: str, password: str) -> PublicError:
    with pytest.raises(PublicError) as raised:
        accounts.verify(name, password)
    return raised.value


def stored_hash(database: Database) -> str:
    with database.read() as session:
        return session.get_one(Credential, "ann").password_hash


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("ann", "cheval correct pile agrafé", id="00 another"),
        pytest.param("ann", "", id="01 empty"),
        pytest.param("ann", PASSWORD + " ", id="02 with a space"),
        pytest.param("Ann", PASSWORD, id="03 another account"),
        pytest.param("zoe", PASSWORD, id="04 no account"),
        pytest.param("zoe", "nobody's password", id="05 what unknown names are compared with"),
        pytest.param("a" * 5000, "b" * 100_000, id="06 huge"),
    ],
)
def test_wrong_password(accounts: LocalAccounts, name: str, password: str) -> None:
    error = refusal(accounts, name, password)
    assert (error.code, error.status) == ("auth.wrong_password", 403)


def test_right_password(accounts: LocalAccounts) -> None:
    accounts.verify("ann", PASSWORD)


def test_accents_typed_in_another_form_are_the_same_password(accounts: LocalAccounts) -> None:
    accounts.set_password("leo", "éléphant à vélo")
    accounts.verify("leo", "e\u0301le\u0301phant a\u0300 ve\u0301lo")


def test_a_new_password_replaces_the_old(accounts: LocalAccounts) -> None:
    accounts.set_password("ann", "un autre mot de passe")
    assert refusal(accounts, "ann", PASSWORD).code == "auth.wrong_password"
    accounts.verify("ann", "un autre mot de passe")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        pytest.param("onze caract", "auth.password_too_short", id="00"),
        pytest.param("a" * 1025, "auth.password_too_long", id="01"),
        pytest.param("le secret d'Ann", "auth.password_is_name", id="02"),
    ],
)
def test_poor_passwords_are_refused(accounts: LocalAccounts, password: str, code: str) -> None:
    with pytest.raises(PublicError) as raised:
        accounts.set_password("ann", password)
    assert raised.value.code == code
    assert raised.value.message("fr")
    accounts.verify("ann", PASSWORD)


def test_hash_is_argon2id_and_renewed_when_the_parameters_change(database: Database, accounts: LocalAccounts) -> None:
    before = stored_hash(database)
    assert before.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    accounts.verify("ann", PASSWORD)
    assert stored_hash(database) == before
    LocalAccounts(database, PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).verify("ann", PASSWORD)
    assert stored_hash(database).startswith("$argon2id$v=19$m=8,t=2,p=1$")
    accounts.verify("ann", PASSWORD)


def test_parameters_in_force_are_those_of_the_rfc(database: Database) -> None:
    LocalAccounts(database).set_password("ann", PASSWORD)
    assert stored_hash(database).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("name", [pytest.param("ann", id="00 account"), pytest.param("zoe", id="01 no account")])
def test_guessing_closes_the_name_longer_and_longer(accounts: LocalAccounts, clock: Clock, name: str) -> None:
    waits = []
    for _ in range(FREE_FAILURES):
        assert refusal(accounts, name, "guess").code == "auth.wrong_password"
    for _ in range(9):
        assert refusal(accounts, name, "guess").code == "auth.wrong_password"
        error = refusal(accounts, name, PASSWORD)
        assert (error.code, error.status) == ("auth.locked", 429)
        waits.append(error.params["seconds"])
        clock.time += timedelta(seconds=int(str(waits[-1])))
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300]


def test_the_right_password_ends_the_count(accounts: LocalAccounts, clock: Clock) -> None:
    for _ in range(FREE_FAILURES):
        refusal(accounts, "ann", "guess")
    accounts.verify("ann", PASSWORD)
    for _ in range(FREE_FAILURES):
        assert refusal(accounts, "ann", "guess").code == "auth.wrong_password"
    accounts.verify("ann", PASSWORD)


def test_a_new_password_opens_a_closed_account(accounts: LocalAccounts) -> None:
    for _ in range(FREE_FAILURES + 1):
        refusal(accounts, "ann", "guess")
    assert refusal(accounts, "ann", PASSWORD).code == "auth.locked"
    accounts.set_password("ann", PASSWORD)
    accounts.verify("ann", PASSWORD)


def test_delays_outlive_the_process(database: Database, accounts: LocalAccounts, clock: Clock) -> None:
    for _ in range(FREE_FAILURES + 1):
        refusal(accounts, "ann", "guess")
    assert refusal(LocalAccounts(database, CHEAP, clock), "ann", PASSWORD).code == "auth.locked"


def test_guesses_at_once_do_not_share_one_count(accounts: LocalAccounts) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda i: refusal(accounts, "ann", f"guess {i}").code, range(40)))
    assert codes.count("auth.wrong_password") == FREE_FAILURES + 1


def test_old_failures_are_forgotten(database: Database, accounts: LocalAccounts, clock: Clock) -> None:
    for i in range(20):
        refusal(accounts, f"stranger-{i}", "guess")
    clock.time += FORGET_AFTER + timedelta(seconds=1)
    refusal(accounts, "ann", "guess")
    with database.read() as session:
        assert [row.name for row in session.scalars(select(SignInFailure))] == ["ann"]


@given(st.integers(0, 10**9))
def test_delay_grows_to_its_limit(failures: int) -> None:
    assert timedelta() <= delay(failures) <= delay(failures + 1) <= MAX_DELAY
