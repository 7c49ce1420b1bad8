"""A sealed process on one machine, described as data and turned into a bubblewrap command.

Two parts of the platform seal processes: the workspaces, and the worker that parses files nobody trusts. Both start
from :func:`sealed`, which has no network interface but `lo`, no capability, no host process and no host home, and add
what they need to see.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .interpreter import interpreter_inside
from .syscalls import open_filters

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

PROC_READ_ONLY = ("sys", "sysrq-trigger")
"""Parts of /proc that act on the whole machine: when root starts the sandbox, the kernel would let the inside write
them for the owner's sake, without any capability (`/proc/sys/kernel/core_pattern` runs commands on the host)."""

PROC_EMPTY = ("acpi", "bus", "driver", "fs", "irq", "mtrr", "scsi", "tty")
"""Folders of /proc about the machine's devices and disks, empty inside; files of these names are hidden."""

PROC_HIDDEN = (
    "asound",
    "buddyinfo",
    "cmdline",
    "config.gz",
    "consoles",
    "crypto",
    "devices",
    "diskstats",
    "dma",
    "execdomains",
    "fb",
    "interrupts",
    "iomem",
    "ioports",
    "kallsyms",
    "kcore",
    "key-users",
    "keys",
    "kmsg",
    "kpagecgroup",
    "kpagecount",
    "kpageflags",
    "latency_stats",
    "locks",
    "mdstat",
    "misc",
    "modules",
    "pagetypeinfo",
    "partitions",
    "sched_debug",
    "schedstat",
    "slabinfo",
    "softirqs",
    "swaps",
    "sysvipc",
    "timer_list",
    "vmallocinfo",
    "zoneinfo",
)
"""What /proc tells about the machine and no program of a workspace asks: disks, devices, modules, kernel's options."""

COVERED = ("/usr/local/etc", "/usr/local/src", "/usr/src", "/usr/etc", "/usr/lib/modules", "/usr/lib/debug")
"""Folders below /usr that are of no use inside, or hold the host's own settings (a registry's password, say)."""

EXTENSIONS = ("hdh_catalogue", "hdh_egress", "hdh_lockdown")
"""The packages of the distribution that stand beside this one and run inside workspaces."""

SYSCALLS = ("seccomp 0", "seccomp 1")
"""Under which names :func:`open_files` gives the filters of system calls: no path has them."""

SOURCES = Path("/opt/hdh")
"""Where packages show inside that are not part of the Python installation."""


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
    folders
        Empty folders that exist only inside, for what may or may not be mounted in them.
    links
        Symbolic links that exist only inside: path -> what it says.
    files
        Small texts that exist only inside: path -> content.
    tmpfs
        Private folders in memory: path -> size limit in bytes.
    covered
        Folders of what is mounted that show empty.
    environment
        The whole environment; nothing is inherited.
    """

    binds: tuple[Bind, ...] = ()
    folders: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    tmpfs: Mapping[str, int] = field(default_factory=dict)
    covered: tuple[str, ...] = ()
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
            An open, inheritable descriptor to read each of `files` from: path -> descriptor, and the filters of
            system calls (:func:`open_files` makes them).
        """
        argv = ["bwrap", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
        argv += ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        # Only a kernel without control groups has no namespace for them.
        argv += ["--unshare-cgroup"] if os.path.exists("/proc/self/ns/cgroup") else []
        argv += ["--disable-userns", "--hostname", self.hostname]
        argv += ["--uid", str(self.uid), "--gid", str(self.gid)]
        argv += ["--proc", "/proc", "--dev", "/dev"]
        for name in PROC_READ_ONLY:
            if os.path.exists(f"/proc/{name}"):
                argv += ["--ro-bind", f"/proc/{name}", f"/proc/{name}"]
        for name in (*PROC_HIDDEN, *PROC_EMPTY):
            if os.path.isdir(f"/proc/{name}"):
                argv += _empty(f"/proc/{name}")
            elif os.path.exists(f"/proc/{name}"):
                argv += ["--ro-bind", "/dev/null", f"/proc/{name}"]
        for path, size in self.tmpfs.items():
            argv += ["--size", str(size), "--tmpfs", path]
        for folder in self.folders:
            argv += ["--dir", folder]
        for bind in self.binds:
            argv += ["--bind" if bind.writable else "--ro-bind", str(bind.source), str(bind.target)]
        for path in self.covered:
            argv += _empty(path)
        for name in SYSTEM_LINKS:
            if os.path.islink(f"/{name}"):
                argv += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        for path, target in self.links.items():
            argv += ["--symlink", target, path]
        for path in self.files:
            argv += ["--ro-bind-data", str(file_descriptors[path]), path]
        # The folder of devices is in memory, without a limit on its size.
        argv += ["--remount-ro", "/dev", "--remount-ro", "/"]
        for name in SYSCALLS:
            argv += ["--add-seccomp-fd", str(file_descriptors[name])]
        for name, value in self.environment.items():
            argv += ["--setenv", name, value]
        return [*argv, "--chdir", self.chdir, "--", *program]


def _empty(folder: str) -> list[str]:
    return ["--size", "4096", "--tmpfs", folder, "--remount-ro", folder]


def sealed(name: str) -> Sandbox:
    """Return the sandbox that both uses start from: the system and Python's installation, read-only.

    Parameters
    ----------
    name
        The only account that exists inside, and the machine's name.
    """
    system = [Bind(Path("/usr"), Path("/usr"))]
    folders = [Path(f"/{name}") for name in SYSTEM_LINKS]
    system += [Bind(folder, folder) for folder in folders if folder.is_dir() and not folder.is_symlink()]
    settings = [Path(f"/etc/{name}") for name in ETC]
    system += [Bind(setting, setting) for setting in settings if setting.exists()]
    python = interpreter_inside()
    environment = {"PATH": f"{python.executable.parent}:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    if python.libraries is not None:
        environment["LD_LIBRARY_PATH"] = str(python.libraries)
    return Sandbox(
        binds=(*system, *(Bind(source, target) for source, target in python.folders.items())),
        links={str(path): target for path, target in python.links.items()},
        files={
            **{str(path): text for path, text in python.files.items()},
            "/etc/passwd": f"{name}:x:1000:1000:{name}:/home/{name}:/bin/bash\n",
            "/etc/group": f"{name}:x:1000:\n",
            "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
            "/etc/hosts": "127.0.0.1 localhost\n",
        },
        tmpfs={"/tmp": 2**30, "/dev/shm": 2**28},  # noqa: S108 -- inside
        covered=tuple(folder for folder in COVERED if os.path.isdir(folder)),
        hostname=name,
        environment=environment,
    )


def source_packages() -> tuple[Bind, ...]:
    """Return the platform's own packages that are not part of the Python installation, below :data:`SOURCES`.

    There are none in an installed distribution; a checkout has all of them, and a sandbox that shows them needs
    `PYTHONPATH` set to :data:`SOURCES`.
    """
    checkout = Path(__file__).resolve().parent
    folders = {"hdh_jupyter": checkout}
    for name in EXTENSIONS:
        specification = importlib.util.find_spec(name)
        places = specification and specification.submodule_search_locations
        folders[name] = Path(next(iter(places))) if places else checkout.parent / "extensions" / name
    installed = [Path("/usr"), *interpreter_inside().folders]
    return tuple(
        Bind(folder, SOURCES / name)
        for name, folder in folders.items()
        if folder.is_dir() and not any(folder.resolve().is_relative_to(place) for place in installed)
    )


def open_files(files: Mapping[str, str]) -> dict[str, int]:
    """Put each text, and the filters of system calls, in an anonymous file; the caller closes the descriptors.

    Returns
    -------
    dict
        An inheritable descriptor for each path, and one under each name of :data:`SYSCALLS`.
    """
    descriptors = dict(zip(SYSCALLS, open_filters(), strict=True))
    return descriptors | {path: open_text(text) for path, text in files.items()}


def open_text(text: str) -> int:
    """Return an inheritable descriptor from which a program can read `text`; the caller closes it."""
    descriptor = os.memfd_create("text", 0)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(text.encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
