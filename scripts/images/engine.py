"""What buildah, podman and mmdebstrap are asked to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NEEDED = ("buildah", "podman")

DEFAULT_BASE = "debian:bookworm-slim"
"""The base that the Containerfiles name; where no registry offers it, one is made from Debian's packages."""

SUITE = "bookworm"
MADE_BASE = "localhost/hdh-base:bookworm"

PULL_PATIENCE = 300
"""Seconds for the pull of a base."""

SEALED = ("--rm", "--cap-drop=all", "--security-opt=no-new-privileges", "--network=none")
# podman's own choice of limits may be beyond what the machine lets anybody have.
LIMITS = ("--ulimit=nofile=1024:4096", "--ulimit=nproc=4096:4096")


class MissingToolError(Exception):
    """A program that this machine has not."""


def require(*tools: str) -> None:
    """Look for programs.

    Raises
    ------
    MissingToolError
    """
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise MissingToolError(f"please install {', '.join(missing)} (Debian: apt-get install {' '.join(missing)})")


def base(wanted: str, sources: str) -> str:
    """Return the base to build on: the one named, or the default one, or one that is made here of Debian's packages.

    Parameters
    ----------
    wanted
        An image's name; empty for the default.
    sources
        Lines of sources.list to make a base from.
    """
    name = wanted or DEFAULT_BASE
    if _exists(name) or _pulled(name):
        return name
    if wanted:
        raise SystemExit(f"the base {wanted} is neither here nor in a registry that answers")
    if not _exists(MADE_BASE):
        require("mmdebstrap")
        print(f"No registry offers {DEFAULT_BASE}: making a base with mmdebstrap", flush=True)
        bootstrap = subprocess.Popen(bootstrap_command(bool(sources)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if bootstrap.stdin is None or bootstrap.stdout is None:
            raise RuntimeError("mmdebstrap has no pipes")
        bootstrap.stdin.write(sources.encode())
        bootstrap.stdin.close()
        run(["podman", "import", "-q", "-", MADE_BASE], stdin=bootstrap.stdout)
        if bootstrap.wait():
            run(["podman", "rmi", MADE_BASE])
            raise SystemExit("mmdebstrap failed")
    return MADE_BASE


def bootstrap_command(sources: bool) -> list[str]:
    """Return the command that writes a small Debian to its output, from `sources` on its input or its own choice."""
    command = ["mmdebstrap", "-q", "--variant=minbase", "--format=tar", "--include=ca-certificates"]
    # A mirror that is a snapshot of the past is no less signed.
    return [*command, '--aptopt=Acquire::Check-Valid-Until "false"', SUITE, "-", *(["-"] if sources else [])]


def build_command(
    containerfile: Path,
    context: Path,
    tag: str,
    base_image: str,
    arguments: Mapping[str, str],
    certificates: Path | None,
) -> list[str]:
    """Return buildah's command line.

    Parameters
    ----------
    certificates
        Certificate authorities for the downloads; the build sees them, the image does not keep them.
    """
    # Without user namespaces only this isolation works, and with them it does no harm: nothing foreign runs in a build.
    command = ["buildah", "bud", "--isolation=chroot", "--layers=false", "--pull=false", "--format=oci"]
    command += [f"--file={containerfile}", f"--tag={tag}", f"--build-arg=BASE={base_image}"]
    command += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    if certificates is not None:
        command.append(f"--secret=id=certificates,src={certificates}")
    return [*command, str(context)]


def seal(built: str, name: str, labels: Mapping[str, str]) -> None:
    """Give a built image its name, with labels about what was found in it, and without the history of its build.

    The history would tell everybody who gets the image which mirrors built it.
    """
    container = output(["buildah", "from", "--pull=false", built]).strip()
    try:
        options = [f"--{kind}={key}={value}" for key, value in labels.items() for kind in ("label", "annotation")]
        run(["buildah", "config", *options, container])
        run(["buildah", "commit", "-q", "--squash", "--omit-history", "--format=oci", container, name])
    finally:
        output(["buildah", "rm", container])


@contextmanager
def instead_of(name: str) -> Iterator[str]:
    """Give a name to build under; afterwards remove what has it, and what `name` meant before if it means another."""
    built = f"{name}-{os.getpid()}"
    before = inspect(name)["Id"] if _exists(name) else None
    try:
        yield built
    finally:
        if _exists(built):
            output(["podman", "rmi", "-f", built])
        if before is not None and inspect(name)["Id"] != before:
            # It stays where a container runs it or another name is given to it.
            subprocess.run(["podman", "rmi", str(before)], check=False, capture_output=True)


def inside(image: str, options: Sequence[str], command: Sequence[str]) -> str:
    """Run a command in a new container of the image, without network and without any right; return what it says."""
    start = ["podman", "run", *SEALED, *LIMITS, *options, "--entrypoint=/usr/bin/tini", image, "--"]
    return output([*start, *command])


def inspect(image: str) -> dict[str, Any]:
    """Return what podman knows of an image."""
    found: list[dict[str, Any]] = json.loads(output(["podman", "image", "inspect", image]))
    return found[0]


def save(image: str, archive: Path) -> None:
    """Write an image into an OCI archive, replacing an older one."""
    archive.unlink(missing_ok=True)
    run(["podman", "save", "-q", "--format=oci-archive", f"--output={archive}", image])


def run(command: Sequence[str], **options: object) -> None:
    """Run a command that must succeed, showing what it says."""
    subprocess.run(command, check=True, **options)  # type: ignore[call-overload]


def output(command: Sequence[str]) -> str:
    """Return what a command that must succeed prints; what it says of errors is shown."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _exists(image: str) -> bool:
    return subprocess.run(["podman", "image", "exists", image], check=False).returncode == 0


def _pulled(image: str) -> bool:
    try:
        pulled = subprocess.run(
            ["podman", "pull", "-q", image], check=False, capture_output=True, timeout=PULL_PATIENCE
        )
    except subprocess.TimeoutExpired:
        return False
    return pulled.returncode == 0
