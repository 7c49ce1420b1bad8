"""The administrators' pages of projects' disclosure policies: what is in force, how it differs, and every version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tornado import web

from ..disclosure.policy import word_list
from ..errors import PublicError
from ..projects import policies
from ..projects.policies import PolicyVersion
from .platform import AdminHandler
from .services import Services


@dataclass(frozen=True)
class ProjectPolicy:
    """The policy of a project, as its page shows it.

    Attributes
    ----------
    text
        Of the policy in force.
    diff
        The lines by which it differs from the policy that comes with the platform.
    """

    project: str
    text: str
    diff: Sequence[str]
    versions: tuple[PolicyVersion, ...]


def of_projects(services: Services) -> list[tuple[str, str, PolicyVersion | None]]:
    """Return the id and title of each project with the newest version of its policy."""
    projects = services.registry.projects()
    with services.egress.database.read() as session:
        return [(p.id, p.title, next(iter(policies.history(session, p.id)), None)) for p in projects]


def of_project(services: Services, project: str) -> ProjectPolicy:
    """Return a project's policy.

    Raises
    ------
    PublicError
        `projects.unknown_project` (404).
    """
    services.registry.project(project)
    with services.egress.database.read() as session:
        versions = policies.history(session, project)
    own = versions[0].text if versions else None
    return ProjectPolicy(project, own or word_list("french-health"), policies.differences(own), versions)


def adopt(services: Services, project: str, text: str | None, author: str, reason: str) -> None:
    """Put a policy in force and note it in the audit log, both or neither.

    Raises
    ------
    PublicError
        As :func:`..projects.policies.adopt`.
    """
    with services.egress.database.write() as session:
        made = policies.adopt(session, project, text, author, reason, datetime.now(UTC))
        services.audit.append(
            "registry.policy_changed",
            actor=author,
            project=project,
            subject=str(made.number),
            detail={"sha256": made.sha256, "reason": made.reason},
            session=session,
        )


class PoliciesHandler(AdminHandler):
    """`/hub/platform/policies`: every project with its policy."""

    @web.authenticated
    async def get(self) -> None:
        found = await self.call(of_projects, self.platform)
        await self.show("policies.html", section="platform", projects=found)


class PolicyHandler(AdminHandler):
    """`/hub/platform/policies/<project>`: show a policy, and put another in force."""

    @web.authenticated
    async def get(self, project: str) -> None:
        await self._show(project, adopted=bool(self.get_query_argument("adopted", "")))

    @web.authenticated
    async def post(self, project: str) -> None:
        # Browsers send line ends as CR LF.
        text = self.get_body_argument("text", "", strip=False).replace("\r\n", "\n")
        own = None if self.get_body_argument("do", "") == "default" else text
        reason = self.get_body_argument("reason", "")
        try:
            await self.call(adopt, self.platform, project, own, self.signed_in().name, reason)
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self._show(project, refusal=refusal, text=text, reason=reason)
        else:
            self.go("platform", "policies", project, adopted="1")

    async def _show(
        self,
        project: str,
        adopted: bool = False,
        refusal: PublicError | None = None,
        text: str | None = None,
        reason: str = "",
    ) -> None:
        found = await self.call(of_project, self.platform, project)
        await self.show(
            "policy.html",
            section="platform",
            found=found,
            text=found.text if text is None else text,
            reason=reason,
            adopted=adopted,
            refusal=refusal,
        )
