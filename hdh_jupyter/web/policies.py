"""The administrators' pages of projects' disclosure policies: what is in force, how it differs, and every version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tornado import web

from ..disclosure.policy import THRESHOLDS, Policy, default_policy, word_list
from ..errors import PublicError
from ..projects import policies
from ..projects.policies import PolicyVersion
from ..projects.policy_edit import edited
from .platform import AdminHandler
from .services import Services


@dataclass(frozen=True)
class ShownThreshold:
    """A threshold with its bounds, and the platform's value and source."""

    name: str
    value: float
    low: float
    high: float
    default: float
    source: str


@dataclass(frozen=True)
class ShownRule:
    """A rule with its severity, and the platform's."""

    name: str
    severity: str
    default: str

    @property
    def differs(self) -> bool:
        """Whether the project decided otherwise."""
        return self.severity != self.default


@dataclass(frozen=True)
class ProjectPolicy:
    """The policy of a project, as its page shows it.

    Attributes
    ----------
    text
        Of the policy in force.
    thresholds, rules
        What it sets beside what the policy of the platform sets; rules by the first word of their names.
    readable
        Whether this version of the platform can read it; otherwise every file of the project is blocked.
    diff
        The lines by which it differs from the policy that comes with the platform.
    """

    project: str
    text: str
    thresholds: tuple[ShownThreshold, ...]
    rules: Mapping[str, tuple[ShownRule, ...]]
    readable: bool
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
    text = own or word_list("french-health")
    try:
        policy, readable = policies.checked(text), True
    except PublicError:
        policy, readable = default_policy(), False
    difference = policies.differences(own)
    return ProjectPolicy(project, text, _thresholds(policy), _rules(policy), readable, difference, versions)


def _thresholds(policy: Policy) -> tuple[ShownThreshold, ...]:
    usual = default_policy().thresholds
    return tuple(
        ShownThreshold(
            name, policy.thresholds[name].value, low, high, usual[name].value, policy.thresholds[name].source
        )
        for name, (low, high) in THRESHOLDS.items()
    )


def _rules(policy: Policy) -> Mapping[str, tuple[ShownRule, ...]]:
    found: dict[str, tuple[ShownRule, ...]] = {}
    for name, usual in default_policy().severities.items():
        shown = ShownRule(name, policy.severities[name].value, usual.value)
        group = name.partition(".")[0]
        found[group] = (*found.get(group, ()), shown)
    return found


def revised(services: Services, project: str, thresholds: Mapping[str, str], severities: Mapping[str, str]) -> str:
    """Return the text of a project's policy with other values, not yet in force.

    Raises
    ------
    PublicError
        As :func:`..projects.policy_edit.edited`.
    """
    return edited(of_project(services, project).text, thresholds, severities)


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
        text = self.get_body_argument("text", "", strip=False).replace("\r\n", "\n") or None
        do = self.get_body_argument("do", "")
        reason = self.get_body_argument("reason", "")
        try:
            if do == "values":
                text = await self.call(revised, self.platform, project, self._given("threshold"), self._given("rule"))
            own = None if do == "default" else text or ""
            await self.call(adopt, self.platform, project, own, self.signed_in().name, reason)
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self._show(project, refusal=refusal, text=text, reason=reason)
        else:
            self.go("platform", "policies", project, adopted="1")

    def _given(self, kind: str) -> dict[str, str]:
        """Return the fields `<kind>:<name>` of the form."""
        fields = (name for name in self.request.body_arguments if name.startswith(f"{kind}:"))
        return {name.partition(":")[2]: self.get_body_argument(name) for name in fields}

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
            edited_text=text is not None,
            reason=reason,
            adopted=adopted,
            refusal=refusal,
        )
