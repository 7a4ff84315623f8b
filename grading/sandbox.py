"""A process that a student's code can't get out of: bubblewrap, limits, and pipes with a bound.

Inside there is Python with NumPy and an empty folder: no network, no home, no /proc, nothing of the
course or of other students, no way to start a process or to reach another one. What comes out is what
`inside.py` writes to one pipe, and the first part of what the student's code prints.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
MEMORY = 3 * 2**30  # bytes
OUT_OF_MEMORY = 77  # how `inside.py` ends when that is not enough
LIMITS = {"AS": MEMORY, "FSIZE": 16 * 2**20, "NOFILE": 256, "CORE": 0}
THREADS = 256
START = 60.0  # seconds that Python and NumPy may take to begin
PRINTED = 20_000  # bytes that are kept of what a program prints
SENT = 8 * 2**20  # bytes that a program may send as values
INSTALL = "sudo apt-get install bubblewrap"
CLONE_THREAD = 0x00010000
FCHMODAT2 = 452  # a system call that libseccomp knows by name since 2.5.5
# System calls that no answer needs: a way out leads over them.
DENIED = (
    "fork vfork "  # processes
    "ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp "  # into the one that ends all others
    "add_key keyctl request_key "  # the keys of the person who grades
    "shmget msgget semget memfd_create vmsplice io_setup "  # memory that the limit does not count
    "socket "  # some kinds know no network namespace
    "unshare setns mount "  # namespaces in which one is root
    "chmod fchmod fchmodat setxattr lsetxattr fsetxattr "  # the machine's /dev/null, if root grades
    "bpf perf_event_open userfaultfd io_uring_setup syslog"  # where kernels had most of their holes
)


class SandboxError(RuntimeError):
    """There is no sandbox on this machine; the message says what to do."""


@dataclass
class Outcome:
    """What a job did: a line when it began and one for each step that came to its end, what it printed,
    and why it ended before the last one ('' if it did not)."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    printed: str = ""
    ended: str = ""


def check() -> None:
    """Raise SandboxError unless programs can be run in the sandbox on this machine."""
    if shutil.which("bwrap") is None:
        raise SandboxError(f"bubblewrap is not installed. Install it: {INSTALL}")
    run({"cells": [], "calls": []}, seconds=START, in_all=START)


def run(job: dict[str, Any], *, seconds: float, in_all: float, sandboxed: bool = True) -> Outcome:
    """Run ``inside.py`` with a job. ``seconds``, ``in_all``: what one step, and all of them, may take.

    Raises SandboxError if it can't begin.
    """
    outcome = Outcome()
    most = 1 + len(job["cells"]) + len(job["calls"])
    # Without user namespaces all of the user's own threads would count.
    limits = LIMITS | {"NPROC": THREADS} if sandboxed else LIMITS
    receive, send = os.pipe()
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryDirectory() as empty:
        stdin.write(json.dumps({**job, "channel": send, "limits": limits}).encode())
        stdin.seek(0)
        with tempfile.TemporaryFile() as denied:
            if sandboxed:
                denied.write(_program())
                denied.seek(0)
            command = _bubblewrap(denied.fileno()) if sandboxed else _plain()
            process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(send, denied.fileno()),
                start_new_session=True,
                cwd=empty,
                env=_environment(),
            )
        os.close(send)
        with os.fdopen(receive, "rb", buffering=0) as channel, process.stdout:
            try:
                outcome.ended = _listen(process, channel, outcome, most, seconds, in_all)
                if not outcome.ended:
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(1)
            finally:
                _kill(process)
    if not outcome.lines:  # no line of the student has run, so it is not the student's fault
        raise SandboxError(
            "bubblewrap is installed, but can't make a sandbox here (are user namespaces switched off, "
            "or is this a container without them?): "
            + (outcome.printed.strip()[-300:] or outcome.ended or _how_it_ended(process.returncode))
        )
    finished = len(outcome.lines) == most
    outcome.ended = "" if finished else outcome.ended or _how_it_ended(process.returncode)
    return outcome


def _listen(
    process: subprocess.Popen[bytes],
    channel: IO[bytes],
    outcome: Outcome,
    most: int,
    seconds: float,
    in_all: float,
) -> str:
    """Read both pipes until they close, or a limit is reached; say which one.

    A line counts if it bears the next step's number, so that a program that writes lines of its own gains
    no time, and sends no more of them than there are steps.
    """
    buffer, sent = bytearray(), 0
    due, end = time.monotonic() + START, float("inf")
    printed = bytearray()
    with selectors.DefaultSelector() as pipes:
        pipes.register(channel, selectors.EVENT_READ)
        pipes.register(process.stdout, selectors.EVENT_READ)
        open_pipes = {channel, process.stdout}
        ended = ""
        while channel in open_pipes and not ended:
            left = min(due, end) - time.monotonic()
            if left <= 0:
                ended = f"ran for more than {seconds:g} seconds"
                if end < due:
                    ended = "used up the time of the whole notebook"
            for key, _ in pipes.select(max(left, 0)):
                data = os.read(key.fd, 1 << 16)
                if not data:
                    pipes.unregister(key.fileobj)
                    open_pipes.remove(key.fileobj)
                elif key.fileobj is process.stdout:
                    printed += data[: max(0, PRINTED - len(printed))]
                else:
                    sent += len(data)
                    buffer += data
                    *complete, buffer = buffer.split(b"\n") if b"\n" in data else (buffer,)
                    for line in complete:
                        step = len(outcome.lines)
                        if step < most and (found := _understood(line)).get("step") == step:
                            outcome.lines.append(found)
                            due = time.monotonic() + seconds
                            end = end if step else time.monotonic() + in_all
                    if sent > SENT:
                        ended = "sent more than any answer needs"
    outcome.printed = printed.decode(errors="replace")
    return ended


def _understood(line: bytes) -> dict[str, Any]:
    """A line that is a JSON object; a program may write what it likes into the pipe."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _how_it_ended(code: int) -> str:
    if code == OUT_OF_MEMORY:
        return f"took more than {MEMORY / 2**30:g} GiB of memory"
    return "ended the whole process" if code >= 0 else f"was ended by signal {-code}"


def _bubblewrap(denied: int) -> list[str]:
    base = sys.base_prefix
    packages = sysconfig.get_path("purelib")
    command = [
        shutil.which("bwrap"),
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
    ]
    command += ["--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
    command += ["--ro-bind", "/usr", "/usr"]
    for folder in ("bin", "lib", "lib64"):
        command += ["--symlink", f"usr/{folder}", f"/{folder}"]
    if not base.startswith("/usr"):
        command += ["--ro-bind", base, base]
    command += ["--ro-bind", packages, "/packages"]
    hidden = []
    if Path(packages, "lstm_course").exists():  # installed from a wheel
        hidden.append("/packages/lstm_course")
    if any(HERE.is_relative_to(visible) for visible in ("/usr", base)):
        hidden.append(str(HERE.parent))
    for folder in hidden:
        command += ["--tmpfs", folder, "--remount-ro", folder]
    for name in ("inside.py", "values.py"):
        command += ["--ro-bind", str(HERE / name), f"/grader/{name}"]
    # No /proc, in which a program could write to others, and to the machine's settings if root grades.
    command += ["--dev", "/dev", "--remount-ro", "/dev"]
    command += [
        "--size",
        str(64 * 2**20),
        "--tmpfs",
        "/tmp",
        "--remount-ro",
        "/",
        "--chdir",
        "/tmp",
    ]
    for name, value in (_environment() | {"PYTHONPATH": "/packages", "HOME": "/tmp"}).items():
        command += ["--setenv", name, value]
    interpreter = str(Path(base, "bin", Path(sys.executable).resolve().name))
    return [*command, "--seccomp", str(denied), interpreter, "-B", "/grader/inside.py"]


def _plain() -> list[str]:
    """Without a sandbox: the limits of `inside.py` hold, and nothing else."""
    return [sys.executable, "-B", str(HERE / "inside.py")]


def _environment() -> dict[str, str]:
    return {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
    }


@cache
def _program() -> bytes:
    """A filter of system calls for the kernel: threads yes, processes no."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise SandboxError(
            f"libseccomp or its Python binding is missing ({error}). Install them: "
            "sudo apt-get install libseccomp2, and pip install -r requirements-grading.txt"
        ) from None

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    no, not_there = seccomp.ERRNO(1), seccomp.ERRNO(38)
    for name in DENIED.split():
        rules.add_rule(no, name)
    rules.add_rule(no, FCHMODAT2)
    rules.add_rule(no, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0))
    rules.add_rule(not_there, "clone3")  # the C library then takes clone, whose flags can be seen
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
