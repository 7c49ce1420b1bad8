"""Local accounts: passwords, and a growing delay for whoever guesses them.

Every call is synchronous and hashes for some tens of milliseconds: on an event loop, go through `asyncio.to_thread`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete

from ..db import Database
from ..errors import PublicError
from .tables import Credential, SignInFailure

MIN_PASSWORD = 12
"""Characters; with a delay after failures, more than the CNIL's délibération 2022-100 asks (50 bits)."""
MAX_PASSWORD = 1024
"""Characters; hashing takes time in proportion."""
FREE_FAILURES = 4
"""Failures in a row that cost no delay."""
MAX_DELAY = timedelta(minutes=5)
FORGET_AFTER = timedelta(hours=1)


def delay(failures: int) -> timedelta:
    """Return how long a name is closed after so many failures in a row: 2 s, 4 s, 8 s... up to five minutes."""
    if failures <= FREE_FAILURES:
        return timedelta()
    # The exponent is bounded before the power is taken.
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES, 16)), MAX_DELAY)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LocalAccounts:
    """Passwords of people who sign in without an identity provider.

    A name that no account has is treated like the others, in time and in delays, so that a stranger does not learn
    which accounts exist.

    Parameters
    ----------
    hasher
        Argon2id with its parameters; a password is hashed anew at the next sign-in when they change.
    now
        The clock, in UTC.
    """

    def __init__(
        self, database: Database, hasher: PasswordHasher | None = None, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._database = database
        self._hasher = hasher or PasswordHasher()
        self._now = now
        self._nobody = self._hasher.hash("nobody's password")

    def set_password(self, name: str, password: str) -> None:
        """Give an account a password, and forget its failures.

        Raises
        ------
        PublicError
            `auth.password_too_short`, `auth.password_too_long` or `auth.password_is_name`.
        """
        password = _normal(password)
        if len(password) < MIN_PASSWORD:
            raise PublicError("auth.password_too_short", least=MIN_PASSWORD)
        if len(password) > MAX_PASSWORD:
            raise PublicError("auth.password_too_long", most=MAX_PASSWORD)
        if name in password.lower():
            raise PublicError("auth.password_is_name")
        self._keep(name, self._hasher.hash(password))

    def verify(self, name: str, password: str) -> None:
        """Check a password.

        Raises
        ------
        PublicError
            `auth.wrong_password` (403), also for an unknown name; `auth.locked` (429), without a look at the password.
        """
        name, password = name[:64], _normal(password[:MAX_PASSWORD])
        known = self._attempt(name)
        try:
            self._hasher.verify(known or self._nobody, password)
        except VerifyMismatchError:
            raise PublicError("auth.wrong_password", 403) from None
        if known is None:
            raise PublicError("auth.wrong_password", 403)
        self._keep(name, self._hasher.hash(password) if self._hasher.check_needs_rehash(known) else None)

    def _attempt(self, name: str) -> str | None:
        """Count an attempt as failed before it is judged, so that many at once do not share one count."""
        now = self._now()
        with self._database.write() as session:
            session.execute(delete(SignInFailure).where(SignInFailure.last_at < now - FORGET_AFTER))
            record = session.get(SignInFailure, name, with_for_update=True)
            if record is None:
                record = SignInFailure(name=name, failures=0, last_at=now, locked_until=now)
                session.add(record)
            elif record.locked_until > now:
                raise PublicError("auth.locked", 429, seconds=ceil((record.locked_until - now).total_seconds()))
            record.failures += 1
            record.last_at, record.locked_until = now, now + delay(record.failures)
            credential = session.get(Credential, name)
            return None if credential is None else credential.password_hash

    def _keep(self, name: str, password_hash: str | None) -> None:
        with self._database.write() as session:
            session.execute(delete(SignInFailure).where(SignInFailure.name == name))
            if password_hash is not None:
                session.merge(Credential(name=name, password_hash=password_hash, changed_at=self._now()))


def _normal(password: str) -> str:
    # An accented letter is one code point or two, depending on the keyboard (NIST SP 800-63B, 5.1.1.2).
    return unicodedata.normalize("NFKC", password)
