"""The kernels that a workspace offers: Python always, R and Julia when the host has them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..bubblewrap import SOURCES, Bind
from ..interpreter import interpreter_inside

KERNELS = Path("/opt/kernels")
"""The data folder of Jupyter inside: nothing else is looked up, the home's own kernels included."""

ENDURING = ("/usr/bin/env", "--ignore-signal=XFSZ")
"""Stands before programs that a write beyond the limit on files would otherwise end, as the server resets signals."""

R_LIBRARIES = (
    "/usr/local/lib/R/site-library",
    "/usr/lib/R/site-library",
    "/usr/lib/R/library",
    "/usr/local/lib/R/library",
    "/usr/lib64/R/library",
)
"""Where R packages are installed for everybody, all of which a sandbox sees."""

R_FOLDER = Path("/opt/hdh-r")
"""Where R finds the platform's functions inside: the disclosure check of what is in memory."""


@dataclass(frozen=True)
class Kernel:
    """A kernel and what it needs to see.

    Attributes
    ----------
    name
        The folder of its specification, which is also what notebooks record.
    specification
        The content of its `kernel.json`.
    binds, environment
        What its language needs in the sandbox beyond the system.
    """

    name: str
    specification: Mapping[str, object]
    binds: tuple[Bind, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return str(KERNELS / "kernels" / self.name / "kernel.json")

    @property
    def text(self) -> str:
        return json.dumps(self.specification, ensure_ascii=False)


def available_kernels() -> tuple[Kernel, ...]:
    """Return the kernels of this host, found by looking at files: R and Julia would take a while to answer."""
    return (python_kernel(), *r_kernel(), *julia_kernels())


def python_kernel() -> Kernel:
    """Return the kernel of the Python that runs the platform, with the libraries installed beside it."""
    # Not -I: a checkout's packages come by PYTHONPATH. The home's own packages are for the kernel to find.
    argv = [str(interpreter_inside().executable), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    specification = {"argv": argv, "display_name": "Python 3", "language": "python", "metadata": {"debugger": True}}
    return Kernel("python3", specification, _logos("python3"), {"KERAS_BACKEND": "torch"})


def r_kernel() -> tuple[Kernel, ...]:
    """Return the R kernel, if the host has R and the package IRkernel."""
    r = shutil.which("R")
    if r is None or not any((Path(library) / "IRkernel" / "DESCRIPTION").is_file() for library in R_LIBRARIES):
        return ()
    argv = [*ENDURING, r, "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"]
    environment = {
        "HDH_PYTHON": str(interpreter_inside().executable),
        "HDH_R_FUNCTIONS": str(R_FOLDER / "hdh.R"),
        "R_PROFILE": str(R_FOLDER / "Rprofile.R"),
    }
    functions = Bind(Path(__file__).parents[1] / "disclosure" / "r", R_FOLDER)
    specification = {"argv": argv, "display_name": "R", "language": "R"}
    return (Kernel("ir", specification, (functions, *_logos("ir")), environment),)


def julia_kernels() -> tuple[Kernel, ...]:
    """Return the Julia kernels whose specification is installed on the host.

    The installation and the depots are seen read-only; a depot in the project's home stands before them, so that what
    people add stays theirs.
    """
    julia = shutil.which("julia")
    if julia is None:
        return ()
    return tuple(
        _julia_kernel(folder.name, json.loads((folder / "kernel.json").read_text("utf-8")), Path(julia).resolve())
        for folder in _specifications()
        if folder.name.startswith("julia")
    )


def _julia_kernel(name: str, specification: dict[str, object], julia: Path) -> Kernel:
    depots = [Path(depot) for depot in _julia_depots(specification) if Path(depot).is_dir()]
    environment = {"JULIA_DEPOT_PATH": ":".join(("/home/project/.julia", *map(str, depots)))}
    if "JULIA_LOAD_PATH" in os.environ:
        environment["JULIA_LOAD_PATH"] = os.environ["JULIA_LOAD_PATH"]
    seen = [Path("/usr"), SOURCES]
    # An executable outside an installation of its own (a launcher in somebody's home) would bring all that is there.
    installation = [julia.parent.parent] if (julia.parent.parent / "share" / "julia").is_dir() else []
    needed = [folder.resolve() for folder in (*installation, *depots)]
    binds = [Bind(folder, folder) for folder in needed if not any(folder.is_relative_to(place) for place in seen)]
    argv = specification.get("argv")
    enduring = {**specification, "argv": [*ENDURING, *(argv if isinstance(argv, list) else [])]}
    return Kernel(name, enduring, (*dict.fromkeys(binds), *_logos(name)), environment)


def _julia_depots(specification: Mapping[str, object]) -> list[str]:
    own = specification.get("env")
    setting = (own if isinstance(own, Mapping) else {}).get("JULIA_DEPOT_PATH", os.environ.get("JULIA_DEPOT_PATH", ""))
    standard = ["~/.julia", "/usr/local/share/julia", "/usr/share/julia"]
    chosen = [part for part in str(setting).split(":") if part]
    return [os.path.expanduser(depot) for depot in (*chosen, *standard)]


def _logos(name: str) -> tuple[Bind, ...]:
    folders = (folder for folder in _specifications() if folder.name == name)
    logos = (logo for folder in folders for logo in sorted(folder.glob("logo-*")))
    first = {logo.name: logo for logo in reversed(tuple(logos))}
    return tuple(Bind(logo, KERNELS / "kernels" / name / logo.name) for logo in first.values())


def _specifications() -> list[Path]:
    places = [Path("~/.local/share/jupyter").expanduser(), Path(sys.prefix) / "share" / "jupyter"]
    places += [Path("/usr/local/share/jupyter"), Path("/usr/share/jupyter")]
    folders = (folder for place in places for folder in sorted(place.glob("kernels/*")))
    return [folder for folder in folders if (folder / "kernel.json").is_file()]
