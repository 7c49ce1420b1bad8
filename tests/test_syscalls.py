"""System calls that lead out of a sandbox are refused inside, and work outside (so that the attacks are real)."""

from __future__ import annotations

import errno
import json
import platform
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.bubblewrap import open_files, sealed
from hdh_jupyter.interpreter import interpreter_inside
from hdh_jupyter.syscalls import ALLOWED, REFUSED, filter_programs, names

X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003
ALLOW, KILL = 0x7FFF0000, 0x80000000
NONE = 0xFFFFFFFFFFFFFFFF

ATTEMPT = """
import ctypes, errno, json, os, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
told = {}
def call(name, number, *arguments):
    ctypes.set_errno(0)
    outcome = libc.syscall(number, *(ctypes.c_long(argument) for argument in arguments))
    told[name] = errno.errorcode.get(ctypes.get_errno(), "0") if outcome == -1 else "made"
for family in range(70):
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
        told[family] = "made"
    except OSError as error:
        told[family] = errno.errorcode[error.errno]
for name, number in json.loads(sys.argv[1]).items():
    call(name, number, -1, -1, -1, -1, -1)
mine = os.getpid()
call("personality", 135, 0x0040000)
call("own personality", 135, 0xFFFFFFFF)
call("raw", 41, 2, 3, 1)
call("raw with flags", 41, 2, 3 | 0x80000, 1)
call("raw, upper half", 41, 2 | 1 << 32, 3, 1)
call("audit", 41, 16, 3, 9)
call("vsock pair", 53, 40, 1, 0, 0)
call("tiocsti", 16, 0, 0x5412, 0)
call("tiocsti, upper half", 16, 0, 0x5412 | 1 << 32, 0)
call("tioclinux", 16, 0, 0x541C, 0)
call("fionread", 16, 0, 0x541B, 0)
for name, flag in {"user": 0x10000000, "net": 0x40000000, "mnt": 0x20000}.items():
    call(f"clone {name}", 56, flag | 17, 0, 0, 0, 0)
    if told[f"clone {name}"] == "made" and os.getpid() != mine:
        os._exit(0)
print(json.dumps(told))
"""

NUMBERS = {
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "ptrace": 101,
    "kcmp": 312,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "keyctl": 250,
    "add_key": 248,
    "userfaultfd": 323,
    "bpf": 321,
    "perf_event_open": 298,
    "fanotify_init": 300,
    "unshare": 272,
    "setns": 308,
    "mount": 165,
    "fsopen": 430,
    "fspick": 433,
    "fsmount": 432,
    "move_mount": 429,
    "open_tree": 428,
    "mount_setattr": 442,
    "pivot_root": 155,
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "clock_settime": 227,
    "adjtimex": 159,
    "swapon": 167,
    "acct": 163,
    "kexec_load": 246,
    "init_module": 175,
    "delete_module": 176,
    "quotactl": 179,
    "syslog": 103,
    "iopl": 172,
    "mbind": 237,
    "migrate_pages": 256,
}

UNKNOWN = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "clone3": 435,
    "memfd_secret": 447,
    "modify_ldt": 154,
    "statmount": 457,
    "listmount": 458,
    "inotify_init": 253,
    "inotify_init1": 294,
    "a call of the future": 999,
}

needs_x86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64")


def attempts(command: list[str], **options: Any) -> dict[str, str]:
    numbers = json.dumps(NUMBERS | UNKNOWN)
    outcome = subprocess.run([*command, numbers], capture_output=True, text=True, check=True, **options)
    return dict(json.loads(outcome.stdout))


@pytest.fixture(scope="module")
def inside() -> dict[str, str]:
    box = sealed("guest")
    files = open_files(box.files)
    command = box.command((str(interpreter_inside().executable), "-I", "-c", ATTEMPT), files)
    return attempts(command, pass_fds=tuple(files.values()))


@pytest.fixture(scope="module")
def outside() -> dict[str, str]:
    return attempts([sys.executable, "-I", "-c", ATTEMPT])


def test_only_the_families_that_stay_in_the_sandbox_make_sockets(inside: dict[str, str]) -> None:
    made = {family for family, outcome in inside.items() if family.isdigit() and outcome == "made"}
    assert made == {"1", "2", "10"}
    assert {inside[str(family)] for family in range(70) if family not in (1, 2, 10, 16)} == {"EAFNOSUPPORT"}


def test_without_the_filter_other_families_are_known(outside: dict[str, str]) -> None:
    """The positive control: outside, the kernel knows packet sockets, whether or not this account may have one."""
    assert outside["17"] != "EAFNOSUPPORT"


@needs_x86_64
@pytest.mark.parametrize("name", NUMBERS)
def test_a_known_call_is_not_permitted(inside: dict[str, str], name: str) -> None:
    assert inside[name] == "EPERM"


@needs_x86_64
@pytest.mark.parametrize("name", UNKNOWN)
def test_any_other_call_does_not_exist(inside: dict[str, str], name: str) -> None:
    assert inside[name] == "ENOSYS"


@needs_x86_64
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("personality", "ENOSYS"),
        ("own personality", "0"),
        ("raw", "EPERM"),
        ("raw with flags", "EPERM"),
        ("raw, upper half", "EAFNOSUPPORT"),
        ("audit", "EAFNOSUPPORT"),
        ("vsock pair", "EAFNOSUPPORT"),
        ("tiocsti", "EPERM"),
        ("tiocsti, upper half", "EPERM"),
        ("tioclinux", "EPERM"),
        ("clone user", "EPERM"),
        ("clone net", "EPERM"),
        ("clone mnt", "EPERM"),
    ],
)
def test_what_a_call_is_asked_for_counts(
    inside: dict[str, str], outside: dict[str, str], name: str, outcome: str
) -> None:
    assert inside[name].replace("made", "0") == outcome
    assert inside["fionread"] == outside["fionread"]


def decide(programs: tuple[bytes, ...], architecture: int, number: int, *arguments: int) -> int:
    """Return what the kernel would do: the stricter of what the filters say, run here as it runs them."""
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, architecture, 0, *(*arguments, *(0,) * (6 - len(arguments))))
    verdicts = [run(program, data) for program in programs]
    return min(verdicts, key=lambda verdict: struct.unpack("i", struct.pack("I", verdict & 0xFFFF0000))[0])


def run(program: bytes, data: bytes) -> int:
    """Run the few instructions of the kernel's packet filter that libseccomp writes."""
    accumulator, at = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("<HBBI", program, at * 8)
        at += 1
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif code == 0x54:
            accumulator &= value
        elif code == 0x05:
            at += value
        elif code in (0x15, 0x25, 0x35):
            held = {0x15: accumulator == value, 0x25: accumulator > value, 0x35: accumulator >= value}[code]
            at += yes if held else no
        elif code == 0x06:
            return value
        else:
            raise AssertionError(hex(code))


def refusal(number: int) -> int:
    return 0x50000 | number


@pytest.mark.parametrize(
    ("machine", "architecture", "number", "arguments", "verdict"),
    [
        pytest.param("X86_64", X86_64, 0, (), ALLOW, id="00"),  # read
        pytest.param("X86_64", X86_64, 101, (), refusal(errno.EPERM), id="01"),  # ptrace
        pytest.param("X86_64", X86_64, 435, (), refusal(errno.ENOSYS), id="02"),  # clone3
        pytest.param("X86_64", X86_64, 56, (17,), ALLOW, id="03"),  # clone
        pytest.param("X86_64", X86_64, 56, (0x3D0F00,), ALLOW, id="04"),  # a thread
        pytest.param("X86_64", X86_64, 56, (0x10000000,), refusal(errno.EPERM), id="05"),
        pytest.param("X86_64", X86_64, 0x40000000, (), KILL, id="06"),  # x32's read
        pytest.param("X86_64", I386, 3, (), KILL, id="07"),  # int 0x80
        pytest.param("X86_64", AARCH64, 63, (), KILL, id="08"),
        pytest.param("X86_64", X86_64, 41, (16, 3, 0), ALLOW, id="09"),  # interfaces
        pytest.param("X86_64", X86_64, 41, (1, 5, 0), ALLOW, id="10"),
        pytest.param("X86_64", X86_64, 41, (10, 2 | 0x80800, 17), ALLOW, id="11"),
        pytest.param("X86_64", X86_64, 41, (10, 10, 0), refusal(errno.EPERM), id="12"),
        pytest.param("X86_64", X86_64, 41, (40, 1, 0), refusal(errno.EAFNOSUPPORT), id="13"),
        pytest.param("X86_64", X86_64, 41, (NONE, 1, 0), refusal(errno.EAFNOSUPPORT), id="14"),
        pytest.param("AARCH64", AARCH64, 63, (), ALLOW, id="15"),  # read
        pytest.param("AARCH64", AARCH64, 117, (), refusal(errno.EPERM), id="16"),  # ptrace
        pytest.param("AARCH64", AARCH64, 425, (), refusal(errno.ENOSYS), id="17"),  # io_uring_setup
        pytest.param("AARCH64", AARCH64, 220, (0x10000011,), refusal(errno.EPERM), id="18"),  # clone
        pytest.param("AARCH64", AARCH64, 198, (40, 1, 0), refusal(errno.EAFNOSUPPORT), id="19"),  # socket
        pytest.param("AARCH64", AARCH64, 29, (0, 0x5412), refusal(errno.EPERM), id="20"),  # ioctl
        pytest.param("AARCH64", AARCH64, 29, (0, 0x5413), ALLOW, id="21"),
        pytest.param("AARCH64", X86_64, 0, (), KILL, id="22"),
        pytest.param("AARCH64", 0x40000028, 3, (), KILL, id="23"),  # 32-bit Arm
    ],
)
def test_the_filters_decide(
    machine: str, architecture: int, number: int, arguments: tuple[int, ...], verdict: int
) -> None:
    assert decide(filter_programs(machine), architecture, number, *arguments) == verdict


def test_no_call_is_both_allowed_and_refused() -> None:
    allowed, refused = names(ALLOWED), names(REFUSED)
    assert len({*allowed, *refused}) == len(allowed) + len(refused)


STUDIES = {
    "processes": """
import multiprocessing as mp
from multiprocessing import shared_memory
def square(x): return x * x
def count(semaphore, value):
    with semaphore, value.get_lock(): value.value += 1
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        with mp.get_context(method).Pool(2) as pool: assert pool.map(square, range(4)) == [0, 1, 4, 9]
    context = mp.get_context("spawn")
    semaphore, value = context.Semaphore(1), context.Value("i", 0)
    workers = [context.Process(target=count, args=(semaphore, value)) for _ in range(2)]
    [w.start() for w in workers]; [w.join() for w in workers]
    assert value.value == 2
    block = shared_memory.SharedMemory(create=True, size=4096); block.buf[0] = 7; block.close(); block.unlink()
    print("done")
""",
    "joblib": """
from joblib import Parallel, delayed
import math
if __name__ == "__main__":
    assert Parallel(n_jobs=2)(delayed(math.sqrt)(i) for i in range(4))[3] == math.sqrt(3)
    print("done")
""",
    "arrays": """
import numpy, scipy.linalg, pandas, pyarrow
a = numpy.random.default_rng(0).normal(size=(300, 300))
numpy.linalg.svd(a @ a.T); scipy.linalg.eigh(a + a.T); pandas.DataFrame(a).corr(); pyarrow.table({"a": [1]})
print("done")
""",
    "torch": """
import torch
from torch.utils.data import DataLoader, TensorDataset
def main():
    data = TensorDataset(torch.arange(16.0).reshape(8, 2), torch.arange(8.0))
    model = torch.nn.Linear(2, 1)
    for x, y in DataLoader(data, batch_size=4, num_workers=2):
        model(x).squeeze().sub(y).square().mean().backward()
    print("done")
if __name__ == "__main__":
    main()
""",
    "faults": """
import faulthandler, subprocess, sys
faulthandler.dump_traceback_later(60); faulthandler.cancel_dump_traceback_later()
crash = subprocess.run([sys.executable, "-X", "faulthandler", "-c", "import os; os.abort()"], capture_output=True)
assert crash.returncode == -6 and b"Current thread" in crash.stderr
print("done")
""",
    "debugger": """
import debugpy, subprocess, sys, tempfile
port = debugpy.listen(("127.0.0.1", 0))[1]
import socket, json
with socket.create_connection(("127.0.0.1", port), 20) as client:
    body = json.dumps({"seq": 1, "type": "request", "command": "initialize", "arguments": {"adapterID": "t"}})
    client.sendall(f"Content-Length: {len(body)}\\r\\n\\r\\n{body}".encode())
    assert b"Content-Length" in client.recv(4096)
print("done")
""",
}


@pytest.mark.parametrize("study", STUDIES)
def test_the_scientific_tools_run(tmp_path: Path, study: str) -> None:
    box = sealed("guest")
    files = open_files(box.files | {"/opt/study.py": STUDIES[study]})
    command = type(box)(**{**vars(box), "files": box.files | {"/opt/study.py": ""}}).command(
        (str(interpreter_inside().executable), "-s", "/opt/study.py"), files
    )
    outcome = subprocess.run(command, pass_fds=tuple(files.values()), capture_output=True, text=True, check=False)
    assert outcome.stdout.endswith("done\n"), outcome.stderr
