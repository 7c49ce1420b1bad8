"""What the status of a pod says of a workspace. Pure.

The cluster's word is taken on what runs; what the containers' own messages say is judged in `sealing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .objects import Manifest
from .pod import PROBE, SENTINEL, SERVER

IMAGE_MISSING = frozenset(("ErrImageNeverPull", "ErrImagePull", "ImageInspectError", "ImagePullBackOff"))

UNUSABLE_IMAGE = frozenset(("InvalidImageName", "RegistryUnavailable"))

CANNOT_RUN = frozenset(("CreateContainerConfigError", "CreateContainerError", "CrashLoopBackOff", "RunContainerError"))


def failure(pod: Manifest) -> str | None:
    """Return the code of what keeps a workspace from starting, or None while it may still start."""
    for container in _states(pod).values():
        reason = (container["state"].get("waiting") or {}).get("reason", "")
        if reason in IMAGE_MISSING | UNUSABLE_IMAGE:
            return "spawner.kubernetes.image_missing"
        if reason in CANNOT_RUN:
            return "spawner.did_not_start"
    if pod["status"].get("phase") in ("Failed", "Succeeded") or "deletionTimestamp" in pod["metadata"]:
        return "spawner.did_not_start"
    return None


def waiting_for(pod: Manifest) -> str:
    """Return the code of what a pod that does not start has waited for."""
    conditions = pod.get("status", {}).get("conditions") or ()
    unplaced = [one for one in conditions if one.get("type") == "PodScheduled" and one.get("status") == "False"]
    if not unplaced:
        return "spawner.kubernetes.not_ready"
    volumes = any("PersistentVolumeClaim" in str(one.get("message")) for one in unplaced)
    return "spawner.kubernetes.volume_unbound" if volumes else "spawner.kubernetes.no_room"


def report(pod: Manifest) -> str | None:
    """Return what the probe said at its end, or None while it has not ended."""
    return _message(pod, PROBE)


def opened(pod: Manifest) -> bool:
    """Tell whether the server runs, and the sentinel after a round in which it reached nothing."""
    return server_runs(pod) and sentinel_passed(pod)


def server_runs(pod: Manifest) -> bool:
    """Tell whether the server runs and is to go on."""
    if pod["status"].get("phase") != "Running" or "deletionTimestamp" in pod["metadata"]:
        return False
    return "running" in _states(pod).get(SERVER, {"state": {}})["state"]


def sentinel_passed(pod: Manifest) -> bool:
    """Tell whether the sentinel runs and has passed lately."""
    container = _states(pod).get(SENTINEL, {"state": {}})
    return "running" in container["state"] and container.get("ready") is True


def sentinel_end(pod: Manifest) -> str | None:
    """Return what the sentinel said at its end, or None while it has not ended."""
    return _message(pod, SENTINEL)


def address(pod: Manifest) -> str:
    """Return the pod's address, empty as long as it has none."""
    return pod["status"].get("podIP") or ""


def _message(pod: Manifest, name: str) -> str | None:
    ended = _states(pod).get(name, {"state": {}})["state"].get("terminated")
    return None if ended is None else str(ended.get("message") or "")


def _states(pod: Manifest) -> dict[str, Mapping[str, Any]]:
    found = pod.get("status") or {}
    states = [*(found.get("initContainerStatuses") or ()), *(found.get("containerStatuses") or ())]
    return {one["name"]: {**one, "state": one.get("state") or {}} for one in states}
