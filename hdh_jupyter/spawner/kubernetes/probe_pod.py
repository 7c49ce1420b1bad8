"""Tries to reach out of a pod from inside: once before the workspace starts, then over and over beside it.

Runs alone (`python -I -S`, the standard library and `spawner.probe`) in two containers of a workspace's pod, in neither
of which anything runs that people wrote:

- `probe`, before the server starts: network plugins may apply a policy a moment after a pod is there, so it tries again
  until nothing answers or its time is over; it reports everything that it observed, to be judged in the hub zone
- `sentinel`, beside the server, with which it shares the network alone: it ends, and says why, when anything answers

A pod has interfaces and routes, other than a sandbox; that packets come to nothing is what can be seen from inside.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from ..probe import (
    RAW,
    account,
    can_write,
    family,
    filtered,
    kernel_settings,
    makes_file,
    makes_socket,
    new_user_namespace,
    outcome,
    privileges,
    resolve,
)

FOLDER = "/opt/hdh-probe"
"""Where this program and its question are mounted."""

QUESTION = f"{FOLDER}/question.json"

MESSAGE = "/dev/termination-log"
"""What is written here shows in the pod's status, which the hub reads."""

MESSAGE_SIZE = 4096
"""Bytes of it that the cluster keeps."""

NODE_VARIABLE = "HDH_NODE_ADDRESS"
"""Names the environment variable with the address of the pod's machine."""

PASSED = "/run/sentinel/passed"
"""A file that the sentinel touches each time that nothing was reached."""

TIMEOUT = 2.0
"""Seconds to wait for an answer: a policy that drops packets is seen by silence."""

PAUSE = 0.5
"""Seconds between two rounds of the first probe."""

SILENT = frozenset({"ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "EPERM", "EACCES", "EAFNOSUPPORT"})
"""How an attempt ends that nobody has answered. A refused connection is an answer."""

NO_IPV6 = frozenset({"EADDRNOTAVAIL"})
"""How it ends besides where the pod has no address of the family."""

VSOCK, HYPERVISOR = 40, 2
"""The family of sockets between a virtual machine and its hypervisor, which network policies do not know."""

NO_VSOCK = frozenset({"absent", "ENODEV", "EPERM", "EACCES", "EAFNOSUPPORT", "ETIMEDOUT"})

KINDS = ("tcp", "udp", "dns", "near", "vsock")
"""What is tried: connections, questions for names, names, the machine and the first hop, the hypervisor."""

KUBELET = 10250
"""The port on which every machine of a cluster answers."""

ASKED_NAME = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03org\x00\x00\x01\x00\x01"
"""A question for an address, as the domain name system writes it."""


def probe() -> None:
    """Report what can be observed; end with 1 when something outside answers, so that the server does not start."""
    question = read_question()
    deadline = time.monotonic() + question["deadline"]
    found = network(question)
    # The hypervisor answers for ever or never.
    while any(not one.startswith("vsock") for one in reached(found)) and time.monotonic() < deadline:
        time.sleep(PAUSE)
        found = network(question)
    report = json.dumps({**found, **surroundings(question)}, separators=(",", ":"))
    tell(report)
    sys.exit(1 if reached(found) else 0)


def watch() -> None:
    """Try over and over; end with 1, saying what was reached, when something answers."""
    question = read_question()
    while True:
        answers = reached(network(question))
        if answers:
            tell(json.dumps({"reached": answers}, separators=(",", ":")))
            sys.exit(1)
        with open(PASSED, "w"):
            os.utime(PASSED)
        time.sleep(question["interval"])


def fresh() -> None:
    """End with 0 when the sentinel has passed lately."""
    try:
        age = time.time() - os.stat(PASSED).st_mtime
    except OSError:
        sys.exit(1)
    # A round may take a while on a busy machine.
    sys.exit(0 if age < 2 * read_question()["interval"] + 30 else 1)


def read_question() -> dict[str, Any]:
    with open(QUESTION, encoding="utf-8") as file:
        question: dict[str, Any] = json.load(file)
    return question


def tell(message: str) -> None:
    """Say something in the pod's status and in its log; what is too long is cut there, and then is no report."""
    print(message, flush=True)
    with open(MESSAGE, "w", encoding="utf-8") as file:
        file.write(message[:MESSAGE_SIZE])


def network(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return how each attempt to reach something outside ended: by kind, then by `address port`."""
    attempts: dict[tuple[str, str], Callable[[], str]] = {}
    for address, port in question["tcp"]:
        attempts["tcp", f"{address} {port}"] = partial(tcp, address, port)
    for address, port in question["udp"]:
        attempts["udp", f"{address} {port}"] = partial(udp, address, port)
    for name in question["names"]:
        attempts["dns", name] = partial(resolve, name)
    for name, address in (("node", os.environ.get(NODE_VARIABLE, "")), ("first_hop", first_hop())):
        attempts["near", name] = partial(near, address)
    attempts["vsock", "hypervisor"] = hypervisor
    with ThreadPoolExecutor(len(attempts)) as pool:
        running = {key: pool.submit(attempt) for key, attempt in attempts.items()}
    found: dict[str, Any] = {kind: {} for kind in KINDS}
    for (kind, name), future in running.items():
        error = future.exception()
        found[kind][name] = repr(error) if error else future.result()
    return found


def reached(found: Mapping[str, Any]) -> list[str]:
    """Return the attempts that did not come to nothing; one that ended in an unknown way is among them."""
    return [
        f"{kind} {name}"
        for kind in KINDS
        for name, ended in found[kind].items()
        if not came_to_nothing(kind, name, ended)
    ]


def came_to_nothing(kind: str, name: str, ended: str) -> bool:
    """Tell whether an attempt ended as it does in a sealed pod."""
    if kind == "dns":
        return ended == "unresolved"
    if kind == "vsock":
        return ended in NO_VSOCK
    if kind == "near":
        return ended in SILENT or (name, ended) == ("first_hop", "absent")
    return ended in SILENT or (":" in name and ended in NO_IPV6)


def tcp(address: str, port: int) -> str:
    with socket.socket(family(address)) as attempt:
        attempt.settimeout(TIMEOUT)
        return outcome(lambda: attempt.connect((address, port)))


def near(address: str) -> str:
    """Return how a call of a machine of the cluster ends; `absent` without an address."""
    return tcp(address, KUBELET) if address else "absent"


def udp(address: str, port: int) -> str:
    """Ask for a name: any answer, a refusal too, means that the datagram arrived."""
    with socket.socket(family(address), socket.SOCK_DGRAM) as attempt:
        attempt.settimeout(TIMEOUT)

        def ask() -> None:
            attempt.connect((address, port))
            attempt.send(ASKED_NAME)
            attempt.recv(512)

        return outcome(ask)


def hypervisor() -> str:
    """Return how a call of the machine's hypervisor ends."""
    try:
        attempt = socket.socket(VSOCK, socket.SOCK_STREAM)
    except OSError:
        return "absent"
    with attempt:
        attempt.settimeout(TIMEOUT)
        return outcome(lambda: attempt.connect((HYPERVISOR, 1024)))


def first_hop() -> str:
    """Return the address to which all packets go first, which may be the machine's; empty when there is none."""
    try:
        with open("/proc/net/route", encoding="ascii") as file:
            rows = [line.split() for line in file.readlines()[1:]]
    except OSError:
        return ""
    gateways = [row[2] for row in rows if row[1] == "00000000" and row[2] != "00000000"]
    return socket.inet_ntoa(bytes.fromhex(gateways[0])[::-1]) if gateways else ""


def surroundings(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the container is and holds; what cannot be observed says so in its place, and fails the judgement."""
    attempts: dict[str, Callable[[], Any]] = {
        "privileges": privileges,
        "filtered": filtered,
        "account": account,
        "user_namespace": new_user_namespace,
        "raw_sockets": lambda: [list(kind) for kind in RAW if makes_socket(*kind)],
        "kernel_settings": lambda: kernel_settings()[:5],
        "present": lambda: [path for path in question["absent"] if os.path.lexists(path)],
        "closed_folders": lambda: [path for path in question["closed"] if makes_file(path)],
        "environment": lambda: sorted(os.environ),
        "data": lambda: sorted(os.listdir("/data")) if os.path.isdir("/data") else [],
        "data_writable": lambda: [path for path in question["read_only"] if can_write(path)],
        "home": lambda: makes_file(question["home"]),
    }
    found = {}
    for name, attempt in attempts.items():
        try:
            found[name] = attempt()
        except Exception as error:
            found[name] = {"error": repr(error)[:200]}
    return found
