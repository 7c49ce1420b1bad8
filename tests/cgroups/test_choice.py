"""Which groups are used on which host, from what such hosts say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hdh_jupyter.cgroups.allowance import Allowance
from hdh_jupyter.cgroups.choice import PLATFORM, Host, Kind, choose, open_group, settle, this_host
from hdh_jupyter.cgroups.hierarchies import Hierarchies, own_groups

UNIFIED = "30 23 0:26 / {root} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
SEPARATE = (
    "31 23 0:27 / {root}/memory rw - cgroup cgroup rw,memory\n"
    "32 23 0:28 / {root}/pids rw shared:9 - cgroup cgroup rw,pids\n"
    "33 23 0:29 / {root}/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "34 23 0:30 / {root}/systemd rw - cgroup cgroup rw,name=systemd\n"
)
V1_PATHS = "4:memory:/user\n8:pids:/\n2:cpu,cpuacct:/user\n1:name=systemd:/\n"

ALL = frozenset({"memory", "pids", "cpu"})


@pytest.mark.parametrize(
    ("mountinfo", "cgroup", "expected"),
    [
        pytest.param("", "", Hierarchies(), id="00 none"),
        pytest.param(
            UNIFIED.format(root="/sys/fs/cgroup"),
            "0::/user.slice/hdh.scope\n",
            Hierarchies({}, Path("/sys/fs/cgroup/user.slice/hdh.scope")),
            id="01 v2",
        ),
        pytest.param(
            SEPARATE.format(root="/c"),
            V1_PATHS,
            Hierarchies(
                {
                    "memory": Path("/c/memory/user"),
                    "pids": Path("/c/pids"),
                    "cpu": Path("/c/cpu,cpuacct/user"),
                    "cpuacct": Path("/c/cpu,cpuacct/user"),
                    "name=systemd": Path("/c/systemd"),
                }
            ),
            id="02 v1",
        ),
        pytest.param(
            "30 23 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
            "4:memory:/docker/abc/x\n",
            Hierarchies({"memory": Path("/sys/fs/cgroup/memory/x")}),
            id="03 a container's part of a hierarchy",
        ),
        pytest.param(UNIFIED.format(root="/c"), "0::/../outside\n", Hierarchies(), id="04 above the namespace"),
        pytest.param(
            "30 23 0:26 /a /c rw - cgroup2 cgroup2 rw\n", "0::/b\n", Hierarchies(), id="05 another part of it"
        ),
        pytest.param(
            "30 23 0:26 / /a\\040b rw - cgroup2 cgroup2 rw\n", "0::/\n", Hierarchies({}, Path("/a b")), id="06 a space"
        ),
        pytest.param("30 23 nonsense\n - cgroup2\n", "::\n0\n", Hierarchies(), id="07 nonsense"),
    ],
)
def test_where_a_process_stands(mountinfo: str, cgroup: str, expected: Hierarchies) -> None:
    assert own_groups(mountinfo, cgroup) == expected


def unified(folder: Path, controllers: str, enabled: str = "", name: str = "hdh.scope") -> Path:
    """Make what a group of v2 looks like."""
    own = folder / "slice" / name
    own.mkdir(parents=True)
    for place in (own, own.parent):
        (place / "cgroup.controllers").write_text(controllers)
        (place / "cgroup.subtree_control").write_text(enabled)
        (place / "cgroup.procs").write_text("")
    return own


def host(
    hierarchies: Hierarchies,
    writable: Callable[[Path], bool] = lambda _: True,
    delegated: bool = True,
    scopes: bool = False,
) -> Host:
    return Host(hierarchies, writable, lambda _: delegated, lambda: scopes)


V1 = {name: Path("/c") / name for name in ("memory", "pids", "cpu", "cpuacct", "freezer")}


@pytest.mark.parametrize(
    ("v1", "writable", "scopes", "kind", "missing"),
    [
        pytest.param(V1, V1, False, Kind.V1, (), id="00 v1"),
        pytest.param(V1, V1, True, Kind.V1, (), id="01 v1 before systemd"),
        pytest.param(V1, {"memory", "pids"}, False, Kind.V1, ("cpu",), id="02 v1 without processor time"),
        pytest.param(V1, {"memory", "cpu"}, False, Kind.NONE, ("memory", "pids", "cpu"), id="03 v1 without processes"),
        pytest.param(V1, {"pids"}, True, Kind.SYSTEMD, (), id="04 not ours, but systemd's"),
        pytest.param(V1, (), False, Kind.NONE, ("memory", "pids", "cpu"), id="05 nothing of ours"),
        pytest.param({}, (), True, Kind.SYSTEMD, (), id="06 systemd alone"),
        pytest.param({}, (), False, Kind.NONE, ("memory", "pids", "cpu"), id="07 nothing"),
    ],
)
def test_the_choice_without_a_delegated_group(v1, writable, scopes, kind, missing) -> None:
    place = choose(host(Hierarchies(v1), lambda folder: folder.name in writable, scopes=scopes))
    assert (place.kind, place.missing) == (kind, missing)
    assert "freezer" not in place.folders


@pytest.mark.parametrize(
    ("name", "enabled", "writable", "kind", "missing"),
    [
        pytest.param(PLATFORM, "cpu memory pids", True, Kind.V2, (), id="00 settled"),
        pytest.param(PLATFORM, "memory pids", True, Kind.V2, ("cpu",), id="01 without processor time"),
        pytest.param(PLATFORM, "memory", True, Kind.NONE, ("memory", "pids", "cpu"), id="02 without processes"),
        pytest.param("hdh.scope", "cpu memory pids", True, Kind.NONE, ("memory", "pids", "cpu"), id="03 not settled"),
        pytest.param(PLATFORM, "cpu memory pids", False, Kind.NONE, ("memory", "pids", "cpu"), id="04 not ours"),
    ],
)
def test_the_choice_in_v2(tmp_path: Path, name: str, enabled: str, writable: bool, kind: Kind, missing) -> None:
    own = unified(tmp_path, "cpu memory pids", enabled, name)
    place = choose(host(Hierarchies({}, own), lambda _: writable))
    assert (place.kind, place.missing) == (kind, missing)
    if kind is Kind.V2:
        order = place.order("vox", Allowance(2**30, 1, 100))
        assert order["folders"]["memory"] == str(own.parent / "hdh-ws-vox")
        assert open_group(order).folders == (own.parent / "hdh-ws-vox",)


@pytest.mark.parametrize(
    ("controllers", "writable", "delegated", "settled"),
    [
        pytest.param("cpuset cpu io memory pids", True, True, True, id="00 delegated"),
        pytest.param("memory pids", True, True, True, id="01 delegated without processor time"),
        pytest.param("memory pids", True, False, False, id="02 systemd's own"),
        pytest.param("memory pids", False, True, False, id="03 another account's"),
        pytest.param("cpu", True, True, False, id="04 without memory and processes"),
    ],
)
def test_room_is_made_in_a_delegated_group(
    tmp_path: Path, controllers: str, writable: bool, delegated: bool, settled: bool
) -> None:
    own = unified(tmp_path, controllers)
    assert settle(host(Hierarchies({}, own), lambda _: writable, delegated)) is settled
    wanted = " ".join(f"+{name}" for name in ("memory", "pids", "cpu") if name in controllers.split())
    assert (own / "cgroup.subtree_control").read_text() == (wanted if settled else "")
    assert (own / PLATFORM).is_dir() is settled


def test_a_scope_of_systemd_is_ordered_with_its_limits() -> None:
    place = choose(host(Hierarchies(), scopes=True))
    order = place.order("vox", Allowance(2**30, 1.5, 100))
    command = order["command"]
    assert command[0] == "systemd-run"
    assert {"--scope", "--unit=hdh-ws-vox", "MemoryMax=1073741824", "MemorySwapMax=0", "TasksMax=100"} <= set(command)
    assert "CPUQuota=150%" in command
    assert command[-1] == "--"
    assert open_group(order) is None


def test_this_host_is_read_without_a_mistake() -> None:
    assert choose(this_host()).kind in Kind
