"""The process that parses files nobody trusts: `python -m hdh_jupyter.disclosure.worker IN_DIR OUT_DIR`.

It reads `IN_DIR/manifest.json`, limits itself, checks, and writes into `OUT_DIR`:

- `progress`, which names the file that is looked at, meanwhile
- `files/<position>` for every releasable file, and `previews/<position>` with what is shown of it
- `register.json` with the counts that these files hold
- `proposals.json` with the remedies that would work on the files of `propose`
- `report.json`, last and in one step: a missing report means that the check failed

The manifest: `{"files": [{"path": "0", "name": "results/weekly.csv", "about": "femmes"}], "against": [{"path": ...,
"name": ...}], "policy": "<text>", "remedies": {"0": ["suppress"]}, "propose": ["0"]}`. Of these `files` alone must be
there; `against` are files that were released before. `IN_DIR/released/*.json` holds registers of earlier releases. What
cannot be read of the policy or of earlier releases blocks. Limits come from the options or from the environment:
`HDH_CHECK_MEMORY` (bytes of address space), `HDH_CHECK_CPU` (seconds), `HDH_CHECK_FILE_SIZE` (bytes of one written
file).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from importlib.abc import MetaPathFinder
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from .documents import Document, Unreadable
from .engine import check_and_sanitise, refused
from .model import FileReport, PolicyReference, Report
from .policy import Policy, default_policy
from .previewing import SHOWN_ITSELF, preview_of
from .readers import kind_of, read
from .register import stored
from .register.extract import extract
from .register.model import Release

log = logging.getLogger(__name__)

UNUSED = ("pandas", "rfc3987_syntax")
"""What libraries would import and go without: Arrow, to recognise data frames; jsonschema, to check internationalised
addresses, by a grammar that it compiles for most of a second."""

LIMITS = {
    "memory": (resource.RLIMIT_AS, "HDH_CHECK_MEMORY", 4 << 30),
    "cpu": (resource.RLIMIT_CPU, "HDH_CHECK_CPU", 600),
    "file_size": (resource.RLIMIT_FSIZE, "HDH_CHECK_FILE_SIZE", 1 << 30),
}


class WithoutUnused(MetaPathFinder):
    """Lets nothing of :data:`UNUSED` be found."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Refuse what is unused, and leave the rest to the finders that follow."""
        if fullname in UNUSED:
            raise ModuleNotFoundError(fullname, name=fullname)


def limit(wanted: dict[str, int]) -> None:
    """Lower this process's limits, never raising one that is lower already; forbid core dumps."""
    for name, (kind, _, _) in LIMITS.items():
        _, hard = resource.getrlimit(kind)
        value = wanted[name] if hard == resource.RLIM_INFINITY else min(wanted[name], hard)
        resource.setrlimit(kind, (value, value))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def work(inputs: Path, outputs: Path) -> None:
    """Check the files of a manifest and write sanitised files, then the report."""
    # Arrow's own allocators reserve far more address space than they use, which a limit on it would refuse.
    pa.set_memory_pool(pa.system_memory_pool())
    manifest = json.loads((inputs / "manifest.json").read_text("utf-8"))
    paths = [_inside(inputs, str(file["path"])) for file in manifest["files"]]
    names = [str(file["name"]) for file in manifest["files"]]
    folder = outputs / "files"
    folder.mkdir(parents=True, exist_ok=True)
    text = manifest.get("policy")
    try:
        policy = default_policy() if text is None else Policy.from_yaml(text)
    except ValueError:
        log.exception("The policy cannot be read")
        reference = PolicyReference("unreadable", "0", sha256(str(text).encode()).hexdigest())
        _write(outputs / "report.json", refused(paths, names, reference, "engine.policy", "engine.policy").to_stored())
        return
    try:
        released = _released(inputs, manifest.get("against", []), policy)
    except (ValueError, Unreadable):
        log.exception("An earlier release cannot be read")
        report = refused(paths, names, policy.reference, "engine.released", "engine.released")
        _write(outputs / "report.json", report.to_stored())
        return
    chosen = {names[int(position)]: list(ids) for position, ids in manifest.get("remedies", {}).items() if ids}
    with TemporaryDirectory() as remade:
        report = check_and_sanitise(
            paths,
            folder,
            policy,
            names,
            released,
            statements={str(file["name"]): str(file.get("about", "")) for file in manifest["files"]},
            remade=_remade(dict(zip(names, paths, strict=True)), chosen, Path(remade), policy),
            progress=lambda name: _note(outputs / "progress", name),
        )
    proposals = {
        position: _proposals(paths[int(position)], names[int(position)], report, policy)
        for position in manifest.get("propose", [])
    }
    _write(outputs / "proposals.json", proposals)
    left = _left(folder, manifest["files"], report, policy)
    (outputs / "previews").mkdir()
    for position, (file, document) in left.items():
        if file.kind not in SHOWN_ITSELF:
            _write(outputs / "previews" / position, preview_of(document, folder / position).to_stored())
    register = extract({file.name: document for file, document in left.values()}, "", policy)
    _write(outputs / "register.json", stored.to_stored(register))
    _write(outputs / "report.json", report.to_stored())


def _released(inputs: Path, against: Sequence[Mapping[str, str]], policy: Policy) -> list[Release]:
    found = [
        stored.from_stored(json.loads(path.read_text("utf-8"))) for path in sorted((inputs / "released").glob("*.json"))
    ]
    for file in against:
        name = str(file["name"])
        document = read(_inside(inputs, str(file["path"])), kind_of(name, policy), policy)
        found.append(extract({name: document}, name, policy))
    return found


def _remade(
    files: Mapping[str, Path], chosen: Mapping[str, Sequence[str]], folder: Path, policy: Policy
) -> dict[str, Path | None]:
    """Return what the remedies that were chosen make of files."""
    if not chosen:
        return {}
    from .remedies import remake

    return remake(files, chosen, folder, policy)


def _proposals(path: Path, name: str, report: Report, policy: Policy) -> dict[str, Any]:
    """Return the remedies that would work on a file, or why there is none."""
    from .remedies import propose
    from .remedies.model import NotPossible

    try:
        found = propose(path, name, [finding for finding in report.findings if finding.file == name], policy)
    except NotPossible as error:
        return {"proposals": [], "reason": {"code": error.code, "params": error.params}}
    return {"proposals": [asdict(proposal) for proposal in found], "reason": None}


def _left(
    folder: Path, files: Sequence[Mapping[str, str]], report: Report, policy: Policy
) -> dict[str, tuple[FileReport, Document]]:
    """Return by position what may leave, as it would leave."""
    return {
        str(position): (
            file,
            replace(read(folder / str(position), file.kind, policy), statement=given.get("about", "")),
        )
        for position, (given, file) in enumerate(zip(files, report.files, strict=True))
        if file.releasable
    }


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Write a file in one step."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(document, stream, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def _note(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the worker; 0 when the report was written."""
    parser = argparse.ArgumentParser(prog="python -m hdh_jupyter.disclosure.worker")
    parser.add_argument("inputs", type=Path)
    parser.add_argument("outputs", type=Path)
    for name, (_, variable, default) in LIMITS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=int(os.environ.get(variable, default)))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    (options.outputs / "report.json").unlink(missing_ok=True)
    limit({name: getattr(options, name) for name in LIMITS})
    sys.meta_path.insert(0, WithoutUnused())
    try:
        work(options.inputs, options.outputs)
    except Exception:
        logging.getLogger(__name__).exception("The check failed")
        return 1
    return 0


def _inside(folder: Path, name: str) -> Path:
    """Return the path of a manifest's file, which is a plain name in its folder."""
    if name in ("", ".", "..") or "/" in name:
        raise ValueError("a path of the manifest leaves its folder")
    return folder / name


if __name__ == "__main__":
    sys.exit(main())
