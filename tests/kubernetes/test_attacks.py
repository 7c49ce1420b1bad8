"""Attacks from inside a workspace's pod: the network, the cluster's API and accounts, other pods, the machine's files.

Each attack has a control on this machine or in the pod itself, which shows that it would be seen to succeed.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from redteam.clients import Kernel, Server

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import open_database

from .cluster import Cluster, wait_until
from .enforcement import Enforcement
from .platform import FIRST, SECOND, HubZone

NAMESPACE = f"hdh-prj-{FIRST}"

CONNECT = """
import socket
def connect(address, port, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, kind) as s:
        s.settimeout(2)
        try:
            s.connect((address, port))
            if kind == socket.SOCK_DGRAM:
                s.send(b'?'); s.recv(100)
            return 'in'
        except OSError as e:
            return type(e).__name__
def attempt(act):
    try:
        act()
        return 'done'
    except Exception as e:
        return type(e).__name__
def write(path):
    try:
        with open(path, 'w') as f: f.write('x')
        return 'written'
    except OSError as e:
        return type(e).__name__
"""


@pytest.fixture(scope="module")
def workspace(zone: HubZone, enforced: Enforcement | None) -> Server:
    return zone.open("alice", FIRST)


@pytest.fixture(scope="module")
def neighbour(zone: HubZone, enforced: Enforcement | None, cluster: Cluster) -> Iterator[str]:
    """The address of the other project's pod."""
    zone.open("emma", SECOND)
    [pod] = cluster.list("Pod", f"hdh-prj-{SECOND}")
    yield pod["status"]["podIP"]
    zone.close("emma", SECOND)


@pytest.fixture(scope="module")
def kernel(workspace: Server) -> Iterator[Kernel]:
    with workspace.kernel() as kernel:
        kernel.run(CONNECT)
        yield kernel


def test_the_control_connects(kernel: Kernel) -> None:
    assert kernel.run("print(connect('127.0.0.1', 8888))").strip() == "in"


def test_the_api_server_is_silent(kernel: Kernel, cluster: Cluster) -> None:
    host, port = cluster.endpoint
    with socket.create_connection((host, port), 5):
        pass
    found = cluster.ask("GET", "api/v1/namespaces/default/endpoints/kubernetes").json()
    published = [(a["ip"], p["port"]) for s in found["subsets"] for a in s["addresses"] for p in s["ports"]]
    for address, number in published:
        assert kernel.run(f"print(connect({address!r}, {number}))").strip() == "TimeoutError"
    service = "connect(os.environ['KUBERNETES_SERVICE_HOST'], int(os.environ['KUBERNETES_SERVICE_PORT']))"
    told = kernel.run(f"import os; print({service} if 'KUBERNETES_SERVICE_HOST' in os.environ else 'untold')").strip()
    assert told in ("TimeoutError", "untold", "OSError")


def test_the_hub_and_the_gateway_are_silent(kernel: Kernel, zone: HubZone) -> None:
    for name in ("hub", "gw"):
        with socket.create_connection((zone.address, zone.ports[name]), 5):
            pass
        assert kernel.run(f"print(connect({zone.address!r}, {zone.ports[name]}))").strip() == "TimeoutError"


@pytest.mark.parametrize(
    ("outside", "port"), [("169.254.169.254", 80), ("1.1.1.1", 443), ("8.8.8.8", 53), ("fd00:ec2::254", 80)]
)
def test_the_outside_is_silent(kernel: Kernel, outside: str, port: int) -> None:
    assert kernel.run(f"print(connect({outside!r}, {port}))").strip() in ("TimeoutError", "OSError")


def test_the_machine_is_silent(kernel: Kernel, zone: HubZone, enforced: Enforcement | None) -> None:
    assert kernel.run(f"print(connect({zone.address!r}, 22))").strip() == "TimeoutError"
    first_hop = "socket.inet_ntoa(bytes.fromhex(open('/proc/net/route').read().split()[13])[::-1])"
    assert kernel.run(f"print(connect({first_hop}, 10250))").strip() in ("TimeoutError", "OSError")


def test_names_are_not_answered(kernel: Kernel) -> None:
    ask = "try: print(socket.getaddrinfo({!r}, 80))\nexcept OSError as e: print(type(e).__name__)"
    for name in ("kubernetes.default.svc", "hub.hdh.svc.cluster.local", "example.org"):
        assert kernel.run(ask.format(name)).strip() == "gaierror"
    for server in ("10.96.0.10", "1.1.1.1"):
        assert kernel.run(f"print(connect({server!r}, 53, socket.SOCK_DGRAM))").strip() == "TimeoutError"


def test_the_neighbour_is_silent(kernel: Kernel, neighbour: str) -> None:
    for port in (8888, 22, 80):
        assert kernel.run(f"print(connect({neighbour!r}, {port}))").strip() == "TimeoutError"
    assert kernel.run(f"print(connect({neighbour!r}, 53, socket.SOCK_DGRAM))").strip() == "TimeoutError"


def test_there_is_no_account_of_the_cluster(kernel: Kernel) -> None:
    look = "import os, glob; print([p for p in glob.glob('/var/run/secrets/**', recursive=True) if os.path.isfile(p)])"
    assert kernel.run(look).strip() == "[]"
    words = ("JUPYTERHUB", "TOKEN", "SECRET", "PASSWORD", "KUBECONFIG")
    assert kernel.run(f"print([n for n in os.environ if any(w in n for w in {words!r})])").strip() == "[]"


@pytest.mark.parametrize(
    "path",
    [
        "/mine", "/etc/passwd", "/usr/bin/mine", "/opt/hdh/bin/python", "/etc/jupyter/mine",
        "/proc/sys/kernel/hostname",
        "/sys/kernel/mm/ksm/run", "/proc/sysrq-trigger", "/dev/mine", "/data/mine", "/data/oscour/mine",
        "/run/mine", "/var/lib/mine", "/opt/hdh-probe/probe.py",
    ],
)  # fmt: skip
def test_the_root_file_system_stays_as_it_is(kernel: Kernel, path: str) -> None:
    assert kernel.run(f"print(write({path!r}))").strip() in ("OSError", "PermissionError", "FileNotFoundError")


def test_the_control_writes_where_it_may(kernel: Kernel) -> None:
    for path in ("/home/project/x", "/tmp/x", "/dev/shm/x"):
        assert kernel.run(f"print(write({path!r}))").strip() == "written"


def test_no_privilege_is_gained(kernel: Kernel) -> None:
    status = "print([l.split()[1] for l in open('/proc/self/status') if l[:6] in ('CapPrm', 'CapEff', 'CapBnd')])"
    assert kernel.run(status).strip() == str(["0" * 16] * 3)
    assert (
        kernel.run("print([l.split()[1] for l in open('/proc/self/status') if 'NoNewPrivs' in l])").strip() == "['1']"
    )
    for attempt in (
        "os.setuid(0)",
        "os.setgid(0)",
        "os.unshare(os.CLONE_NEWUSER)",
        "os.mknod('/tmp/sda', 0o60600, 2048)",
    ):
        assert kernel.run(f"import os; print(attempt(lambda: {attempt}))").strip() != "done"
    assert kernel.run("print(attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)))").strip() != "done"
    assert kernel.run("print(attempt(lambda: 1))").strip() == "done", "the control"


def test_the_sentinel_beside_it_cannot_be_touched(kernel: Kernel) -> None:
    """Containers of a pod share the network and nothing else: its processes and files are not seen."""
    seen = "import os; print([open(f'/proc/{n}/cmdline').read() for n in os.listdir('/proc') if n.isdigit()])"
    assert "probe_pod" not in kernel.run(seen)
    assert kernel.run("print(os.path.exists('/run/sentinel'))").strip() == "False"


def reasons(zone: HubZone) -> list[str]:
    """Return why the first project's workspace was stopped, each time."""
    events = AuditLog(open_database(zone.state.database_url), zone.state.key("audit")).tail(50)
    stopped = [event for event in events if (event.action, event.project) == ("workspace.stopped", FIRST)]
    return [event.detail["reason"] for event in stopped]


def test_a_workspace_whose_network_opens_is_closed(
    zone: HubZone, workspace: Server, cluster: Cluster, enforced: Enforcement | None
) -> None:
    """A plugin that ceases to enforce is seen by the sentinel within its interval."""
    if enforced is None:
        pytest.skip("the plugin is not ours to stop")
    assert workspace.request("GET", "api/contents?content=0").status_code == 200
    enforced.pause()
    try:
        wait_until(lambda: not cluster.list("Pod", NAMESPACE), 60, "the workspace is closed")
        assert workspace.request("GET", "api/contents?content=0").status_code in (302, 503)
        wait_until(lambda: "probe_failed" in reasons(zone), 20, "the log says why")
    finally:
        enforced.resume()


def test_a_policy_that_opens_something_closes_the_workspace(zone: HubZone, cluster: Cluster) -> None:
    zone.open("alice", FIRST)
    opening = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "well-meant", "namespace": NAMESPACE},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": "192.0.2.99/32"}}], "ports": [{"protocol": "TCP", "port": 443}]}],
        },
    }
    cluster.put(opening)
    try:
        wait_until(lambda: not cluster.list("Pod", NAMESPACE), 60, "the workspace is closed")
    finally:
        cluster.delete("NetworkPolicy", NAMESPACE, "well-meant")
