"""A filter of system calls (seccomp(2)) for the sandbox, as the bytes that `bwrap --seccomp` reads.

Namespaces do not cover everything: the keys of the bot's session can be reached by any process of it, and parts of the
kernel that programs seldom need have been the way out of many a sandbox. What is refused here, tests and migrations do
without; container runtimes refuse about the same
(https://docs.docker.com/engine/security/seccomp/#significant-syscalls-blocked-by-the-default-profile).
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# linux/bpf_common.h, linux/seccomp.h
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, ERRNO = 0x7FFF_0000, 0x0005_0000
NUMBER_OFFSET, ARCHITECTURE_OFFSET, ARGUMENTS_OFFSET = 0, 4, 16  # struct seccomp_data
X32_BIT = 0x4000_0000  # x86-64's second table of calls, which would go around this one
CLONE_NEWUSER = 0x1000_0000


@dataclass(frozen=True, slots=True)
class _Machine:
    """`audit` is its number in linux/audit.h, `calls` the numbers of the calls that differ among machines."""

    audit: int
    calls: Mapping[str, int]


MACHINES = {
    "x86_64": _Machine(
        0xC000_003E,
        {
            **{"add_key": 248, "request_key": 249, "keyctl": 250, "perf_event_open": 298, "bpf": 321},
            **{"userfaultfd": 323, "open_by_handle_at": 304, "unshare": 272, "setns": 308, "mount": 165},
            **{"umount2": 166, "pivot_root": 155, "quotactl": 179, "syslog": 103, "acct": 163, "modify_ldt": 154},
            **{"clone": 56, "chmod": 90, "fchmod": 91, "fchmodat": 268, "open": 2, "openat": 257, "creat": 85},
            **{"mknod": 133, "mknodat": 259},
        },
    ),
    "aarch64": _Machine(
        0xC000_00B7,
        {
            **{"add_key": 217, "request_key": 218, "keyctl": 219, "perf_event_open": 241, "bpf": 280},
            **{"userfaultfd": 282, "open_by_handle_at": 265, "unshare": 97, "setns": 268, "mount": 40},
            **{"umount2": 39, "pivot_root": 41, "quotactl": 60, "syslog": 116, "acct": 89},
            **{"clone": 220, "fchmod": 52, "fchmodat": 53, "openat": 56, "mknodat": 33},
        },
    ),
}
# Calls since Linux 5.0 have one number everywhere. "Not implemented" makes libraries fall back to the older call, whose
# arguments, unlike what a pointer leads to, a filter can see.
NOT_IMPLEMENTED = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "clone3": 435,
    "openat2": 437,
}
NEW_CALLS = {
    **{"open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433},
    **{"mount_setattr": 442, "quotactl_fd": 443, "fchmodat2": 452},
}
REFUSED = (
    *("add_key", "request_key", "keyctl", "perf_event_open", "bpf", "userfaultfd", "open_by_handle_at", "unshare"),
    *("setns", "mount", "umount2", "pivot_root", "quotactl", "quotactl_fd", "syslog", "acct", "modify_ldt"),
    *("open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr"),
)
# Which argument must not have which bit. A set-user-id file of root's would work outside, for everybody there.
REFUSED_BITS = {
    **{"chmod": (1, stat.S_ISUID), "fchmod": (1, stat.S_ISUID), "fchmodat": (2, stat.S_ISUID)},
    **{"fchmodat2": (2, stat.S_ISUID), "creat": (1, stat.S_ISUID), "mknod": (1, stat.S_ISUID)},
    **{"mknodat": (2, stat.S_ISUID), "clone": (0, CLONE_NEWUSER)},
}
# The mode of these counts only when they create: (index of the flags, index of the mode)
CREATING = {"open": (1, 2), "openat": (2, 3)}


def render_filter() -> bytes | None:
    """The filter for this machine, None for a machine whose calls are not listed here."""
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        return None
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in _list_instructions(machine))


_Instruction = tuple[int, int, int, int]


def _list_instructions(machine: _Machine) -> Iterator[_Instruction]:
    """A jump's two numbers are how many instructions are skipped when it holds and when it does not."""
    calls = {**machine.calls, **NEW_CALLS}
    no, missing = (RETURN, 0, 0, ERRNO | errno.EPERM), (RETURN, 0, 0, ERRNO | errno.ENOSYS)
    yield from ((LOAD, 0, 0, ARCHITECTURE_OFFSET), (JUMP_EQUAL, 1, 0, machine.audit), missing)
    yield from ((LOAD, 0, 0, NUMBER_OFFSET), (JUMP_AT_LEAST, 0, 1, X32_BIT), missing)
    for number in NOT_IMPLEMENTED.values():
        yield from ((JUMP_EQUAL, 0, 1, number), missing)
    for number in (calls[name] for name in REFUSED if name in calls):
        yield from ((JUMP_EQUAL, 0, 1, number), no)
    allow = (RETURN, 0, 0, ALLOW)
    for name, (index, bits) in REFUSED_BITS.items():
        if name in calls:
            yield from ((JUMP_EQUAL, 0, 4, calls[name]), _load_argument(index), (JUMP_ANY_BIT, 0, 1, bits), no, allow)
    for name, (flags, mode) in CREATING.items():
        if name in calls:
            yield from ((JUMP_EQUAL, 0, 6, calls[name]), _load_argument(flags), (JUMP_ANY_BIT, 0, 3, os.O_CREAT))
            yield from (_load_argument(mode), (JUMP_ANY_BIT, 0, 1, stat.S_ISUID), no, allow)
    yield allow


def _load_argument(index: int) -> _Instruction:
    """The lower half of an argument; both machines are little-endian."""
    return (LOAD, 0, 0, ARGUMENTS_OFFSET + 8 * index)
