"""What code of a repository can do in the sandbox, and what not. Each attack is tried, not described."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.workspace.interpreter import find_interpreter_paths
from bot.workspace.process import MIB
from bot.workspace.sandbox import Completed, Limits, Sandbox, SandboxUnavailable, check_sandbox, get_sandbox

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = str(Path(sys.executable).resolve())
RunPython = Callable[..., Completed]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository's folder, which the sandbox may write to."""
    path = tmp_path / "tree"
    path.mkdir()
    return path


@pytest.fixture
def run_python(sandbox: Sandbox, tree: Path) -> RunPython:
    """Runs Python source in the sandbox, in `tree`."""

    def run(source: str, *arguments: object, **options: object) -> Completed:
        options.setdefault("limits", Limits(timeout_seconds=60))
        return sandbox.run(
            [BASE_PYTHON, "-I", "-c", source, *map(str, arguments)],
            cwd=tree,
            writable=[tree],
            readable=find_interpreter_paths(Path(BASE_PYTHON)),
            **options,  # type: ignore[arg-type]
        )

    return run


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A service of the bot's machine on 127.0.0.1 that greets whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.sendall(b"hello from the machine")

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield server
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def wait_for_lock(path: Path) -> None:
    """Waits until the process that locked the file has ended: for ever, if it lives."""
    with path.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_a_command_runs_in_the_tree_and_what_it_writes_belongs_to_the_bot(run_python: RunPython, tree: Path) -> None:
    completed = run_python("import os, pathlib; pathlib.Path('made').write_text(os.getcwd()); print('done')")
    assert (completed.ok, completed.stdout) == (True, "done\n")
    assert (tree / "made").read_text() == str(tree)
    assert (tree / "made").stat().st_uid == os.getuid()


def test_status_and_errors_of_the_command_are_told(sandbox: Sandbox, tree: Path) -> None:
    completed = sandbox.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], cwd=tree, readable=[tree])
    assert (completed.returncode, completed.stdout, completed.stderr) == (3, "out\n", "err\n")
    assert not completed.ok
    assert sandbox.run(["no-such-program"], cwd=tree, readable=[tree]).returncode == 127


def test_environment_is_cleared(run_python: RunPython, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECWRIGHT_WEBHOOK_SECRET", "the-secret-of-the-bot")
    source = "import os, glob; print(dict(os.environ)); [print(open(p).read()) for p in glob.glob('/proc/*/environ')]"
    completed = run_python(source, env={"GREETING": "hello"})
    assert "hello" in completed.stdout
    assert "the-secret-of-the-bot" not in completed.stdout
    assert "'HOME': '/home/sandbox'" in completed.stdout


def test_variables_act_inside_only(run_python: RunPython, tree: Path) -> None:
    """A variable that the repository's config names must not work on bwrap itself, which runs outside."""
    source = tree / "evil.c"
    source.write_text(
        f"#include <stdio.h>\n__attribute__((constructor)) void f(void)"
        f'{{ FILE *file = fopen("{tree.parent}/escaped", "w"); if (file) fclose(file); }}'
    )
    library = tree / "evil.so"
    if shutil.which("cc") is None:
        pytest.skip("no C compiler to build the library with")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    completed = run_python("print('ran')", env={"LD_PRELOAD": str(library)})
    assert completed.stdout == "ran\n"
    assert not (tree.parent / "escaped").exists()


@pytest.mark.parametrize(
    "path", ["~/.ssh", "/root", "/etc/shadow", "/etc/ssl/private", "/var/lib", "/sys", "/run", "/opt", __file__]
)
def test_the_machine_cannot_be_read(run_python: RunPython, path: str) -> None:
    source = (
        "import os, sys; print(os.listdir(sys.argv[1]) if os.path.isdir(sys.argv[1]) else open(sys.argv[1]).read())"
    )
    completed = run_python(source, Path(path).expanduser())
    assert "Error: " in completed.stderr or completed.stdout.startswith("['.pyenv']")
    assert completed.stdout in ("", "['.pyenv']\n")  # an interpreter's own folder is there, and nothing beside it


def test_files_beside_the_tree_cannot_be_read(run_python: RunPython, tree: Path) -> None:
    (tree.parent / "key.pem").write_text("PRIVATE KEY")
    (tree / "link").symlink_to(tree.parent / "key.pem")
    for path in (tree / ".." / "key.pem", tree / "link", f"/proc/1/root/{tree.parent}/key.pem"):
        completed = run_python("import sys; print(open(sys.argv[1]).read())", path)
        assert "No such file" in completed.stderr or "Permission denied" in completed.stderr
        assert "PRIVATE" not in completed.stdout


@pytest.mark.parametrize("path", ["/usr/bin/evil", "/etc/passwd", "/evil", "/dev/evil", "/proc/evil"])
def test_the_system_cannot_be_written(run_python: RunPython, path: str) -> None:
    completed = run_python("import sys; open(sys.argv[1], 'w').write('x')", path)
    assert any(words in completed.stderr for words in ("Read-only file system", "Permission denied", "No such file"))
    assert not Path("/evil").exists()


def test_the_kernels_settings_cannot_be_written(run_python: RunPython) -> None:
    """Root's processes own them also without any capability: core_pattern alone would be a way out."""
    source = """
import os
print('begin', os.path.exists('/proc/sys/kernel/core_pattern'))
for folder, _, names in os.walk('/proc'):
    for path in (os.path.join(folder, name) for name in names if not folder.endswith('/fd')):
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            print(path)
        except OSError:
            pass
"""
    assert run_python(source).stdout == "begin True\n"


@pytest.mark.parametrize("name", ["null", "zero", "full", "random", "urandom", "tty"])
def test_devices_work_but_those_of_the_machine_cannot_be_changed(run_python: RunPython, name: str) -> None:
    mode = Path("/dev", name).stat().st_mode
    completed = run_python("import sys, os; os.chmod(sys.argv[1], 0o664)", f"/dev/{name}")
    assert "Read-only file system" in completed.stderr or "Operation not permitted" in completed.stderr
    assert Path("/dev", name).stat().st_mode == mode
    use = "open('/dev/null', 'w').write('x'); print(len(open('/dev/urandom', 'rb').read(8)))"
    assert run_python(use).stdout == "8\n"


def test_memory_of_the_kernel_cannot_be_read(run_python: RunPython) -> None:
    for name in ("kcore", "kmsg", "kpageflags", "slabinfo", "keys"):
        assert not run_python("import sys; open(sys.argv[1], 'rb').read(1)", f"/proc/{name}").ok


def test_readable_folders_cannot_be_written_even_through_links(run_python: RunPython, tree: Path) -> None:
    prefix = find_interpreter_paths(Path(BASE_PYTHON)) or (Path("/usr"),)
    (tree / "link").symlink_to(prefix[0])
    completed = run_python("open('link/evil', 'w')")
    assert "Read-only file system" in completed.stderr


def test_a_link_planted_in_the_tree_does_not_make_the_next_run_mount_its_target(
    sandbox: Sandbox, run_python: RunPython, tree: Path
) -> None:
    (tree.parent / "private").mkdir()
    (tree.parent / "private" / "key").write_text("PRIVATE")
    run_python(f"import os; os.symlink({str(tree.parent / 'private')!r}, 'inner')")
    completed = sandbox.run(["/bin/ls", "inner/"], cwd=tree, writable=[tree])
    assert "key" not in completed.stdout


def test_each_run_has_a_home_and_temporary_folder_of_its_own(run_python: RunPython) -> None:
    write = "import os, pathlib; [pathlib.Path(p, 'left').write_text('x') for p in ('/tmp', os.environ['HOME'])]"
    assert run_python(write).ok
    look = "import os; print(os.listdir(os.environ['HOME']), os.path.exists('/tmp/left'))"
    assert run_python(look).stdout == "[] False\n"
    assert not Path("/tmp/left").exists()


def test_no_network(run_python: RunPython, listener: socket.socket) -> None:
    source = "import socket, sys; print(socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).recv(99))"
    completed = run_python(source, listener.getsockname()[1])
    assert "Connection refused" in completed.stderr
    elsewhere = run_python("import socket; socket.create_connection(('192.0.2.1', 80), 5)")  # RFC 5737: nobody's
    assert "Network is unreachable" in elsewhere.stderr


def test_no_socket_without_a_path_either(run_python: RunPython) -> None:
    """Abstract unix sockets (unix(7)) belong to the network namespace: the desktop's bus, for example, is one."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0specwright-test")
        server.listen()
        completed = run_python("import socket; socket.socket(socket.AF_UNIX).connect('\\0specwright-test')")
    assert "Connection refused" in completed.stderr


def test_a_server_inside_can_be_reached_from_inside(run_python: RunPython) -> None:
    source = (
        "import socket; s = socket.create_server(('localhost', 0));"
        "c = socket.create_connection(s.getsockname()); print('connected')"
    )
    assert run_python(source).stdout == "connected\n"


def test_no_power_in_the_kernel(sandbox: Sandbox, run_python: RunPython, tree: Path) -> None:
    status = run_python("print(open('/proc/self/status').read())").stdout
    assert "CapEff:\t0000000000000000" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    mount = sandbox.run(["/bin/sh", "-c", "unshare -Urm mount -t tmpfs none /usr"], cwd=tree, readable=[tree])
    assert not mount.ok


SYSTEM_CALLS = {
    "a key of the session": "libc.syscall(250, 3, 0)",  # keyctl(KEYCTL_DESCRIBE)
    "a user namespace": "libc.unshare(0x10000000)",
    "a user namespace by clone": "libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)",
    "an io_uring": "libc.syscall(425, 8, ctypes.create_string_buffer(120))",
    "a BPF program": "libc.syscall(321, 5, ctypes.create_string_buffer(120), 120)",
    "a page-fault handler": "libc.syscall(323, 1)",
    "the second table of calls": "libc.syscall(0x40000000 + 39)",
    "a set-user-id file": "libc.chmod(b'file', 0o4755)",
    "a set-user-id file by its descriptor": "libc.fchmod(os.open('file', os.O_RDONLY), 0o4755)",
    "a set-user-id file from the start": "libc.open(b'new', os.O_CREAT | os.O_WRONLY, 0o4755)",
    "a set-user-id node": "libc.mknod(b'node', 0o104755, 0)",
}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of the calls are those of x86-64")
@pytest.mark.parametrize("call", SYSTEM_CALLS.values(), ids=SYSTEM_CALLS)
def test_calls_that_could_lead_out_are_refused(run_python: RunPython, tree: Path, call: str) -> None:
    source = (
        "import ctypes, errno, os\nopen('file', 'w').close()\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"print({call}, errno.errorcode.get(ctypes.get_errno()))"
    )
    completed = run_python(source)
    assert completed.stdout in ("-1 EPERM\n", "-1 ENOSYS\n")
    assert not any(path.stat().st_mode & 0o4000 for path in tree.iterdir())


def test_ordinary_calls_are_not(run_python: RunPython, tree: Path) -> None:
    source = (
        "import os, subprocess, threading\nos.chmod('.', 0o2755)\nos.close(os.open('x', os.O_CREAT, 0o755))\n"
        "threading.Thread(target=print, args=('thread',)).start()\nsubprocess.run(['/bin/echo', 'process'])"
    )
    completed = run_python(source)
    assert completed.ok
    assert set(completed.stdout.split()) == {"thread", "process"}


def test_processes_of_the_machine_are_out_of_sight(run_python: RunPython) -> None:
    source = "import os, sys; print(os.getpid() < 10); os.kill(int(sys.argv[1]), 9)"
    completed = run_python(source, os.getpid() + 100_000)
    assert completed.stdout == "True\n"
    assert "No such process" in completed.stderr


def test_time_out_ends_grandchildren_too(run_python: RunPython, tree: Path) -> None:
    source = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open('alive', 'w').close()
        lock = open('lock', 'w')
        import fcntl
        fcntl.flock(lock, fcntl.LOCK_EX)
    time.sleep(1000)
while True: time.sleep(1000)
"""
    completed = run_python(source, limits=Limits(timeout_seconds=2))
    assert (completed.timed_out, completed.exceeded, completed.ok) == (True, "time", False)
    assert (tree / "alive").exists()
    wait_for_lock(tree / "lock")


def test_what_is_left_running_ends_with_the_command(run_python: RunPython, tree: Path) -> None:
    source = """
import os, time, fcntl
ready, done = os.pipe()
if os.fork() == 0:
    os.setsid()
    fcntl.flock(open('lock', 'w'), fcntl.LOCK_EX)
    os.write(done, b'x')
    time.sleep(1000)
os.read(ready, 1)
"""
    assert run_python(source).ok
    wait_for_lock(tree / "lock")


def test_the_command_dies_with_the_bot(tree: Path, sandbox: Sandbox) -> None:
    os.mkfifo(tree / "ready")
    script = (
        "import sys, pathlib\nfrom bot.workspace.sandbox import get_sandbox\ntree = pathlib.Path(sys.argv[1])\n"
        "command = ['/bin/sh', '-c', 'exec 9>lock; flock 9; echo > ready; sleep 1000']\n"
        "print(get_sandbox('bubblewrap').run(command, cwd=tree, writable=[tree]))"
    )
    ready = os.open(tree / "ready", os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen([sys.executable, "-c", script, tree], cwd=ROOT, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert select.select([ready, worker.stdout], [], [])[0] == [ready]  # its output would be the end of the run
        worker.kill()
    os.close(ready)
    wait_for_lock(tree / "lock")


def test_fork_bomb_is_ended(run_python: RunPython) -> None:
    source = "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(1)"
    completed = run_python(source, limits=Limits(timeout_seconds=60, processes=64))
    assert completed.exceeded in ("processes", "time")
    assert not completed.ok


def test_threads_count(run_python: RunPython) -> None:
    source = "import threading, time\nfor _ in range(500): threading.Thread(target=time.sleep, args=(100,)).start()"
    completed = run_python(source, limits=Limits(timeout_seconds=60, processes=64))
    assert completed.exceeded == "processes" or "can't start new thread" in completed.stderr
    assert not completed.ok


def test_memory_of_one_process_is_limited(run_python: RunPython) -> None:
    completed = run_python("x = b'x' * 2**30", limits=Limits(timeout_seconds=60, memory_bytes=256 * MIB))
    assert "MemoryError" in completed.stderr


def test_memory_of_all_processes_is_limited(run_python: RunPython) -> None:
    source = (
        "import os, time\nfor _ in range(3): os.fork()\nx = bytearray(os.urandom(1)) * (80 * 2**20)\ntime.sleep(100)"
    )
    completed = run_python(source, limits=Limits(timeout_seconds=60, memory_bytes=256 * MIB))
    assert (completed.exceeded, completed.timed_out) == ("memory", False)


def test_memory_that_is_shared_counts_once(run_python: RunPython) -> None:
    source = "import os, time\nx = bytearray(100 * 2**20)\nfor _ in range(3): os.fork()\ntime.sleep(1); print('fine')"
    assert run_python(source, limits=Limits(timeout_seconds=60, memory_bytes=256 * MIB)).exceeded is None


def test_size_of_a_file_is_limited(run_python: RunPython, tree: Path) -> None:
    completed = run_python("open('big', 'wb').truncate(2**31)", limits=Limits(file_bytes=MIB))
    assert "File too large" in completed.stderr
    assert (tree / "big").stat().st_size == 0


def test_disk_is_limited(run_python: RunPython, tree: Path) -> None:
    source = "import os, time\nfor i in range(64): open(f'f{i}', 'wb').write(os.urandom(2**20))\ntime.sleep(100)"
    completed = run_python(source, limits=Limits(timeout_seconds=60, disk_bytes=16 * MIB))
    assert completed.exceeded == "disk"


def test_infinite_output_is_bounded(sandbox: Sandbox, tree: Path) -> None:
    limits = Limits(timeout_seconds=1, output_bytes=1000)
    completed = sandbox.run(["/bin/sh", "-c", "echo first; yes"], cwd=tree, readable=[tree], limits=limits)
    assert completed.timed_out
    assert completed.stdout.startswith("first\n")
    assert len(completed.stdout) < 1100
    assert "bytes left out" in completed.stdout


def test_beginning_and_end_of_long_output_are_kept(sandbox: Sandbox, tree: Path) -> None:
    limits = Limits(timeout_seconds=60, output_bytes=1000)
    completed = sandbox.run(["/bin/sh", "-c", "seq 1 100000; echo last"], cwd=tree, readable=[tree], limits=limits)
    assert completed.stdout.startswith("1\n2\n3\n")
    assert completed.stdout.endswith("100000\nlast\n")


def test_output_that_is_no_text_is_read(run_python: RunPython) -> None:
    completed = run_python("import sys; sys.stdout.buffer.write(b'\\xff\\xfe\\0 fine')")
    assert completed.stdout.endswith(" fine")


def test_no_core_dump(run_python: RunPython, tree: Path) -> None:
    assert run_python("import os; os.abort()").returncode != 0
    assert list(tree.iterdir()) == []


@pytest.mark.parametrize("path", ["/", "/usr", "/etc", "relative", "/tmp/../etc"])
def test_paths_that_would_open_the_system_are_refused(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        sandbox.run(["/bin/true"], cwd=Path("/"), writable=[Path(path)])


def test_a_folder_inside_a_readable_one_can_be_writable(sandbox: Sandbox, tree: Path) -> None:
    (tree / "build").mkdir()
    command = ["/bin/sh", "-c", "echo > build/x; echo > y"]
    completed = sandbox.run(command, cwd=tree, readable=[tree], writable=[tree / "build"])
    assert (tree / "build" / "x").exists()
    assert "Read-only file system" in completed.stderr


def test_without_bubblewrap_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        check_sandbox("bubblewrap")


def test_where_namespaces_are_forbidden_the_message_says_what_to_set(sandbox: Sandbox, tree: Path) -> None:
    """In a sandbox there can be no sandbox: just as on a machine that forbids user namespaces."""
    source = "from bot.workspace.sandbox import check_sandbox; check_sandbox('bubblewrap')"
    python = Path(sys.executable)
    completed = sandbox.run(
        [str(python), "-c", source],
        cwd=tree,
        readable=[tree, ROOT, *find_interpreter_paths(python)],
        env={"PYTHONPATH": str(ROOT)},
    )
    assert "SandboxUnavailable: bubblewrap cannot make its namespaces here" in completed.stderr
    assert "kernel.unprivileged_userns_clone" in completed.stderr


class TestUnconfined:
    """`SPECWRIGHT_SANDBOX=none`: no walls, but the same interface and limits."""

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return get_sandbox("none")

    def test_environment_is_cleared(self, sandbox: Sandbox, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SPECWRIGHT_WEBHOOK_SECRET", "the-secret-of-the-bot")
        completed = sandbox.run(["/usr/bin/env"], cwd=tree, env={"A": "1"})
        assert "A=1\n" in completed.stdout
        assert "secret" not in completed.stdout

    def test_home_is_taken_away(self, sandbox: Sandbox, tree: Path) -> None:
        home = sandbox.run(["/bin/sh", "-c", 'echo > "$HOME/x"; printf %s "$HOME"'], cwd=tree).stdout
        assert home and not Path(home).exists()

    def test_time_out_ends_the_group(self, sandbox: Sandbox, tree: Path) -> None:
        command = ["/bin/sh", "-c", "(exec 9>lock; flock 9; sleep 1000) & sleep 1000"]
        assert sandbox.run(command, cwd=tree, limits=Limits(timeout_seconds=1)).timed_out
        wait_for_lock(tree / "lock")

    def test_limits_hold(self, sandbox: Sandbox, tree: Path) -> None:
        limits = Limits(timeout_seconds=60, memory_bytes=256 * MIB, file_bytes=MIB, processes=20)
        hog = sandbox.run([BASE_PYTHON, "-c", "x = b'x' * 2**30"], cwd=tree, limits=limits)
        assert "MemoryError" in hog.stderr
        crowd = "for i in $(seq 40); do sleep 1000 & done; wait"
        assert sandbox.run(["/bin/sh", "-c", crowd], cwd=tree, limits=limits).exceeded == "processes"

    def test_a_missing_program_is_the_commands_fault(self, sandbox: Sandbox, tree: Path) -> None:
        assert sandbox.run(["no-such-program"], cwd=tree).returncode == 127
