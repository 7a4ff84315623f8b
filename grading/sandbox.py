"""A process that a student's code can't get out of: bubblewrap, limits, and pipes with a bound.

Inside there is Python with NumPy and an empty folder: no network, no home, no other process, nothing of
the course or of other students, no way to start a process. What comes out is what `inside.py` writes to
one pipe, and the first part of what the student's code prints.
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
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).resolve().parent
MEMORY = 3 * 2**30  # bytes
OUT_OF_MEMORY = 77  # how `inside.py` ends when that is not enough
PRINTED = 20_000  # bytes that are kept of what a program prints
SENT = 64 * 2**20  # bytes that a program may send as values
INSTALL = "sudo apt-get install bubblewrap"
CLONE_THREAD = 0x00010000


class SandboxError(RuntimeError):
    """There is no sandbox on this machine; the message says what to do."""


@dataclass
class Outcome:
    """What a job did: its steps' lines, what it printed, and why it ended ('' if by itself)."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    printed: str = ""
    ended: str = ""


def check() -> None:
    """Raise SandboxError unless programs can be run in the sandbox on this machine."""
    if shutil.which("bwrap") is None:
        raise SandboxError(f"bubblewrap is not installed. Install it: {INSTALL}")
    found = run({"cells": [], "calls": []}, seconds=60)
    if found.ended or not found.lines:
        raise SandboxError(
            "bubblewrap is installed, but can't make a sandbox here (are user namespaces switched off, "
            f"or is this a container without them?): {found.printed.strip()[-300:] or found.ended}"
        )


def run(job: dict[str, Any], *, seconds: float, sandboxed: bool = True) -> Outcome:
    """Run ``inside.py`` with a job. ``seconds``: the longest that one step may take."""
    outcome = Outcome()
    receive, send = os.pipe()
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryDirectory() as empty:
        stdin.write(json.dumps({**job, "channel": send, "memory": MEMORY}).encode())
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
                outcome.ended = _listen(process, channel, outcome, seconds)
                if not outcome.ended:
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(1)
            finally:
                _kill(process)
    if not outcome.ended and not (outcome.lines and outcome.lines[-1].get("done") == "all"):
        outcome.ended = _how_it_ended(process.returncode)
    return outcome


def _listen(
    process: subprocess.Popen[bytes], channel: IO[bytes], outcome: Outcome, seconds: float
) -> str:
    """Read both pipes until they close, or a limit is reached; say which one."""
    buffer, sent = b"", 0
    last = time.monotonic()
    printed = bytearray()
    with selectors.DefaultSelector() as pipes:
        pipes.register(channel, selectors.EVENT_READ)
        pipes.register(process.stdout, selectors.EVENT_READ)
        open_pipes = {channel, process.stdout}
        ended = ""
        while channel in open_pipes and not ended:
            left = last + seconds - time.monotonic()
            if left <= 0:
                ended = f"ran for more than {seconds:g} seconds"
            for key, _ in pipes.select(max(left, 0)):
                data = os.read(key.fd, 1 << 16)
                if not data:
                    pipes.unregister(key.fileobj)
                    open_pipes.remove(key.fileobj)
                elif key.fileobj is process.stdout:
                    printed += data[: max(0, PRINTED - len(printed))]
                else:
                    last = time.monotonic()
                    sent += len(data)
                    *complete, buffer = (buffer + data).split(b"\n")
                    outcome.lines += _understood(complete)
                    if sent > SENT:
                        ended = "sent more than any answer needs"
    outcome.printed = printed.decode(errors="replace")
    return ended


def _understood(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    """The lines that are JSON objects; a program may write what it likes into the pipe."""
    for line in lines:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found


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
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    command += ["--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
    command += ["--ro-bind", "/usr", "/usr"]
    for folder in ("bin", "lib", "lib64"):
        command += ["--symlink", f"usr/{folder}", f"/{folder}"]
    if not base.startswith("/usr"):
        command += ["--ro-bind", base, base]
    command += ["--ro-bind", packages, "/packages"]
    if Path(packages, "lstm_course").exists():  # installed from a wheel
        command += ["--tmpfs", "/packages/lstm_course"]
    for name in ("inside.py", "values.py"):
        command += ["--ro-bind", str(HERE / name), f"/grader/{name}"]
    command += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
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
    rules.add_rule(no, "fork")
    rules.add_rule(no, "vfork")
    rules.add_rule(no, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0))
    rules.add_rule(not_there, "clone3")  # the C library then takes clone, whose flags can be seen
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
