"""What is found in an image, and the bill of materials that is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.images.bill import bill
from scripts.images.inventory import inventory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "etc/os-release": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\nLOGO=x\n',
        "var/lib/dpkg/status": (
            "Package: libc6\nStatus: install ok installed\nSource: glibc (2.36-8)\nArchitecture: amd64\n"
            "Version: 2.36-9\nDescription: C library\n Version: of nothing\n\n"
            "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n\n"
            "Package: tini\nStatus: install ok installed\nArchitecture: amd64\nVersion: 0.19.0-1+b3\n"
        ),
        "opt/hdh/lib/python3.11/site-packages/Some_Package-1.2.dist-info/METADATA": (
            "Metadata-Version: 2.4\nName: Some_Package\nVersion: 1.2\nLicense-Expression: MIT\n"
        ),
        "usr/lib/R/site-library/survival/DESCRIPTION": "Package: survival\nVersion: 3.5-3\nLicense: LGPL (>= 2)\n",
        "opt/hdh-julia/share/julia/base.jl": "",
        "opt/hdh-julia/depot/environments/v1.10/Manifest.toml": (
            '[[deps.CSV]]\nuuid = "336ed68f-0bac-5ca0-87d4-7b16caf5d00b"\nversion = "0.10.14"\n'
            '[[deps.Dates]]\nuuid = "ade2ca70-3891-5945-98fb-dc099432e06a"\n'
        ),
        "opt/kernels/kernels/python3/kernel.json": "{}",
        "opt/kernels/kernels/ir/kernel.json": "{}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_everything_installed_is_found(root: Path) -> None:
    assert inventory(root) == {
        "system": {"ID": "debian", "VERSION_ID": "12", "VERSION_CODENAME": "bookworm", "PRETTY_NAME": "Debian 12"},
        "debian": [
            {"name": "libc6", "version": "2.36-9", "architecture": "amd64", "source": "glibc"},
            {"name": "tini", "version": "0.19.0-1+b3", "architecture": "amd64", "source": "tini"},
        ],
        "python": [{"name": "Some_Package", "version": "1.2", "licence": "MIT"}],
        "r": [{"name": "survival", "version": "3.5-3", "licence": "LGPL (>= 2)"}],
        "julia": [{"name": "CSV", "version": "0.10.14", "uuid": "336ed68f-0bac-5ca0-87d4-7b16caf5d00b"}],
        "julia_absent": "",
        "kernels": ["ir", "python3"],
    }


def test_why_julia_is_absent_is_told(root: Path) -> None:
    (root / "opt/hdh-julia/share/julia/base.jl").unlink()
    (root / "opt/hdh-julia/share/julia").rmdir()
    (root / "opt/hdh-julia/absent").write_text("not reachable: no route\n", "utf-8")
    assert inventory(root)["julia_absent"] == "not reachable: no route"


def test_the_bill_names_every_package_by_its_address(root: Path) -> None:
    document: dict[str, Any] = json.loads(bill("localhost/hdh-workspace", "1.0", "sha256:abc", inventory(root)))
    assert document["bomFormat"] == "CycloneDX"
    assert document["specVersion"] == "1.6"
    assert document["metadata"]["component"]["name"] == "localhost/hdh-workspace"
    assert document["metadata"]["component"]["type"] == "container"
    assert {component["purl"] for component in document["components"] if "purl" in component} == {
        "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=bookworm",
        "pkg:deb/debian/tini@0.19.0-1%2Bb3?arch=amd64&distro=bookworm",
        "pkg:pypi/some-package@1.2",
        "pkg:cran/survival@3.5-3",
        "pkg:julia/CSV@0.10.14?uuid=336ed68f-0bac-5ca0-87d4-7b16caf5d00b",
    }
    everything = {component["bom-ref"] for component in document["components"]}
    assert set(next(d for d in document["dependencies"] if d["ref"] == "image")["dependsOn"]) == everything
