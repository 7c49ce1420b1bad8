"""What somebody inside an image could use: attempts to find it, made under the account of the image.

Runs inside, with Python's own library alone, and without a read-only root: what protects here is the image itself.
"""

from __future__ import annotations

import fnmatch
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

UNWANTED = re.compile(
    "|".join(
        fnmatch.translate(line)
        for line in Path(__file__).parents[1].joinpath("unwanted.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    )
)
"""Names of programs that no image keeps."""

PSEUDO = ("/proc", "/sys", "/dev")


def everything() -> Iterator[tuple[str, os.stat_result]]:
    """Give every file and folder of the image."""
    for folder, folders, files in os.walk("/"):
        if folder.startswith(PSEUDO):
            folders.clear()
            continue
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            yield path, os.lstat(path)


def findings(writable: Iterable[str]) -> list[str]:
    """Return what is wrong, in sentences.

    Parameters
    ----------
    writable
        Where this account may write, together with what is below.
    """
    allowed = (*writable, *PSEUDO)
    found = []
    if os.getuid() == 0 or 0 in os.getgroups():
        found.append(f"runs as {os.getuid()} in the groups {os.getgroups()}")
    for path, status in everything():
        mode = status.st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            found.append(f"{path} runs as its owner or group")
        if stat.S_ISREG(mode) and "security.capability" in os.listxattr(path, follow_symlinks=False):
            found.append(f"{path} has capabilities")
        if stat.S_ISREG(mode) and os.path.dirname(path).endswith("bin") and UNWANTED.match(os.path.basename(path)):
            found.append(f"{path} is there")
        inside = any(path == place or path.startswith(f"{place}/") for place in allowed)
        if not inside and not stat.S_ISLNK(mode) and os.access(path, os.W_OK):
            found.append(f"{path} can be written")
    secrets = ("/etc/shadow", "/etc/gshadow", "/root")
    found += [f"{path} can be read" for path in secrets if os.access(path, os.R_OK)]
    traces = ("/etc/apt", "/etc/pip.conf", "/run/secrets/certificates", "/packages", "/wheels", "/images", "/steps")
    found += [f"{path} is left of the build" for path in traces if os.path.exists(path)]
    found += [f"the environment says {name}" for name in os.environ if name.startswith(("PIP_", "APT_"))]
    return found


def server_code() -> list[str]:
    """Try to change the code that the platform runs here."""
    found = []
    for package in ("hdh_lockdown", "hdh_jupyter", "jupyter_server"):
        for file in Path(sys.prefix).glob(f"lib/python3*/site-packages/{package}/__init__.py"):
            attempts = {
                "written": lambda file=file: file.open("a"),
                "replaced": lambda file=file: file.rename(file.with_suffix(".old")),
                "added to": lambda file=file: (file.parent / "own.py").touch(),
                "made writable": lambda file=file: file.chmod(0o777),
            }
            for what, attempt in attempts.items():
                try:
                    attempt()
                except OSError:
                    continue
                found.append(f"{file} can be {what}")
    return found


def installers() -> list[str]:
    """Try to install into the platform's own environment."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "uninstall", "-y", "hdh-jupyter"], capture_output=True, text=True, check=False
    )
    return [] if done.returncode else ["pip removes packages of the platform"]


def network() -> list[str]:
    """Tell whether there is a network, without which everything here has to work."""
    found = [f"there is the interface {name}" for _, name in socket.if_nameindex() if name != "lo"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        try:
            route.connect(("192.0.2.1", 9))
        except OSError:
            return found
    return [*found, "there is a route to other machines"]
