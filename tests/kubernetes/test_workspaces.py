"""A project's workspace end to end: opened through the hub, used through the gateway, stopped, found again."""

from __future__ import annotations

import signal
import time

import pytest
import websocket
from redteam.clients import Kernel, Server

from hdh_jupyter.projects.model import ProjectRole
from hdh_jupyter.routes import read_route

from .cluster import Cluster, wait_until
from .conftest import GATEWAY
from .enforcement import Enforcement
from .platform import FIRST, SECOND, HubZone

pytestmark = pytest.mark.usefixtures("enforced")

NAMESPACE = f"hdh-prj-{FIRST}"


@pytest.fixture(scope="module")
def workspace(zone: HubZone, enforced: Enforcement | None) -> Server:
    """The first project's workspace, as Alice reaches it."""
    return zone.open("alice", FIRST)


def pod(cluster: Cluster, namespace: str = NAMESPACE) -> dict[str, object]:
    [found] = cluster.list("Pod", namespace)
    return found


def test_a_kernel_runs_and_files_stay(workspace: Server, cluster: Cluster) -> None:
    with workspace.kernel() as kernel:
        assert kernel.run("print(6 * 7)").strip() == "42"
        assert kernel.run("import os; print(os.getuid(), os.getcwd())").split() == ["1000", "/home/project"]
        kernel.run("open('kept.txt', 'w').write('kept')")
        assert kernel.run("print(sorted(os.listdir('/data')))").strip() == "['oscour']"
        assert "Read-only file system" in kernel.run("open('/data/oscour/mine', 'w')")
    assert workspace.json("GET", "api/contents/kept.txt")["content"] == "kept"
    assert workspace.json("GET", "hdh/me")["name"] == "alice"


def test_the_pod_is_as_the_standard_wants_it(workspace: Server, cluster: Cluster) -> None:
    spec = pod(cluster)["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec.get("automountServiceAccountToken") is False
    assert not any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC"))
    for container in (*spec["initContainers"], *spec["containers"]):
        context = container["securityContext"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"]) == (False, True)
    labels = cluster.get("Namespace", name=NAMESPACE)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_policy_lets_in_the_gateway_alone_and_nothing_out(workspace: Server, cluster: Cluster) -> None:
    [policy] = cluster.list("NetworkPolicy", NAMESPACE)
    assert not policy["spec"].get("egress")
    assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    [rule] = policy["spec"]["ingress"]
    assert rule["from"] == [
        {
            "namespaceSelector": {"matchLabels": dict(GATEWAY.namespace)},
            "podSelector": {"matchLabels": dict(GATEWAY.pod)},
        }
    ]


def test_the_hub_restarts_and_finds_the_workspace_again(workspace: Server, zone: HubZone, cluster: Cluster) -> None:
    before = pod(cluster)["metadata"]["uid"]
    with workspace.kernel() as kernel:
        kernel.run("mark = 'still here'")
        zone.stop("hub", signal.SIGTERM)
        # Without the hub the gateway goes on for those whom it knows.
        assert kernel.run("print(mark)").strip() == "still here"
        zone.start_hub()
        # A hub that is away for long has websockets cut, as nobody says any more who may be in; kernels go on.
        with Kernel(workspace, kernel.number) as found:
            assert found.run("print(mark)").strip() == "still here"
    assert pod(cluster)["metadata"]["uid"] == before
    again = zone.open("claire", FIRST)
    assert pod(cluster)["metadata"]["uid"] == before
    assert again.json("GET", "api/contents/kept.txt")["content"] == "kept"


def test_the_gateway_restarts_and_finds_the_workspace_again(workspace: Server, zone: HubZone) -> None:
    zone.stop("gateway")
    zone.start_gateway()
    wait_until(lambda: workspace.request("GET", "api/contents?content=0").status_code == 200, 30)


def test_two_projects_side_by_side_do_not_meet(workspace: Server, zone: HubZone, cluster: Cluster) -> None:
    other = zone.open("emma", SECOND)
    theirs, ours = (pod(cluster, f"hdh-prj-{name}")["status"]["podIP"] for name in (SECOND, FIRST))
    assert theirs != ours
    attempt = "import socket; s = socket.socket(); s.settimeout(3)\ntry: s.connect(({!r}, 8888)); print('in')\n"
    attempt += "except OSError as e: print(type(e).__name__)"
    with other.kernel() as kernel:
        kernel.run("open('theirs.txt', 'w').write('theirs')")
        assert kernel.run(attempt.format(ours)).strip() == "TimeoutError"
        assert kernel.run(attempt.format(theirs)).strip() == "in", "the control: its own server does answer"
    with workspace.kernel() as kernel:
        assert kernel.run(attempt.format(theirs)).strip() == "TimeoutError"
    assert workspace.request("GET", "api/contents/theirs.txt").status_code == 404
    # Who is in one project alone is sent away from the other.
    session, _ = zone.ask("emma", FIRST)
    stranger = Server(zone.base(FIRST), session)
    assert stranger.request("GET", "api/contents?content=0").status_code == 403
    zone.close("emma", SECOND)


def until_closed(channels: websocket.WebSocket) -> float:
    """Return after how many seconds the other side closes a websocket."""
    asked = time.monotonic()
    try:
        while channels.recv_frame().opcode != websocket.ABNF.OPCODE_CLOSE:
            pass
    except (websocket.WebSocketException, OSError):
        pass
    return time.monotonic() - asked


def test_a_removed_member_is_out_within_seconds(workspace: Server, zone: HubZone) -> None:
    bruno = zone.open("bruno", FIRST)
    with bruno.kernel() as kernel:
        assert kernel.run("print('in')").strip() == "in"
        channels = bruno.socket(f"api/kernels/{kernel.number}/channels", timeout=30)
        zone.registry.set_member(FIRST, "bruno", None)
        try:
            assert until_closed(channels) < 30
        finally:
            channels.close()
            zone.registry.set_member(FIRST, "bruno", ProjectRole.RESEARCHER)
    wait_until(lambda: workspace.request("GET", "api/contents?content=0").status_code == 200, 10)


def test_a_stopped_workspace_leaves_its_home_and_nothing_else(
    workspace: Server, zone: HubZone, cluster: Cluster
) -> None:
    zone.close("alice", FIRST)
    wait_until(lambda: not cluster.list("Pod", NAMESPACE), what="the pod is gone")
    wait_until(lambda: read_route(zone.state.routes, FIRST) is None, 20)
    [home] = [
        one for one in cluster.list("PersistentVolumeClaim", NAMESPACE) if "dataset" not in one["metadata"]["name"]
    ]
    assert home["status"]["phase"] == "Bound"
    gone = workspace.request("GET", "api/contents?content=0")
    assert (gone.status_code, gone.headers["Location"].split("?")[0]) == (
        302,
        f"{zone.origin}/hub/user/prj-{FIRST}/api/contents",
    )
    namespace = cluster.get("Namespace", name=NAMESPACE)
    namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "privileged"
    cluster.put(namespace)
    again = zone.open("alice", FIRST)
    assert again.json("GET", "api/contents/kept.txt")["content"] == "kept"
    labels = cluster.get("Namespace", name=NAMESPACE)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted", "the standard is put back"
