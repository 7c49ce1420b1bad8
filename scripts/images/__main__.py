"""Builds the images, proves each by running it without network, and writes its bill of materials: `make images`.

Usage: python -m scripts.images [workspace-minimal] [workspace-full] [hub]     (all of them by default)

Environment: BASE (an image's name), APT_SOURCES (lines of sources.list), CRAN, R_PACKAGES, JULIA_SERVER,
JULIA_PKG_SERVER, JULIA_DEPOT; pip's and apt's own settings of this machine; ARCHIVES=1 to write OCI archives too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hdh_jupyter import __version__

from . import context, engine
from .bill import bill
from .mirrors import CredentialsError, Mirrors, this_machine
from .targets import TARGETS, Target

OUT = context.ROOT / "dist" / "images"
"""Where the bills of materials, the report, and archives go."""


def main(arguments: list[str]) -> None:
    unknown = set(arguments) - TARGETS.keys()
    if unknown:
        raise SystemExit(f"no such image: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    try:
        engine.require(*engine.NEEDED)
        mirrors = this_machine()
    except (engine.MissingToolError, CredentialsError) as error:
        raise SystemExit(str(error)) from error
    OUT.mkdir(parents=True, exist_ok=True)
    base = engine.base(os.environ.get("BASE", ""), mirrors.arguments.get("APT_SOURCES", ""))
    with tempfile.TemporaryDirectory(prefix="hdh-images-") as scratch:
        folder = Path(scratch) / "context"
        folder.mkdir()
        context.lay_out(folder, mirrors.folders)
        reports = [make(TARGETS[name], folder, base, mirrors) for name in arguments or TARGETS]
    for report in reports:
        print(json.dumps(report, ensure_ascii=False))
    for report in reports:
        if report["proof"].get("julia_skipped"):
            print(f"\n{'!' * 100}\n{report['image']} HAS NO JULIA: {report['proof']['julia_skipped']}\n{'!' * 100}")


def make(target: Target, folder: Path, base: str, mirrors: Mirrors) -> dict[str, Any]:
    """Build one image, look what is in it, name it, and prove it; return what there is to say."""
    begun = time.monotonic()
    print(f"Building {target.name}", flush=True)
    name = f"localhost/{target.image}:{__version__}{target.suffix}"
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    identity = {"VERSION": __version__, "REVISION": revision(), "CREATED": now}
    file = folder / "images" / target.folder / "Containerfile"
    accepted = {argument: mirrors.arguments[argument] for argument in target.mirrors if argument in mirrors.arguments}
    arguments = {**accepted, **target.arguments, **identity}
    mounted = f"--volume={Path(__file__).parent / 'inventory.py'}:/proof/inventory.py:ro"
    with engine.instead_of(name) as built:
        engine.run(engine.build_command(file, folder, built, base, arguments, mirrors.certificates))
        found = json.loads(engine.inside(built, [mounted], ["/opt/hdh/bin/python", "-I", "/proof/inventory.py"]))
        engine.seal(built, name, labels(found, base))
    seconds = time.monotonic() - begun
    facts = engine.inspect(name)
    text = bill(name.rpartition(":")[0], __version__ + target.suffix, str(facts["Id"]), found)
    (OUT / f"{target.name}.cdx.json").write_text(text, "utf-8")
    proof = prove(target, name)
    if os.environ.get("ARCHIVES"):
        engine.save(name, OUT / f"{target.name}.tar")
    report = {"image": name, "id": facts["Id"], "bytes": facts["Size"], "seconds": round(seconds), "proof": proof}
    (OUT / f"{target.name}.json").write_text(json.dumps(report, indent=2, ensure_ascii=False), "utf-8")
    return report


def prove(target: Target, name: str) -> dict[str, Any]:
    """Run the image's own proof inside it, in each of the target's ways; return what the last one says."""
    files = f"--volume={context.ROOT / 'images'}:/proof:ro"
    proof: dict[str, Any] = {}
    for options, arguments in target.proofs:
        command = ["/opt/hdh/bin/python", f"/proof/smoke/{target.folder}.py", *arguments]
        proof = json.loads(engine.inside(name, [files, *options], command).splitlines()[-1])
    return proof


def labels(inventory: dict[str, Any], base: str) -> dict[str, str]:
    """Return what an image says of itself: the versions of what people look for first, the base, the kernels."""
    wanted = ("hdh-jupyter", "jupyterhub", "jupyter-server", "jupyterlab", "torch", "pandas", "scikit-learn")
    versions = {package["name"].lower(): package["version"] for package in inventory["python"]}
    found = {f"hdh-jupyter.version.{name}": versions[name] for name in wanted if name in versions}
    debian = {package["name"]: package["version"] for package in inventory["debian"]}
    for language, package in (("python", "python3"), ("r", "r-base-core")):
        if package in debian:
            found[f"hdh-jupyter.version.{language}"] = debian[package]
    return {
        **found,
        "hdh-jupyter.kernels": " ".join(inventory["kernels"]),
        "hdh-jupyter.julia": inventory["julia_absent"] or "installed",
        "org.opencontainers.image.base.name": base,
    }


def revision() -> str:
    """Return the commit that the checkout stands on, with `+` behind it when there are changes."""
    git = ["git", "-C", str(context.ROOT)]
    commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False).stdout
    return (commit or "unknown") + ("+" if changed else "")


if __name__ == "__main__":
    main(sys.argv[1:])
