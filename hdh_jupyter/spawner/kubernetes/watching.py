"""The pods as the cluster last told, kept through an absence of its API."""

from __future__ import annotations

from typing import Any

import aiohttp
from kubernetes_asyncio.client import ApiException
from kubespawner import KubeSpawner
from kubespawner.reflector import ResourceReflector

from .cluster import ClusterAway


class PatientWatcher(KubeSpawner):
    """A KubeSpawner that waits for an API which is away, where KubeSpawner ends the hub.

    The workspaces go on without the hub, and the hub without the API: what was last known of the pods holds until there
    is news, and nothing is opened meanwhile because nothing can be created.
    """

    async def _start_reflector(
        self, kind: str, reflector_class: type[ResourceReflector], replace: bool = False, **kwargs: Any
    ) -> ResourceReflector:
        """Return the reflector of a kind of objects, started when there is none.

        Raises
        ------
        ClusterAway
            There is none, and none can be started now.
        """
        key = self._get_reflector_key(kind)
        reflectors: dict[Any, ResourceReflector] = KubeSpawner.reflectors
        former = reflectors.get(key)
        if former is not None and not replace:
            try:
                await former.first_load_future
            except (ApiException, aiohttp.ClientError, OSError) as error:
                raise ClusterAway(repr(error)) from error
            return former

        def given_up() -> None:
            # The next one who asks starts another.
            if reflectors.get(key) is new:
                del reflectors[key]

        new = reflector_class(parent=self, namespace=self.namespace, on_failure=given_up, **kwargs)
        reflectors[key] = new
        try:
            await new.start()
        except (ApiException, aiohttp.ClientError, OSError) as error:
            if new.first_load_future.done():
                # Read, so that it is not reported as an exception that nobody has seen.
                new.first_load_future.exception()
            if former is not None:
                reflectors[key] = former
            else:
                reflectors.pop(key, None)
            raise ClusterAway(repr(error)) from error
        if former is not None:
            await former.stop()
        return new
