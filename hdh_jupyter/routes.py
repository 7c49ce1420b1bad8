"""How the gateway reaches each running workspace: one small file per project, written at its start.

The spawner writes a record and the gateway reads it, in another process; a file outlives a restart of either. It holds
secrets (`api_token`, `key`), so that its mode is 0600 from the first byte on, and it appears and changes whole.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

PROJECT_ID = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")


@dataclass(frozen=True)
class RouteRecord:
    """A running workspace as the gateway needs to know it.

    Attributes
    ----------
    project
        The project's id.
    base_url
        The path below which the workspace's server answers, `/user/prj-<id>/`.
    address
        Where the workspace's server listens: the absolute path of a unix socket, or `http://10.1.2.3:8888`.
    api_token
        The token with which the gateway reports activity and identifies people. Left out of `repr`, as `key` is.
    client_id
        The OAuth client of the workspace, `jupyterhub-user-prj-<id>`.
    public_url
        What a browser asks for, `http://prj-<id>.hdh.localhost:8000/user/prj-<id>/`.
    key
        By which a server on a network proves that it is this workspace's, in hexadecimal digits; empty for a unix
        socket, which nobody else can take.
    """

    project: str
    base_url: str
    address: str
    api_token: str = field(repr=False)
    client_id: str
    public_url: str
    key: str = field(default="", repr=False)


def tcp_endpoint(address: str) -> tuple[str, int]:
    """Return the IP address and the port of a workspace on a network.

    A name is refused: whoever answers for names would choose where a project's people are sent.

    Raises
    ------
    ValueError
        It is not `http://` with an IP address and a port, and nothing else.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    literal = f"[{host}]" if ":" in host else host
    if not port or "%" in host or address != f"http://{literal}:{port}":
        raise ValueError(f"Not the address of a workspace: {address!r}")
    return str(ipaddress.ip_address(host)), port


def write_route(folder: Path, record: RouteRecord) -> None:
    """Put the record in place of the project's former one."""
    # mkstemp makes the file with mode 0600.
    descriptor, draft = tempfile.mkstemp(prefix=f".{record.project}.", dir=folder)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(record), file)
        os.replace(draft, _path(folder, record.project))
    except BaseException:
        os.unlink(draft)
        raise


def read_route(folder: Path, project: str) -> RouteRecord | None:
    """Return the project's record, or None when its workspace is not running.

    Raises
    ------
    ValueError
        `project` is not a project's id, or the file is not a record.
    """
    try:
        content = json.loads(_path(folder, project).read_bytes())
    except FileNotFoundError:
        return None
    names = {f.name for f in fields(RouteRecord)}
    if not isinstance(content, dict) or content.keys() != names or {type(v) for v in content.values()} != {str}:
        raise ValueError(f"The route of {project} is not a record")
    if content["project"] != project:
        raise ValueError(f"The route of {project} is a record of {content['project']}")
    return RouteRecord(**content)


def routed_projects(folder: Path) -> Iterator[str]:
    """Yield the id of every project that has a record."""
    for path in sorted(folder.glob("*.json")):
        if PROJECT_ID.fullmatch(path.stem):
            yield path.stem


def remove_route(folder: Path, project: str) -> None:
    """Take the project's record away, if there is one."""
    _path(folder, project).unlink(missing_ok=True)


def _path(folder: Path, project: str) -> Path:
    if not PROJECT_ID.fullmatch(project):
        raise ValueError(f"Not a project's id: {project!r}")
    return folder / f"{project}.json"
