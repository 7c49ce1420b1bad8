"""Makes what a project needs on the cluster before its pod, and proves that the cluster holds it."""

from __future__ import annotations

from collections.abc import Mapping

from ..project import WorkspaceFailure
from . import objects, policies
from .cluster import CONFLICT, Cluster, ClusterRefusal
from .objects import PROJECT_LABEL, Manifest


def failure(code: str, status: int = 503) -> WorkspaceFailure:
    """Return the failure of a workspace on a cluster; the last word of its code goes to the hub's metrics."""
    return WorkspaceFailure(f"spawner.kubernetes.{code}", code, status)


async def ensure_namespace(cluster: Cluster, project: str) -> None:
    """Make the project's namespace, or give the one that is there its labels.

    Raises
    ------
    WorkspaceFailure
        `namespace_taken`: it is another project's, or about to be deleted.
    """
    wanted = objects.namespace(cluster.namespace, project)
    labels: dict[str, str] = wanted["metadata"]["labels"]
    try:
        found = await cluster.create(wanted)
    except ClusterRefusal as refusal:
        if refusal.status != CONFLICT:
            raise
        found = await cluster.read("Namespace", cluster.namespace)
    there = _labels(found)
    if there.get(PROJECT_LABEL, project) != project or found["metadata"].get("deletionTimestamp"):
        raise failure("namespace_taken", 409)
    if not labels.items() <= there.items():
        found = await cluster.relabel("Namespace", cluster.namespace, labels)
        if not labels.items() <= _labels(found).items():
            raise failure("namespace_taken", 409)


async def ensure_policy(cluster: Cluster, policy: Manifest, labels: Mapping[str, str]) -> None:
    """Make the network policy, and prove by reading that it is there as ordered and that no other opens anything.

    Parameters
    ----------
    labels
        Those of the pod to come.

    Raises
    ------
    WorkspaceFailure
        `policy_differs`, `policy_opened`.
    """
    await cluster.put(policy)
    code = await policy_fault(cluster, policy, labels)
    if code is not None:
        raise failure(code)


async def policy_fault(cluster: Cluster, policy: Manifest, labels: Mapping[str, str]) -> str | None:
    """Return what is wrong with the policies that the cluster holds, or None."""
    found = await cluster.items("NetworkPolicy")
    own = [one for one in found if one["metadata"]["name"] == policy["metadata"]["name"]]
    if len(own) != 1 or not policies.same_rules(policy, own[0]):
        return "policy_differs"
    return "policy_opened" if policies.openings(found, policy, labels) else None


async def ensure_volume(cluster: Cluster, volume: Manifest, claim: Manifest) -> None:
    """Make a volume and its claim, which stay as they are once made.

    Raises
    ------
    WorkspaceFailure
        `volume_differs`: the volume that is there points elsewhere.
    """
    found = await cluster.make(volume)
    if not policies.contains(found["spec"], volume["spec"]):
        raise failure("volume_differs")
    await cluster.make(claim)


def passing(refusal: ClusterRefusal) -> bool:
    """Tell whether a pod may be made a moment later that cannot be made now.

    The service account of a new namespace comes after it, a pod that ended is gone after that was told, and the quota
    counts it for a while yet.
    """
    counted = "exceeded quota" in refusal.message and "pods=" in refusal.message
    return refusal.status == CONFLICT or counted or "serviceaccount" in refusal.message


def _labels(found: Manifest) -> dict[str, str]:
    labels: dict[str, str] = found["metadata"].get("labels") or {}
    return labels
