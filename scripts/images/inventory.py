"""Tells what is installed in an image, as JSON. It runs inside, with nothing but Python's own library."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

R_LIBRARIES = ("/usr/lib/R/library", "/usr/lib/R/site-library", "/usr/local/lib/R/site-library")


def debian(root: Path) -> list[dict[str, str]]:
    """Return the installed Debian packages: name, version, architecture, source package."""
    text = (root / "var/lib/dpkg/status").read_text("utf-8")
    found = []
    for stanza in text.split("\n\n"):
        fields = dict(re.findall(r"^(\S+): (.*)$", stanza, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            source: str = fields.get("Source") or fields["Package"]
            found.append(
                {
                    "name": fields["Package"],
                    "version": fields["Version"],
                    "architecture": fields["Architecture"],
                    "source": source.partition(" ")[0],
                }
            )
    return found


def python(folders: list[str]) -> list[dict[str, str]]:
    """Return the Python distributions of the folders: name, version, licence as they say it."""
    found = {}
    for distribution in distributions(path=folders):
        data = distribution.metadata
        licence = data["License-Expression"] or data["License"] or ""
        found[data["Name"].lower()] = {"name": data["Name"], "version": data["Version"], "licence": licence[:120]}
    return [found[name] for name in sorted(found)]


def r(root: Path) -> list[dict[str, str]]:
    """Return the R packages: name, version, licence."""
    found = []
    for library in R_LIBRARIES:
        for file in sorted((root / library.lstrip("/")).glob("*/DESCRIPTION")):
            fields = dict(re.findall(r"^(\S+): *(.*)$", file.read_text("utf-8", "replace"), re.MULTILINE))
            found.append(
                {"name": fields["Package"], "version": fields["Version"], "licence": fields.get("License", "")}
            )
    return found


def julia(root: Path) -> list[dict[str, str]]:
    """Return the Julia packages of the image's environments: name, version, identity."""
    found = []
    for manifest in sorted(root.glob("opt/hdh-julia/depot/environments/*/Manifest.toml")):
        for name, entries in tomllib.loads(manifest.read_text("utf-8")).get("deps", {}).items():
            found += [
                {"name": name, "version": entry["version"], "uuid": entry["uuid"]}
                for entry in entries
                if "version" in entry
            ]
    return found


def system(root: Path) -> dict[str, str]:
    """Return the fields of os-release that name the distribution."""
    pairs = re.findall(r'^(\w+)="?([^"\n]*)"?$', (root / "etc/os-release").read_text("utf-8"), re.MULTILINE)
    return {name: value for name, value in pairs if name in ("ID", "VERSION_ID", "VERSION_CODENAME", "PRETTY_NAME")}


def kernels(root: Path) -> list[str]:
    """Return the names of the kernels that the image offers."""
    return sorted(file.parent.name for file in root.glob("opt/kernels/kernels/*/kernel.json"))


def inventory(root: Path) -> dict[str, Any]:
    """Return everything that is installed below `root`."""
    absent = root / "opt/hdh-julia/absent"
    julias = [folder.name for folder in root.glob("opt/hdh-julia/share/julia")]
    libraries = [str(folder) for folder in root.glob("opt/hdh/lib/python3*/site-packages")]
    return {
        "system": system(root),
        "debian": debian(root),
        "python": python(libraries),
        "r": r(root),
        "julia": julia(root),
        "julia_absent": "" if julias or not absent.is_file() else absent.read_text("utf-8").strip(),
        "kernels": kernels(root),
    }


if __name__ == "__main__":
    print(json.dumps(inventory(Path("/"))))
