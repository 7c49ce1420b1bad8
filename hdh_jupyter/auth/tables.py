"""Tables of local accounts and of accounts at an identity provider."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class Credential(Base):
    """The password of an account, as an Argon2id hash with its parameters (RFC 9106)."""

    __tablename__ = "credential"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime]


class SignInFailure(Base):
    """Sign-ins that failed in a row under a name, whether or not an account has it."""

    __tablename__ = "sign_in_failure"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime]


class Identity(Base):
    """Whose account it is: a person as an identity provider numbers them, and the account that is theirs here."""

    __tablename__ = "openid_identity"
    __table_args__ = (UniqueConstraint("issuer", "person"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person: Mapped[str] = mapped_column(String(64))
    linked_at: Mapped[datetime]
