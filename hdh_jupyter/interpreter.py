"""How the platform's own Python shows inside a sandbox: at a place that tells nothing of the host.

An environment made by `venv` stands anywhere, often in somebody's home, and names that place in its links and its
`pyvenv.cfg`. Inside, its libraries are mounted below :data:`ENVIRONMENT`, an interpreter outside /usr below
:data:`INSTALLATION`, and the links and the configuration are made anew. The environment's console scripts stay
outside (their first line names the host's path): `python -m` runs the same programs.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = Path("/opt/hdh-python/environment")
INSTALLATION = Path("/opt/hdh-python/installation")

SYSTEM = Path("/usr")
"""Seen inside as it is."""


@dataclass(frozen=True)
class Interpreter:
    """A Python as it shows inside.

    Attributes
    ----------
    executable
        What to run inside.
    folders
        Mounted read-only: place on the host -> place inside.
    links
        Symbolic links: place inside -> what it says.
    files
        Small texts: place inside -> content.
    libraries
        Where its shared library is, when the system's loader would not find it.
    """

    executable: Path
    folders: Mapping[Path, Path]
    links: Mapping[Path, str]
    files: Mapping[Path, str]
    libraries: Path | None


def interpreter_inside() -> Interpreter:
    """Return how the Python that runs this process shows inside a sandbox."""
    base = Path(sys.base_prefix).resolve()
    moved = not base.is_relative_to(SYSTEM)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    binary = Path(os.path.realpath(sys.executable))
    if not binary.is_relative_to(base):
        # The environment holds a copy of the interpreter instead of a link to it.
        binary = base / "bin" / version
    if moved:
        binary = INSTALLATION / binary.relative_to(base)
    folders = {base: INSTALLATION} if moved else {}
    shared = moved and bool(sysconfig.get_config_var("Py_ENABLE_SHARED"))
    libraries = INSTALLATION / "lib" if shared else None
    if sys.prefix == sys.base_prefix:
        return Interpreter(binary, folders, {}, {}, libraries)
    environment = Path(sys.prefix).resolve()
    for part in sorted(environment.iterdir()):
        # `lib64` is a link to `lib`; `bin` holds links and scripts that name the host's place.
        if part.is_dir() and not part.is_symlink() and part.name not in ("bin", ".done"):
            folders[part] = ENVIRONMENT / part.name
    names = ("python", "python3", version)
    return Interpreter(
        executable=ENVIRONMENT / "bin" / "python",
        folders=folders,
        links={ENVIRONMENT / "bin" / name: str(binary) for name in names},
        files={ENVIRONMENT / "pyvenv.cfg": f"home = {binary.parent}\ninclude-system-site-packages = false\n"},
        libraries=libraries,
    )
