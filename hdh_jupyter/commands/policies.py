"""`hdh-jupyter policy`: which criteria the files of a project are judged by."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from ..disclosure.policy import default_policy, word_list
from ..errors import PublicError
from ..projects import policies
from ..projects.tables import ProjectRow
from ..state import StateFolder
from .administration import Administration, open_platform
from .base import speak
from .output import print_json, print_table
from .parsing import Parser, WordsCommand, changing, reading, text


class Policies(WordsCommand):
    """Manage the disclosure policies of projects; each version is kept."""

    name = "policy"

    def build(self, parser: Parser) -> None:
        commands = parser.add_subparsers(required=True, metavar="COMMAND")

        leaf = commands.add_parser("list", parents=[reading()], help="show which policy each project goes by")
        leaf.set_defaults(act=list_policies)

        leaf = commands.add_parser("show", parents=[reading()], help="print the policy that a project goes by")
        leaf.add_argument("project", type=text, metavar="PROJECT")
        leaf.add_argument("--diff", action="store_true", help="only what differs from the policy that comes along")
        leaf.set_defaults(act=show)

        leaf = commands.add_parser("history", parents=[reading()], help="show every version, who set it and why")
        leaf.add_argument("project", type=text, metavar="PROJECT")
        leaf.set_defaults(act=history)

        leaf = commands.add_parser("set", parents=[changing()], help="put a policy in force")
        leaf.add_argument("project", type=text, metavar="PROJECT")
        leaf.add_argument("file", type=Path, nargs="?", metavar="FILE", help="without it, the policy that comes along")
        leaf.add_argument("--reason", type=text, required=True, metavar="TEXT", help="why, for the log and the history")
        leaf.set_defaults(act=adopt)


def list_policies(state: StateFolder, asked: Namespace) -> None:
    """Show the newest version of each project."""
    with open_platform(state).read() as session:
        projects = list(session.scalars(select(ProjectRow.id).order_by(ProjectRow.id)))
        newest = [(project, next(iter(policies.history(session, project)), None)) for project in projects]
    found = [
        {
            "project": project,
            "version": version.number if version else 0,
            "sha256": version.sha256 if version else default_policy().sha256,
            "own": version is not None and version.text is not None,
        }
        for project, version in newest
    ]
    if asked.json:
        print_json(found)
    else:
        print_table(("project", "version", "sha256"), ((f["project"], f["version"], f["sha256"]) for f in found))


def show(state: StateFolder, asked: Namespace) -> None:
    """Print the policy in force."""
    with open_platform(state).read() as session:
        _require(session.get(ProjectRow, asked.project), asked.project)
        own = policies.in_force(session, asked.project)
    shown = "\n".join(policies.differences(own)) if asked.diff else own or word_list("french-health")
    if asked.json:
        sha256 = default_policy().sha256 if own is None else policies.checked(own).sha256
        print_json({"project": asked.project, "own": own is not None, "sha256": sha256, "text": shown})
    elif asked.diff and own is None:
        speak("policy.none", project=asked.project)
    else:
        print(shown)


def history(state: StateFolder, asked: Namespace) -> None:
    """Show every version, the newest first."""
    with open_platform(state).read() as session:
        _require(session.get(ProjectRow, asked.project), asked.project)
        versions = policies.history(session, asked.project)
    if asked.json:
        print_json(
            [
                {"version": v.number, "sha256": v.sha256, "own": v.text is not None, "author": v.author,
                 "reason": v.reason, "set_at": v.set_at.isoformat(timespec="seconds")}
                for v in versions
            ]
        )  # fmt: skip
    elif not versions:
        speak("policy.none", project=asked.project)
    else:
        rows = ((v.number, v.sha256[:12], v.set_at.date(), v.author, v.reason) for v in versions)
        print_table(("version", "sha256", "day", "author", "reason"), rows)


def adopt(state: StateFolder, asked: Namespace) -> None:
    """Put a policy in force for a project."""
    try:
        given = None if asked.file is None else asked.file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PublicError("policy.unreadable_file", 400, path=str(asked.file)) from error
    administration = Administration(state, asked.acting_as)
    with administration.change() as change:
        made = policies.adopt(change.session, asked.project, given, change.actor, asked.reason, datetime.now(UTC))
        detail = {"sha256": made.sha256, "reason": made.reason}
        change.note("registry.policy_changed", project=asked.project, subject=str(made.number), detail=detail)
    speak("policy.adopted", project=asked.project, number=made.number, sha256=made.sha256[:12])


def _require(row: ProjectRow | None, project: str) -> None:
    if row is None:
        raise PublicError("policy.unknown_project", 404, project=project)
