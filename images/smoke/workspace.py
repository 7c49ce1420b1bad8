"""Proves a workspace's image from inside: nothing to misuse, a server that answers, a notebook per kernel.

Run by `python -m scripts.images`, without network. Its argument is the flavour. The last line is a JSON document.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

sys.path.insert(0, str(Path(__file__).parent))
import attack

EXPECTED = {"minimal": ("python3",), "full": ("ir", "julia", "python3")}
"""The kernels of each flavour; julia stands for whatever IJulia calls its own, such as julia-1.10."""

JULIA_ABSENT = Path("/opt/hdh-julia/absent")

PORT = 8888

START = 600
"""Seconds that a kernel may take for one cell: the first start of Julia compiles."""


def notebooks(flavour: str) -> tuple[dict[str, float], str]:
    """Run the notebook of every kernel; return the seconds that each took, and why Julia was left out."""
    offered = sorted(KernelSpecManager(ensure_native_kernel=False).find_kernel_specs())
    languages = {name.partition("-")[0]: name for name in offered}
    absent = JULIA_ABSENT.read_text("utf-8").strip() if JULIA_ABSENT.is_file() else ""
    skipped = absent if absent.startswith("not reachable: ") and "julia" not in languages else ""
    expected = [name for name in EXPECTED[flavour] if name != "julia" or not skipped]
    if sorted(languages) != sorted(expected):
        raise SystemExit(f"the kernels are {offered} instead of {expected}")
    seconds = {}
    for language in expected:
        notebook = nbformat.read(Path(__file__).parent / flavour / f"{language}.ipynb", as_version=4)
        begun = time.monotonic()
        client = NotebookClient(notebook, timeout=START, startup_timeout=START, kernel_name=languages[language])
        client.execute(cwd="/home/project")
        said = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ())]
        if "everything works\n" not in "".join(said):
            raise SystemExit(f"the notebook of {language} did not come to its end: {said}")
        seconds[languages[language]] = round(time.monotonic() - begun, 1)
    return seconds, skipped


def server() -> float:
    """Start the workspace's server as the spawner of a cluster does; return the seconds until it answers."""
    from hdh_jupyter.spawner.server_config import EXTENSIONS, server_config, tcp_port

    folder = Path(tempfile.mkdtemp())
    config = server_config("/user/prj-x/", tcp_port(PORT), dict.fromkeys(EXTENSIONS, True), [])
    (folder / "jupyter_server_config.json").write_text(json.dumps(config), "utf-8")
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "run"),
    }
    begun = time.monotonic()
    command = ["/opt/hdh/bin/python", "-s", "-P", "-m", "hdh_lockdown.server"]
    process = subprocess.Popen(command, env=environment)
    try:
        until_it_listens(process)
        seconds = time.monotonic() - begun
        answers = {asked: status(f"/user/prj-x/{asked}") for asked in ("api", "api/kernelspecs")}
    finally:
        # Its own handler of SIGTERM writes to the log, which fails where the signal comes in the midst of a line.
        process.kill()
        process.wait()
    if answers != {"api": 200, "api/kernelspecs": 403}:
        raise SystemExit(f"the server answers {answers}")
    return round(seconds, 1)


def until_it_listens(process: subprocess.Popen[bytes]) -> None:
    """Return when the server takes connections."""
    while process.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", PORT)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server ended")


def status(path: str) -> int:
    """Return the status of the server's answer."""
    connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse().status
    connection.close()
    return answer


def main() -> None:
    flavour = sys.argv[1]
    places = ("/home/project", "/tmp", "/var/tmp", "/run/lock")  # noqa: S108 -- names of places
    found = [*attack.network(), *attack.findings(places), *attack.server_code(), *attack.installers()]
    if found:
        raise SystemExit("somebody inside could use:\n  " + "\n  ".join(found))
    seconds, skipped = notebooks(flavour)
    print(json.dumps({"server": server(), "notebooks": seconds, "julia_skipped": skipped}))


if __name__ == "__main__":
    main()
