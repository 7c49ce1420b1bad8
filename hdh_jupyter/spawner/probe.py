"""Tries to reach out of a workspace from inside, and tells what it found.

A program of its own (`python -I -S probe.py QUESTION REPORT -- PROGRAM...`): it starts PROGRAM in its own place and
goes on beside it. QUESTION and REPORT are descriptors that PROGRAM does not get: nothing that runs in the workspace
later can write the report. It only observes; what the observations must be is judged in the hub zone, where one that
is missing counts as a failure (`hermeticity`).
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

TIMEOUT = 1.0
"""Seconds to wait for an answer from the network, which comes at once where there is no network."""

RAW = (
    (socket.AF_INET, socket.SOCK_RAW),
    (socket.AF_INET6, socket.SOCK_RAW),
    (socket.AF_PACKET, socket.SOCK_RAW),
    (socket.AF_PACKET, socket.SOCK_DGRAM),
    (socket.AF_INET, 10),
)
"""Families and types that read or write packets as they are; 10 is a type of old (SOCK_PACKET)."""


def main() -> None:
    question, report, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[4:]
    # A grandchild, so that it is the namespace's init and not PROGRAM which has to reap it.
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            with os.fdopen(question) as file, os.fdopen(report, "w") as reply:
                json.dump(observations(json.load(file)), reply)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(question)
    os.close(report)
    os.execv(program[0], program)  # noqa: S606 -- no shell is wanted


def observations(facts: dict[str, Any]) -> dict[str, Any]:
    """Return every observation; one that cannot be made says so in its place, and fails the judgement."""
    attempts: dict[str, Callable[[], Any]] = {
        "interfaces": interfaces,
        "routes": routes,
        "tcp": lambda: {address: tcp(address, port) for address, port in facts["tcp"]},
        "udp": lambda: {address: udp(address, port) for address, port in facts["udp"]},
        "dns": lambda: {name: resolve(name) for name in facts["names"]},
        "loopback": lambda: tcp("127.0.0.1", facts["loopback_port"]),
        "abstract_socket": lambda: abstract_socket(facts["abstract_socket"]),
        "namespaces": lambda: {name: os.readlink(f"/proc/self/ns/{name}") for name in facts["namespaces"]},
        "user_namespace": new_user_namespace,
        "processes": processes,
        "privileges": privileges,
        "mounts": mounts,
        "data": lambda: sorted(os.listdir("/data")),
        "data_writable": lambda: [name for name in sorted(os.listdir("/data")) if can_write(f"/data/{name}")],
        "homes": lambda: sorted(os.listdir("/home")),
        "present": lambda: [path for path in facts["absent"] if os.path.lexists(path)],
        "environment": lambda: sorted(os.environ),
        "kernel_settings": kernel_settings,
        "socket_families": lambda: [number for number in facts["families"] if makes_socket(number, socket.SOCK_STREAM)],
        "raw_sockets": lambda: [kind for kind in RAW if makes_socket(*kind)],
        "system_calls": lambda: {name: call(number) for name, number in facts["calls"].items()},
        "filtered": filtered,
        "account": account,
        "devices": lambda: sorted(os.listdir("/dev")),
        "memory_folders": lambda: {path: size(path) for path in facts["memory_folders"]},
        "core_files": core_files,
        "closed_folders": lambda: [path for path in facts["closed"] if makes_file(path)],
        "hub_sockets": lambda: {path: unix_socket(path) for path in facts["sockets"]},
    }
    found = {}
    for name, attempt in attempts.items():
        try:
            found[name] = attempt()
        except Exception as error:
            found[name] = {"error": repr(error)}
    return found


def interfaces() -> list[str]:
    return sorted(name for _, name in socket.if_nameindex())


def routes() -> int:
    """Count the routes of both families that do not stay on `lo`."""
    found = 0
    for path, header, column in (("/proc/net/route", 1, 0), ("/proc/net/ipv6_route", 0, -1)):
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                rows = [line.split() for line in file.readlines()[header:]]
            found += sum(row[column] != "lo" for row in rows)
    return found


def tcp(address: str, port: int) -> str:
    """Return how a connection fails (`ENETUNREACH`), or `reached`."""
    with socket.socket(family(address)) as attempt:
        attempt.settimeout(TIMEOUT)
        return outcome(lambda: attempt.connect((address, port)))


def udp(address: str, port: int) -> str:
    """Return how sending a datagram fails, or `reached`: connecting asks the kernel for a route, no more."""
    with socket.socket(family(address), socket.SOCK_DGRAM) as attempt:
        return outcome(lambda: attempt.connect((address, port)))


def resolve(name: str) -> str:
    return outcome(lambda: socket.getaddrinfo(name, 443))


def abstract_socket(name: str) -> str:
    with socket.socket(socket.AF_UNIX) as attempt:
        attempt.settimeout(TIMEOUT)
        return outcome(lambda: attempt.connect(f"\0{name}"))


def unix_socket(path: str) -> str:
    with socket.socket(socket.AF_UNIX) as attempt:
        attempt.settimeout(TIMEOUT)
        return outcome(lambda: attempt.connect(path))


def makes_socket(family: int, kind: int) -> bool:
    try:
        # One of these protocols is right for each kind of socket that a kernel knows.
        for protocol in (0, 1, 255):
            try:
                socket.socket(family, kind, protocol).close()
                return True
            except OSError as error:
                last = error
        return last.errno in (errno.EINVAL, errno.EPROTOTYPE)
    except ValueError:
        return False


def call(number: int) -> str:
    """Return how a system call fails when each argument is -1, which none of them takes."""
    libc = ctypes.CDLL(None, use_errno=True)
    outcome = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(-1) for _ in range(6)))
    return "made" if outcome != -1 else errno.errorcode.get(ctypes.get_errno(), str(ctypes.get_errno()))


def filtered() -> list[list[str]]:
    """Return what holds for every process, each combination once: filter's mode, no new privileges, capabilities."""
    found = set()
    for pid in (name for name in os.listdir("/proc") if name.isdigit()):
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
                fields = dict(line.split(":", 1) for line in file if ":" in line)
        except OSError:
            continue
        if fields["State"].strip()[0] not in "ZX":
            found.add(tuple(fields[name].strip() for name in ("Seccomp", "NoNewPrivs", "CapEff", "CapBnd")))
    return [list(one) for one in sorted(found)]


def account() -> dict[str, Any]:
    return {"users": sorted({*os.getresuid()}), "groups": sorted({*os.getresgid(), *os.getgroups()})}


def size(path: str) -> int:
    found = os.statvfs(path)
    return found.f_blocks * found.f_frsize


def core_files() -> list[str]:
    """Return how large a file of a crashed program's memory may be, which would lie in the host's folders."""
    with open("/proc/1/limits", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("Max core file size"))
    return line.split()[4:6]


def makes_file(path: str) -> bool:
    target = os.path.join(path, f".hdh-probe-{struct.unpack('Q', os.urandom(8))[0]}")
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        return False
    os.unlink(target)
    return True


def outcome(attempt: Any) -> str:
    try:
        attempt()
    except TimeoutError:
        return "ETIMEDOUT"
    except socket.gaierror:
        return "unresolved"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, repr(error))
    return "reached"


def family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def new_user_namespace() -> str:
    """Return how making a user namespace fails: in one, a process would have every capability again."""
    child = os.fork()
    if child == 0:
        os._exit(0 if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) == 0 else 1)
    _, status = os.waitpid(child, 0)
    return "made" if os.waitstatus_to_exitcode(status) == 0 else "refused"


def processes() -> dict[str, Any]:
    """Return the command of the first process and how many there are."""
    pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    with open(f"/proc/{pids[0]}/comm", encoding="utf-8") as file:
        return {"first": file.read().strip(), "count": len(pids)}


def privileges() -> dict[str, str]:
    """Return the capability sets, all of them, and whether privileges can be gained."""
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs")
    return {name: fields[name].strip() for name in names}


def mounts() -> list[list[str]]:
    """Return every mount point with `rw` or `ro`."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        rows = [line.split(" ") for line in file]
    return [[unescape(row[4]), row[5].split(",")[0]] for row in rows]


def kernel_settings() -> list[str]:
    """Return the files of the machine in /proc that could be written; load indicators are there for anybody."""
    processes = {name for name in os.listdir("/proc") if name.isdigit()} | {"self", "thread-self", "pressure"}
    found = []
    for top in sorted(set(os.listdir("/proc")) - processes):
        for folder, _, files in os.walk(f"/proc/{top}"):
            found += [f"{folder}/{name}" for name in files if os.access(f"{folder}/{name}", os.W_OK)]
        if os.path.isfile(f"/proc/{top}") and os.access(f"/proc/{top}", os.W_OK):
            found.append(f"/proc/{top}")
    return found[:100]


def unescape(path: str) -> str:
    return path.encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "replace") if "\\" in path else path


def can_write(path: str) -> bool:
    """Tell whether a file can be made in the folder `path`, by trying."""
    target = os.path.join(path, f".hdh-probe-{struct.unpack('Q', os.urandom(8))[0]}")
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        return error.errno != errno.EROFS
    os.unlink(target)
    return True


if __name__ == "__main__":
    main()
