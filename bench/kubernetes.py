"""What thousands of projects on a cluster cost the hub: the API of the cluster is simulated, everything else is real.

Projects are registered and have accounts; workspaces of most of them are opened as fast as the hub does it; then, for a
minute, workspaces are opened and stopped at a steady rate. Beside each phase stands the hub at rest before it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import requests
from report import table, title
from simulated_cluster import here

from hdh_jupyter.db import open_database
from hdh_jupyter.projects.model import Authorisation, BasisKind, Opinion, Project
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.state import StateFolder

PROJECTS = int(os.environ.get("HDH_BENCH_PROJECTS", "2000"))
RUNNING = int(os.environ.get("HDH_BENCH_RUNNING", str(PROJECTS - 200)))
STARTS = 200
"""Starts, and as many stops, in the minute of steady work."""

AT_ONCE = 8
HERE = Path(__file__).parent


@dataclass
class Figures:
    """What a phase has cost."""

    name: str
    seconds: float
    starts: int
    cpu: float
    memory: int
    calls: dict[str, int]
    lags: list[float]
    waits: list[float]

    def row(self) -> list[str]:
        lags, waits = sorted(self.lags) or [0.0], sorted(self.waits) or [0.0]
        per_start = sum(self.calls.values()) / self.starts if self.starts else 0
        return [
            self.name,
            f"{self.seconds:.0f} s",
            f"{self.starts / self.seconds * 60:.0f}",
            f"{100 * self.cpu / self.seconds:.0f} %",
            f"{self.memory / 2**20:.0f} MiB",
            f"{per_start:.1f}" if self.starts else "-",
            f"{1000 * at(lags, 0.5):.0f} / {1000 * at(lags, 0.99):.0f} / {1000 * lags[-1]:.0f} ms",
            f"{at(waits, 0.5):.1f} / {at(waits, 0.95):.1f} s" if self.waits else "-",
        ]


def at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Hub:
    """The hub under measurement, by its API."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = StateFolder(folder / "state")
        self.token = secrets.token_hex(16)
        self.cluster, self.gateway, self.port = free_port(), free_port(), free_port()
        self.lag = folder / "lag"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.refused = 0
        self.session = requests.Session()
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=2 * AT_ONCE)
        self.session.mount("http://", adapter)
        self.session.headers["Authorization"] = f"token {self.token}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        kubeconfig = self.folder / "kubeconfig"
        server = {"name": "c", "cluster": {"server": f"http://{here()}:{self.cluster}"}}
        context = {"name": "c", "context": {"cluster": "c", "user": "c"}}
        user = {"name": "c", "user": {"token": "none"}}
        content = {"clusters": [server], "contexts": [context], "users": [user], "current-context": "c"}
        kubeconfig.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **content}))
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE.parent),
            "KUBECONFIG": str(kubeconfig),
            "HDH_STATE": str(self.state.root),
            "HDH_ORIGIN": "http://hdh.localhost:1",
            "HDH_HUB_URL": self.url,
            "HDH_GATEWAY_URL": f"http://{here()}:{self.gateway}",
            "BENCH_LAG": str(self.lag),
            "BENCH_TOKEN": self.token,
        }
        program = [sys.executable, str(HERE / "simulated_cluster.py"), str(self.cluster), str(self.gateway)]
        self.run(program, environment, "cluster")
        wait_for(f"http://{here()}:{self.cluster}/_calls")
        self.run([sys.executable, "-m", "jupyterhub", f"--config={HERE / 'simulated_hub.py'}"], environment, "hub")
        wait_for(f"{self.url}/hub/health")

    def run(self, command: list[str], environment: dict[str, str], name: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes.append(subprocess.Popen(command, env=environment, cwd=self.folder, stdout=log, stderr=log))

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(60)

    def ask(self, method: str, path: str, content: object = None) -> requests.Response:
        return self.session.request(method, f"{self.url}/hub/api/{path}", json=content, timeout=300)

    def open(self, project: int) -> float:
        """Open a workspace and return how many seconds it took until it could be entered."""
        begun = time.perf_counter()
        self.ask("POST", f"users/prj-{name_of(project)}/server")
        while True:
            server = self.ask("GET", f"users/prj-{name_of(project)}").json()["servers"].get("", {})
            if server.get("ready"):
                return time.perf_counter() - begun
            if not server.get("pending"):
                # On a machine that is too busy the simulated API may be late; people would press the button again.
                self.refused += 1
                self.ask("POST", f"users/prj-{name_of(project)}/server")
            time.sleep(0.5)

    def close(self, project: int) -> None:
        self.ask("DELETE", f"users/prj-{name_of(project)}/server")

    def cpu(self) -> float:
        """Return the seconds of processor time that the hub has used."""
        words = Path(f"/proc/{self.processes[1].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        status = Path(f"/proc/{self.processes[1].pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def calls(self) -> dict[str, int]:
        found: dict[str, int] = requests.get(f"http://{here()}:{self.cluster}/_calls", timeout=30).json()
        return found

    @contextmanager
    def measured(self, name: str, starts: int) -> Iterator[Figures]:
        figures = Figures(name, 0, starts, self.cpu(), 0, self.calls(), [], [])
        begun, clock = time.perf_counter(), time.time()
        yield figures
        figures.seconds = time.perf_counter() - begun
        figures.cpu = self.cpu() - figures.cpu
        figures.memory = self.memory()
        before = figures.calls
        figures.calls = {key: n - before.get(key, 0) for key, n in self.calls().items() if n > before.get(key, 0)}
        lines = [json.loads(line) for line in self.lag.read_text().splitlines()[:-1]]
        figures.lags = [lag for when, lag in lines if when >= clock]


def name_of(number: int) -> str:
    return f"p-{number:05d}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(url)
        time.sleep(0.2)


def register(state: StateFolder) -> None:
    """Make the projects, all of them open."""
    state.create()
    database = open_database(state.database_url)
    database.upgrade()
    registry, today = Registry(database), date.today()
    basis = Authorisation(
        BasisKind.AUTHORISATION,
        Opinion.FAVOURABLE,
        today - timedelta(60),
        "DR-2026-000",
        today - timedelta(30),
        today + timedelta(300),
    )
    for number in range(PROJECTS):
        registry.add_project(Project(name_of(number), f"Project {number}", "", basis, (), ()))


def run() -> None:
    """Print the figures."""
    title(f"Kubernetes: {PROJECTS} projects, {RUNNING} open, then {STARTS} starts and {STARTS} stops in a minute")
    folder = Path(tempfile.mkdtemp(prefix="hdh-bench-kubernetes-"))
    hub = Hub(folder)
    try:
        register(hub.state)
        hub.start()
        for begin in range(0, PROJECTS, 10):
            names = [f"prj-{name_of(number)}" for number in range(begin, min(begin + 10, PROJECTS))]
            hub.ask("POST", "users", {"usernames": names})
        rows = []
        with hub.measured("at rest, nothing open", 0) as rest:
            time.sleep(15)
        rows.append(rest.row())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            with hub.measured(f"{RUNNING} starts, {AT_ONCE} at once", RUNNING) as filling:
                filling.waits = list(pool.map(hub.open, range(RUNNING)))
            rows.append(filling.row())
            with hub.measured(f"at rest, {RUNNING} open", 0) as full:
                time.sleep(30)
            rows.append(full.row())
            with hub.measured(f"{STARTS} starts and stops a minute", STARTS) as steady:
                begun, opening = time.perf_counter(), []
                for number in range(STARTS):
                    time.sleep(max(0.0, begun + number * 60 / STARTS - time.perf_counter()))
                    pool.submit(hub.close, number)
                    opening.append(pool.submit(hub.open, RUNNING + number))
                steady.waits = [each.result() for each in opening]
        rows.append(steady.row())
        headings = [
            "",
            "time",
            "starts/min",
            "hub's CPU",
            "memory",
            "API calls/start",
            "loop late p50/p99/max",
            "wait p50/p95",
        ]
        table(headings, rows)
        print(f"\n  {hub.refused} starts were refused and asked for again")
        print("  calls for the last phase: " + ", ".join(f"{n} {key}" for key, n in sorted(steady.calls.items())))
    finally:
        hub.stop()
        shutil.rmtree(hub.state.sockets, ignore_errors=True)
        shutil.rmtree(folder)
