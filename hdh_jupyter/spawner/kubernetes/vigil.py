"""Watches over the workspace of a project on a cluster while it runs."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from typing import Any

from ..probing import Finding, keep
from ..project import HUB, ProjectSpawner
from ..supervision import Places
from . import objects, sealing, status
from .cluster import Cluster, ClusterAway
from .objects import Manifest
from .preparation import policy_fault
from .read_back import guests
from .settings import ClusterSettings
from .watching import PatientWatcher


class Vigil(ClusterSettings, ProjectSpawner, PatientWatcher):
    """What a running workspace is looked at for: its pod, its sentinel, its network policies."""

    _silent_since: float | None = None
    _read_policies = 0.0

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.namespace)

    @property
    def places(self) -> Places:
        return Places(self.folder, self.project)

    def runs(self) -> bool:
        found = self.seen()
        return found is not None and status.server_runs(found)

    async def poll(self) -> int | None:
        """Return None while the workspace runs, is watched from inside and closed by policy; else close it."""
        try:
            await self._start_watching_pods()
        except ClusterAway as error:
            self.log.warning("The API is away, the workspace of project %s goes on: %s", self.project, error)
            return None if self._open else 0
        if self._open and await self._found_open():
            return 0
        return await ProjectSpawner.poll(self)

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        # A hub that starts again does not read the policies of all projects at once.
        self._read_policies = time.monotonic() - random.random() * self.policy_interval  # noqa: S311

    def seen(self) -> Manifest | None:
        """Return the project's pod as the cluster last told."""
        reflector = self.pod_reflector
        return reflector.pods.get(f"{self.namespace}/{self.pod_name}") if reflector is not None else None

    def pod_labels(self) -> dict[str, str]:
        """Return the labels of the project's pod."""
        return {**self._build_pod_labels(self._expand_all(self.extra_labels)), **objects.labels(self.project)}

    def network_policy(self) -> Manifest:
        """Return the network policy of the project."""
        return objects.network_policy(self.project, self.zone(), self.exceptions())

    async def keep_finding(self, actor: str, checks: tuple[str, ...], failures: tuple[str, ...]) -> None:
        """Keep what a probe found, for people and in the audit log."""
        finding = Finding(datetime.now(UTC), checks, failures)
        await asyncio.to_thread(self.places.notes.mkdir, 0o700, True, True)
        await asyncio.to_thread(keep, self.places, finding)
        await self._record("workspace.probed", actor, finding.detail())

    async def _found_open(self) -> bool:
        """Close a workspace that its sentinel, its silence or its policies say is not sealed, and tell so."""
        found = self.seen()
        ended = status.sentinel_end(found) if found is not None else None
        if ended is not None:
            self.log.error("The workspace of project %s is no longer sealed: %s", self.project, ended)
            return await self._close_for("probe_failed", sealing.sentinel_failures(ended))
        if found is None or not status.server_runs(found):
            return False
        if came := guests(found):
            self.log.error("The pod of project %s is no longer as ordered: %s", self.project, ", ".join(came))
            return await self._close_for("pod_differs", ("pod",))
        now = time.monotonic()
        if status.sentinel_passed(found):
            self._silent_since = None
        else:
            self._silent_since = now if self._silent_since is None else self._silent_since
            if now - self._silent_since > self.probe_patience:
                self.log.error("The probe beside the workspace of project %s does not report", self.project)
                return await self._close_for("probe_failed", ("report",))
        if now - self._read_policies > self.policy_interval:
            self._read_policies = now
            return await self._found_opened_by_policy()
        return False

    async def _found_opened_by_policy(self) -> bool:
        try:
            code = await policy_fault(self.cluster, self.network_policy(), self.pod_labels())
        except ClusterAway as error:
            self.log.warning("The policies of project %s cannot be read: %s", self.project, error)
            return False
        if code is None:
            return False
        self.log.error("The workspace of project %s is closed: %s", self.project, code)
        return await self._close_for(code, ("policy",))

    async def _close_for(self, reason: str, failures: tuple[str, ...]) -> bool:
        await self.keep_finding(HUB, tuple(sorted(sealing.CHECKS)), failures)
        await self._close(reason, now=True)
        return True
