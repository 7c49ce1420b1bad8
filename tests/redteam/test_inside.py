"""The attacks from inside: the same code in a kernel of the plain JupyterLab and in one of the workspace."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from . import inside_files, inside_kernel, inside_network, inside_resources
from .clients import Kernel, Server
from .conftest import NEIGHBOUR, Machine
from .inside import ATTACKS, Inside, attempt
from .model import Outcome, Outcomes
from .targets import Targets

MODULES = (inside_network, inside_files, inside_kernel, inside_resources)
"""Each registers its attacks when it is imported."""

pytestmark = pytest.mark.redteam

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def control_kernel(plain: Server) -> Iterator[Kernel]:
    with plain.kernel() as kernel:
        yield kernel


@pytest.fixture(scope="module")
def kernel(workspace: Server) -> Iterator[Kernel]:
    with workspace.kernel() as kernel:
        yield kernel


@pytest.fixture(scope="module")
def facts(machine: Machine, neighbour: Server, targets: Targets) -> Facts:
    """What every attacker is told: all they could have guessed, and more."""
    state, sockets = machine.folder, machine.folder.sockets
    return {
        **targets.facts,
        "port": machine.port,
        "state": str(state.root),
        "hub_socket": str(sockets / "hub.sock"),
        "gateway_socket": str(sockets / "gateway.sock"),
        "proxy_socket": str(sockets / "proxy.sock"),
        "neighbour_socket": str(sockets / f"ws-{NEIGHBOUR}" / "jupyter.sock"),
        "neighbour_home": str(state.homes / NEIGHBOUR),
        "database": str(state.root / "hdh.sqlite"),
        "key": str(state.root / "keys" / "audit"),
    }


@pytest.fixture(scope="module")
def places(machine: Machine) -> dict[str, Facts]:
    """Where each side sees what both may read."""
    state = machine.folder
    return {
        "control": {"data": str(state.datasets / "oscour"), "catalogue": str(state.catalogue)},
        "here": {"data": "/data/oscour", "catalogue": "/catalogue"},
    }


def missing(tried: Inside, facts: Facts) -> str:
    """Return why this machine cannot give a control."""
    if tried.root and os.geteuid() != 0:
        return "it needs root"
    without = [name for name in tried.needs if not facts[name]]
    return f"no {without[0]}" if without else ""


@pytest.mark.parametrize("number", sorted(ATTACKS))
def test_an_attack_from_a_notebook(
    number: int,
    control_kernel: Kernel,
    kernel: Kernel,
    facts: Facts,
    places: dict[str, Facts],
    targets: Targets,
    outcomes: Outcomes,
) -> None:
    tried = ATTACKS[number]
    no_control = missing(tried, facts)
    control: Outcome | None = None
    if not no_control:
        mark = f"control-{number}-{secrets.token_hex(4)}"
        control = attempt(control_kernel, tried.code, {**facts, **places["control"], "mark": mark})
        if not control.reached and control.detail in tried.absent:
            no_control, control = f"the machine has no such thing ({control.detail})", None
    mark = f"here-{number}-{secrets.token_hex(4)}"
    here = attempt(kernel, tried.code, {**facts, **places["here"], "mark": mark})
    if targets.saw(mark):
        here = Outcome(True, "something arrived at the listener")
    outcomes.judge(tried.attack, control=control, here=here, no_control=no_control)
