"""Install Julia with IJulia and the data packages in /opt/hdh-julia, or say in its file absent why it is left out.

Left out only when a server is not named or does not answer; whatever else goes wrong fails the build. What is
downloaded must have the checksum that is known here.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

VERSION = "1.10.11"
"""The release with long support."""

ARCHIVES = {
    "x86_64": ("x64", "fb49c6b174600cd2051e37ba3f7330f8acf06dd00bce609bab6611387fdb37bf"),
    "aarch64": ("aarch64", "3004a980420e5f3a08847f44db9699105d9febc519205af52764fc97eb12c6b2"),
}
"""Machine: the folder on the server, and the archive's SHA-256 as Julia publishes it."""

PACKAGES = ("IJulia", "DataFrames", "CSV", "MLJ")

JULIA = Path("/opt/hdh-julia")
DEPOT = JULIA / "depot"
KERNELS = JULIA / "kernels"

SCRATCH = Path("/var/tmp/julia")  # noqa: S108 -- of a build's stage that is thrown away

PROCESSORS = {
    "x86_64": "generic;sandybridge,-xsaveopt,clone_all;haswell,-rdrnd,base(1)",
    "aarch64": "generic;cortex-a57;thunderx2t99;carmel",
}
"""For which processors packages are compiled ahead: an image runs on others than the one that built it."""

PATIENCE = 20.0
"""Seconds without a byte after which a server counts as not reachable."""


class NotReachableError(Exception):
    """A server that is not named, or does not answer."""


def download(url: str, target: Path, certificates: Path) -> None:
    """Fetch a file.

    Raises
    ------
    NotReachableError
        Nothing answers there.
    urllib.error.HTTPError
        The server answers that it has no such file.
    """
    context = ssl.create_default_context(cafile=str(certificates) if certificates.is_file() else None)
    if not url.startswith(("https://", "http://", "file://")):
        raise ValueError(f"not an address to download from: {url}")
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE, context=context) as reply, target.open("wb") as file:  # noqa: S310 -- checked above
            while block := reply.read(1 << 20):
                file.write(block)
    except urllib.error.HTTPError:
        raise
    except OSError as error:
        raise NotReachableError(f"{url}: {error}") from error


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive without the folder that holds all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(folder), "--strip-components=1"], check=True)
    archive.unlink()


def install(server: str, depot: str, machine: str, scratch: Path, certificates: Path) -> None:
    """Install Julia, and its packages from a filled depot or from the packages' server."""
    if not server:
        raise NotReachableError("no JULIA_SERVER is named")
    folder, checksum = ARCHIVES[machine]
    name = f"julia-{VERSION}-linux-{machine}.tar.gz"
    archive = scratch / name
    series = VERSION.rpartition(".")[0]
    download(f"{server.rstrip('/')}/bin/linux/{folder}/{series}/{name}", archive, certificates)
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != checksum:
        raise SystemExit(f"{name} has the checksum {found} instead of {checksum}")
    unpack(archive, JULIA)
    if depot:
        filled = scratch / "depot.tar.gz"
        download(depot, filled, certificates)
        unpack(filled, DEPOT)
    else:
        asking = [str(JULIA / "bin" / "julia"), "-e", "using Pkg; print(Pkg.pkg_server())"]
        packages = subprocess.run(asking, capture_output=True, text=True, check=True).stdout
        download(f"{packages}/registries", scratch / "registries", certificates)


def prepare(machine: str, filled: bool, certificates: Path) -> None:
    """Add the packages, compile them ahead, and write the kernel's specification."""
    environment = {
        **os.environ,
        "JULIA_DEPOT_PATH": str(DEPOT),
        "JULIA_CPU_TARGET": PROCESSORS[machine],
        "JUPYTER_DATA_DIR": str(JULIA),
        **({"JULIA_SSL_CA_ROOTS_PATH": str(certificates)} if certificates.is_file() else {}),
        **({"JULIA_PKG_OFFLINE": "true"} if filled else {}),
    }
    names = json.dumps(PACKAGES)
    adding = "" if filled else f"Pkg.add({names}); "
    program = f'using Pkg; {adding}Pkg.precompile(); import IJulia; IJulia.installkernel("Julia")'
    subprocess.run([str(JULIA / "bin" / "julia"), "-e", program], env=environment, check=True)
    for file in KERNELS.glob("*/kernel.json"):
        specification = json.loads(file.read_text("utf-8"))
        specification["argv"] = ["/usr/bin/env", "--ignore-signal=XFSZ", *specification["argv"]]
        # A depot in the home stands before the image's, so that what people add stays theirs.
        own = {"JULIA_DEPOT_PATH": f"/home/project/.julia:{DEPOT}", "JULIA_PKG_OFFLINE": "true"}
        specification["env"] = {**specification.get("env", {}), **own}
        file.write_text(json.dumps(specification, indent=2), "utf-8")


def main() -> None:
    JULIA.mkdir(parents=True)
    if not os.environ["JULIA_PKG_SERVER"]:
        # Set to nothing it would mean "no server" to Julia.
        del os.environ["JULIA_PKG_SERVER"]
    if os.environ["FLAVOUR"] != "full":
        (JULIA / "absent").write_text("not part of this flavour\n", "utf-8")
        return
    SCRATCH.mkdir()
    certificates = Path("/run/secrets/certificates")
    machine, depot = platform.machine(), os.environ["JULIA_DEPOT"]
    try:
        install(os.environ["JULIA_SERVER"], depot, machine, SCRATCH, certificates)
    except NotReachableError as error:
        shutil.rmtree(JULIA)
        JULIA.mkdir()
        (JULIA / "absent").write_text(f"not reachable: {error}\n", "utf-8")
        print(f"\n{'!' * 100}\nJULIA IS LEFT OUT OF THIS IMAGE: {error}\n{'!' * 100}\n", file=sys.stderr)
        return
    prepare(machine, bool(depot), certificates)


if __name__ == "__main__":
    main()
