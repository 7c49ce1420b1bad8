"""The platform with its hub zone on this machine and its workspaces on the cluster that KUBECONFIG names.

The machine must reach the addresses of pods, and pods the machine: it is one of the cluster's, or routed to them.

===================== ====================================================================================
KUBECONFIG            an administrator of the cluster
HDH_TEST_IMAGE        the workspace's image, on the machines already; by default localhost/hdh-workspace:0.1.0
HDH_TEST_ADDRESS      this machine as pods call it; by default the address of the cluster's first machine
HDH_TEST_ENFORCED     1 where the network plugin enforces network policies by itself
HDH_TEST_STORAGE      the class of homes; by default volumes are made in folders of this machine, for one machine
HDH_TEST_SECCOMP      the folder of seccomp profiles of the cluster's machines, if this is one of them; the profile
                      hdh-test.json is written there, or must be there
HDH_TEST_AUDIT        the API server's audit log, if it is here, with the metadata of what service accounts ask
HDH_TEST_PROCESSES    the folder with `api.pid`, where the API server is a process here that may be stopped a while
===================== ======================================================================================
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter import __version__
from hdh_jupyter.spawner.kubernetes import rbac
from hdh_jupyter.spawner.kubernetes.seccomp import profile
from hdh_jupyter.state import StateFolder

from .cluster import Cluster, wait_until
from .enforcement import Enforcement, Zone
from .platform import FIRST, SECOND, HubZone, running

HUB_NAMESPACE, HUB_ACCOUNT = "hdh", "hub"
STORAGE_CLASS = "hdh-test"
PROFILE = "hdh-test.json"
THIRD = "bronchiolite-2023"
GATEWAY = Zone(
    {"kubernetes.io/metadata.name": HUB_NAMESPACE},
    {"app.kubernetes.io/name": "hdh-jupyter", "app.kubernetes.io/component": "gateway"},
)
OWN = {"hdh.health/test": "yes"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.kubernetes)
            for left in ("unclosed", "Unverified HTTPS request"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore:.*{left}"))
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
    # What an unenforced policy leads to is seen before policies are enforced.
    items.sort(key=lambda item: "test_unenforced" not in item.nodeid)
    # Clusters are upset for a while when their API was away; which rights the hub has used is seen at the end.
    items.sort(key=lambda item: ("gone_for_a_minute" in item.nodeid) + 2 * ("test_rights" in item.nodeid))


@pytest.fixture(scope="session")
def names() -> Iterator[None]:
    """Have every name below `localhost` lead to this machine, as browsers do."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    if not os.environ.get("KUBECONFIG"):
        pytest.fail("KUBECONFIG names no cluster")
    return Cluster(Path(os.environ["KUBECONFIG"]))


@pytest.fixture(scope="session")
def image() -> str:
    return os.environ.get("HDH_TEST_IMAGE", f"localhost/hdh-workspace:{__version__}")


@pytest.fixture(scope="session")
def address(cluster: Cluster) -> str:
    return os.environ.get("HDH_TEST_ADDRESS") or cluster.addresses()[0]


@pytest.fixture(scope="session")
def storage(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The class of homes."""
    if os.environ.get("HDH_TEST_STORAGE"):
        yield os.environ["HDH_TEST_STORAGE"]
        return
    folder = tmp_path_factory.mktemp("homes")
    for number in range(6):
        home = folder / str(number)
        home.mkdir()
        os.chown(home, 1000, 1000)
        cluster.put(volume(f"hdh-test-home-{number}", str(home)))
    yield STORAGE_CLASS
    for one in cluster.list("PersistentVolume", selector="hdh.health/test=yes"):
        cluster.delete("PersistentVolume", name=one["metadata"]["name"])


def volume(name: str, path: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": OWN},
        "spec": {
            "capacity": {"storage": "50Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": STORAGE_CLASS,
            "hostPath": {"path": path, "type": "Directory"},
        },
    }


@pytest.fixture(scope="session")
def hub_rights(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The hub's account, with the rights that the platform asks for and no others."""
    cluster.put(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HUB_NAMESPACE, "labels": GATEWAY.namespace}}
    )
    made = [cluster.put(one) for one in rbac.manifests(HUB_NAMESPACE, HUB_ACCOUNT, volumes=True)]
    yield cluster.as_account(HUB_NAMESPACE, HUB_ACCOUNT, tmp_path_factory.mktemp("hub"))
    for one in made:
        cluster.delete(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
    cluster.delete("Namespace", name=HUB_NAMESPACE)


@pytest.fixture(scope="session")
def system_calls() -> None:
    """Put the profile of system calls where the machine's kubelet looks for it."""
    folder = Path(os.environ.get("HDH_TEST_SECCOMP", "/var/lib/kubelet/seccomp"))
    if os.access(folder.parent, os.W_OK):
        folder.mkdir(exist_ok=True)
        (folder / PROFILE).write_text(json.dumps(profile()))


@pytest.fixture(scope="session")
def zone(
    names: None,
    cluster: Cluster,
    image: str,
    address: str,
    storage: str,
    hub_rights: Path,
    system_calls: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[HubZone]:
    """The hub zone, running."""
    clear_projects(cluster)
    state = StateFolder(tmp_path_factory.mktemp("platform") / "state")
    data = {
        "oscour": {"persistent_volume": {"hostPath": {"path": str(state.datasets / "oscour"), "type": "Directory"}}}
    }
    settings = f"""
c.KubeSpawner.namespace = {HUB_NAMESPACE!r}
c.KubeSpawner.image = {image!r}
c.KubeSpawner.image_pull_policy = "IfNotPresent"
c.KubeSpawner.storage_class = {storage!r}
c.ProjectKubeSpawner.require_digest = False
c.ProjectKubeSpawner.dataset_volumes = {data!r}
c.ProjectKubeSpawner.seccomp_profile = {{"type": "Localhost", "localhostProfile": {PROFILE!r}}}
c.ProjectKubeSpawner.api_addresses = [{cluster.url!r}]
c.ProjectKubeSpawner.sealing_timeout = 20
c.ProjectKubeSpawner.ready_timeout = 120
c.ProjectKubeSpawner.probe_interval = 5
c.ProjectKubeSpawner.policy_interval = 5
c.Spawner.poll_interval = 3
c.ClusterLimits.memory = 1024 ** 3
c.ClusterLimits.cpu = 1.0
c.KubeSpawner.cpu_guarantee = 0.1
c.ClusterLimits.disk = 1024 ** 3
"""
    with running(HubZone(state, address, hub_rights, settings)) as zone:
        yield zone
    clear_projects(cluster)
    shutil.rmtree(state.sockets, ignore_errors=True)


def clear_projects(cluster: Cluster) -> None:
    """Delete what a run of these tests made for projects."""
    for project in (FIRST, SECOND, THIRD):
        cluster.delete("Pod", f"hdh-prj-{project}", "workspace", grace=0)
        cluster.delete("Namespace", name=f"hdh-prj-{project}")
        for one in cluster.list("PersistentVolume", selector=f"hdh.health/project={project}"):
            cluster.delete("PersistentVolume", name=one["metadata"]["name"])
    wait_until(
        lambda: not any(cluster.get("Namespace", name=f"hdh-prj-{project}") for project in (FIRST, SECOND, THIRD)),
        what="namespaces of projects are gone",
    )


@pytest.fixture(scope="session")
def enforced(cluster: Cluster) -> Iterator[Enforcement | None]:
    """Network policies are enforced: by the cluster's plugin, or in its place."""
    if os.environ.get("HDH_TEST_ENFORCED") == "1":
        yield None
        return
    if shutil.which("nft") is None or subprocess.run(["nft", "list", "tables"], check=False).returncode != 0:
        pytest.fail("The plugin enforces nothing (HDH_TEST_ENFORCED), and nft cannot do so in its place here")
    enforcement = Enforcement(cluster, GATEWAY)
    enforcement.start()
    yield enforcement
    enforcement.stop()
