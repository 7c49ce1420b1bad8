"""Attacks of a notebook in Python on the kernel's interfaces: privileges, namespaces, processes, devices, settings."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import platform
import signal
import socket
import stat
import subprocess
import tempfile
import termios
import time
from pathlib import Path
from typing import Any

from .inside import inside
from .inside_tools import LIBC, Blocked, ancestors, call, found, run, server_process


@inside(301, "Mounting a file system", root=True, reference="mount(2)")
def mount(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        call(LIBC.mount, b"none", folder.encode(), b"tmpfs", 0, None)
        call(LIBC.umount2, folder.encode(), 2)
    return "mounted"


@inside(302, "Mounting the data anew, writable", root=True, reference="mount(2), MS_REMOUNT")
def remount(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        call(LIBC.mount, facts["data"].encode(), folder.encode(), None, 0x1000, None)
        try:
            call(LIBC.mount, None, folder.encode(), None, 0x1020, None)
            Path(folder, facts["mark"]).write_text("x")
            Path(folder, facts["mark"]).unlink()
        finally:
            call(LIBC.umount2, folder.encode(), 2)
    return "written"


@inside(303, "Mounting by the newer calls", root=True, reference="fsopen(2)")
def fsopen(facts: dict[str, Any]) -> str:
    os.close(call("fsopen", b"tmpfs", 0))
    return "opened"


@inside(304, "Uncovering what a mount hides", root=True, reference="umount2(2)")
def unmount(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(FileNotFoundError):
        # With the right to unmount, a folder that is no mount is an invalid argument.
        if LIBC.umount2(folder.encode(), 2) == -1 and ctypes.get_errno() == 22:
            return "allowed"
    raise Blocked("EPERM")


@inside(305, "Another root for everything", root=True, reference="pivot_root(2)")
def pivot_root(facts: dict[str, Any]) -> str:
    with contextlib.suppress(FileNotFoundError):
        call("pivot_root", b"/nowhere", b"/nowhere")
    return "allowed"


@inside(306, "A user namespace, to be root there", reference="user_namespaces(7)")
def user_namespace(facts: dict[str, Any]) -> str:
    call(LIBC.unshare, 0x10000000)
    return "made"


@inside(307, "A user namespace by clone", reference="clone(2)")
def clone(facts: dict[str, Any]) -> str:
    child = call("clone", 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "made"


@inside(308, "A user namespace by clone3", reference="clone3(2)")
def clone3(facts: dict[str, Any]) -> str:
    arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, signal.SIGCHLD)
    LIBC.syscall.restype = ctypes.c_long
    child = LIBC.syscall(435, arguments, ctypes.sizeof(arguments))
    if child == 0:
        os._exit(0)
    if child == -1:
        raise OSError(ctypes.get_errno(), "")
    os.waitpid(child, 0)
    return "made"


@inside(309, "A network namespace of one's own", root=True, reference="network_namespaces(7)")
def network_namespace(facts: dict[str, Any]) -> str:
    call(LIBC.unshare, 0x40000000)
    return "made"


@inside(310, "Entering the namespaces of a process of the host", root=True, reference="setns(2)")
def setns(facts: dict[str, Any]) -> str:
    with open(f"/proc/{facts['decoy']}/ns/net", "rb") as namespace:
        call(LIBC.setns, namespace.fileno(), 0)
    return "entered"


@inside(311, "A container in the container (bubblewrap)", reference="bwrap(1)")
def nested(facts: dict[str, Any]) -> str:
    run("bwrap", "--ro-bind", "/", "/", "--unshare-all", "true")
    return "it runs"


@inside(312, "A set-user-id program gives root", root=True, reference="su(1), execve(2)")
def set_user_id(facts: dict[str, Any]) -> str:
    def plain_account() -> None:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)

    su = subprocess.Popen(["/usr/bin/su"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          preexec_fn=plain_account, start_new_session=True)  # fmt: skip
    try:
        for _ in range(100):
            with contextlib.suppress(OSError, IndexError):
                status = Path(f"/proc/{su.pid}/status").read_text()
                if "Name:\tsu\n" in status and status.split("Uid:")[1].split()[1] == "0":
                    return "the program runs as root"
            time.sleep(0.01)
    finally:
        su.kill()
        su.wait()
    raise Blocked("the program runs as whoever calls it")


@inside(313, "Becoming root", root=True, reference="setuid(2)")
def setuid(facts: dict[str, Any]) -> str:
    os.setresuid(0, 0, 0)
    return "done"


@inside(314, "Taking capabilities", root=True, reference="capset(2)")
def capset(facts: dict[str, Any]) -> str:
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    administrator = 1 << 21
    call("capset", header, (ctypes.c_uint32 * 6)(administrator, administrator, 0, 0, 0, 0))
    return "administrator"


@inside(315, "Reading the memory of a process of the host", reference="process_vm_readv(2)")
def read_memory(facts: dict[str, Any]) -> str:
    class Part(ctypes.Structure):
        _fields_ = (("place", ctypes.c_void_p), ("size", ctypes.c_size_t))

    buffer = ctypes.create_string_buffer(64)
    mine, theirs = Part(ctypes.addressof(buffer), 27), Part(facts["decoy_memory"], 27)
    call(LIBC.process_vm_readv, facts["decoy"], ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
    return found(facts["secret"], buffer.raw, "read")


@inside(316, "Reading the memory of a process of the host as a file", reference="proc(5), /proc/PID/mem")
def memory_file(facts: dict[str, Any]) -> str:
    with open(f"/proc/{facts['decoy']}/mem", "rb", buffering=0) as memory:
        memory.seek(facts["decoy_memory"])
        return found(facts["secret"], memory.read(64), "read")


@inside(317, "Tracing a process of the host", reference="ptrace(2)")
def trace(facts: dict[str, Any]) -> str:
    call(LIBC.ptrace, 16, facts["decoy"], 0, 0)
    os.waitpid(facts["decoy"], 0)
    call(LIBC.ptrace, 17, facts["decoy"], 0, 0)
    return "traced"


@inside(318, "Freezing the server by tracing it", reference="ptrace(2), PTRACE_SEIZE")
def trace_server(facts: dict[str, Any]) -> str:
    server = server_process()
    call(LIBC.ptrace, 0x4206, server, 0, 0)
    return "traced"


@inside(319, "Signals to a process of the host", reference="kill(2)")
def signals(facts: dict[str, Any]) -> str:
    os.kill(facts["decoy"], signal.SIGCONT)
    return "delivered"


@inside(320, "A descriptor out of a process of the host", reference="pidfd_getfd(2)")
def pidfd(facts: dict[str, Any]) -> str:
    process = os.pidfd_open(facts["decoy"])
    os.close(call("pidfd_getfd", process, 1, 0))
    return "taken"


@inside(321, "Changing the limits of a process of the host", reference="prlimit(2)")
def limits(facts: dict[str, Any]) -> str:
    import resource

    resource.prlimit(facts["decoy"], resource.RLIMIT_CORE, resource.prlimit(facts["decoy"], resource.RLIMIT_CORE))
    return "changed"


@inside(322, "A key in the kernel's ring of the account, which all its processes share", reference="keyrings(7)")
def keys(facts: dict[str, Any]) -> str:
    number = call("add_key", b"user", facts["mark"].encode(), b"x", 1, -4)
    call("keyctl", 9, number, -4, 0, 0)
    return "kept"


@inside(323, "A program in the kernel (BPF)", root=True, reference="bpf(2)")
def bpf(facts: dict[str, Any]) -> str:
    attributes = (ctypes.c_uint32 * 32)(2, 4, 4, 1)
    os.close(call("bpf", 0, attributes, ctypes.sizeof(attributes)))
    return "a map is made"


@inside(324, "Counting what the processor does (perf)", reference="perf_event_open(2)")
def perf(facts: dict[str, Any]) -> str:
    attributes = ctypes.create_string_buffer(112)
    ctypes.memmove(attributes, (ctypes.c_uint32 * 2)(1, 112), 8)
    os.close(call("perf_event_open", attributes, 0, -1, -1, 0))
    return "counting"


@inside(325, "Handling the kernel's page faults", root=True, reference="userfaultfd(2)")
def page_faults(facts: dict[str, Any]) -> str:
    os.close(call("userfaultfd", 0))
    return "opened"


@inside(326, "A ring that makes calls past the filter", absent=("ENOSYS",), reference="io_uring(7)")
def ring(facts: dict[str, Any]) -> str:
    os.close(call("io_uring_setup", 4, ctypes.create_string_buffer(120)))
    return "made"


@inside(327, "Another kernel (kexec)", root=True, absent=("ENOSYS",), reference="kexec_load(2)")
def kexec(facts: dict[str, Any]) -> str:
    try:
        call("kexec_load", 0, 0, 0, 0xFFFF)
    except OSError as error:
        if error.errno != 22:
            raise
    return "allowed"


@inside(328, "A module for the kernel", root=True, absent=("ENOSYS",), reference="init_module(2)")
def module(facts: dict[str, Any]) -> str:
    try:
        call("init_module", b"no module", 9, b"")
    except OSError as error:
        if error.errno not in (8, 14, 22):
            raise
    return "allowed"


@inside(
    329,
    "Calls of 32-bit programs, which a filter may have forgotten",
    absent=("SIGSEGV", "ENOSYS"),
    reference="int 0x80",
)
def old_calls(facts: dict[str, Any]) -> str:
    if platform.machine() != "x86_64":
        raise OSError(38, "")
    # mov eax, 286 (add_key); mov ebx, type; ecx, description; edx, payload; esi, length; edi, -4; int 0x80; ret
    low = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40, prot=7)
    place = ctypes.addressof(ctypes.c_char.from_buffer(low))
    low[2048:2064] = b"user\0hdh-x\0value"
    words = (286, place + 2048, place + 2053, place + 2059, 5, 0xFFFFFFFC)
    codes = (b"\xb8", b"\xbb", b"\xb9", b"\xba", b"\xbe", b"\xbf")
    body = b"".join(code + word.to_bytes(4, "little") for code, word in zip(codes, words, strict=True))
    text = b"\x53" + body + b"\xcd\x80\x5b\xc3"
    low[: len(text)] = text
    child = os.fork()
    if child == 0:
        os._exit(0 if ctypes.CFUNCTYPE(ctypes.c_int)(place)() > 0 else 1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise Blocked(signal.Signals(os.WTERMSIG(status)).name)
    if os.WEXITSTATUS(status):
        raise Blocked("refused")
    return "a forbidden call is made"


@inside(330, "The kernel's log, as a device", reference="/dev/kmsg")
def log_device(facts: dict[str, Any]) -> str:
    os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
    return "opens"


@inside(331, "The kernel's log, by its call", root=True, reference="syslog(2)")
def log_call(facts: dict[str, Any]) -> str:
    buffer = ctypes.create_string_buffer(4096)
    return "read" if call("syslog", 3, buffer, 4096) else "empty"


@inside(332, "The kernel's log in /proc", root=True, reference="/proc/kmsg")
def log_file(facts: dict[str, Any]) -> str:
    with open("/proc/kmsg", "rb", buffering=0) as file:
        if os.fstat(file.fileno()).st_rdev == os.stat("/dev/null").st_rdev:
            raise Blocked("empty")
    return "opens"


@inside(333, "The machine's memory (/proc/kcore)", root=True, absent=("ENOENT",), reference="proc(5)")
def kcore(facts: dict[str, Any]) -> str:
    with open("/proc/kcore", "rb", buffering=0) as file:
        if file.read(4) != b"\x7fELF":
            raise Blocked("empty")
    return "opens"


@inside(334, "Where the kernel's parts are in memory", root=True, reference="/proc/kallsyms")
def symbols(facts: dict[str, Any]) -> str:
    with open("/proc/kallsyms", encoding="ascii") as file:
        if not int(file.readline().split()[0], 16):
            raise Blocked("all zero")
    return "they show"


@inside(335, "The disk, as a device", root=True, absent=("Operation not permitted",), reference="/dev/vda, /dev/sda")
def disk(facts: dict[str, Any]) -> str:
    refusal = "none there"
    for name in ("vda", "sda", "nvme0n1", "xvda", "loop0", "zram0"):
        try:
            os.close(os.open(f"/dev/{name}", os.O_RDONLY))
        except FileNotFoundError:
            continue
        except OSError as error:
            refusal = os.strerror(error.errno or 0)
        else:
            return "opens"
    raise Blocked(refusal)


@inside(336, "The disk, as a device that the attacker makes", root=True, absent=("EPERM",), reference="mknod(2)")
def make_device(facts: dict[str, Any]) -> str:
    device = next(
        (os.makedev(*map(int, row.split()[:2])) for row in Path("/proc/partitions").read_text().splitlines()[2:]), 0
    )
    path = facts["mark"]
    os.mknod(path, stat.S_IFBLK | 0o600, device)
    try:
        os.close(os.open(path, os.O_RDONLY))
    finally:
        os.unlink(path)
    return "opens"


@inside(337, "Devices of the machine (fuse, kvm, loop, vsock, userfaultfd, ports)", root=True, reference="/dev")
def devices(facts: dict[str, Any]) -> str:
    for name in ("fuse", "kvm", "loop-control", "vsock", "userfaultfd", "port", "mem", "vhost-net", "cpu/0/msr"):
        with contextlib.suppress(OSError):
            os.close(os.open(f"/dev/{name}", os.O_RDWR))
            return "at least one opens"
    raise Blocked("none there")


@inside(338, "A program that the kernel runs for each crash", root=True, reference="core_pattern, core(5)")
def core_pattern(facts: dict[str, Any]) -> str:
    path = Path("/proc/sys/kernel/core_pattern")
    pattern = path.read_bytes()
    path.write_bytes(pattern)
    return "it can be written"


@inside(339, "The machine's name", root=True, reference="sethostname(2)")
def hostname(facts: dict[str, Any]) -> str:
    socket.sethostname(socket.gethostname())
    return "it can be written"


@inside(340, "Keys to the kernel (sysrq)", root=True, absent=("ENOENT",), reference="/proc/sysrq-trigger")
def sysrq(facts: dict[str, Any]) -> str:
    os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY))
    return "opens for writing"


@inside(341, "The kernel's settings (vm, net, fs)", root=True, reference="sysctl(8)")
def settings(facts: dict[str, Any]) -> str:
    for name in ("vm/drop_caches", "kernel/modprobe", "net/ipv4/ip_forward", "fs/suid_dumpable"):
        with contextlib.suppress(OSError):
            os.close(os.open(f"/proc/sys/{name}", os.O_WRONLY))
            return "at least one opens for writing"
    raise Blocked("EROFS or EACCES for each")


@inside(342, "The machine's devices and settings in /sys", reference="sysfs(5)")
def sysfs(facts: dict[str, Any]) -> str:
    return f"{'shows' if os.listdir('/sys/class/net') else 'empty'}"


@inside(
    343,
    "A program that the kernel runs when a control group empties",
    root=True,
    reference="release_agent, CVE-2022-0492",
)
def release_agent(facts: dict[str, Any]) -> str:
    with contextlib.suppress(OSError):
        for path in Path("/sys/fs/cgroup").glob("*/release_agent"):
            os.close(os.open(path, os.O_WRONLY))
            return "opens for writing"
    with tempfile.TemporaryDirectory() as folder:
        call(LIBC.mount, b"none", folder.encode(), b"cgroup", 0, b"none,name=hdh")
        call(LIBC.umount2, folder.encode(), 2)
    return "mounted"


@inside(344, "Out of one's control group", root=True, reference="cgroups(7)")
def cgroup(facts: dict[str, Any]) -> str:
    for path in Path("/sys/fs/cgroup").rglob("cgroup.procs"):
        os.close(os.open(path, os.O_WRONLY))
        return "opens for writing"
    raise Blocked("none shows")


@inside(345, "Turning the machine off", root=True, reference="reboot(2)")
def reboot(facts: dict[str, Any]) -> str:
    try:
        # Without the two magic numbers nothing happens, but the right is asked for first.
        call("reboot", 0, 0, 0, 0)
    except OSError as error:
        if error.errno != 22:
            raise
    return "allowed"


@inside(346, "Swap space for the machine", root=True, reference="swapon(2)")
def swap(facts: dict[str, Any]) -> str:
    with contextlib.suppress(FileNotFoundError):
        call("swapon", b"/nowhere", 0)
    return "allowed"


@inside(347, "Accounts of every process that ends", root=True, absent=("ENOSYS",), reference="acct(2)")
def accounting(facts: dict[str, Any]) -> str:
    with contextlib.suppress(FileNotFoundError):
        call("acct", b"/nowhere/x")
    return "allowed"


@inside(348, "The machine's clock", root=True, reference="clock_settime(2)")
def clock(facts: dict[str, Any]) -> str:
    time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME))
    return "it can be set"


@inside(349, "The processor's ports", root=True, absent=("ENOSYS",), reference="iopl(2)")
def ports(facts: dict[str, Any]) -> str:
    if platform.machine() != "x86_64":
        raise OSError(38, "")
    call("iopl", 3)
    return "allowed"


@inside(350, "A priority before everybody else's", root=True, reference="sched(7)")
def realtime(facts: dict[str, Any]) -> str:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return "given"


@inside(
    351, "Keys pressed on the terminal from which the server was started", root=True, reference="TIOCSTI, CVE-2017-5226"
)
def push_input(facts: dict[str, Any]) -> str:
    for pid in ancestors(4):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            place = os.readlink(f"/proc/{pid}/fd/0")
            if place.startswith(("/dev/pts/", "/dev/tty")):
                with open(place, "rb", buffering=0) as terminal:
                    fcntl.ioctl(terminal, termios.TIOCSTI, b"x")
                return "pressed"
    raise Blocked("no terminal leads out")


@inside(352, "The arguments that the machine was started with", reference="/proc/cmdline")
def boot_arguments(facts: dict[str, Any]) -> str:
    return "they show" if Path("/proc/cmdline").read_text().strip() else "empty"
