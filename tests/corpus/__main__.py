"""Write the labelled files: `python -m tests.corpus OUT [--seed N]`; even seeds are the half on which nobody tunes.

`labels.json` holds `files`, name -> label, family, format, reason, difficulty, rules, tolerated, and group when the
file belongs to one; and `groups`, name -> label, family, order, files. A file of a group is judged with its group.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .all import GROUPS, cases_of


def write(out: Path, seed: int = 1) -> dict[str, dict[str, dict[str, object]]]:
    """Write every file and its label, and return the labels."""
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, dict[str, object]] = {}
    groups: dict[str, dict[str, object]] = {}
    for case in cases_of(seed):
        (out / case.name).write_bytes(case.content(seed))
        files[case.name] = {
            "label": case.label,
            "family": case.family,
            "format": case.name.rpartition(".")[2],
            "reason": case.reason,
            "difficulty": case.difficulty,
            "rules": case.rules,
            "tolerated": case.tolerated,
        }
    for group in GROUPS:
        contents = {f"{group.name}_{name}": content for name, content in group.contents(seed).items()}
        for name, content in contents.items():
            (out / name).write_bytes(content)
            files[name] = {"label": group.label, "family": group.family, "group": group.name, "reason": group.reason}
        groups[group.name] = {
            "label": group.label,
            "family": group.family,
            "order": group.order,
            "reason": group.reason,
            "difficulty": group.difficulty,
            "files": list(contents),
        }
    labels = {"files": files, "groups": groups}
    (out / "labels.json").write_text(json.dumps(labels, ensure_ascii=False, indent=1), "utf-8")
    return labels


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    labels = write(options.out, options.seed)
    print(f"{len(labels['files'])} files, {len(labels['groups'])} groups of them, in {options.out}")


if __name__ == "__main__":
    main()
