"""The parts of the system that every sandbox sees, as options of bwrap(1): programs and libraries, no configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Besides /usr, what usual distributions have at the root: links into /usr, or folders of their own on older ones.
ROOT_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# What programs need of /etc: the linker's cache, Debian's chosen alternatives, certificates (never ssl/private),
# names of services and media types, the time zone.
ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "ssl/certs",
    "ssl/openssl.cnf",
    "pki/tls/certs",
    "pki/tls/cert.pem",
    "pki/tls/openssl.cnf",
    "pki/ca-trust/extracted",
    "ca-certificates",
    "crypto-policies",
    "services",
    "protocols",
    "mime.types",
    "nsswitch.conf",
    "localtime",
    "os-release",
)
# What of /proc only root may read: whoever is inside owns it when root runs the bot. The list is the one of
# container runtimes (https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#masked-paths), longer.
MASKED = (
    *("kcore", "keys", "key-users", "kmsg", "kpagecgroup", "kpagecount", "kpageflags", "latency_stats"),
    *("pagetypeinfo", "sched_debug", "slabinfo", "timer_list", "timer_stats", "vmallocinfo"),
)
# Names without which neither users nor "localhost" can be looked up. Nothing of the machine's own users is told.
FILES = {
    "/etc/passwd": "root:x:0:0::/:/bin/sh\nsandbox:x:1000:1000::/home/sandbox:/bin/sh\n"
    "nobody:x:65534:65534::/nonexistent:/bin/false\n",
    "/etc/group": "root:x:0:\nsandbox:x:1000:\nnogroup:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
}


def list_masks() -> Iterator[str]:
    """Options that hide files of /proc behind a device that cannot be opened there."""
    for name in MASKED:
        if (Path("/proc") / name).exists():
            yield from ("--ro-bind", "/dev/null", f"/proc/{name}")


def list_system_mounts() -> Iterator[str]:
    """Options that mount the system read-only."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ROOT_FOLDERS:
        path = Path("/") / name
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))  # noqa: PTH115 (kept as it is, relative or not)
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in ETC:
        path = Path("/etc") / name
        if path.exists():
            yield from ("--ro-bind", str(path), str(path))
