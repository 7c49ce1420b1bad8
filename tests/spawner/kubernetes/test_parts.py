"""The status of pods, what is tried, settings, the profile of system calls, remarks and rights."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from traitlets import HasTraits, TraitError
from traitlets.config import Config

from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import LANGUAGES, sentences
from hdh_jupyter.spawner.kubernetes import doctor, probe_pod, rbac, seccomp, settings, status, targets
from hdh_jupyter.spawner.kubernetes.objects import EgressException
from hdh_jupyter.spawner.kubernetes.pod import probe_sources
from hdh_jupyter.spawner.kubernetes.settings import ClusterSettings
from hdh_jupyter.spawner.kubernetes.spawner import ProjectKubeSpawner
from hdh_jupyter.spawner.kubernetes.storage import read_source
from hdh_jupyter.spawner.kubernetes.targets import Endpoint, Surroundings
from hdh_jupyter.syscalls import ALLOWED, REFUSED, names

from .conftest import DIGEST, Platform

Manifest = dict[str, Any]


# The status of pods


def pod(phase: str = "Running", server: Any = None, sentinel: Any = None, probe: Any = None, **more: Any) -> Manifest:
    states = {"server": server or {"running": {}}, "sentinel": sentinel or {"running": {}}}
    found = [{"name": name, "state": state, "ready": "running" in state} for name, state in states.items()]
    status = {"phase": phase, "containerStatuses": found, "podIP": "192.0.2.4"}
    if probe:
        status["initContainerStatuses"] = [{"name": "probe", "state": probe}]
    return {"metadata": more.pop("metadata", {}), "status": {**status, **more}}


WAITING = "spawner.did_not_start"
NO_IMAGE = "spawner.kubernetes.image_missing"


@pytest.mark.parametrize(
    ("found", "code"),
    [
        pytest.param(pod(), None, id="00 runs"),
        pytest.param(pod("Pending", {"waiting": {"reason": "PodInitializing"}}), None, id="01 starts"),
        pytest.param(pod("Pending", {"waiting": {"reason": "ImagePullBackOff"}}), NO_IMAGE, id="02 no image"),
        pytest.param(
            pod("Pending", probe={"waiting": {"reason": "ErrImageNeverPull"}}), NO_IMAGE, id="03 for the probe"
        ),
        pytest.param(pod("Pending", {"waiting": {"reason": "InvalidImageName"}}), NO_IMAGE, id="04 no name"),
        pytest.param(pod("Pending", {"waiting": {"reason": "CreateContainerConfigError"}}), WAITING, id="05 config"),
        pytest.param(pod("Failed"), WAITING, id="06 failed"),
        pytest.param(pod(metadata={"deletionTimestamp": "now"}), WAITING, id="07 is being ended"),
        pytest.param({"metadata": {}, "status": {}}, None, id="08 just made"),
    ],
)
def test_what_keeps_a_pod_from_starting_is_told(found: Manifest, code: str | None) -> None:
    assert status.failure(found) == code


@pytest.mark.parametrize(
    ("found", "opened"),
    [
        pytest.param(pod(), True, id="00 runs"),
        pytest.param(pod("Pending"), False, id="01 starts"),
        pytest.param(pod(server={"terminated": {}}), False, id="02 no server"),
        pytest.param(pod(sentinel={"terminated": {}}), False, id="03 no sentinel"),
        pytest.param(pod(sentinel={"waiting": {}}), False, id="04 no sentinel yet"),
        pytest.param(pod(metadata={"deletionTimestamp": "now"}), False, id="05 is being ended"),
        pytest.param({"metadata": {}, "status": {}}, False, id="06 just made"),
        pytest.param({"metadata": {}, "status": {"phase": "Running"}}, False, id="07 of nothing known"),
    ],
)
def test_a_workspace_is_open_with_server_and_sentinel(found: Manifest, opened: bool) -> None:
    assert status.opened(found) is opened


def test_messages_are_those_of_containers_that_ended() -> None:
    assert status.report(pod()) is None
    assert status.report(pod(probe={"running": {}})) is None
    assert status.report(pod(probe={"terminated": {"message": "{}"}})) == "{}"
    assert status.report(pod(probe={"terminated": {}})) == ""
    assert status.sentinel_end(pod(sentinel={"terminated": {"message": "x"}})) == "x"


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        ([], "not_ready"),
        ([{"type": "PodScheduled", "status": "True"}], "not_ready"),
        ([{"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}], "no_room"),
        (
            [{"type": "PodScheduled", "status": "False", "message": "unbound immediate PersistentVolumeClaims"}],
            "volume_unbound",
        ),
    ],
)
def test_what_a_pod_waited_for_is_told(conditions: list[Manifest], code: str) -> None:
    assert status.waiting_for(pod("Pending", conditions=conditions)) == f"spawner.kubernetes.{code}"


# What is tried

AROUND = Surroundings(
    api=[Endpoint("10.96.0.1", 443)],
    resolvers=["10.96.0.10"],
    hub_zone=[Endpoint("10.96.3.4", 8081)],
    workspaces=["10.244.1.7"],
)


def test_everything_around_is_tried() -> None:
    tried = {(one.address, one.port) for one in AROUND.tcp(())}
    expected = {("10.96.0.1", 443), ("10.96.0.10", 53), ("10.96.3.4", 8081), ("10.244.1.7", 8888)}
    public = {("1.1.1.1", 443), ("1.1.1.1", 53), ("2606:4700:4700::1111", 443), ("2606:4700:4700::1111", 53)}
    assert tried == expected | public | {("169.254.169.254", 80), ("fd00:ec2::254", 80)}
    assert {one.address for one in AROUND.udp()} == {"10.96.0.10", "1.1.1.1", "2606:4700:4700::1111"}


@pytest.mark.parametrize(
    ("address", "port", "forbidden"),
    [
        pytest.param("10.96.0.1", 443, True, id="00 the API"),
        pytest.param("10.96.0.10", 53, True, id="01 names"),
        pytest.param("10.96.3.4", 8081, True, id="02 the hub"),
        pytest.param("10.244.1.7", 8888, True, id="03 another workspace"),
        pytest.param("169.254.169.254", 80, True, id="04 the cloud"),
        pytest.param("192.0.2.7", 443, False, id="05 a server"),
        pytest.param("1.1.1.1", 443, False, id="06 one of those that are tried"),
    ],
)
def test_no_exception_opens_what_is_around(address: str, port: int, forbidden: bool) -> None:
    exception = EgressException(address, port)
    assert bool(targets.opened_by([exception], AROUND)) is forbidden
    assert forbidden or Endpoint(address, port) not in AROUND.tcp([exception])


def test_addresses_come_from_what_the_cluster_publishes() -> None:
    subsets = [{"addresses": [{"ip": "192.0.2.2"}, {"ip": "127.0.0.1"}], "ports": [{"port": 6443}]}, {"ports": []}]
    published = targets.published({"subsets": subsets})
    assert targets.outside(published) == [Endpoint("192.0.2.2", 6443)]
    assert targets.published({}) == []


async def test_urls_lead_to_addresses() -> None:
    assert await targets.located("http://192.0.2.1:8081/hub") == [Endpoint("192.0.2.1", 8081)]
    assert await targets.located("https://[2001:db8::1]") == [Endpoint("2001:db8::1", 443)]
    assert await targets.located("http+unix://%2Ftmp%2Fhub.sock") == []


async def test_an_answer_is_a_connection() -> None:
    with listening() as (address, port):
        assert await targets.answers(Endpoint(address, port))
    assert not await targets.answers(Endpoint(address, port))


def test_resolvers_are_those_of_the_machine(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# by hand\nsearch a\nnameserver 10.96.0.10\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\n")
    assert targets.resolvers(file) == ["10.96.0.10"]
    assert targets.resolvers(tmp_path / "nothing") == []


# The probe's own program


@contextmanager
def listening() -> Iterator[tuple[str, int]]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()


def test_the_probe_tells_an_answer_from_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(probe_pod.NODE_VARIABLE, "127.0.0.1")
    with ExitStack() as stack:
        open_port = stack.enter_context(listening())
        with listening() as closed_port:
            pass
        found = probe_pod.network({"tcp": [open_port, closed_port], "udp": [closed_port], "names": ["localhost"]})
    assert found["tcp"] == {
        f"127.0.0.1 {open_port[1]}": "reached",
        f"127.0.0.1 {closed_port[1]}": "ECONNREFUSED",
    }
    assert found["udp"] == {f"127.0.0.1 {closed_port[1]}": "ECONNREFUSED"}
    assert found["dns"] == {"localhost": "reached"}
    assert {"dns localhost", f"tcp 127.0.0.1 {open_port[1]}", f"udp 127.0.0.1 {closed_port[1]}"} <= set(
        probe_pod.reached(found)
    )


def test_the_probe_runs_alone_from_what_is_mounted(tmp_path: Path) -> None:
    """As in the pod: from two files without their package, with nothing but the standard library."""
    folder = tmp_path / "probe"
    for key, path in (("probe.py", "spawner/probe.py"), ("probe_pod.py", "spawner/kubernetes/probe_pod.py")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(probe_sources()[key], "utf-8")
    question = {"tcp": [], "udp": [], "names": [], "deadline": 0, "interval": 1, "absent": ["/proc"], "closed": []}
    (folder / "question.json").write_text(json.dumps({**question, "read_only": [], "home": str(tmp_path)}))
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); sys.dont_write_bytecode = True\n"
        "from spawner.kubernetes import probe_pod\n"
        f"probe_pod.QUESTION = {str(folder / 'question.json')!r}; probe_pod.MESSAGE = {str(tmp_path / 'message')!r}\n"
        "probe_pod.network = lambda question: {kind: {} for kind in probe_pod.KINDS}\n"
        "probe_pod.probe()\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    report = json.loads((tmp_path / "message").read_text())
    assert report["present"] == ["/proc"]
    assert report["home"] is True
    assert report["privileges"].keys() == {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs"}


def test_a_sentinel_that_reaches_something_says_so_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message, passed = tmp_path / "message", tmp_path / "passed"
    (tmp_path / "question.json").write_text(json.dumps({"interval": 0}))
    rounds = iter([{"tcp": {"192.0.2.1 443": "ETIMEDOUT"}}, {"tcp": {"192.0.2.1 443": "reached"}}])
    empty: Manifest = {kind: {} for kind in probe_pod.KINDS}
    monkeypatch.setattr(probe_pod, "QUESTION", str(tmp_path / "question.json"))
    monkeypatch.setattr(probe_pod, "MESSAGE", str(message))
    monkeypatch.setattr(probe_pod, "PASSED", str(passed))
    monkeypatch.setattr(probe_pod, "network", lambda _: {**empty, **next(rounds)})
    with pytest.raises(SystemExit) as unready:
        probe_pod.fresh()
    assert unready.value.code == 1
    with pytest.raises(SystemExit) as ended:
        probe_pod.watch()
    assert ended.value.code == 1
    assert json.loads(message.read_text()) == {"reached": ["tcp 192.0.2.1 443"]}
    assert passed.exists()
    with pytest.raises(SystemExit) as ready:
        probe_pod.fresh()
    assert ready.value.code == 0
    capsys.readouterr()


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("egress_exceptions", [{"address": "10.0.0.0/8", "port": 443}], id="00 a network"),
        pytest.param("egress_exceptions", [{"address": "example.org", "port": 443}], id="01 a name"),
        pytest.param("egress_exceptions", [{"address": "0.0.0.0", "port": 443}], id="02 everything"),
        pytest.param("egress_exceptions", [{"address": "::ffff:10.0.0.1", "port": 443}], id="03 the other family"),
        pytest.param("egress_exceptions", [{"address": "192.0.2.1", "port": 0}], id="04 every port"),
        pytest.param("egress_exceptions", [{"address": "192.0.2.1", "port": "443"}], id="05 no number"),
        pytest.param("egress_exceptions", [{"address": "192.0.2.1"}], id="06 no port"),
        pytest.param("gateway_labels", {}, id="07 every pod may call"),
        pytest.param("hub_zone_labels", {}, id="08 every namespace may call"),
        pytest.param("seccomp_profile", {"type": "Unconfined"}, id="09 no filter"),
        pytest.param("seccomp_profile", {}, id="10 no filter either"),
        pytest.param("dataset_volumes", {"oscour": {"claim": "a", "sub_path": "../b"}}, id="11 leaves its volume"),
        pytest.param("dataset_volumes", {"oscour": {"claim": "a", "sub_path": "/b"}}, id="12 from the top"),
        pytest.param("dataset_volumes", {"oscour": {}}, id="13 of nothing"),
        pytest.param("dataset_volumes", {"oscour": {"claim": "a", "persistent_volume": {"nfs": {}}}}, id="14 two"),
        pytest.param("dataset_volumes", {"oscour": {"claim": "a", "read_only": False}}, id="15 an unknown word"),
        pytest.param("catalogue_volume", {"persistent_volume": {"nfs": {}, "csi": {}}}, id="16 two kinds"),
    ],
)
def test_a_setting_that_would_open_workspaces_is_refused(name: str, value: Any) -> None:
    class Settings(ClusterSettings, HasTraits):
        pass

    with pytest.raises((TraitError, PublicError)):
        Settings(**{name: value})


@pytest.mark.parametrize("name", ["enable_user_namespaces", "delete_pvc"])
async def test_what_protects_projects_is_not_for_settings(platform: Platform, name: str) -> None:
    config = platform.settings()
    config.KubeSpawner[name] = name == "delete_pvc"
    with pytest.raises(TraitError, match=name):
        platform.spawner(config=config)


async def test_nothing_of_kubespawner_is_added_to_a_pod(platform: Platform) -> None:
    config = platform.settings()
    config.KubeSpawner = Config(
        {
            "environment": {"LEAK": "hub"},
            "extra_containers": [{"name": "other", "image": "x"}],
            "extra_pod_config": {"hostNetwork": True},
            "init_containers": [{"name": "first", "image": "x"}],
            "privileged": True,
            "service_account": "admin",
            "volume_mounts": [{"name": "h", "mountPath": "/h"}],
            "volumes": [{"name": "h", "hostPath": {"path": "/"}}],
            "tolerations": [{"key": "gpu", "operator": "Exists"}],
        }
    )
    spawner = platform.spawner(config=config)
    await spawner.start()
    spec = platform.api.pod("hdh-prj-vox")["spec"]
    assert spec["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
    words = ("LEAK", "other", "hostNetwork", "first", "admin", "hostPath", '"privileged": true')
    assert [word for word in words if word in json.dumps(spec)] == []
    await spawner.stop()


async def test_a_profile_chooses_machines_and_resources(platform: Platform) -> None:
    config = platform.settings()
    config.ProjectKubeSpawner.profile_list = [
        {"display_name": "Small", "default": True},
        {
            "display_name": "GPU",
            "slug": "gpu",
            "kubespawner_override": {
                "node_selector": {"gpu": "yes"},
                "extra_resource_limits": {"nvidia.com/gpu": "1"},
                "mem_limit": "2G",
                "cpu_limit": 1,
            },
        },
    ]
    spawner = platform.spawner(config=config)
    spawner.user_options = {"profile": "gpu"}
    await spawner.start()
    spec = platform.api.pod("hdh-prj-vox")["spec"]
    assert spec["nodeSelector"] == {"gpu": "yes"}
    limits = next(one for one in spec["containers"] if one["name"] == "server")["resources"]["limits"]
    assert limits == {"cpu": "1", "memory": "2147483648", "nvidia.com/gpu": "1"}
    await spawner.stop()


def test_sources_are_read() -> None:
    assert read_source({"claim": "a", "sub_path": "b/c"}).sub_path == "b/c"
    assert read_source({"persistent_volume": {"nfs": {"server": "s"}}}).claim == ""


# System calls


def test_the_profile_allows_the_sandboxs_calls_alone() -> None:
    profile = seccomp.profile()
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    by_action: dict[str, set[str]] = {}
    for rule in profile["syscalls"]:
        by_action.setdefault(rule["action"], set()).update(rule["names"])
    assert by_action["SCMP_ACT_ALLOW"] == {*names(ALLOWED), "personality"}
    assert by_action["SCMP_ACT_ERRNO"] == set(names(REFUSED))
    by_arguments = {rule["names"][0] for rule in profile["syscalls"] if "args" in rule}
    assert by_arguments == {"clone", "personality", "socket", "socketpair"}
    without = [rule for rule in profile["syscalls"] if "args" not in rule]
    assert not any({"clone", "socket", "socketpair"} & set(rule["names"]) for rule in without)


def test_no_socket_leaves_the_pod_but_by_the_network() -> None:
    rules = [rule["args"] for rule in seccomp.profile()["syscalls"] if rule["names"] == ["socket"]]
    families = {rule[0]["value"] for rule in rules}
    assert families == {1, 2, 10, 16}
    assert all(rule[0]["op"] == "SCMP_CMP_EQ" for rule in rules)
    assert {(rule[0]["value"], rule[1]["valueTwo"]) for rule in rules if rule[0]["value"] in (2, 10)} == {
        (family, kind) for family in (2, 10) for kind in (1, 2)
    }


# Remarks and rights


def test_an_administrator_is_told_of_every_opening() -> None:
    class Settings(ClusterSettings, HasTraits):
        pass

    opened = Settings(egress_exceptions=[{"address": "192.0.2.7", "port": 443}], require_digest=False)
    found = doctor.remarks(opened, "hdh-workspace:latest")
    assert [one.code.rpartition(".")[2] for one in found if one.weakens] == [
        "egress_exception",
        "image_may_change",
        "ingress_unchecked",
    ]
    assert "192.0.2.7" in found[0].message("fr")
    closed = Settings(check_ingress=True, runtime_class="gvisor", dataset_volumes={"a": {"claim": "a"}})
    assert not any(one.weakens for one in doctor.remarks(closed, DIGEST))


def test_every_remark_and_refusal_has_its_sentences() -> None:
    folder = Path(settings.__file__).parent
    code = "".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    for language in LANGUAGES:
        keys = [key for key in sentences(language) if key.startswith("spawner.kubernetes.")]
        assert keys
        for key in keys:
            assert f'"{key.rpartition(".")[2]}"' in code or f'.{key.rpartition(".")[2]}"' in code, key


async def test_the_rights_are_those_that_are_used(platform: Platform) -> None:
    """Everything that opening, watching and ending a workspace asks of the API is allowed, and no more is."""
    config = platform.settings()
    config.ProjectKubeSpawner.dataset_volumes = {"oscour": {"persistent_volume": {"nfs": {"server": "s"}}}}
    for _ in range(2):
        spawner = platform.spawner(config=config)
        await spawner.start()
        spawner.policy_interval = 0
        assert await spawner.poll() is None
        await spawner.stop()
        # An administrator has taken the labels away.
        platform.api.objects["namespaces", "", "hdh-prj-vox"]["metadata"]["labels"] = {}
    used = set(platform.api.calls)
    everywhere = [*rbac.rules(), *rbac.volume_rules()]
    allowed = {(verb, resource) for rule in everywhere for resource in rule["resources"] for verb in rule["verbs"]}
    assert used == allowed | {("get", "endpoints")}
    assert rbac.api_rules()[0]["resourceNames"] == ["kubernetes"]


def test_only_the_hubs_account_has_the_rights() -> None:
    role, binding, local, local_binding = rbac.manifests("hdh", "hub", volumes=False)
    assert role["rules"] == rbac.rules()
    assert local["rules"] == rbac.api_rules()
    for one in (binding, local_binding):
        assert one["subjects"] == [{"kind": "ServiceAccount", "name": "hub", "namespace": "hdh"}]
    assert {one["metadata"].get("namespace") for one in (local, local_binding)} == {"default"}


def test_the_spawner_has_an_entry_point() -> None:
    assert ProjectKubeSpawner.__name__ in (Path(__file__).parents[3] / "setup.cfg").read_text("utf-8")
