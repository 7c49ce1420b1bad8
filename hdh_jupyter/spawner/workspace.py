"""What one workspace sees and runs, as data."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import bubblewrap
from ..bubblewrap import SOURCES, Bind, Sandbox
from ..catalogue.snapshot import PROJECT_FILE, project_document
from ..interpreter import interpreter_inside
from ..projects.model import Grant
from ..syscalls import numbers
from . import hermeticity
from .hermeticity import Expectation
from .kernels import KERNELS, Kernel
from .server_config import (
    CATALOGUE,
    CONFIGURATION,
    DATASETS,
    HOME,
    POLICY,
    inherited_socket,
    installed_extensions,
    server_config,
    server_environment,
)

PROBE = "/opt/hdh-probe.py"

ABSENT = ("/etc/resolv.conf", "/etc/shadow", "/etc/ssh", "/run", "/sys", "/var")
"""Places of every host that a workspace must not see."""

PYTHON = str(interpreter_inside().executable)

PROBE_COMMAND = (PYTHON, "-I", "-S", PROBE)

SERVER_COMMAND = (PYTHON, "-s", "-P", "-m", "hdh_lockdown.server")
"""No packages of the home, and not its folder either: nothing that people wrote runs in the server at its start."""


@dataclass(frozen=True)
class Workspace:
    """A project's workspace.

    Attributes
    ----------
    home
        The folder that is kept between starts, `/home/project` inside.
    datasets
        The granted datasets: id -> folder.
    grants
        The grants behind `datasets`.
    catalogue
        The folder of the catalogue's snapshot; it holds a project document that this workspace's own one covers.
    listener
        The descriptor of the socket that the server takes over.
    tmp, shared_memory
        How much the folders in memory hold, bytes.
    policy
        The project's own disclosure policy; None for the one that comes with the package.
    """

    project: str
    base_url: str
    home: Path
    datasets: Mapping[str, Path]
    grants: tuple[Grant, ...]
    catalogue: Path
    kernels: tuple[Kernel, ...]
    listener: int
    tmp: int
    shared_memory: int
    policy: str | None = None

    def sandbox(self) -> Sandbox:
        """Return all that the workspace may see."""
        base = bubblewrap.sealed("project")
        sources = bubblewrap.source_packages()
        binds = [*sources, Bind(Path(__file__).parent / "probe.py", Path(PROBE)), Bind(self.home, Path(HOME), True)]
        binds += [Bind(folder, Path(DATASETS) / dataset) for dataset, folder in sorted(self.datasets.items())]
        binds.append(Bind(self.catalogue, Path(CATALOGUE)))
        binds += [bind for kernel in self.kernels for bind in kernel.binds]
        environment = {
            **base.environment,
            **server_environment(str(KERNELS)),
            **({"PYTHONPATH": str(SOURCES)} if sources else {}),
        }
        for kernel in self.kernels:
            environment.update(kernel.environment)
        sealed = base.seeing(*dict.fromkeys(binds))
        return replace(
            sealed,
            files={**sealed.files, **self._files()},
            folders=(DATASETS,),
            tmpfs={"/tmp": self.tmp, "/dev/shm": self.shared_memory},  # noqa: S108
            environment=environment,
            hostname=self.project,
            chdir=HOME,
        )

    def _files(self) -> dict[str, str]:
        listening = inherited_socket(self.listener, "/run/workspace/jupyter.sock")
        names = [kernel.name for kernel in self.kernels]
        config = server_config(self.base_url, listening, installed_extensions(), names)
        granted = [grant for grant in self.grants if grant.dataset in self.datasets]
        return {
            f"{CONFIGURATION}/jupyter_server_config.json": json.dumps(config),
            f"{CATALOGUE}/{PROJECT_FILE}": project_document(self.project, granted),
            **({} if self.policy is None else {POLICY: self.policy}),
            **{kernel.file: kernel.text for kernel in self.kernels},
        }


def probe_facts(expected: Expectation, absent: tuple[Path, ...]) -> dict[str, Any]:
    """Return what the probe is told to try.

    Parameters
    ----------
    absent
        Folders of the hub zone that must not be visible.
    """
    addresses = sorted(expected.addresses)
    return {
        "tcp": [[address, 80] for address in addresses],
        "udp": [[address, 53] for address in addresses],
        "names": list(hermeticity.NAMES),
        "namespaces": sorted(expected.namespaces),
        "absent": [*ABSENT, *map(str, absent)],
        "families": list(hermeticity.FAMILIES),
        "calls": numbers((*hermeticity.CALLS_REFUSED, *hermeticity.CALLS_ABSENT)),
        "memory_folders": sorted(expected.memory_folders),
        "closed": list(hermeticity.CLOSED),
        "sockets": sorted(expected.sockets),
    }


def expectation(
    sandbox: Sandbox, datasets: frozenset[str], addresses: frozenset[str], sockets: frozenset[str]
) -> Expectation:
    """Return what the probe must find in `sandbox`, started from this process's namespaces.

    Parameters
    ----------
    sockets
        Sockets of the hub zone, by path.
    """
    return Expectation(
        datasets=datasets,
        namespaces={kind: os.readlink(f"/proc/self/ns/{kind}") for kind in hermeticity.NAMESPACES},
        read_only=frozenset({"/", *sandbox.covered, *sandbox.files, *_targets(sandbox, writable=False)}),
        writable=frozenset({*sandbox.tmpfs, *_targets(sandbox, writable=True)}),
        addresses=addresses,
        home=Path(HOME).name,
        environment=frozenset({*sandbox.environment, "PWD"}),
        memory_folders=dict(sandbox.tmpfs),
        sockets=sockets,
    )


def _targets(sandbox: Sandbox, *, writable: bool) -> list[str]:
    return [str(bind.target) for bind in sandbox.binds if bind.writable == writable]
