"""The volumes of a workspace: its home, the granted datasets, the catalogue, as plain manifests. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .objects import Manifest, labels, quantity

NOMINAL_SIZE = "1Gi"
"""The size of volumes that exist already, which the cluster wants to be told and does not look at."""


@dataclass(frozen=True)
class Source:
    """Where a folder that workspaces read comes from.

    Attributes
    ----------
    claim
        A claim that is in the project's namespace.
    persistent_volume
        Otherwise what a volume made for the project points to: one entry of a PersistentVolume's specification.
    sub_path
        The folder in it; empty for all of it.
    """

    claim: str = ""
    persistent_volume: Mapping[str, Any] | None = None
    sub_path: str = ""


@dataclass(frozen=True)
class Mount:
    """A claim as the workspace sees it, read-only.

    Attributes
    ----------
    name
        The volume's name in the pod.
    claim
        The claim in the project's namespace.
    path
        Where it is seen.
    sub_path
        The folder of the claim that is seen.
    """

    name: str
    claim: str
    path: str
    sub_path: str = ""


def read_source(setting: Mapping[str, Any]) -> Source:
    """Return the source that a setting describes: `{"claim": ...}` or `{"persistent_volume": {...}}`, and `sub_path`.

    Raises
    ------
    ValueError
        It describes none, or leaves the volume (`..`).
    """
    known = {"claim", "persistent_volume", "sub_path"}
    claim, volume, sub_path = (setting.get(name) for name in ("claim", "persistent_volume", "sub_path"))
    if set(setting) - known or bool(claim) == bool(volume):
        raise ValueError(f"Either a claim or a persistent_volume, and a sub_path if need be: {dict(setting)}")
    if claim is not None and not isinstance(claim, str):
        raise ValueError(f"A claim is named: {claim!r}")
    if volume is not None and (not isinstance(volume, Mapping) or len(volume) != 1):
        raise ValueError(f"A persistent_volume has one kind of source: {volume!r}")
    path = sub_path or ""
    if not isinstance(path, str) or path.startswith("/") or ".." in path.split("/"):
        raise ValueError(f"A sub_path stays in its volume: {sub_path!r}")
    return Source(claim or "", volume, path)


def home_claim(
    name: str, project: str, size: int, storage_class: str | None, modes: Sequence[str], selector: Mapping[str, Any]
) -> Manifest:
    """Return the claim of a project's home.

    Parameters
    ----------
    size
        Bytes.
    storage_class
        None for the cluster's usual one.
    """
    spec: dict[str, Any] = {"accessModes": list(modes), "resources": {"requests": {"storage": quantity(size)}}}
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    if selector:
        spec["selector"] = dict(selector)
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": labels(project)},
        "spec": spec,
    }


def shared_volume(namespace: str, project: str, claim: str, source: Mapping[str, Any]) -> tuple[Manifest, Manifest]:
    """Return a read-only volume and the claim in the project's namespace that alone may have it.

    A volume belongs to one claim, so that each project has volumes of its own that point to the same data. They are
    kept when they are given back, and nothing of the data is ever deleted.
    """
    name = f"{namespace}-{claim}"
    marks = labels(project)
    common = {"accessModes": ["ReadOnlyMany"], "storageClassName": "", "volumeMode": "Filesystem"}
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": marks},
        "spec": {
            **common,
            "capacity": {"storage": NOMINAL_SIZE},
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": namespace, "name": claim},
            **source,
        },
    }
    request = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": claim, "labels": marks},
        "spec": {**common, "resources": {"requests": {"storage": NOMINAL_SIZE}}, "volumeName": name},
    }
    return volume, request
