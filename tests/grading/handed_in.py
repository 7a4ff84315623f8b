"""Notebooks that students might hand in for exercise 2: good, wrong, broken and hostile ones.

`cases` says for each what its row must be: the points of the four answers, and words of its feedback.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

EXERCISE = "02_backpropagation_through_time"
ALL = (2, 4, 3, 3)
FIRST = "logistic_states"


# Into the pipe that the grader reads.
SEND = """
import os, stat
def is_pipe(fd):
    try:
        return stat.S_ISFIFO(os.fstat(fd).st_mode)
    except OSError:
        return False
(pipe,) = filter(is_pipe, range(3, 64))
def send(text):
    os.write(pipe, text.encode())
"""


class Case(NamedTuple):
    """A file's content, or what makes it, and what grading it must say.

    ``points`` None: it can't be graded.
    """

    content: bytes | Callable[[Path], object]
    points: tuple[int, ...] | None
    said: str = ""
    name: str = ""  # of the file, if it matters


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """The cell of an answer."""
    return next(
        c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


def change(notebook: dict[str, Any], edit: Callable[[dict[str, Any]], None]) -> bytes:
    """The file after an edit of a copy."""
    changed = copy.deepcopy(notebook)
    edit(changed)
    return json.dumps(changed).encode()


def before_all(notebook: dict[str, Any], code: str) -> bytes:
    """A cell of the student's own at the top."""
    own = {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [], "execution_count": None}

    def edit(changed: dict[str, Any]) -> None:
        changed["cells"].insert(0, own | {"source": code})

    return change(notebook, edit)


def answer(notebook: dict[str, Any], code: str, name: str = FIRST) -> bytes:
    """Other lines for one answer."""

    def edit(changed: dict[str, Any]) -> None:
        cell(changed, name)["source"] = code

    return change(notebook, edit)


def body(notebook: dict[str, Any], line: str, **kwargs: str) -> bytes:
    """The first answer with a body of one line."""
    return answer(notebook, f"def logistic_states(W, R, b, xs, h0):\n    {line}\n", **kwargs)


def cases(solved: nbformat.NotebookNode, outside: Path) -> dict[str, Case]:
    """All cases by the student's name. ``outside``: a folder that no submission may touch."""
    n = json.loads(json.dumps(solved))
    text = cell(n, FIRST)["source"]
    rest = (0, *ALL[1:])

    def without(changed: dict[str, Any]) -> None:
        changed["cells"].remove(cell(changed, FIRST))

    def twice(changed: dict[str, Any]) -> None:
        wrong = copy.deepcopy(cell(changed, FIRST)) | {"id": "again"}
        wrong["source"] = "def logistic_states(W, R, b, xs, h0):\n    return xs"
        changed["cells"].append(wrong)

    def renamed(changed: dict[str, Any]) -> None:
        cell(changed, FIRST)["metadata"]["nbgrader"]["grade_id"] = "something-else"

    def unmarked(changed: dict[str, Any]) -> None:
        for one in changed["cells"]:
            one["metadata"] = {}

    def checks_rewritten(changed: dict[str, Any]) -> None:
        for one in changed["cells"]:
            if one["metadata"].get("nbgrader", {}).get("grade"):
                one["source"] = "pass"
                one["metadata"]["nbgrader"]["points"] = 1000
        cell(changed, FIRST)["source"] = "def logistic_states(*a):\n    return 1"

    def sloppy(changed: dict[str, Any]) -> None:
        for c in changed["cells"]:
            c |= {"source": c["source"].splitlines(keepends=True), "metadata": {}, "more": 1}
            del c["id"]

    def many_cells(changed: dict[str, Any]) -> None:
        changed["cells"] += [{}] * 1000

    def large(path: Path) -> None:
        path.touch()
        os.truncate(path, 2 * 2**30)

    def script(changed: dict[str, Any]) -> None:
        prose = cell(changed, "cost")
        prose["source"] = "<script>alert('prose')</script><img src=x onerror=alert(1)>"
        cell(changed, FIRST)["source"] = text + "\nprint('<script>alert(2)</script>')"

    patched = """
import numpy, builtins
numpy.allclose = lambda *a, **k: True
numpy.testing.assert_allclose = lambda *a, **k: None
builtins.abs = lambda x: 0
builtins.all = lambda *a: True
numpy.abs = numpy.absolute = lambda x: 0
builtins.AssertionError = type("Nothing", (BaseException,), {})
"""
    hook = """
import sys
class Hook:
    def find_spec(self, name, path=None, target=None):
        raise ImportError(name)
sys.meta_path.insert(0, Hook())
sys.modules["values"] = None
import json
json.dumps = lambda *a, **k: '{"done": "all"}'
"""
    reads = (
        f"HIDDEN = {str(outside)!r}"
        + """
import os
assert sorted(os.listdir("/grader")) == ["inside.py", "values.py"]
kept_away = "/home", "/etc/passwd", "/root/.ssh", "/proc/1", "/proc/sys", HIDDEN
assert not any(os.path.exists(path) for path in kept_away)
try:
    import lstm_course
except ImportError:
    READ_NOTHING = True
assert READ_NOTHING
raise ValueError("nothing to read")
"""
    )
    forger = """
import json
for step in range(99):
    send(json.dumps({"step": step, "value": 1.0, "points": 100}) + "\\n[[[[\\nnull\\n")
"""
    shouter = """
import json
send(json.dumps({"step": 2, "error": "=1+1;=2;\\t@3\\x1b[31m\\u202e" * 10_000}) + "\\n")
"""
    system_calls = """
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
keyctl = {"x86_64": 250, "aarch64": 219}[os.uname().machine]
calls = {
    "ptrace": lambda: libc.ptrace(16, 1, 0, 0),
    "process_vm_readv": lambda: libc.process_vm_readv(1, None, 0, None, 0, 0),
    "unshare": lambda: libc.unshare(0x10020000),
    "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "shmget": lambda: libc.shmget(0, 4096, 0o1600),
    "memfd_create": lambda: libc.memfd_create(b"x", 0),
    "keyctl": lambda: libc.syscall(keyctl, 0, -3, 0),
    "socket": lambda: libc.socket(1, 1, 0),
    "chmod": lambda: libc.chmod(b"/dev/full", 0o666),
}
allowed = [name for name, call in calls.items() if call() != -1 or ctypes.get_errno() != errno.EPERM]
raise ValueError(f"allowed: {allowed}")
"""
    good = {
        "correct": Case(json.dumps(n).encode(), ALL),
        "wrong": Case(body(n, "return np.vstack([h0, xs @ W.T])"), rest, "wrong for"),
        "off-a-little": Case(
            answer(n, text.replace("np.stack(states)", "np.stack(states) + 1e-4")), rest
        ),
        "unsolved": Case(body(n, "..."), rest, "nothing was returned"),
        "missing-cell": Case(change(n, without), rest, "not found"),
        "duplicated-cell": Case(change(n, twice), rest, "2 cells"),
        "renamed-cell": Case(change(n, renamed), ALL, "found by its name"),
        "all-marks-gone": Case(change(n, unmarked), ALL, "found by its name"),
        "renamed-function": Case(answer(n, "def states(*a):\n    return 1"), rest, "not defined"),
        "syntax-error": Case(answer(n, "def logistic_states(W\n    return"), rest, "SyntaxError"),
        "invalid-but-clear": Case(change(n, sloppy), ALL, "found by its name"),
        "own-cells": Case(before_all(n, "%matplotlib inline\n!ls\nimport lstm_course"), ALL),
        "ada lovelace": Case(json.dumps(n).encode(), ALL, "", f"=2+3, ada; «λ» {EXERCISE}.ipynb"),
    }
    broken = {
        "corrupt": Case(json.dumps(n).encode()[:-500], None, "not a notebook"),
        "no-notebook": Case(b'{"cells": 7}', None, "not a notebook"),
        "a-list": Case(b"[]", None, "not a notebook"),
        "odd-cells": Case(
            b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"source": 3}, 4]}',
            None,
            "not a notebook",
        ),
        "deep": Case(b"[" * 100_000 + b"]" * 100_000, None, "not a notebook"),
        "binary": Case(bytes(range(256)) * 100, None, "not a notebook"),
        "empty": Case(b"", None, "not a notebook"),
        "essay": Case(b"my answers", None, "ipynb", name="essay.txt"),
        "pipe": Case(os.mkfifo, None, "a special file"),
        "link": Case(lambda path: path.symlink_to("/proc/kmsg"), None, "a link"),
        "large": Case(large, None, "too large"),
        "many-cells": Case(change(n, many_cells), None, "too large"),
        "many-lines": Case(answer(n, "\n" * 300_000 + text), ALL),
    }
    values = {
        "nan": Case(body(n, "return np.full((len(xs) + 1, len(b)), np.nan)"), rest, "not finite"),
        "ragged": Case(body(n, "return [[1.0], [1.0, 2.0]]"), rest),
        "huge": Case(body(n, "return np.zeros((3000, 3000))"), rest, "more than"),
        "wrong-type": Case(body(n, "return logistic_states"), rest, "type function"),
        "pickled": Case(body(n, "import pickle; return pickle.dumps(h0)"), rest, "type bytes"),
        "objects": Case(body(n, "return np.array([None, print])"), rest, "object"),
        "itself": Case(body(n, "a = []; a.append(a); return a"), rest, "deep"),
        "large-integer": Case(body(n, "return 10 ** 5000"), rest),
        "changes-nothing": Case(body(n, "return {'array': [1], 'shape': [9]}"), rest),
    }
    hostile = {
        "endless": Case(answer(n, "while True:\n    pass"), rest, "seconds"),
        "endless-call": Case(body(n, "\n    while True: pass"), rest, "seconds"),
        "sleeper": Case(before_all(n, "import time; time.sleep(1e6)"), ALL, "seconds"),
        "hog": Case(answer(n, "x = bytearray(64 * 2**30)\n" + text), rest, "of memory"),
        "creeping-hog": Case(answer(n, "x = []\nwhile True: x.append(bytearray(2**28))"), rest),
        "patches": Case(before_all(n, patched), ALL),
        "patches-wrong": Case(before_all(json.loads(body(n, "return 0.0")), patched), rest),
        "import-hook": Case(before_all(n, hook), ALL),
        "rewrites-checks": Case(change(n, checks_rewritten), rest),
        "reads-files": Case(before_all(n, reads), ALL, "nothing to read"),
        "forges": Case(before_all(n, SEND + forger), (0, 0, 0, 0)),
        "shouts": Case(before_all(n, SEND + shouter), ALL, "=1+1"),
        "system-calls": Case(before_all(n, system_calls), ALL, "allowed: []"),
        "writes-outside": Case(
            before_all(n, f"open({str(outside / 'mine')!r}, 'w').write('x')"), ALL
        ),
        "fills-the-disk": Case(
            before_all(n, "for i in range(99): open(f'/tmp/{i}', 'wb').write(bytes(2**23))"), ALL
        ),
        "socket": Case(
            before_all(n, "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"),
            ALL,
        ),
        "exit": Case(before_all(n, "import sys; sys.exit(0)"), ALL),
        "hard-exit": Case(answer(n, "import os; os._exit(0)"), rest, "ended"),
        "kills-parent": Case(
            answer(n, "import os\nfor p in (os.getppid(), 1, -1): os.kill(p, 9)\nos.abort()"), rest
        ),
        "fork-bomb": Case(answer(n, "import os\nwhile True: os.fork()"), rest, "not permitted"),
        "shell": Case(
            answer(n, "import subprocess; subprocess.run(['sh'])"), rest, "not permitted"
        ),
        "threads": Case(
            before_all(
                n,
                "import threading, time\nfor _ in range(50): "
                "threading.Thread(target=lambda: time.sleep(1e6)).start()",
            ),
            ALL,
        ),
        "talks": Case(before_all(n, "print('x' * 20_000_000)"), ALL),
        "script": Case(change(n, script), ALL),
    }
    return good | broken | values | hostile
