"""The system calls that a sealed process may make, as filters for the kernel (seccomp).

Namespaces do not cover all of the kernel: a socket of the family that talks to the machine's hypervisor (vsock) leaves
a sandbox whose network namespace holds only `lo`, and every call is a piece of the kernel that may have a fault.

The list says what is allowed. A list of refusals (Flatpak has a short one) would let in what the next kernel brings;
with a list of what is allowed (container engines have one, and the scientific languages run under it every day), a call
that nobody thought of is answered "no such call", on which the C library and the languages fall back to an older one.
What is known and refused is answered "not permitted", so that a person understands.

There are two filters, and the kernel obeys the stricter: one of calls, and one of what some calls are asked for.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

ALLOWED: Mapping[str, str] = {
    "files and folders": """
        access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
        fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock
        fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr
        lchown lgetxattr link linkat listxattr llistxattr
        lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64 preadv
        preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename renameat
        renameat2 rmdir sendfile setxattr splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee
        truncate umask unlink unlinkat utime utimensat utimes write writev
    """,
    "devices; two requests are refused by the second filter": "ioctl",
    "waiting": """
        epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 pause pipe pipe2 poll
        ppoll pselect6 select signalfd signalfd4
    """,
    "memory": """
        brk madvise membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall
        munmap pkey_alloc pkey_free pkey_mprotect
    """,
    "processes and threads; new namespaces are refused by the second filter": """
        arch_prctl clone execve execveat exit exit_group fork futex futex_waitv get_robust_list get_thread_area getcpu
        getpgid getpgrp getpid getppid getpriority getrlimit getrusage getsid gettid ioprio_get ioprio_set
        pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rseq sched_get_priority_max sched_get_priority_min
        sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity
        sched_setattr sched_setparam sched_setscheduler sched_yield set_robust_list set_thread_area set_tid_address
        setpgid setpriority setrlimit setsid sysinfo times uname vfork wait4 waitid
    """,
    "signals": """
        alarm getitimer kill rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
        rt_sigtimedwait rt_tgsigqueueinfo setitimer sigaltstack tgkill tkill
    """,
    "time, which can be read": """
        clock_getres clock_gettime clock_nanosleep gettimeofday nanosleep time timer_create timer_delete
        timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime
    """,
    "sockets; most families are refused by the second filter": """
        accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg
        sendto setsockopt shutdown socket socketpair
    """,
    "messages, semaphores and memory between processes": """
        mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl semget
        semop semtimedop shmat shmctl shmdt shmget
    """,
    "who one is; there is nobody else to become": """
        capget capset getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid setfsuid setgid setgroups
        setregid setresgid setresuid setreuid setuid
    """,
    "chance": "getrandom",
    "giving up rights": "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp",
}
"""The calls that programs may make, by what they are for; one that the library does not know stays unknown."""

REFUSED: Mapping[str, str] = {
    "other processes: what they do, hold in memory and have open": """
        kcmp pidfd_getfd process_madvise process_mrelease process_vm_readv process_vm_writev ptrace
    """,
    "mounts and namespaces": """
        chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root setns umount2 unshare
    """,
    "files by a number instead of a path": "name_to_handle_at open_by_handle_at",
    "kernel keys": "add_key keyctl request_key",
    "programs in the kernel, tracing, faults handled outside it": """
        bpf fanotify_init init_module delete_module finit_module kexec_file_load kexec_load lookup_dcookie
        perf_event_open userfaultfd
    """,
    "the machine": """
        acct adjtimex clock_adjtime clock_settime ioperm iopl nfsservctl quotactl quotactl_fd reboot setdomainname
        sethostname settimeofday swapoff swapon syslog vhangup
    """,
    "where memory is, of oneself and others": """
        get_mempolicy mbind migrate_pages move_pages set_mempolicy set_mempolicy_home_node
    """,
}
"""Answered "not permitted". Any other call is answered "no such call": rings (`io_uring_setup`), which would make calls
that the filter does not see, and `clone3`, whose flags it cannot see (the C library takes `clone` then)."""

FAMILIES = (1, 2, 10, 16)
"""The only socket families: unix, IPv4, IPv6 and netlink (which lists the interfaces); numbers as in socket(2)."""

HIGHEST_FAMILY = 64
"""Families up to this one are refused by number, those above by one comparison (Linux has 46 of them)."""

INTERNET = (2, 10)

TYPES = (1, 2)
"""Of the internet's families: streams and datagrams, no raw packets, no protocol that nobody uses."""

PERSONALITIES = (0, 8, 0x20000, 0xFFFFFFFF)
"""Linux, Linux with a 32-bit name, Linux calling itself 2.6, and the question which one; none that turns protections
off (`ADDR_NO_RANDOMIZE`)."""

NEW_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
"""Flags of clone(2): mount, control group, host name, messages, users, processes, network."""

TERMINAL_REQUESTS = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX, which type into somebody's terminal."""

INT = 0xFFFFFFFF
"""The kernel reads 32 bits of these arguments, whatever a program puts in the other half."""


def names(groups: Mapping[str, str]) -> tuple[str, ...]:
    """Return the calls of all groups."""
    return tuple(name for group in groups.values() for name in group.split())


def numbers(calls: Iterable[str]) -> dict[str, int]:
    """Return the numbers of calls on this machine, without those that it does not have."""
    import pyseccomp as seccomp

    found = {name: seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) for name in calls}
    return {name: number for name, number in found.items() if number >= 0}


@cache
def filter_programs(machine: str = "") -> tuple[bytes, bytes]:
    """Return the filter of calls and the filter of arguments, as the kernel reads them.

    Parameters
    ----------
    machine
        The processor, `X86_64` or `AARCH64`; by default this machine's. Programs for another one than it, for 32 bits
        or with x32's numbers, are killed at their first call.

    Raises
    ------
    ImportError, OSError
        libseccomp is missing: nothing may be called sealed then.
    """
    return _program(_calls(machine)), _program(_arguments(machine))


def open_filters() -> tuple[int, ...]:
    """Return inheritable descriptors from which a program can read the filters; the caller closes them."""
    descriptors = []
    for program in filter_programs():
        descriptor = os.memfd_create("syscalls", 0)
        os.write(descriptor, program)
        os.lseek(descriptor, 0, os.SEEK_SET)
        descriptors.append(descriptor)
    return tuple(descriptors)


def _calls(machine: str) -> Any:
    import pyseccomp as seccomp

    rules = _rules(seccomp.ERRNO(errno.ENOSYS), machine)
    for name in names(ALLOWED):
        _add(rules, seccomp.ALLOW, name)
    for personality in PERSONALITIES:
        _add(rules, seccomp.ALLOW, "personality", seccomp.Arg(0, seccomp.MASKED_EQ, INT, personality))
    for name in names(REFUSED):
        _add(rules, seccomp.ERRNO(errno.EPERM), name)
    return rules


def _arguments(machine: str) -> Any:
    import pyseccomp as seccomp

    rules = _rules(seccomp.ALLOW, machine)
    unknown, refused = seccomp.ERRNO(errno.EAFNOSUPPORT), seccomp.ERRNO(errno.EPERM)
    for family in range(HIGHEST_FAMILY + 1):
        if family not in FAMILIES:
            _add(rules, unknown, "socket", seccomp.Arg(0, seccomp.EQ, family))
    # All 64 bits are compared: a family with anything in the upper half is above.
    _add(rules, unknown, "socket", seccomp.Arg(0, seccomp.GT, HIGHEST_FAMILY))
    for family in INTERNET:
        for kind in set(range(16)) - set(TYPES):
            flagged = seccomp.Arg(1, seccomp.MASKED_EQ, 0xF, kind)
            _add(rules, refused, "socket", seccomp.Arg(0, seccomp.EQ, family), flagged)
    # Routes and interfaces alone of what the kernel tells by netlink.
    netlink, routes = seccomp.Arg(0, seccomp.EQ, 16), seccomp.Arg(2, seccomp.NE, 0)
    _add(rules, unknown, "socket", netlink, routes)
    _add(rules, unknown, "socketpair", seccomp.Arg(0, seccomp.NE, 1))
    for flag in NEW_NAMESPACES:
        _add(rules, refused, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    for request in TERMINAL_REQUESTS:
        _add(rules, refused, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, INT, request))
    return rules


def _rules(default: int, machine: str) -> Any:
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(default)
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    architecture = getattr(seccomp.Arch, machine) if machine else seccomp.system_arch()
    if architecture != seccomp.system_arch():
        rules.add_arch(architecture)
        rules.remove_arch(seccomp.system_arch())
    return rules


def _add(rules: Any, action: int, name: str, *arguments: Any) -> None:
    import pyseccomp as seccomp

    number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
    # A library that is older than a call does not know its name; the call then stays unknown to programs too.
    if number != -1:
        rules.add_rule(action, number, *arguments)


def _program(rules: Any) -> bytes:
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
