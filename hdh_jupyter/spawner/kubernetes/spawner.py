"""Workspaces on a cluster: a namespace and a pod per project, on KubeSpawner."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from traitlets import Bool, TraitError, Unicode, default, validate

from ...catalogue.snapshot import PROJECT_FILE, project_document
from ...projects.model import Grant
from ...routes import remove_route
from ..limits import Limits
from ..project import WorkspaceFailure, acting_person
from ..server_config import CATALOGUE, EXTENSIONS, server_config, tcp_port
from . import objects, sealing, status, storage, targets
from .cluster import CONFLICT, FORBIDDEN, Cluster, ClusterAway, ClusterRefusal
from .limits import ClusterLimits
from .mounting import mount_catalogue, mount_dataset
from .objects import SERVER_PORT, Manifest
from .order import PodOrder, Resources, Scheduling
from .pod import pod, probe_sources
from .preparation import ensure_namespace, ensure_policy, failure, passing
from .read_back import differences
from .sealing import Expectation
from .settings import DIGEST
from .storage import Mount
from .surroundings import look_around
from .targets import Endpoint, Surroundings
from .vigil import Vigil

PAUSE = 0.25
"""Seconds between two looks at a pod that starts or ends."""

ENDING = 30
"""Seconds after its time to end in which a pod must be gone."""


class ProjectKubeSpawner(Vigil):
    """Starts a project's workspace in a pod of a namespace of its own.

    Of KubeSpawner's settings these count: `image`, `image_pull_policy`, `image_pull_secrets`, `node_selector`,
    `tolerations`, `node_affinity_required`, `priority_class_name`, `scheduler_name`, `storage_class`,
    `storage_access_modes`, `storage_selector`, `cpu_limit`, `cpu_guarantee`, `mem_limit`, `mem_guarantee`,
    `extra_resource_limits`, `extra_resource_guarantees`, `extra_labels`, `extra_annotations`, `profile_list`, and how
    the API is called. The others would add to a pod what was not proved sealed; they are not looked at.
    """

    enable_user_namespaces = Bool(True, config=True, help="Keep a namespace for each project; it cannot be turned off.")
    user_namespace_template = Unicode(
        "hdh-{username}", config=True, help="Name the namespace of a project so, `username` being `prj-<project>`."
    )
    pod_name_template = Unicode("workspace", config=True, help="Name the pod of a workspace so, in its namespace.")
    pvc_name_template = Unicode("home", config=True, help="Name the claim of a project's home so, in its namespace.")
    delete_pvc = Bool(False, config=True, help="Homes are kept when an account is deleted; it cannot be turned on.")

    @default("events_enabled")
    def _no_events(self) -> bool:
        # The pod's own status says what people need; thousands of pods have many events.
        return False

    @default("delete_grace_period")
    def _time_to_save(self) -> int:
        return 10

    @default("poll_interval")
    def _look_often(self) -> int:
        return 10

    @default("start_timeout")
    def _longer_than_ready(self) -> int:
        return int(self.ready_timeout) + 60

    @validate("enable_user_namespaces", "delete_pvc")
    def _fixed(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if value != (name == "enable_user_namespaces"):
            raise TraitError(f"ProjectKubeSpawner.{name} cannot be changed")
        return value

    @property
    def gateway_url(self) -> str:
        return str(self.gateway_address)

    @cached_property
    def limits(self) -> ClusterLimits:
        return ClusterLimits(parent=self)

    async def open_workspace(self, grants: tuple[Grant, ...]) -> str:
        """Start the pod, and return its address once its probe has found nothing to reach and its server runs.

        Raises
        ------
        WorkspaceFailure
            `spawner.kubernetes.*`, `spawner.not_sealed`, `spawner.did_not_start`.
        """
        try:
            return await self._open_pod(grants)
        except ClusterAway as error:
            self.log.exception("The workspace of project %s is not started: the API is away", self.project)
            raise failure("api_away") from error
        except ClusterRefusal as refusal:
            self.log.exception("The cluster refuses the workspace of project %s", self.project)
            quota = refusal.status == FORBIDDEN and "exceeded quota" in refusal.message
            raise failure("quota_exceeded" if quota else "refused") from refusal

    async def close_workspace(self, now: bool) -> None:
        # Nobody comes in from here on, even when the cluster cannot be told to end the pod.
        await asyncio.to_thread(remove_route, self.folder.routes, self.project)
        await self._start_watching_pods()
        grace = 0 if now else self.delete_grace_period
        await self.cluster.delete("Pod", self.pod_name, grace)
        deadline = time.monotonic() + grace + ENDING
        while self.seen() is not None:
            if time.monotonic() > deadline:
                # Its machine may be lost: the cluster keeps the pod until somebody says that it is gone.
                raise ClusterRefusal(CONFLICT, f"The pod {self.namespace}/{self.pod_name} does not end")
            await asyncio.sleep(PAUSE)
        self._silent_since = None

    async def delete_forever(self) -> None:
        """Keep the home of a project whose account is deleted."""
        self.log.info("The claim %s/%s is kept", self.namespace, self.pvc_name)

    async def _close_whatever_is_there(self) -> None:
        try:
            await super()._close_whatever_is_there()
        except (ClusterAway, ClusterRefusal):
            # It has no route, and the next start ends it first.
            self.log.exception("The pod of project %s may still be there", self.project)

    async def _open_pod(self, grants: tuple[Grant, ...]) -> str:
        await self.load_user_options()
        if self.require_digest and not DIGEST.fullmatch(self.image):
            raise failure("image_not_pinned", 500)
        around = await self._surroundings()
        if targets.opened_by(self.exceptions(), around):
            raise failure("exception_forbidden", 500)
        await self.close_workspace(now=False)
        cluster = self.cluster
        limits = await asyncio.to_thread(self.limits.of, self.project, self.folder.homes)
        await ensure_namespace(cluster, self.project)
        await ensure_policy(cluster, self.network_policy(), self.pod_labels())
        await cluster.put(objects.resource_quota(self.project, limits))
        await cluster.put(objects.limit_range(self.project, limits))
        mounts = await self._mounts(cluster, grants)
        expected = Expectation(
            frozenset(around.tcp(self.exceptions())),
            frozenset(around.udp()),
            frozenset(Path(mount.path).name for mount in mounts if mount.path != CATALOGUE),
        )
        files = await self._files(grants, mounts, expected)
        await cluster.put(objects.config_map(self.project, files))
        await cluster.make(self._home(limits))
        self._pvc_exists = True
        self.workspace_key = secrets.token_hex(32)
        order = self._order(limits, mounts, "disclosure-policy.yaml" in files)
        found = await self._until_open(cluster, pod(order), expected)
        self._read_policies = time.monotonic()
        host = status.address(found)
        return f"http://[{host}]:{SERVER_PORT}" if ":" in host else f"http://{host}:{SERVER_PORT}"

    async def _until_open(self, cluster: Cluster, ordered: Manifest, expected: Expectation) -> Manifest:
        """Make the pod and return it once its workspace may be entered."""
        await self._start_watching_pods()
        uid = (await self._create(cluster, ordered))["metadata"]["uid"]
        deadline = time.monotonic() + self.ready_timeout
        judged = False
        while True:
            found = self.seen()
            if found is not None and found["metadata"]["uid"] == uid:
                wrong = differences(ordered, found)
                if wrong:
                    self.log.error("The pod of project %s is not as ordered: %s", self.project, ", ".join(wrong))
                    raise failure("pod_differs")
                report = status.report(found)
                if report is not None and not judged:
                    await self._judge(report, expected)
                    judged = True
                if code := status.failure(found):
                    self.log.error("The pod of project %s cannot start: %s", self.project, found["status"])
                    raise WorkspaceFailure(code, "start", 503)
                if judged and status.opened(found) and status.address(found):
                    await self._check_ingress(status.address(found))
                    return found
            if time.monotonic() > deadline:
                self.log.error("The pod of project %s did not start: %s", self.project, found and found["status"])
                raise WorkspaceFailure(status.waiting_for(found or ordered), "start", 503)
            await asyncio.sleep(PAUSE)

    async def _create(self, cluster: Cluster, ordered: Manifest) -> Manifest:
        deadline = time.monotonic() + self.k8s_api_request_retry_timeout
        while True:
            try:
                return await cluster.create(ordered)
            except ClusterRefusal as refusal:
                if not passing(refusal) or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(PAUSE)

    async def _judge(self, report: str, expected: Expectation) -> None:
        failures = sealing.judge(report, expected)
        await self.keep_finding(acting_person(self.handler), tuple(sorted(sealing.CHECKS)), failures)
        if failures:
            self.log.error("The workspace of project %s is not sealed (%s): %s", self.project, failures, report)
            raise WorkspaceFailure(sealing.refusal(failures), "not_sealed")

    async def _check_ingress(self, address: str) -> None:
        """Prove that somebody who is not the gateway does not get through."""
        if self.check_ingress and await targets.answers(Endpoint(address, SERVER_PORT)):
            await self.keep_finding(acting_person(self.handler), ("ingress",), ("ingress",))
            raise failure("not_enforced")

    def _home(self, limits: Limits) -> Manifest:
        return storage.home_claim(
            self.pvc_name,
            self.project,
            limits.disk,
            self.storage_class,
            self.storage_access_modes,
            self._expand_all(self.storage_selector),
        )

    async def _surroundings(self) -> Surroundings:
        await self._start_watching_pods()
        pods = self.pod_reflector.pods.values()
        zone = (self.gateway_url, self.hub.api_url)
        return await look_around(self.cluster, self.project, self.api_addresses, zone, self.resolvers, pods)

    async def _mounts(self, cluster: Cluster, grants: tuple[Grant, ...]) -> tuple[Mount, ...]:
        """Make the volumes of the datasets and the catalogue, and return how the workspace sees them."""
        mounts = []
        for dataset in sorted(grant.dataset for grant in grants):
            setting = self.dataset_volumes.get(dataset)
            if setting is None:
                self.log.warning("Dataset %s is granted to %s but has no volume", dataset, self.project)
                continue
            mounts.append(await mount_dataset(cluster, self.project, dataset, setting))
        if self.catalogue_volume:
            folder = await asyncio.to_thread(self._catalogue, grants)
            name, setting, inside = "catalogue", self.catalogue_volume, ""
            if folder != self.folder.catalogue and self.restricted_catalogue_volume:
                name, setting, inside = "catalogue-restricted", self.restricted_catalogue_volume, folder.name
            mounts.append(await mount_catalogue(cluster, self.project, name, setting, inside))
        return tuple(mounts)

    async def _files(
        self, grants: tuple[Grant, ...], mounts: tuple[Mount, ...], expected: Expectation
    ) -> dict[str, str]:
        """Return the small files of the workspace and of its probe, by key."""
        config = server_config(self.server.base_url, tcp_port(SERVER_PORT), dict.fromkeys(EXTENSIONS, True), [])
        seen = [grant for grant in grants if grant.dataset in expected.datasets]
        policy = await asyncio.to_thread(self._policy)
        question = sealing.question(expected, mounts, self.sealing_timeout, self.probe_interval)
        return {
            "jupyter_server_config.json": json.dumps(config),
            PROJECT_FILE: project_document(self.project, seen),
            "question.json": json.dumps(question),
            **await asyncio.to_thread(probe_sources),
            **({} if policy is None else {"disclosure-policy.yaml": policy}),
        }

    def _order(self, limits: Limits, mounts: tuple[Mount, ...], policy: bool) -> PodOrder:
        cpu, memory = self.cpu_limit or limits.cpu, self.mem_limit or limits.memory
        most = {"cpu": objects.cores(cpu), "memory": objects.quantity(int(memory)), **self.extra_resource_limits}
        least = {
            "cpu": objects.cores(self.cpu_guarantee or cpu),
            "memory": objects.quantity(int(self.mem_guarantee or memory)),
            **self.extra_resource_guarantees,
        }
        pull_secrets = [one if isinstance(one, str) else one["name"] for one in self.image_pull_secrets or ()]
        return PodOrder(
            name=self.pod_name,
            namespace=self.namespace,
            project=self.project,
            image=self.image,
            pull_policy=self.image_pull_policy or "IfNotPresent",
            pull_secrets=tuple(pull_secrets),
            labels=self.pod_labels(),
            annotations=self._build_common_annotations(self._expand_all(self.extra_annotations)),
            home=self.pvc_name,
            mounts=mounts,
            policy=policy,
            resources=Resources(most, least, limits.tmp, limits.shared_memory),
            scheduling=Scheduling(
                self.node_selector,
                tuple(self._sorted_dict_values(self.tolerations)),
                tuple(self._sorted_dict_values(self.node_affinity_required)),
                self.priority_class_name or "",
                self.scheduler_name or "",
                self.runtime_class,
            ),
            seccomp=self.seccomp_profile,
            grace=self.delete_grace_period,
            key=self.workspace_key,
        )
