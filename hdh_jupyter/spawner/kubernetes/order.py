"""A workspace as it is ordered of a cluster: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .storage import Mount


@dataclass(frozen=True)
class Scheduling:
    """Where the pod may run.

    Attributes
    ----------
    runtime_class
        What isolates it more strongly than the kernel's namespaces (gVisor, Kata); empty for none.
    """

    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Mapping[str, Any], ...] = ()
    node_affinity: tuple[Mapping[str, Any], ...] = ()
    priority_class: str = ""
    scheduler: str = ""
    runtime_class: str = ""


@dataclass(frozen=True)
class Resources:
    """What the server's container may use, in the cluster's words, and how much memory its folders in memory hold.

    Attributes
    ----------
    tmp, shared_memory
        Bytes.
    """

    limits: Mapping[str, str]
    requests: Mapping[str, str]
    tmp: int
    shared_memory: int


@dataclass(frozen=True)
class PodOrder:
    """A workspace as it is ordered.

    Attributes
    ----------
    home
        The claim of the home.
    mounts
        The datasets and the catalogue.
    policy
        Whether the project has its own disclosure policy among the small files.
    seccomp
        The profile of system calls.
    grace
        Seconds to end in.
    key
        By which the gateway tells this workspace from another one: 64 hexadecimal digits.
    """

    name: str
    namespace: str
    project: str
    image: str
    pull_policy: str
    pull_secrets: tuple[str, ...]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    home: str
    mounts: tuple[Mount, ...]
    policy: bool
    resources: Resources
    scheduling: Scheduling
    seccomp: Mapping[str, str]
    grace: int
    key: str = field(repr=False)
