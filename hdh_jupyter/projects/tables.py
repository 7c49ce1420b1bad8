"""Tables of people and projects."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base


class PersonRow(Base):
    """A person; see :class:`~hdh_jupyter.projects.model.Person`."""

    __tablename__ = "person"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    display_name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(255))
    roles: Mapped[list[PersonRoleRow]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class PersonRoleRow(Base):
    """A platform role of a person."""

    __tablename__ = "person_role"

    person: Mapped[str] = mapped_column(ForeignKey("person.name"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)


class ProjectRow(Base):
    """A project with its regulatory basis, which is absent when `basis` is null."""

    __tablename__ = "project"

    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    summary: Mapped[str] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(String(32))
    opinion: Mapped[str | None] = mapped_column(String(32))
    opinion_date: Mapped[date | None]
    cnil_number: Mapped[str] = mapped_column(String(64), default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    members: Mapped[list[MemberRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="MemberRow.person"
    )
    grants: Mapped[list[GrantRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="GrantRow.dataset"
    )


class MemberRow(Base):
    """A person's place in a project."""

    __tablename__ = "project_member"

    project: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.name"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(32))


class GrantRow(Base):
    """A dataset that a project may read; the dataset is the catalogue's, hence no foreign key."""

    __tablename__ = "project_grant"

    project: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    dataset: Mapped[str] = mapped_column(String(64), primary_key=True)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class PolicyRow(Base):
    """A version of a project's policy; the newest is in force. Without text it is the one of the package."""

    __tablename__ = "project_policy"

    project: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
