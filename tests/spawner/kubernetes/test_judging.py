"""Whether a pod that was read back, its policies and what its probe says are those of a sealed workspace."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.spawner.kubernetes import probe_pod
from hdh_jupyter.spawner.kubernetes.policies import contains, openings, opens, same_rules, selects
from hdh_jupyter.spawner.kubernetes.read_back import differences
from hdh_jupyter.spawner.kubernetes.restricted import violations
from hdh_jupyter.spawner.kubernetes.sealing import (
    CHECKS,
    Expectation,
    judge,
    question,
    refusal,
    sentinel_failures,
)
from hdh_jupyter.spawner.kubernetes.storage import Mount
from hdh_jupyter.spawner.kubernetes.targets import Endpoint

from .api_server import left_out, sealed_report
from .test_objects import POD, POLICY

API, DNS = Endpoint("192.0.2.1", 443), Endpoint("2001:db8::53", 53)

EXPECTED = Expectation(frozenset({API, DNS}), frozenset({DNS}), frozenset({"oscour"}))

MOUNTS = (Mount("dataset-oscour", "oscour", "/data/oscour"), Mount("catalogue", "catalogue", "/catalogue"))

Manifest = dict[str, Any]


def sealed() -> Manifest:
    return sealed_report(question(EXPECTED, MOUNTS, 30, 60))


def judged(report: Any) -> tuple[str, ...]:
    return judge(json.dumps(report), EXPECTED)


def put(*path: Any) -> Callable[[Any], None]:
    """Return a change: the value, last of `path`, at the place that the rest names; `+` appends."""

    def change(found: Any) -> None:
        *keys, last, value = path
        for key in keys:
            found = found[key]
        if last == "+":
            found.append(value)
        else:
            found[last] = value

    return change


def test_a_sealed_pod_passes_and_every_check_is_made() -> None:
    assert judged(sealed()) == ()
    assert sealed().keys() == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(CHECKS))
@pytest.mark.parametrize("value", [None, {}, "", {"error": "OSError()"}, "reached", 1, [[]], {"first": None}])
def test_a_malformed_observation_fails(name: str, value: Any) -> None:
    assert judged({**sealed(), name: value}) == (name,)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_an_absent_observation_fails(name: str) -> None:
    found = sealed()
    del found[name]
    assert judged(found) == (name,)


@pytest.mark.parametrize("report", [None, "", "[]", "null", "{", "3", "[" * 100_000, json.dumps(sealed())[:4000] + "…"])
def test_what_is_no_report_fails(report: str | None) -> None:
    assert judge(report, EXPECTED) == ("report",)


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        pytest.param(put("tcp", "192.0.2.1 443", "reached"), "tcp", id="00 the API answers"),
        pytest.param(put("tcp", "192.0.2.1 443", "ECONNREFUSED"), "tcp", id="01 a refusal is an answer"),
        pytest.param(put("tcp", "192.0.2.1 443", "EADDRNOTAVAIL"), "tcp", id="02 no port left to call from"),
        pytest.param(put("tcp", "198.51.100.1 443", "ETIMEDOUT"), "tcp", id="03 an address nobody asked for"),
        pytest.param(put("tcp", "192.0.2.1 443", "EPROTO"), "tcp", id="04 an unknown end"),
        pytest.param(put("udp", "2001:db8::53 53", "reached"), "udp", id="05 names are answered"),
        pytest.param(put("dns", "example.org", "reached"), "dns", id="06 a name is found"),
        pytest.param(put("near", "node", "ECONNREFUSED"), "near", id="07 the machine refuses"),
        pytest.param(put("near", "node", "absent"), "near", id="08 the machine's address is not known"),
        pytest.param(put("near", "first_hop", "reached"), "near", id="09 the first hop answers"),
        pytest.param(put("vsock", "hypervisor", "ECONNRESET"), "vsock", id="10 the hypervisor refuses"),
        pytest.param(put("privileges", "CapEff", "0000000000000400"), "privileges", id="11 a capability"),
        pytest.param(put("privileges", "NoNewPrivs", "0"), "privileges", id="12 set-uid programs work"),
        pytest.param(put("filtered", 0, 0, "0"), "filtered", id="13 no filter"),
        pytest.param(put("filtered", []), "filtered", id="14 no process seen"),
        pytest.param(put("account", "users", [0]), "account", id="15 root inside"),
        pytest.param(put("account", "groups", [0, 1000]), "account", id="16 root's group"),
        pytest.param(put("user_namespace", "made"), "user_namespace", id="17 a new user namespace"),
        pytest.param(put("raw_sockets", "+", [2, 3]), "raw_sockets", id="18 packets"),
        pytest.param(put("kernel_settings", "+", "/proc/sys/kernel/core_pattern"), "kernel_settings", id="19 settings"),
        pytest.param(put("present", "+", "/var/run/secrets/kubernetes.io"), "present", id="20 a token"),
        pytest.param(put("closed_folders", "+", "/usr"), "closed_folders", id="21 the system can be written"),
        pytest.param(put("environment", "+", "JUPYTERHUB_API_URL"), "environment", id="22 the hub's address"),
        pytest.param(put("environment", "+", "aws_secret_access_key"), "environment", id="23 a credential"),
        pytest.param(put("environment", []), "environment", id="24 not looked"),
        pytest.param(put("data", "+", "sursaud"), "data", id="25 a dataset not granted"),
        pytest.param(put("data", []), "data", id="26 the granted dataset is missing"),
        pytest.param(put("data_writable", "+", "/data/oscour"), "data_writable", id="27 a dataset can be written"),
        pytest.param(put("home", False), "home", id="28 the home cannot be written"),
    ],
)
def test_a_hole_is_found(change: Callable[[Any], None], failed: str) -> None:
    found = sealed()
    change(found)
    assert judged(found) == (failed,)


@pytest.mark.parametrize("ended", ["ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "EPERM", "EACCES"])
def test_silence_in_all_its_forms_is_sealed(ended: str) -> None:
    found = sealed()
    found["tcp"] = dict.fromkeys(found["tcp"], ended)
    assert judged(found) == ()


def test_a_pod_without_the_family_has_no_address_of_it() -> None:
    found = sealed()
    found["tcp"]["2001:db8::53 53"] = "EADDRNOTAVAIL"
    assert judged(found) == ()


def test_nothing_tried_proves_nothing() -> None:
    nothing = Expectation(frozenset(), frozenset(), frozenset())
    report = sealed_report(question(nothing, (), 30, 60))
    assert judge(json.dumps(report), nothing) == ("tcp", "udp")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(CHECKS)), value=JSON)
def test_no_observation_makes_the_judge_fail_itself(name: str, value: Any) -> None:
    good = sealed()
    holds = name not in judged({**good, name: value})
    if name == "environment":
        return
    assert holds == (value == good[name] and type(value) is type(good[name]))


@pytest.mark.parametrize(
    ("failures", "code"),
    [
        (("tcp",), "spawner.kubernetes.not_enforced"),
        (("near", "privileges"), "spawner.kubernetes.not_enforced"),
        (("vsock",), "spawner.kubernetes.hypervisor_open"),
        (("home",), "spawner.kubernetes.home_closed"),
        (("home", "privileges"), "spawner.not_sealed"),
        (("report",), "spawner.not_sealed"),
    ],
)
def test_the_page_says_why(failures: tuple[str, ...], code: str) -> None:
    assert refusal(failures) == code


@pytest.mark.parametrize(
    ("message", "failures"),
    [
        ('{"reached": ["tcp 192.0.2.1 443", "udp 192.0.2.53 53"]}', ("tcp", "udp")),
        ('{"reached": ["vsock hypervisor"]}', ("vsock",)),
        ('{"reached": []}', ("report",)),
        ('{"reached": 3}', ("report",)),
        ('{"reached": ["sun 1"]}', ("report",)),
        ("Traceback", ("report",)),
        ("", ("report",)),
        ("[]", ("report",)),
    ],
)
def test_a_sentinel_that_ended_is_a_failure_whatever_it_says(message: str, failures: tuple[str, ...]) -> None:
    assert sentinel_failures(message) == failures


def test_what_the_probe_counts_as_reached_is_what_the_judge_does() -> None:
    found = sealed()
    assert probe_pod.reached(found) == []
    found["near"]["node"] = "ECONNREFUSED"
    found["dns"]["example.org"] = "reached"
    assert probe_pod.reached(found) == ["dns example.org", "near node"]
    assert judged(found) == ("dns", "near")


# Policies


def test_a_policy_as_the_cluster_keeps_it_says_the_same() -> None:
    assert same_rules(POLICY, left_out(POLICY))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(put("egress", [{}]), id="00 all egress"),
        pytest.param(put("ingress", "+", {}), id="01 all ingress"),
        pytest.param(put("ingress", []), id="02 the gateway is shut out"),
        pytest.param(put("podSelector", {"matchLabels": {"a": "b"}}), id="03 other pods"),
        pytest.param(put("policyTypes", ["Ingress"]), id="04 egress is not its subject"),
        pytest.param(put("ingress", 0, "from", 0, "podSelector", {}), id="05 every pod of the hub zone"),
        pytest.param(put("ingress", 0, "from", []), id="06 everybody"),
        pytest.param(put("ingress", 0, "ports", []), id="07 every port"),
    ],
)
def test_a_policy_that_was_changed_does_not(change: Callable[[Any], None]) -> None:
    found = copy.deepcopy(POLICY)
    change(found["spec"])
    assert not same_rules(POLICY, found)
    assert not same_rules(POLICY, left_out(found))


def test_a_policy_without_rules_is_another() -> None:
    assert not same_rules(POLICY, {"metadata": {"name": "hdh-sealed"}})


@pytest.mark.parametrize(
    ("spec", "opening"),
    [
        pytest.param({"podSelector": {}, "policyTypes": ["Egress"]}, False, id="00 closes"),
        pytest.param({"podSelector": {}, "egress": []}, False, id="01 closes, in other words"),
        pytest.param({"podSelector": {}, "egress": [{}]}, True, id="02 opens all"),
        pytest.param({"podSelector": {}, "ingress": [{}]}, True, id="03 lets all in"),
        pytest.param({"podSelector": None, "egress": [{}]}, True, id="04 of all pods"),
        pytest.param({"podSelector": {"matchLabels": {"a": "1"}}, "egress": [{}]}, True, id="05 of this pod"),
        pytest.param({"podSelector": {"matchLabels": {"a": "2"}}, "egress": [{}]}, False, id="06 of another pod"),
        pytest.param({"egress": [{"ports": [{"port": 53}]}]}, True, id="07 names alone"),
    ],
)
def test_a_policy_that_allows_this_pod_anything_opens_it(spec: Manifest, opening: bool) -> None:
    assert opens(spec, {"a": "1"}) is opening
    others = [{"metadata": {"name": "other"}, "spec": spec}, POLICY]
    assert openings(others, POLICY, {"a": "1"}) == (["other"] if opening else [])


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        ({"key": "a", "operator": "In", "values": ["1", "2"]}, True),
        ({"key": "a", "operator": "In", "values": ["2"]}, False),
        ({"key": "a", "operator": "NotIn", "values": ["2"]}, True),
        ({"key": "a", "operator": "NotIn", "values": ["1"]}, False),
        ({"key": "b", "operator": "NotIn", "values": ["1"]}, True),
        ({"key": "a", "operator": "Exists"}, True),
        ({"key": "b", "operator": "Exists"}, False),
        ({"key": "a", "operator": "DoesNotExist"}, False),
        ({"key": "b", "operator": "DoesNotExist"}, True),
        ({"key": "a", "operator": "Like", "values": ["9"]}, True),
    ],
)
def test_selectors_are_read_as_the_cluster_does(expression: Manifest, matches: bool) -> None:
    assert selects({"matchExpressions": [expression]}, {"a": "1"}) is matches
    assert selects({"matchLabels": {"a": "2"}, "matchExpressions": [expression]}, {"a": "1"}) is False


def test_an_object_with_the_clusters_own_words_contains_what_was_ordered() -> None:
    ordered = {"storageClassName": "", "hostPath": {"path": "/srv"}, "claimRef": {"name": "a"}}
    assert contains({"hostPath": {"path": "/srv", "type": ""}, "claimRef": {"name": "a", "uid": "1"}}, ordered)
    assert not contains({"hostPath": {"path": "/"}, "claimRef": {"name": "a"}}, ordered)
    assert not contains({"storageClassName": "fast", "hostPath": {"path": "/srv"}, "claimRef": {"name": "a"}}, ordered)


# Pods that were read back


def as_kept() -> Manifest:
    """Return the pod as a cluster keeps it, with what it fills in by itself."""
    kept: Manifest = left_out(json.loads(json.dumps(POD)))
    spec = kept["spec"]
    spec.update(nodeName="a", serviceAccountName="default", serviceAccount="default", priority=0)
    spec.update(preemptionPolicy="PreemptLowerPriority", hostNetwork=False)
    spec["tolerations"].append({"key": "node.kubernetes.io/not-ready", "operator": "Exists"})
    for one in spec["containers"]:
        one["resizePolicy"] = [{"resourceName": "cpu", "restartPolicy": "NotRequired"}]
    return kept


def test_a_pod_as_the_cluster_keeps_it_is_as_ordered() -> None:
    assert differences(POD, as_kept()) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(put("hostNetwork", True), "hostNetwork", id="00 the machine's network"),
        pytest.param(put("hostPID", True), "hostPID", id="01 the machine's processes"),
        pytest.param(put("hostIPC", True), "hostIPC", id="02 the machine's shared memory"),
        pytest.param(put("shareProcessNamespace", True), "shareProcessNamespace", id="03 the sentinel's processes"),
        pytest.param(put("automountServiceAccountToken", True), "automountServiceAccountToken", id="04 a token"),
        pytest.param(put("dnsPolicy", "ClusterFirst"), "dnsPolicy", id="05 names"),
        pytest.param(put("hostAliases", [{"ip": "192.0.2.1"}]), "hostAliases", id="06 names by hand"),
        pytest.param(put("enableServiceLinks", True), "enableServiceLinks", id="07 addresses of services"),
        pytest.param(put("securityContext", "runAsUser", 0), "securityContext", id="08 root"),
        pytest.param(put("securityContext", "sysctls", [{"name": "kernel.x"}]), "pod.sysctls.kernel.x", id="09 sysctl"),
        pytest.param(put("volumes", "+", {"name": "h", "hostPath": {"path": "/"}}), "volumes.h", id="10 the machine"),
        pytest.param(put("volumes", 0, "persistentVolumeClaim", "claimName", "x"), "volumes", id="11 another home"),
        pytest.param(put("containers", "+", {"name": "x"}), "containers", id="12 a container more"),
        pytest.param(put("initContainers", []), "initContainers", id="13 no probe"),
        pytest.param(put("ephemeralContainers", [{"name": "x"}]), "ephemeralContainers", id="14 a guest"),
        pytest.param(put("containers", 0, "image", "other"), "server.image", id="15 another image"),
        pytest.param(put("containers", 0, "command", ["sh"]), "server.command", id="16 another program"),
        pytest.param(put("containers", 0, "args", ["-x"]), "server.args", id="17 with arguments"),
        pytest.param(put("containers", 0, "env", "+", {"name": "A", "value": "b"}), "server.env", id="18 environment"),
        pytest.param(put("containers", 0, "envFrom", [{"secretRef": {}}]), "server.envFrom", id="19 a secret"),
        pytest.param(
            put("containers", 0, "volumeMounts", 1, "readOnly", False), "server.volumeMounts", id="20 data writable"
        ),
        pytest.param(
            put("containers", 0, "securityContext", "privileged", True), "server.privileged", id="21 privileged"
        ),
        pytest.param(
            put("containers", 0, "securityContext", "capabilities", {"add": ["NET_RAW"]}),
            "server.capabilities.add",
            id="22 packets",
        ),
        pytest.param(
            put("containers", 0, "lifecycle", {"postStart": {"exec": {}}}), "server.lifecycle", id="23 a hook"
        ),
        pytest.param(put("containers", 1, "readinessProbe", None), "sentinel.readinessProbe", id="24 never looked at"),
        pytest.param(put("restartPolicy", "Always"), "restartPolicy", id="25 starts again"),
        pytest.param(put("somethingNew", True), "somethingNew", id="26 a field that nobody knows"),
    ],
)
def test_a_pod_that_was_changed_is_not(change: Callable[[Any], None], told: str) -> None:
    found = as_kept()
    change(found["spec"])
    assert told in differences(POD, found)


# The published standard


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        pytest.param(put("spec", "hostNetwork", True), "hostNetwork", id="00"),
        pytest.param(put("spec", "volumes", "+", {"name": "n", "nfs": {}}), "volumes.n", id="01"),
        pytest.param(put("spec", "containers", 0, "ports", 0, "hostPort", 80), "server.hostPort", id="02"),
        pytest.param(
            put("spec", "containers", 0, "securityContext", "procMount", "Unmasked"), "server.procMount", id="03"
        ),
        pytest.param(
            put("spec", "containers", 0, "securityContext", "seccompProfile", {"type": "Unconfined"}),
            "server.seccompProfile",
            id="04",
        ),
        pytest.param(
            put("spec", "containers", 0, "securityContext", "seLinuxOptions", {"type": "spc_t"}),
            "server.seLinuxOptions",
            id="05",
        ),
        pytest.param(
            put("spec", "containers", 0, "securityContext", "runAsNonRoot", False), "server.runAsNonRoot", id="06"
        ),
        pytest.param(put("spec", "containers", 0, "securityContext", "runAsUser", 0), "server.runAsUser", id="07"),
        pytest.param(
            put("spec", "containers", 0, "securityContext", "allowPrivilegeEscalation", None),
            "server.allowPrivilegeEscalation",
            id="08",
        ),
        pytest.param(
            put("spec", "containers", 0, "securityContext", "capabilities", {"drop": ["NET_RAW"]}),
            "server.capabilities.drop",
            id="09",
        ),
        pytest.param(
            put("spec", "containers", 0, "livenessProbe", {"httpGet": {"host": "192.0.2.1"}}),
            "server.livenessProbe.host",
            id="10",
        ),
        pytest.param(
            put("spec", "containers", 0, "lifecycle", {"preStop": {"tcpSocket": {"host": "192.0.2.1"}}}),
            "server.lifecycle.preStop.host",
            id="11",
        ),
        pytest.param(
            put("spec", "securityContext", "appArmorProfile", {"type": "Unconfined"}), "pod.appArmorProfile", id="12"
        ),
        pytest.param(
            put("spec", "securityContext", "windowsOptions", {"hostProcess": True}),
            "pod.windowsOptions.hostProcess",
            id="13",
        ),
        pytest.param(
            put("metadata", "annotations", {"container.apparmor.security.beta.kubernetes.io/x": "unconfined"}),
            "container.apparmor.security.beta.kubernetes.io/x",
            id="14",
        ),
    ],
)
def test_a_pod_below_the_standard_is_told(change: Callable[[Any], None], broken: str) -> None:
    found = json.loads(json.dumps(POD))
    change(found)
    assert violations(found) == [broken]
