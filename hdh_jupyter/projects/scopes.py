"""The hub's view of projects: accounts, roles and scopes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from . import gate
from .model import Person, Project

ACCOUNT_PREFIX = "prj-"


def hub_account(project_id: str) -> str:
    """Return the name of the hub account that owns a project's server, and to which nobody can sign in."""
    return f"{ACCOUNT_PREFIX}{project_id}"


def project_of(hub_account: str) -> str | None:
    """Return the project whose account this is, or None for a person's account."""
    return hub_account.removeprefix(ACCOUNT_PREFIX) if hub_account.startswith(ACCOUNT_PREFIX) else None


def hub_accounts(projects: Iterable[Project]) -> list[str]:
    """Return the hub accounts of `projects`."""
    return [hub_account(project.id) for project in projects]


def hub_roles(person: Person, projects: Iterable[Project], on: date) -> list[dict[str, Any]]:
    """Return every role that `person` holds in the hub on the day `on`.

    The hub strips whatever is not in the list, its default `user` role included, which is why that one is always
    there. Platform roles give nothing here: an administrator enters the workspaces of their own projects only.
    """
    joined = (project for project in projects if project.role_of(person.name) is not None)
    return [{"name": "user"}, *(_member_role(project.id) for project in joined if gate.state(project, on).open)]


def _member_role(project_id: str) -> dict[str, Any]:
    account = hub_account(project_id)
    return {
        "name": f"project-{project_id}-member",
        "description": f"Open, start and stop the workspace of project {project_id}",
        # The pages and the progress of a start ask for `servers`, which includes reading the account's name.
        "scopes": [f"access:servers!user={account}", f"servers!user={account}"],
    }
