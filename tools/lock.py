"""Write requirements.txt and requirements-grading.txt anew: every version, without where it came from.

pip-tools runs in an environment of its own, so that it does not become part of what it locks.
Versions that the files already have are kept where they still fit; `--upgrade` takes the
newest.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKER = "pip-tools==7.6.2"
OPTIONS = (
    "--quiet",
    "--allow-unsafe",
    "--strip-extras",
    "--annotation-style=line",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
)


def without_local_versions(text: str) -> str:
    """Cut builds such as `+cpu`, which only some indexes have: `2.13.0+cpu` -> `2.13.0`."""
    return re.sub(r"^([\w.-]+==[\w.]+)\+\w+", r"\1", text, flags=re.MULTILINE)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "bin", "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", LOCKER], check=True)
        for name in ("requirements", "requirements-grading"):
            command = [python, "-m", "piptools", "compile", *OPTIONS, *sys.argv[1:], f"{name}.in"]
            if (done := subprocess.run(command, cwd=ROOT)).returncode:
                return done.returncode
            lock = ROOT / f"{name}.txt"
            lock.write_text(without_local_versions(lock.read_text()))
    print("Written; `make test` checks that the course still stands on these versions.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
