"""Attacks of a notebook in Python on files: other projects, the hub zone, the host, and what is read-only."""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from .inside import inside
from .inside_tools import LIBC, Blocked, ancestors, call, found


@inside(201, "Another project's files, by their path on the host")
def neighbour(facts: dict[str, Any]) -> str:
    return found(facts["secret"], Path(facts["neighbour_home"], "secret.txt").read_bytes(), "read")


@inside(202, "Another project's files, by going up from the home")
def upwards(facts: dict[str, Any]) -> str:
    target = facts["neighbour_home"].lstrip("/")
    for path in (f"{'../' * depth}{target}/secret.txt" for depth in range(1, 12)):
        with contextlib.suppress(OSError):
            return found(facts["secret"], Path(path).read_bytes(), "read")
    for path in Path("..").glob("*/secret.txt"):
        return found(facts["secret"], path.read_bytes(), "read")
    raise Blocked("nothing there")


@inside(203, "The platform's database")
def database(facts: dict[str, Any]) -> str:
    return found("SQLite format", Path(facts["database"]).read_bytes()[:20], "read")


@inside(204, "The key of the audit log")
def key(facts: dict[str, Any]) -> str:
    return f"{len(Path(facts['key']).read_text())} characters read"


@inside(205, "A person's keys in their home on the host", needs=("person_home",))
def person(facts: dict[str, Any]) -> str:
    return found(facts["secret"], Path(facts["person_home"], ".ssh", "id_ed25519").read_bytes(), "read")


@inside(206, "The host's password file", root=True, reference="shadow(5)")
def shadow(facts: dict[str, Any]) -> str:
    os.close(os.open("/etc/shadow", os.O_RDONLY))
    return "opens"


@inside(207, "A file in the host's /tmp")
def tmp(facts: dict[str, Any]) -> str:
    return found(facts["secret"], Path(facts["file_tmp"]).read_bytes(), "read")


@inside(208, "Memory that processes of the host share by name (/dev/shm)")
def shm(facts: dict[str, Any]) -> str:
    return found(facts["secret"], Path(facts["file_shm"]).read_bytes(), "read")


@inside(209, "The environment of a process of the host")
def environment(facts: dict[str, Any]) -> str:
    return found(facts["secret"], Path(f"/proc/{facts['decoy']}/environ").read_bytes(), "read")


@inside(210, "The host's files through the root of one of its processes")
def process_root(facts: dict[str, Any]) -> str:
    return found(facts["secret"], Path(f"/proc/{facts['decoy']}/root{facts['decoy_secret']}").read_bytes(), "read")


@inside(211, "The host's files through the working folder of one of its processes")
def process_folder(facts: dict[str, Any]) -> str:
    return found(facts["secret"], Path(f"/proc/{facts['decoy']}/cwd/secret").read_bytes(), "read")


@inside(212, "The host's files through the root of process 1", root=True, absent=("EACCES",), reference="proc(5)")
def first_root(facts: dict[str, Any]) -> str:
    return found(facts["secret"], Path(f"/proc/1/root{facts['decoy_secret']}").read_bytes(), "read")


@inside(
    213, "A credential in the environment of the kernel, the server or what started it", reference="lab_channels 32"
)
def own_environment(facts: dict[str, Any]) -> str:
    for pid in ancestors(3):
        with contextlib.suppress(PermissionError, FileNotFoundError):
            content = Path(f"/proc/{pid}/environ").read_bytes()
            if any(mark.encode() in content for mark in (facts["secret"], facts["state"], "HUB_API_TOKEN=")):
                return "read"
    raise Blocked("none there")


@inside(214, "A credential in the command line of the kernel, the server or what started it")
def command_line(facts: dict[str, Any]) -> str:
    for pid in ancestors(3):
        content = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"token=" in content or facts["state"].encode() in content:
            return "read"
    raise Blocked("none there")


@inside(215, "Seeing the host's processes")
def processes(facts: dict[str, Any]) -> str:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if facts["tag"].encode() in path.read_bytes():
                return "they show, with their command lines"
    raise Blocked("they do not show")


@inside(216, "Writing into the data")
def write_data(facts: dict[str, Any]) -> str:
    path = Path(facts["data"], facts["mark"])
    path.write_text("x")
    path.unlink()
    return "written"


@inside(217, "Writing into the catalogue")
def write_catalogue(facts: dict[str, Any]) -> str:
    path = Path(facts["catalogue"], facts["mark"])
    path.write_text("x")
    path.unlink()
    return "written"


@inside(218, "Changing the data's permissions and dates")
def change_data(facts: dict[str, Any]) -> str:
    path = next(p for p in Path(facts["data"]).rglob("*") if p.is_file())
    state = path.stat()
    path.chmod(stat.S_IMODE(state.st_mode))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    return "changed"


@inside(219, "A hard link to the data in the home, to write there", reference="link(2)")
def link_data(facts: dict[str, Any]) -> str:
    path = next(p for p in Path(facts["data"]).rglob("*") if p.is_file())
    link = Path(facts["mark"])
    link.hardlink_to(path)
    try:
        link.open("ab").close()
    finally:
        link.unlink()
    return "linked, and opens for writing"


@inside(220, "Writing into the data through /proc and an open descriptor", reference="proc(5), /proc/self/fd")
def reopen(facts: dict[str, Any]) -> str:
    path = next(p for p in Path(facts["data"]).rglob("*") if p.is_file())
    with path.open("rb") as file:
        os.close(os.open(f"/proc/self/fd/{file.fileno()}", os.O_WRONLY))
    return "opens for writing"


@inside(221, "Extended attributes on the data, which another project could read", reference="xattr(7)")
def attributes(facts: dict[str, Any]) -> str:
    path = next(p for p in Path(facts["data"]).rglob("*") if p.is_file())
    os.setxattr(path, "user.hdh", b"x")
    os.removexattr(path, "user.hdh")
    return "written"


@inside(222, "Putting a program among the system's", root=True)
def write_usr(facts: dict[str, Any]) -> str:
    path = Path("/usr/local/bin", facts["mark"])
    path.write_text("x")
    path.unlink()
    return "written"


@inside(223, "Putting a module among the server's Python packages")
def write_python(facts: dict[str, Any]) -> str:
    import jupyter_server

    path = Path(jupyter_server.__file__).parent.with_name(f"{facts['mark'].replace('-', '_')}.py")
    path.write_text("")
    path.unlink()
    return "written"


@inside(224, "A task for the host's clock (cron)", root=True, reference="cron(8)")
def cron(facts: dict[str, Any]) -> str:
    folder = Path("/etc/cron.d")
    if not folder.exists():
        folder = Path("/etc")
    path = folder / facts["tag"]
    path.write_text("# nothing\n")
    path.unlink()
    return "written"


@inside(225, "A key to sign in with, in a home of the host", needs=("person_home",))
def authorised_keys(facts: dict[str, Any]) -> str:
    path = Path(facts["person_home"], ".ssh", "authorized_keys")
    path.write_text("x")
    path.unlink()
    return "written"


@inside(226, "Out of a changed root by an open folder", root=True, reference="chroot(2), chroot-again")
def chroot_again(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        outside = os.open("/", os.O_RDONLY)
        os.chroot(folder)
        os.fchdir(outside)
        for _ in range(64):
            os.chdir("..")
        os.chroot(".")
        return found(facts["secret"], Path(facts["neighbour_home"], "secret.txt").read_bytes(), "the host's files")


@inside(227, "A file by its handle, past every mount", root=True, reference="open_by_handle_at(2), shocker")
def by_handle(facts: dict[str, Any]) -> str:
    class Handle(ctypes.Structure):
        _fields_ = (("size", ctypes.c_uint), ("kind", ctypes.c_int), ("data", ctypes.c_char * 128))

    handle, mount = Handle(128, 0, b""), ctypes.c_int()
    LIBC.name_to_handle_at.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
    call(LIBC.name_to_handle_at, -100, b".", ctypes.byref(handle), ctypes.byref(mount), 0)
    folder = os.open(".", os.O_RDONLY)
    LIBC.open_by_handle_at.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
    opened = call(LIBC.open_by_handle_at, folder, ctypes.byref(handle), os.O_RDONLY)
    os.close(opened)
    return "opened"


@inside(228, "Shared memory of the host's processes (System V)", reference="shmget(2)")
def system_v_memory(facts: dict[str, Any]) -> str:
    LIBC.shmat.restype = ctypes.c_void_p
    place = LIBC.shmat(facts["decoy_shm"], None, 0o10000)
    if place == 2**64 - 1:
        raise OSError(ctypes.get_errno(), "")
    return found(facts["secret"], ctypes.string_at(place, 64), "read")


@inside(229, "A queue of messages of the host's processes (System V)", reference="msgrcv(2)")
def system_v_queue(facts: dict[str, Any]) -> str:
    buffer = ctypes.create_string_buffer(256)
    call(LIBC.msgrcv, facts["decoy_messages"], buffer, 200, 0, 0o4000)
    return found(facts["secret"], buffer.raw, "read")


@inside(230, "A queue of messages of the host's processes (POSIX)", needs=("decoy_queue",), reference="mq_overview(7)")
def posix_queue(facts: dict[str, Any]) -> str:
    queue = call(LIBC.mq_open, facts["decoy_queue"].encode(), os.O_RDONLY | os.O_NONBLOCK)
    buffer = ctypes.create_string_buffer(8192)
    call(LIBC.mq_receive, queue, buffer, 8192, None)
    return found(facts["secret"], buffer.raw, "read")


@inside(231, "The home's own files as another account's, by a set-user-id copy", root=True, reference="chmod(2)")
def set_user_id(facts: dict[str, Any]) -> str:
    with tempfile.NamedTemporaryFile(dir=".") as file:
        os.chown(file.name, 65534, 65534)
        os.chmod(file.name, 0o4755)
        if os.stat(file.name).st_uid != 65534:
            raise Blocked("it keeps its owner")
    return "a file of another account's, with its rights"
