"""Whole lives of workspaces on a cluster, against an API server that keeps objects."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException
from kubespawner import KubeSpawner
from traitlets.config import Config

from hdh_jupyter.routes import read_route
from hdh_jupyter.spawner.kubernetes import spawner as spawning
from hdh_jupyter.spawner.kubernetes.cluster import ClusterAway
from hdh_jupyter.spawner.kubernetes.pod import SENTINEL, SERVER
from hdh_jupyter.spawner.kubernetes.spawner import ProjectKubeSpawner

from ..test_sandbox_spawner import account, events
from .conftest import NAMESPACE, Platform

HubFactory = Callable[[Config], Awaitable[Any]]

Manifest = dict[str, Any]


async def refusal(platform: Platform, config: Config | None = None) -> str:
    """Try to start a workspace, which must be refused, and return the code that the audit log keeps."""
    with pytest.raises(SpawnException) as refused:
        await platform.spawner(config=config).start()
    assert refused.value.message
    assert read_route(platform.state.routes, "vox") is None
    return str(events(platform.state)[-1][2]["reason"])


async def opened(platform: Platform, config: Config | None = None) -> ProjectKubeSpawner:
    spawner = platform.spawner(config=config)
    await spawner.start()
    return spawner


async def test_a_workspace_starts_is_recorded_and_leaves_its_home(platform: Platform, hub_app: HubFactory) -> None:
    hub = await hub_app(platform.settings())
    user = account(hub, "prj-vox")
    await user.spawn()
    assert await user.spawner.poll() is None
    route = read_route(platform.state.routes, "vox")
    assert route is not None
    assert route.address == "http://127.0.0.9:8888"
    assert user.spawner.server.url.startswith(platform.gateway + "/")
    made = [resource for verb, resource in platform.api.calls if verb == "create"]
    assert made.index("networkpolicies") < made.index("pods")
    verbs = [call for call in platform.api.calls if call[1] in ("networkpolicies", "pods") and call[0] != "watch"]
    assert verbs.index(("list", "networkpolicies")) < verbs.index(("create", "pods"))
    await user.stop()
    assert platform.api.names("pods", NAMESPACE) == []
    assert platform.api.names("persistentvolumeclaims", NAMESPACE) == ["home"]
    assert read_route(platform.state.routes, "vox") is None
    assert [(action, detail.get("reason")) for action, _, detail in events(platform.state)] == [
        ("workspace.probed", None),
        ("workspace.started", None),
        ("workspace.stopped", "requested"),
    ]
    await user.spawner.delete_forever()
    assert platform.api.names("persistentvolumeclaims", NAMESPACE) == ["home"]


async def test_nothing_of_the_hub_enters_the_pod(platform: Platform) -> None:
    spawner = await opened(platform)
    objects = [one for (kind, _, _), one in platform.api.objects.items() if kind in ("pods", "configmaps")]
    text = json.dumps(objects)
    assert spawner.api_token not in text
    assert re.findall(r"JUPYTERHUB\w*", text) == []
    await spawner.stop()


def without(resource: str, change: Callable[[Manifest], object]) -> Callable[[Manifest], Manifest]:
    """Return an admission that changes objects of a kind."""

    def admit(manifest: Manifest) -> Manifest:
        if manifest["kind"] == resource:
            change(manifest)
        return manifest

    return admit


def mutated(change: Callable[[Manifest], object]) -> Callable[[Platform], None]:
    def act(platform: Platform) -> None:
        platform.api.behaviour.admit = without("Pod", lambda pod: change(pod["spec"]))

    return act


def loosened(change: Callable[[Manifest], object]) -> Callable[[Platform], None]:
    def act(platform: Platform) -> None:
        platform.api.behaviour.admit = without("NetworkPolicy", lambda policy: change(policy["spec"]))

    return act


def reporting(change: Callable[[Manifest], object]) -> Callable[[Platform], None]:
    def act(platform: Platform) -> None:
        def report(sealed: Manifest) -> str:
            change(sealed)
            return json.dumps(sealed)

        platform.api.behaviour.report = report

    return act


def foreign_policy(spec: Manifest) -> Callable[[Platform], None]:
    def act(platform: Platform) -> None:
        manifest = {"kind": "NetworkPolicy", "metadata": {"name": "generous"}, "spec": spec}
        platform.api.keep("networkpolicies", manifest, NAMESPACE)

    return act


def refusing(call: str, status: int, message: str) -> Callable[[Platform], None]:
    def act(platform: Platform) -> None:
        platform.api.refusal = (call, status, message)

    return act


def waiting(reason: str) -> Callable[[Platform], None]:
    def act(platform: Platform) -> None:
        platform.api.behaviour.waiting = reason

    return act


def namespaced(labels: Manifest) -> Callable[[Platform], None]:
    def act(platform: Platform) -> None:
        platform.api.keep("namespaces", {"metadata": {"name": NAMESPACE, "labels": labels}})

    return act


ALL = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}


@pytest.mark.parametrize(
    ("act", "code"),
    [
        pytest.param(
            loosened(lambda s: s.pop("egress", s.pop("policyTypes"))), "policy_differs", id="00 no types kept"
        ),
        pytest.param(loosened(lambda s: s.update(egress=[{}])), "policy_differs", id="01 egress added"),
        pytest.param(loosened(lambda s: s["ingress"].append({})), "policy_differs", id="02 ingress added"),
        pytest.param(loosened(lambda s: s.update(podSelector={"matchLabels": {"a": "b"}})), "policy_differs", id="03"),
        pytest.param(foreign_policy(ALL), "policy_opened", id="04 another policy opens"),
        pytest.param(
            foreign_policy({"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]}), "policy_opened", id="05"
        ),
        pytest.param(reporting(lambda r: r["tcp"].update({next(iter(r["tcp"])): "reached"})), "not_enforced", id="06"),
        pytest.param(reporting(lambda r: r["near"].update(node="ECONNREFUSED")), "not_enforced", id="07 the machine"),
        pytest.param(reporting(lambda r: r["udp"].clear()), "not_enforced", id="08 names were not asked for"),
        pytest.param(reporting(lambda r: r["vsock"].update(hypervisor="ECONNRESET")), "hypervisor_open", id="09"),
        pytest.param(reporting(lambda r: r.update(home=False)), "home_closed", id="10 the home cannot be written"),
        pytest.param(mutated(lambda s: s.update(hostNetwork=True)), "pod_differs", id="11 the machine's network"),
        pytest.param(mutated(lambda s: s["containers"].append({"name": "x"})), "pod_differs", id="12 a container more"),
        pytest.param(mutated(lambda s: s["securityContext"].pop("seccompProfile")), "pod_differs", id="13 no filter"),
        pytest.param(mutated(lambda s: s.update(dnsPolicy="ClusterFirst")), "pod_differs", id="14 names"),
        pytest.param(mutated(lambda s: s.pop("automountServiceAccountToken")), "pod_differs", id="15 a token"),
        pytest.param(refusing("create networkpolicies", 403, "forbidden"), "refused", id="16 no right"),
        pytest.param(refusing("list networkpolicies", 403, "forbidden"), "refused", id="17 cannot be read"),
        pytest.param(refusing("create networkpolicies", 500, "etcd"), "api_away", id="18 no answer"),
        pytest.param(refusing("create pods", 403, "exceeded quota: hdh-workspace"), "quota_exceeded", id="19 quota"),
        pytest.param(refusing("create pods", 403, "violates PodSecurity"), "refused", id="20 the standard"),
        pytest.param(waiting("ErrImageNeverPull"), "image_missing", id="21 no image"),
        pytest.param(namespaced({"hdh.health/project": "other"}), "namespace_taken", id="22 another's namespace"),
    ],
)
async def test_what_is_not_proved_closed_is_not_opened(
    platform: Platform, act: Callable[[Platform], None], code: str
) -> None:
    act(platform)
    assert await refusal(platform) == f"spawner.kubernetes.{code}"
    assert platform.api.names("pods", NAMESPACE) == []


@pytest.mark.parametrize(
    ("act", "code"),
    [
        pytest.param(waiting("CreateContainerConfigError"), "spawner.did_not_start", id="00 cannot run"),
        pytest.param(reporting(lambda r: r.update(privileges={})), "spawner.not_sealed", id="01 privileges"),
        pytest.param(reporting(lambda r: r.pop("account")), "spawner.not_sealed", id="02 not looked"),
    ],
)
async def test_what_fails_as_on_one_machine_is_told_alike(
    platform: Platform, act: Callable[[Platform], None], code: str
) -> None:
    act(platform)
    assert await refusal(platform) == code
    assert platform.api.names("pods", NAMESPACE) == []


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "exceeded quota: hdh-workspace, requested: pods=1, used: pods=1, limited: pods=1"),
        (403, 'error looking up service account hdh-prj-vox/default: serviceaccount "default" not found'),
        (409, "object is being deleted: pods workspace already exists"),
    ],
)
async def test_a_pod_that_cannot_be_made_for_a_moment_is_made_then(
    platform: Platform, status: int, message: str
) -> None:
    platform.api.refusal = ("create pods", status, message)
    platform.api.refusals = 2
    spawner = await opened(platform)
    assert platform.api.calls.count(("create", "pods")) == 3
    await spawner.stop()


async def test_a_probe_that_reports_nothing_is_a_hole(platform: Platform) -> None:
    platform.api.behaviour.report = lambda _: ""
    assert await refusal(platform) == "spawner.not_sealed"


async def test_a_cluster_without_room_or_volume_is_told(platform: Platform) -> None:
    config = platform.settings()
    config.ProjectKubeSpawner.ready_timeout = 0.3
    condition = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}
    platform.api.behaviour.conditions = [condition]
    assert await refusal(platform, config) == "spawner.kubernetes.no_room"


async def test_an_existing_namespace_gets_its_labels(platform: Platform) -> None:
    namespaced({"made-by": "somebody"})(platform)
    spawner = await opened(platform)
    labels = platform.api.objects["namespaces", "", NAMESPACE]["metadata"]["labels"]
    assert labels["made-by"] == "somebody"
    assert labels["hdh.health/project"] == "vox"
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    await spawner.stop()


async def test_a_policy_that_was_changed_is_put_right_before_the_pod(platform: Platform) -> None:
    manifest = {"kind": "NetworkPolicy", "metadata": {"name": "hdh-sealed"}, "spec": ALL}
    namespaced({})(platform)
    platform.api.keep("networkpolicies", manifest, NAMESPACE)
    spawner = await opened(platform)
    assert "egress" not in platform.api.objects["networkpolicies", NAMESPACE, "hdh-sealed"]["spec"]
    await spawner.stop()


async def test_a_hub_that_reaches_the_workspace_is_a_hole(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    config = platform.settings()
    config.ProjectKubeSpawner.check_ingress = True

    async def reached(_: object) -> bool:
        return True

    monkeypatch.setattr(spawning.targets, "answers", reached)
    assert await refusal(platform, config) == "spawner.kubernetes.not_enforced"


async def test_an_api_that_answers_nobody_proves_nothing(platform: Platform) -> None:
    subsets = [{"addresses": [{"ip": "127.0.0.1"}], "ports": [{"port": 9}]}]
    platform.api.keep("endpoints", {"metadata": {"name": "kubernetes"}, "subsets": subsets}, "default")
    assert await refusal(platform) == "spawner.kubernetes.control_failed"
    assert ("create", "pods") not in platform.api.calls


async def test_an_image_that_may_change_is_refused(platform: Platform) -> None:
    config = platform.settings()
    config.ProjectKubeSpawner.image = "registry.example/hdh-workspace:latest"
    assert await refusal(platform, config) == "spawner.kubernetes.image_not_pinned"


async def test_a_sentinel_that_reaches_something_closes_the_workspace(platform: Platform) -> None:
    spawner = await opened(platform)
    platform.api.end_container(NAMESPACE, SENTINEL, json.dumps({"reached": ["tcp 192.0.2.1 443"]}))
    await shown(spawner, lambda pod: "terminated" in pod["status"]["containerStatuses"][0]["state"])
    assert await spawner.poll() == 0
    assert platform.api.names("pods", NAMESPACE) == []
    assert read_route(platform.state.routes, "vox") is None
    (*_, probed, stopped) = events(platform.state)
    assert probed[2]["failures"] == ["tcp"]
    assert stopped[2] == {"reason": "probe_failed"}


async def test_a_silent_sentinel_closes_the_workspace_after_a_while(platform: Platform) -> None:
    spawner = await opened(platform)
    platform.api.set_ready(NAMESPACE, SENTINEL, False)
    await shown(spawner, lambda pod: not pod["status"]["containerStatuses"][0]["ready"])
    assert await spawner.poll() is None
    spawner.probe_patience = 0
    assert await spawner.poll() == 0
    assert events(platform.state)[-1][2] == {"reason": "probe_failed"}


async def test_a_policy_that_opens_a_running_workspace_closes_it(platform: Platform) -> None:
    spawner = await opened(platform)
    spawner.policy_interval = 0
    assert await spawner.poll() is None
    foreign_policy(ALL)(platform)
    assert await spawner.poll() == 0
    assert events(platform.state)[-1][2] == {"reason": "policy_opened"}
    assert platform.api.names("pods", NAMESPACE) == []


async def test_a_container_that_comes_into_a_running_pod_closes_it(platform: Platform) -> None:
    spawner = await opened(platform)
    pod = copy.deepcopy(platform.api.pod(NAMESPACE))
    pod["spec"]["ephemeralContainers"] = [{"name": "debugger", "image": "x"}]
    platform.api.keep("pods", pod, NAMESPACE)
    await shown(spawner, lambda pod: "ephemeralContainers" in pod["spec"])
    assert await spawner.poll() == 0
    assert events(platform.state)[-1][2] == {"reason": "pod_differs"}


async def test_a_server_that_ended_is_noticed(platform: Platform) -> None:
    spawner = await opened(platform)
    platform.api.end_container(NAMESPACE, SERVER)
    await shown(spawner, lambda pod: "terminated" in pod["status"]["containerStatuses"][1]["state"])
    assert await spawner.poll() == 0
    assert events(platform.state)[-1][2] == {"reason": "died"}


async def test_a_hub_that_starts_again_finds_the_workspace(platform: Platform, hub_app: HubFactory) -> None:
    hub = await hub_app(platform.settings())
    user = account(hub, "prj-vox")
    await user.spawn()
    uid = platform.api.pod(NAMESPACE)["metadata"]["uid"]
    await KubeSpawner._stop_all_reflectors()
    user.spawners.pop("")
    again = user.spawner
    assert await again.poll() is None
    assert again.server.url.startswith(platform.gateway + "/")
    assert platform.api.pod(NAMESPACE)["metadata"]["uid"] == uid
    await user.stop()
    assert platform.api.names("pods", NAMESPACE) == []


async def test_an_absence_of_the_api_closes_nothing_and_opens_nothing(platform: Platform) -> None:
    spawner = await opened(platform)
    state = spawner.get_state()
    platform.api.away = True
    assert await spawner.poll() is None
    with pytest.raises(SpawnException):
        await platform.spawner("lux").start()
    assert events(platform.state)[-1][2] == {"reason": "spawner.kubernetes.api_away"}
    # A hub that starts meanwhile knows of no pod, and keeps what it had noted.
    await KubeSpawner._stop_all_reflectors()
    again = platform.spawner()
    again.load_state(state)
    assert await again.poll() is None
    assert read_route(platform.state.routes, "vox") is not None
    platform.api.away = False
    assert await again.poll() is None
    await again.stop()
    assert platform.api.names("pods", NAMESPACE) == []


async def test_a_workspace_that_cannot_be_ended_lets_nobody_in(platform: Platform) -> None:
    spawner = await opened(platform)
    platform.api.away = True
    with pytest.raises(ClusterAway):
        await spawner.stop()
    assert read_route(platform.state.routes, "vox") is None
    platform.api.away = False
    await spawner.stop()
    assert events(platform.state)[-1][2] == {"reason": "requested"}


async def test_a_pod_that_the_hub_forgot_is_ended_first(platform: Platform) -> None:
    spawner = await opened(platform)
    uid = platform.api.pod(NAMESPACE)["metadata"]["uid"]
    spawner.clear_state()
    await spawner.start()
    assert platform.api.pod(NAMESPACE)["metadata"]["uid"] != uid
    await spawner.stop()


async def test_datasets_come_from_volumes_and_only_granted_ones(platform: Platform) -> None:
    config = platform.settings()
    nfs = {"nfs": {"server": "192.0.2.9", "path": "/export/oscour"}}
    config.ProjectKubeSpawner.dataset_volumes = {
        "oscour": {"persistent_volume": nfs, "sub_path": "2026"},
        "sursaud": {"claim": "sursaud"},
    }
    spawner = await opened(platform, config)
    pod = platform.api.pod(NAMESPACE)
    server = next(one for one in pod["spec"]["containers"] if one["name"] == SERVER)
    seen = [one for one in server["volumeMounts"] if one["mountPath"].startswith("/data")]
    assert seen == [{"name": "dataset-oscour", "mountPath": "/data/oscour", "readOnly": True, "subPath": "2026"}]
    volume = copy.deepcopy(platform.api.objects["persistentvolumes", "", f"{NAMESPACE}-dataset-oscour"])
    assert volume["spec"]["nfs"] == nfs["nfs"]
    assert spawner.get_state()["datasets"] == ["oscour"]
    await spawner.stop()
    volume["spec"]["nfs"]["path"] = "/export/everything"
    platform.api.keep("persistentvolumes", volume)
    with pytest.raises(SpawnException):
        await spawner.start()
    assert events(platform.state)[-1][2] == {"reason": "spawner.kubernetes.volume_differs"}


async def test_a_claim_that_is_not_there_is_told(platform: Platform) -> None:
    config = platform.settings()
    config.ProjectKubeSpawner.dataset_volumes = {"oscour": {"claim": "oscour"}}
    assert await refusal(platform, config) == "spawner.kubernetes.claim_missing"


async def test_an_exception_never_opens_the_cluster(platform: Platform) -> None:
    config = platform.settings()
    config.ProjectKubeSpawner.egress_exceptions = [{"address": "192.0.2.53", "port": 53}]
    assert await refusal(platform, config) == "spawner.kubernetes.exception_forbidden"


async def shown(spawner: ProjectKubeSpawner, there: Callable[[Manifest], bool]) -> None:
    """Wait until the hub has been told of a change."""
    for _ in range(500):
        pod = spawner.seen()
        if pod is not None and there(pod):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("The change was not told")
