"""Makes the volumes that a workspace reads, and says how it sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..server_config import CATALOGUE, DATASETS
from . import storage
from .cluster import NOT_FOUND, Cluster, ClusterRefusal
from .preparation import ensure_volume, failure
from .storage import Mount


async def mount_dataset(cluster: Cluster, project: str, dataset: str, setting: Mapping[str, Any]) -> Mount:
    """Return how the workspace sees a dataset.

    Raises
    ------
    WorkspaceFailure
        `claim_missing`, `volume_differs`.
    """
    return await _mount(cluster, project, f"dataset-{dataset}", setting, f"{DATASETS}/{dataset}", "")


async def mount_catalogue(cluster: Cluster, project: str, name: str, setting: Mapping[str, Any], inside: str) -> Mount:
    """Return how the workspace sees the catalogue.

    Parameters
    ----------
    name
        The claim that is made when the setting names none.
    inside
        The folder of the project's audience in the volume; empty for all of it.

    Raises
    ------
    WorkspaceFailure
        `claim_missing`, `volume_differs`.
    """
    return await _mount(cluster, project, name, setting, CATALOGUE, inside)


async def _mount(
    cluster: Cluster, project: str, name: str, setting: Mapping[str, Any], path: str, inside: str
) -> Mount:
    source = storage.read_source(setting)
    if source.persistent_volume is not None:
        volume = storage.shared_volume(cluster.namespace, project, name, source.persistent_volume)
        await ensure_volume(cluster, *volume)
    elif not await _has_claim(cluster, source.claim):
        raise failure("claim_missing")
    folder = "/".join(part for part in (source.sub_path.strip("/"), inside) if part)
    return Mount(name, source.claim or name, path, folder)


async def _has_claim(cluster: Cluster, claim: str) -> bool:
    try:
        await cluster.read("PersistentVolumeClaim", claim)
    except ClusterRefusal as refusal:
        if refusal.status != NOT_FOUND:
            raise
        return False
    return True
