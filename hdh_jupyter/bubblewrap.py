"""A sealed process on one machine, described as data and turned into a bubblewrap command.

Two parts of the platform seal processes: the workspaces, and the worker that parses files nobody trusts. Both start
from :func:`sealed`, which has no network interface but `lo`, no capability, no host process and no host home, and add
what they need to see.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

SYSTEM_LINKS = ("bin", "sbin", "lib", "lib32", "lib64")
"""Folders at the root that are links into /usr on a merged-/usr system."""

ETC = (
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "locale.alias",
    "localtime",
    "mime.types",
    "R",
    "timezone",
)
"""What programs need of the host's configuration; none of it is secret."""


@dataclass(frozen=True)
class Bind:
    """A file or folder of the host that shows inside the sandbox."""

    source: Path
    target: Path
    writable: bool = False


@dataclass(frozen=True)
class Sandbox:
    """All that a sealed process may see.

    Attributes
    ----------
    binds
        Files and folders of the host, mounted in this order.
    files
        Small texts that exist only inside: path -> content.
    tmpfs
        Private folders in memory: path -> size limit in bytes.
    environment
        The whole environment; nothing is inherited.
    """

    binds: tuple[Bind, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    tmpfs: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    hostname: str = "sealed"
    uid: int = 1000
    gid: int = 1000
    chdir: str = "/"

    def seeing(self, *binds: Bind) -> Sandbox:
        """Return the same sandbox with more to see."""
        return replace(self, binds=self.binds + binds)

    def command(self, program: Sequence[str], file_descriptors: Mapping[str, int]) -> list[str]:
        """Return the command line that runs `program` inside.

        Parameters
        ----------
        file_descriptors
            An open, inheritable descriptor to read each of `files` from: path -> descriptor
            (:func:`open_files` makes them).
        """
        argv = ["bwrap", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
        argv += ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        argv += ["--unshare-cgroup-try", "--disable-userns", "--hostname", self.hostname]
        argv += ["--uid", str(self.uid), "--gid", str(self.gid)]
        argv += ["--proc", "/proc", "--dev", "/dev"]
        for path, size in self.tmpfs.items():
            argv += ["--size", str(size), "--tmpfs", path]
        for bind in self.binds:
            argv += ["--bind" if bind.writable else "--ro-bind", str(bind.source), str(bind.target)]
        for name in SYSTEM_LINKS:
            if os.path.islink(f"/{name}"):
                argv += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        for path in self.files:
            argv += ["--ro-bind-data", str(file_descriptors[path]), path]
        argv += ["--remount-ro", "/"]
        for name, value in self.environment.items():
            argv += ["--setenv", name, value]
        return [*argv, "--chdir", self.chdir, "--", *program]


def sealed(name: str) -> Sandbox:
    """Return the sandbox that both uses start from: the system and Python's installation, read-only.

    Parameters
    ----------
    name
        The only account that exists inside, and the machine's name.
    """
    system = [Bind(Path("/usr"), Path("/usr"))]
    system += [Bind(Path(f"/{n}"), Path(f"/{n}")) for n in SYSTEM_LINKS if Path(f"/{n}").is_dir() and not Path(f"/{n}").is_symlink()]
    system += [Bind(Path(f"/etc/{n}"), Path(f"/etc/{n}")) for n in ETC if Path(f"/etc/{n}").exists()]
    return Sandbox(
        binds=(*system, *python_installation()),
        files={
            "/etc/passwd": f"{name}:x:1000:1000:{name}:/home/{name}:/bin/bash\n",
            "/etc/group": f"{name}:x:1000:\n",
            "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
            "/etc/hosts": "127.0.0.1 localhost\n",
        },
        tmpfs={"/tmp": 2**30},
        hostname=name,
        environment={"PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
    )


def python_installation() -> tuple[Bind, ...]:
    """Return the folders of the running Python: its environment, and the interpreter when it is outside /usr."""
    found: list[Bind] = []
    for prefix in dict.fromkeys((Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve())):
        if not prefix.is_relative_to("/usr"):
            found.append(Bind(prefix, prefix))
    return tuple(found)


def open_files(files: Mapping[str, str]) -> dict[str, int]:
    """Put each text in an anonymous file and return its inheritable descriptor; the caller closes them."""
    descriptors = {}
    for path, text in files.items():
        descriptor = os.memfd_create(Path(path).name, 0)
        os.write(descriptor, text.encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        descriptors[path] = descriptor
    return descriptors
