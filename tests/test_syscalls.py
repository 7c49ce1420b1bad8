"""System calls that lead out of a sandbox are refused inside, and work outside (so that the attacks are real)."""

from __future__ import annotations

import json
import platform
import subprocess
import sys

import pytest

from hdh_jupyter.bubblewrap import open_files, sealed
from hdh_jupyter.interpreter import interpreter_inside
from hdh_jupyter.syscalls import ABSENT, REFUSED, filter_program

ATTEMPT = """
import ctypes, errno, json, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
told = {}
for family in range(70):
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
        told[family] = "made"
    except OSError as error:
        told[family] = errno.errorcode[error.errno]
numbers = {"keyctl": 250, "io_uring_setup": 425, "userfaultfd": 323, "bpf": 321, "perf_event_open": 298, "unshare": 272}
for name, number in numbers.items():
    libc.syscall(number, 0, 0, 0, 0, 0)
    told[name] = errno.errorcode.get(ctypes.get_errno(), "0")
    ctypes.set_errno(0)
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def inside() -> dict[str, str]:
    box = sealed("guest")
    files = open_files(box.files)
    command = box.command((str(interpreter_inside().executable), "-I", "-c", ATTEMPT), files)
    outcome = subprocess.run(command, pass_fds=tuple(files.values()), capture_output=True, text=True, check=True)
    return dict(json.loads(outcome.stdout))


def outside() -> dict[str, str]:
    outcome = subprocess.run([sys.executable, "-I", "-c", ATTEMPT], capture_output=True, text=True, check=True)
    return dict(json.loads(outcome.stdout))


def test_only_the_families_that_stay_in_the_sandbox_make_sockets(inside: dict[str, str]) -> None:
    made = {family for family, outcome in inside.items() if outcome == "made"}
    assert made <= {"1", "2", "10"}
    assert {"1", "2", "10"} <= made
    assert {inside[str(family)] for family in range(70) if family not in (1, 2, 10, 16)} == {"EAFNOSUPPORT"}


def test_without_the_filter_other_families_are_known() -> None:
    """The positive control: outside, the kernel knows packet sockets, whether or not this account may have one."""
    assert outside()["17"] != "EAFNOSUPPORT"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64")
def test_keys_rings_and_tracing_are_refused(inside: dict[str, str]) -> None:
    refused = {name: inside[name] for name in ("keyctl", "userfaultfd", "bpf", "perf_event_open", "unshare")}
    assert refused == dict.fromkeys(refused, "EPERM")
    assert inside["io_uring_setup"] == "ENOSYS"
    assert outside()["keyctl"] != "EPERM"


def test_every_name_is_a_system_call_of_this_machine() -> None:
    assert len(filter_program()) % 8 == 0
    assert set(REFUSED).isdisjoint(ABSENT)
