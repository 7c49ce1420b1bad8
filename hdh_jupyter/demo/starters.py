"""Starter notebooks, one per language, put into a project's home."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from importlib import resources
from pathlib import Path

from ..safe_files import open_beneath, open_folder

NOTEBOOKS = {"python": "demarrer-python.ipynb", "ir": "demarrer-r.ipynb", "julia": "demarrer-julia.ipynb"}
"""By the beginning of the name of the kernel that runs it (`python3`, `ir`, `julia-1.10`)."""


def place_notebooks(home: Path, kernels: Collection[str]) -> list[str]:
    """Copy into `home` the starter notebook of each kernel that is offered, and return the names of those copied.

    What has a notebook's name already, whatever it is, stays as it is.
    """
    placed = []
    with open_folder(home.parent, home.name) as folder:
        for beginning, name in NOTEBOOKS.items():
            kernel = max((k for k in kernels if k.lower().startswith(beginning)), default=None)
            if kernel is not None and _place(folder, name, _notebook(name, kernel)):
                placed.append(name)
    return placed


def _notebook(name: str, kernel: str) -> str:
    source = (resources.files(__package__) / "notebooks" / name).read_text("utf-8")
    notebook = json.loads(source)
    notebook["metadata"]["kernelspec"]["name"] = kernel
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _place(home: int, name: str, text: str) -> bool:
    # The home belongs to an untrusted workspace: a link there must not lead this write elsewhere, so that only a name
    # that does not exist is ever created (O_EXCL does not follow links).
    try:
        descriptor = open_beneath(home, name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if os.geteuid() == 0:
            # A home that belongs to a project's account is its members' to write, this file included.
            owner = os.fstat(home)
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        file.write(text)
    return True
