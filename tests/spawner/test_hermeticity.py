"""What counts as sealed: a decision table, and the rule that what is not known fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.spawner.hermeticity import (
    CALLS_ABSENT,
    CALLS_REFUSED,
    CHECKS,
    DEVICES,
    METADATA,
    NAMES,
    NAMESPACES,
    RESOLVERS,
    Expectation,
    from_document,
    judge,
    to_document,
    tried_addresses,
)

HOST = "192.0.2.7"

EXPECTED = Expectation(
    datasets=frozenset({"oscour"}),
    namespaces={kind: f"{kind}:[1]" for kind in NAMESPACES},
    read_only=frozenset({"/", "/usr", "/data/oscour"}),
    writable=frozenset({"/tmp", "/home/project"}),
    addresses=tried_addresses(HOST),
    home="project",
    environment=frozenset({"HOME", "PATH"}),
    memory_folders={"/tmp": 2**30, "/dev/shm": 2**28},
    sockets=frozenset({"/tmp/hdh-0-0/gateway.sock"}),
)


def sealed() -> dict[str, Any]:
    return {
        "interfaces": ["lo"],
        "routes": 0,
        "tcp": dict.fromkeys((*METADATA, *RESOLVERS, HOST), "ENETUNREACH"),
        "udp": dict.fromkeys((*METADATA, *RESOLVERS, HOST), "ENETUNREACH"),
        "dns": dict.fromkeys(NAMES, "unresolved"),
        "loopback": "ECONNREFUSED",
        "abstract_socket": "ECONNREFUSED",
        "namespaces": {kind: f"{kind}:[2]" for kind in NAMESPACES},
        "user_namespace": "refused",
        "processes": {"first": "bwrap", "count": 3},
        "privileges": {**dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), "0000"), "NoNewPrivs": "1"},
        "mounts": [
            ["/", "ro"],
            ["/usr", "ro"],
            ["/data/oscour", "ro"],
            ["/tmp", "rw"],
            ["/home/project", "rw"],
            ["/proc", "rw"],
            ["/dev/shm", "rw"],
        ],
        "data": ["oscour"],
        "data_writable": [],
        "homes": ["project"],
        "present": [],
        "environment": ["HOME", "PATH"],
        "kernel_settings": [],
        "socket_families": [1, 2, 10, 16],
        "raw_sockets": [],
        "system_calls": {**dict.fromkeys(CALLS_REFUSED, "EPERM"), **dict.fromkeys(CALLS_ABSENT, "ENOSYS")},
        "filtered": [["2", "1", "0000", "0000"]],
        "account": {"users": [1000], "groups": [1000]},
        "devices": sorted(DEVICES),
        "memory_folders": {"/tmp": 2**30, "/dev/shm": 2**28},
        "core_files": ["1", "1"],
        "closed_folders": [],
        "hub_sockets": {"/tmp/hdh-0-0/gateway.sock": "ENOENT"},
    }


def judged(observations: Any) -> tuple[str, ...]:
    return judge(json.dumps(observations).encode(), EXPECTED)


def test_a_sealed_workspace_passes() -> None:
    assert judged(sealed()) == ()


def test_every_check_is_in_the_table() -> None:
    assert sealed().keys() == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(CHECKS))
@pytest.mark.parametrize("value", [None, {}, "", {"error": "OSError()"}, "reached", 1, True, [[]], {"first": None}])
def test_a_malformed_observation_fails(name: str, value: Any) -> None:
    assert judged({**sealed(), name: value}) == (name,)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_an_absent_observation_fails(name: str) -> None:
    found = sealed()
    del found[name]
    assert judged(found) == (name,)


@pytest.mark.parametrize("report", [b"", b"[]", b"null", b"{", b"\xff", b"3", b"[" * 100_000])
def test_what_is_no_report_fails(report: bytes) -> None:
    assert judge(report, EXPECTED) == ("report",)


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Return a change: the value, last of `path`, at the place that the rest names."""

    def change(found: Any) -> None:
        *keys, last, value = path
        for key in keys:
            found = found[key]
        if last == "+":
            found.append(value)
        else:
            found[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        pytest.param(put("interfaces", "+", "eth0"), "interfaces", id="00 a network card"),
        pytest.param(put("interfaces", []), "interfaces", id="01 no interface at all: not looked"),
        pytest.param(put("routes", 1), "routes", id="02 a route out"),
        pytest.param(put("tcp", HOST, "reached"), "tcp", id="03 the host answers"),
        pytest.param(put("tcp", HOST, "ECONNREFUSED"), "tcp", id="04 the host refuses: there is a way"),
        pytest.param(put("tcp", METADATA[0], "ETIMEDOUT"), "tcp", id="05 silence is no proof"),
        pytest.param(put("udp", RESOLVERS[1], "reached"), "udp", id="06 a way by IPv6"),
        pytest.param(put("udp", "203.0.113.1", "ENETUNREACH"), "udp", id="07 an address nobody asked for"),
        pytest.param(put("dns", NAMES[0], "reached"), "dns", id="08 a name resolves"),
        pytest.param(put("loopback", "reached"), "loopback", id="09 the host's loopback"),
        pytest.param(put("abstract_socket", "reached"), "abstract_socket", id="10 the host's abstract sockets"),
        pytest.param(put("namespaces", "net", "net:[1]"), "namespaces", id="11 the host's network namespace"),
        pytest.param(put("namespaces", "pid", ""), "namespaces", id="12 an unreadable namespace"),
        pytest.param(put("user_namespace", "made"), "user_namespace", id="13 a new user namespace"),
        pytest.param(put("processes", "first", "systemd"), "processes", id="14 the host's processes"),
        pytest.param(put("processes", "count", 200), "processes", id="15 too many processes"),
        pytest.param(put("privileges", "CapEff", "0000000000000400"), "privileges", id="16 a capability"),
        pytest.param(put("privileges", "CapBnd", "000001ffffffffff"), "privileges", id="17 capabilities to gain"),
        pytest.param(put("privileges", "NoNewPrivs", "0"), "privileges", id="18 set-uid programs work"),
        pytest.param(put("mounts", "+", ["/mnt", "ro"]), "mounts", id="19 a mount nobody ordered"),
        pytest.param(put("mounts", "+", ["/usr/local", "rw"]), "mounts", id="20 a writable part of the system"),
        pytest.param(put("mounts", 2, ["/data/oscour", "rw"]), "mounts", id="21 a writable dataset mount"),
        pytest.param(put("mounts", 2, ["/data/other", "ro"]), "mounts", id="22 another dataset's mount"),
        pytest.param(put("data", "+", "sursaud"), "data", id="23 a dataset not granted"),
        pytest.param(put("data", []), "data", id="24 the granted dataset is missing"),
        pytest.param(put("data_writable", ["oscour"]), "data_writable", id="25 a dataset can be written"),
        pytest.param(put("homes", "+", "ann"), "homes", id="26 a home of the host"),
        pytest.param(put("present", ["/var"]), "present", id="27 the host's state"),
        pytest.param(put("environment", "+", "JUPYTERHUB_API_TOKEN"), "environment", id="28 a credential"),
        pytest.param(put("kernel_settings", ["/proc/sys/kernel/core_pattern"]), "kernel_settings", id="29 settings"),
        pytest.param(put("socket_families", "+", 40), "socket_families", id="30 sockets to the hypervisor"),
        pytest.param(put("socket_families", []), "socket_families", id="31 no family at all: not looked"),
        pytest.param(put("raw_sockets", [[17, 3]]), "raw_sockets", id="32 packets"),
        pytest.param(put("system_calls", "io_uring_setup", "EFAULT"), "system_calls", id="33 rings"),
        pytest.param(put("system_calls", "ptrace", "ESRCH"), "system_calls", id="34 tracing"),
        pytest.param(put("system_calls", "unshare", "EINVAL"), "system_calls", id="35 new namespaces"),
        pytest.param(put("filtered", "+", ["0", "1", "0", "0"]), "filtered", id="36 a process without filter"),
        pytest.param(put("filtered", []), "filtered", id="37 no process seen"),
        pytest.param(put("filtered", 0, 2, "0000000000000400"), "filtered", id="38 a process with a capability"),
        pytest.param(put("account", "users", [0]), "account", id="39 root inside"),
        pytest.param(put("account", "groups", [1000, 27]), "account", id="40 a group of the host"),
        pytest.param(put("devices", "+", "sda"), "devices", id="41 a disk"),
        pytest.param(put("memory_folders", "/dev/shm", 2**40), "memory_folders", id="42 memory without limit"),
        pytest.param(put("core_files", ["unlimited", "unlimited"]), "core_files", id="43 memory written to files"),
        pytest.param(put("closed_folders", ["/usr"]), "closed_folders", id="44 the system can be written"),
        pytest.param(put("hub_sockets", "/tmp/hdh-0-0/gateway.sock", "reached"), "hub_sockets", id="45 the hub zone"),
    ],
)
def test_a_hole_is_found(change: Callable[[dict[str, Any]], None], failed: str) -> None:
    found = sealed()
    change(found)
    assert judged(found) == (failed,)


def test_what_was_written_down_is_what_was_expected() -> None:
    assert from_document(json.loads(json.dumps(to_document(EXPECTED)))) == EXPECTED


def test_a_check_that_is_left_out_is_not_judged() -> None:
    assert judge(json.dumps({**sealed(), "processes": None}).encode(), EXPECTED, without={"processes"}) == ()


def test_a_mount_below_what_was_ordered_may_be_seen_read_only() -> None:
    found = sealed()
    found["mounts"].append(["/usr/local", "ro"])
    assert judged(found) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(CHECKS)), value=JSON)
def test_no_observation_makes_the_judge_fail_itself(name: str, value: Any) -> None:
    good = sealed()
    assert (name in judged({**good, name: value})) == (value != good[name] or type(value) is not type(good[name]))
