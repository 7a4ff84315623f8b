"""Runs a student's cells and calls the answers, inside the sandbox.

It gets a job as JSON on standard input and writes one line of JSON for each step to the file descriptor
that the job names, before the step and after it, so that the grader knows at which step a program hung or
died. Whatever the student's code does to this process, it can only change values that it sends.

job: ``cells`` (name and source, run in order in one namespace), ``calls`` (name, number and coded
arguments), ``channel`` (file descriptor), ``memory`` (bytes).
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import values

LONGEST_MESSAGE = 400
# What holds the memory may live on; the grader starts again without the step. `sandbox.py` knows it, too.
OUT_OF_MEMORY = 77


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for limit, most in (
        (resource.RLIMIT_AS, job["memory"]),
        (resource.RLIMIT_FSIZE, 16 * 2**20),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    channel = io.FileIO(job["channel"], "w")
    dumps, encode, decode = json.dumps, values.encode, values.decode  # before they can be replaced

    def say(**what: object) -> None:
        line = (dumps(what) + "\n").encode()
        while line:
            line = line[channel.write(line) :]

    namespace: dict[str, object] = {"__name__": "__main__"}
    for name, source in job["cells"]:
        say(begin="cell", name=name)
        try:
            exec(compile(source, f"<{name}>", "exec"), namespace)
            say(done="cell", name=name)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BaseException as error:
            say(done="cell", name=name, error=_said(error))
    for name, number, arguments in job["calls"]:
        say(begin="call", name=name, number=number)
        try:
            found = namespace[name](*[decode(argument) for argument in arguments])
            say(done="call", name=name, number=number, value=encode(found))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BaseException as error:
            said = f"{name} is not defined" if name not in namespace else _said(error)
            say(done="call", name=name, number=number, error=said)
    say(done="all")
    sys.stdout.flush()
    os._exit(0)  # threads that the student's code left behind do not keep it


def _said(error: BaseException) -> str:
    """The error in one line, with the line of the student's cell where it arose."""
    where = ""
    if isinstance(error, SyntaxError):
        where = f"line {error.lineno}: "
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<") and frame.filename != "<frozen importlib._bootstrap>":
            where = f"{frame.filename[1:-1]}, line {frame.lineno}: "
    try:
        message = str(error.msg if isinstance(error, SyntaxError) else error)
    except BaseException:
        message = "(its message can't be printed)"
    return f"{where}{type(error).__name__}: {message}"[:LONGEST_MESSAGE]


main()
