"""Looks at what is around a workspace on its cluster, from the hub zone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from . import objects, status, targets
from .cluster import Cluster
from .objects import Manifest
from .preparation import failure
from .targets import Surroundings


async def look_around(
    cluster: Cluster,
    project: str,
    api_addresses: Iterable[str],
    hub_zone: Iterable[str],
    resolvers: Sequence[str],
    pods: Iterable[Manifest],
) -> Surroundings:
    """Return what is around, once the API was seen to answer: where it does not, silence inside would prove nothing.

    Parameters
    ----------
    api_addresses, hub_zone
        URLs of the cluster's API besides those that it publishes, and those of the hub and the gateway.
    resolvers
        Who answers for names; those whom the hub asks when there are none.
    pods
        The workspaces of all projects.

    Raises
    ------
    WorkspaceFailure
        `control_failed`: the API does not answer the hub either, or the hub zone is not found.
    """
    published = targets.published(await cluster.read("Endpoints", "kubernetes", "default"))
    try:
        stated = [one for url in api_addresses for one in await targets.located(url)]
        zone = [one for url in hub_zone for one in await targets.located(url)]
    except OSError as error:
        raise failure("control_failed") from error
    api = sorted({*targets.outside([*published, *stated])})
    if not any(await asyncio.gather(*(targets.answers(one) for one in api))):
        raise failure("control_failed")
    asked = resolvers or await asyncio.to_thread(targets.resolvers)
    return Surroundings(api, asked, targets.outside(zone), other_workspaces(project, pods))


def other_workspaces(project: str, pods: Iterable[Manifest]) -> list[str]:
    """Return addresses of a few workspaces of other projects."""
    others = (pod for pod in pods if pod["metadata"].get("labels", {}).get(objects.PROJECT_LABEL) != project)
    found = sorted(address for pod in others if status.server_runs(pod) and (address := status.address(pod)))
    return found[: targets.OTHERS]
