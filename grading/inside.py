"""Runs a student's cells and calls the answers, inside the sandbox.

It gets a job as JSON on standard input and writes lines of JSON to the file descriptor that the job
names: one when it has begun, and one after each step, with the step's number, so that the grader knows at
which step a program hung or died. Whatever the student's code does to this process, it can only change
values that it sends.

job: ``cells`` (name and source, run in order in one namespace), ``calls`` (name and coded arguments),
``channel`` (file descriptor), ``limits`` (of the operating system, by name).
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
    for limit, most in job["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{limit}"), (most, most))
    channel = io.FileIO(job["channel"], "w")
    dumps, encode, decode = json.dumps, values.encode, values.decode  # before they can be replaced

    def say(**what: object) -> None:
        line = (dumps(what) + "\n").encode()
        while line:
            line = line[channel.write(line) :]

    namespace: dict[str, object] = {"__name__": "__main__"}
    say(step=0)
    for step, (name, source) in enumerate(job["cells"], start=1):
        try:
            exec(compile(source, f"<{name}>", "exec"), namespace)
            say(step=step)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BaseException as error:
            say(step=step, error=_said(error))
    for step, (name, arguments) in enumerate(job["calls"], start=1 + len(job["cells"])):
        try:
            found = namespace[name](*[decode(argument) for argument in arguments])
            say(step=step, value=encode(found))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BaseException as error:
            said = f"{name} is not defined" if name not in namespace else _said(error)
            say(step=step, error=said)
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
