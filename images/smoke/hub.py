"""Proves the hub's image from inside: nothing to misuse, the platform's commands and plugins, and the check of files.

Run by `python -m scripts.images`, without network. The last line is a JSON document.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import attack

PROGRAMS = Path("/opt/hdh/bin")


def said(*command: str) -> str:
    """Return what a command of the image says; it must succeed."""
    done = subprocess.run([str(PROGRAMS / command[0]), *command[1:]], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} fails: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def plugins() -> list[str]:
    """Load the spawners and authenticators of the platform."""
    groups = ("jupyterhub.spawners", "jupyterhub.authenticators")
    ours = [point for group in groups for point in entry_points(group=group) if point.name.startswith("hdh-")]
    for point in ours:
        point.load()
    return sorted(point.name for point in ours)


def verdict(sealed: bool) -> str:
    """Return the verdict on a file that names few people, given in a sandbox of its own or in a mere process."""
    from hdh_jupyter.egress import sandbox

    folder = Path(tempfile.mkdtemp())
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    (folder / "in" / "effectifs.csv").write_text("région,effectif\nCorse,3\nBretagne,200\n", "utf-8")
    program = (
        "import sys; from hdh_jupyter.disclosure import check;"
        "open(sys.argv[1] + '/verdict', 'w').write(check(sys.argv[2] + '/effectifs.csv').verdict)"
    )
    options = ("-s", "-P", "-B", "-c", program)
    if sealed:
        asyncio.run(sandbox.run_sealed(folder, sandbox.CheckLimits(), (*options, "/out", "/in")))
    else:
        subprocess.run([sys.executable, *options, str(folder / "out"), str(folder / "in")], check=True)
    return (folder / "out" / "verdict").read_text()


def main() -> None:
    places = ("/home/project", "/tmp", "/var/tmp", "/run/lock")  # noqa: S108 -- names of places
    found = [*attack.network(), *attack.findings(places), *attack.server_code(), *attack.installers()]
    if found:
        raise SystemExit("somebody inside could use:\n  " + "\n  ".join(found))
    said("hdh-jupyter", "init", f"--state={tempfile.mkdtemp()}/state")
    # A sandbox in a container needs a /proc of its own; the argument says that the runtime allows it here.
    sealed = "sealed" in sys.argv
    if verdict(sealed) != "block":
        raise SystemExit("the check of a file does not see that it names few people")
    versions = {"hdh-jupyter": said("hdh-jupyter", "--version"), "jupyterhub": said("jupyterhub", "--version")}
    print(json.dumps({"versions": versions, "plugins": plugins(), "check_in_a_sandbox": sealed}))


if __name__ == "__main__":
    main()
