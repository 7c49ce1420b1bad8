"""What an administrator sets for workspaces on a cluster."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import Any

from traitlets import Bool, Dict, Enum, Float, HasTraits, List, TraitError, Unicode, default, validate

from .objects import EgressException, Zone
from .storage import read_source

DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


class ClusterSettings(HasTraits):
    """The traits of `ProjectKubeSpawner` besides those of KubeSpawner."""

    gateway_address = Unicode(
        "http://gateway:8000",
        config=True,
        help="""Have the hub and its proxy call the gateway by this URL, `http://` with a host and a port.""",
    )

    hub_zone_labels = Dict(
        {"kubernetes.io/metadata.name": "hdh"},
        config=True,
        help="""Take the gateway's calls from the namespace with these labels.

        Clusters older than 1.21 do not label namespaces with their names: set the label by hand there.
        """,
    )

    gateway_labels = Dict(
        {"app.kubernetes.io/name": "hdh-jupyter", "app.kubernetes.io/component": "gateway"},
        config=True,
        help="""Let only pods with these labels, in the namespace of `hub_zone_labels`, call a workspace.""",
    )

    require_digest = Bool(
        True,
        config=True,
        help="""Refuse an image that is not named by its digest (`name@sha256:...`), which alone cannot change.""",
    )

    runtime_class = Unicode(
        "",
        config=True,
        help="""Run workspaces with this RuntimeClass (gVisor, Kata Containers); empty for the cluster's usual one.""",
    )

    seccomp_profile = Dict(
        {"type": "RuntimeDefault"},
        config=True,
        help="""Filter the system calls of workspaces by this profile.

        `{"type": "RuntimeDefault"}`, or `{"type": "Localhost", "localhostProfile": "hdh.json"}` for a file on every
        machine. Container runtimes of before 2023 leave sockets to the hypervisor (vsock) open, which the probe
        refuses where a hypervisor answers: give such a cluster a profile of its own.
        """,
    )

    dataset_volumes = Dict(
        config=True,
        help="""Show granted datasets from these volumes: `{"dataset": {"claim": "name", "sub_path": "folder"}}`.

        A `claim` is one that is in the namespace of every project with the grant. With `{"persistent_volume": {"nfs":
        {"server": ..., "path": ...}}}` instead, a read-only volume and a claim are made for each project. A granted
        dataset without a volume is left out, with a warning in the log.
        """,
    )

    catalogue_volume = Dict(
        config=True,
        help="""Show the catalogue from this volume, described as in `dataset_volumes`.

        It holds the folder `catalogue` of the hub's state folder, and nothing else of it. Without it workspaces have no
        catalogue.
        """,
    )

    restricted_catalogue_volume = Dict(
        config=True,
        help="""Show projects the catalogue's restricted parts from this volume, where their grants open some.

        It holds the folder `catalogue-restricted` of the hub's state folder, of which each project sees the folder of
        its audience. Without it everybody sees what is for everybody.
        """,
    )

    egress_exceptions = List(
        Dict(),
        config=True,
        help="""Let workspaces call these addresses all the same: `[{"address": "192.0.2.7", "port": 443}]`.

        Single IP addresses with a TCP port. Whatever answers there can carry data out, past the review of results:
        `hdh-jupyter doctor` shows them. The cluster's API, its names, the hub zone, the clouds' metadata and other
        workspaces are never opened.
        """,
    )

    api_addresses = List(
        Unicode(),
        config=True,
        help="""Try these addresses of the cluster's API too (`"https://192.0.2.1:6443"`), which must not answer inside.

        Those that the cluster publishes are always tried.
        """,
    )

    resolvers = List(
        Unicode(),
        config=True,
        help="""Ask these addresses for names, which must not answer inside; by default those that the hub asks.""",
    )

    ready_timeout = Float(
        300,
        config=True,
        help="""Stop a workspace that is not ready after so many seconds, the download of its image included.""",
    )

    sealing_timeout = Float(
        30,
        min=0,
        config=True,
        help="""Give the network plugin so many seconds to apply a policy to a new pod, before the probe fails.""",
    )

    probe_interval = Float(
        60,
        min=1,
        config=True,
        help="""Probe workspaces that run after so many seconds, from inside, and close those that are not sealed.""",
    )

    probe_patience = Float(
        60,
        min=0,
        config=True,
        help="""Close a workspace whose probe has not reported for so many seconds.""",
    )

    policy_interval = Float(
        300,
        min=0,
        config=True,
        help="""Read the network policies of running workspaces again after so many seconds.

        A workspace whose policy was changed, or opened by another one, is closed.
        """,
    )

    check_ingress = Bool(
        config=True,
        help="""Call each new workspace from the hub, which must not get through: only the gateway may.

        On by default where the hub is a pod. A hub on a machine of the cluster can always call the pods there.
        """,
    )

    slug_scheme = Enum(["safe"], "safe", config=True, help="Names are those of projects, which are safe.")

    @default("check_ingress")
    def _hub_is_a_pod(self) -> bool:
        return "KUBERNETES_SERVICE_HOST" in os.environ

    @validate("seccomp_profile")
    def _filtering_profile(self, proposal: Any) -> Any:
        profile = proposal["value"]
        if profile.get("type") not in ("RuntimeDefault", "Localhost"):
            raise TraitError(
                "ProjectKubeSpawner.seccomp_profile is RuntimeDefault or Localhost: nothing runs unfiltered"
            )
        return profile

    @validate("hub_zone_labels", "gateway_labels")
    def _somebody(self, proposal: Any) -> Any:
        if not proposal["value"]:
            raise TraitError(f"ProjectKubeSpawner.{proposal['trait'].name} would let every pod call workspaces")
        return proposal["value"]

    @validate("egress_exceptions")
    def _single_addresses(self, proposal: Any) -> Any:
        for one in proposal["value"]:
            read_exception(one)
        return proposal["value"]

    @validate("dataset_volumes")
    def _readable_volumes(self, proposal: Any) -> Any:
        for dataset, setting in proposal["value"].items():
            try:
                read_source(setting)
            except ValueError as error:
                raise TraitError(f"ProjectKubeSpawner.dataset_volumes[{dataset!r}]: {error}") from error
        return proposal["value"]

    @validate("catalogue_volume", "restricted_catalogue_volume")
    def _readable_volume(self, proposal: Any) -> Any:
        if proposal["value"]:
            try:
                read_source(proposal["value"])
            except ValueError as error:
                raise TraitError(f"ProjectKubeSpawner.{proposal['trait'].name}: {error}") from error
        return proposal["value"]

    def exceptions(self) -> tuple[EgressException, ...]:
        """Return the addresses outside that workspaces may call."""
        return tuple(read_exception(one) for one in self.egress_exceptions)

    def zone(self) -> Zone:
        """Return whose pods may call a workspace."""
        return Zone(self.hub_zone_labels, self.gateway_labels)


def read_exception(setting: Any) -> EgressException:
    """Return the exception that a setting describes.

    Raises
    ------
    TraitError
        It is not one IP address with one port.
    """
    if not isinstance(setting, dict) or setting.keys() != {"address", "port"}:
        raise TraitError(f"An exception of ProjectKubeSpawner.egress_exceptions has an address and a port: {setting!r}")
    address, port = setting["address"], setting["port"]
    try:
        read = ipaddress.ip_address(address)
    except ValueError as error:
        raise TraitError(f"An exception is a single IP address, no name and no network: {address!r}") from error
    if read.is_unspecified or (read.version == 6 and read.ipv4_mapped):
        raise TraitError(f"An exception is the address of one machine, as packets carry it: {address!r}")
    if type(port) is not int or not 0 < port < 65536:
        raise TraitError(f"An exception has a TCP port: {port!r}")
    return EgressException(str(read), port)
