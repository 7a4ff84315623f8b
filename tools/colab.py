"""Build the environment that stands for Colab's, beside the one that runs this program.

    python tools/colab.py FOLDER

Its packages are listed in tests/hosted/colab.txt. Only torch is too large to have twice: with all that
it needs, it is linked from the running environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution, version
from pathlib import Path

from packaging.requirements import Requirement

VERSIONS = Path(__file__).resolve().parents[1] / "tests" / "hosted" / "colab.txt"
NEWEST = (3, 12)  # what those versions can be had for
KERNEL = {
    "display_name": "Colab",
    "language": "python",
    "argv": [
        *("{python}", "-m", "ipykernel_launcher", "-f", "{connection_file}"),
        # Colab's kernel has it loaded; as an expression it leaves no name in the notebook.
        "--IPKernelApp.exec_lines=__import__('google.colab')",
    ],
}


def with_requirements(name: str, found: set[str]) -> set[str]:
    """The names of an installed package and of all that it needs."""
    if name not in found:
        found.add(name)
        for requirement in map(Requirement, distribution(name).requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                with_requirements(requirement.name, found)
    return found


def link(name: str, folder: Path) -> None:
    """Give the environment in the folder the package that the running one has."""
    for file in distribution(name).files or ():
        source = Path(os.path.abspath(file.locate()))
        target = folder / source.relative_to(sys.prefix)
        if source.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source, target)
            except OSError:  # another disk
                shutil.copy2(source, target)


def pip(*arguments: str | Path) -> None:
    """Run pip; CalledProcessError after its own words."""
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True)


def build(folder: Path) -> None:
    """Make the environment, its kernel, and what pip needs to install the course offline."""
    venv.create(folder, clear=True)
    python = folder / "bin" / "python"
    pip("--python", python, "install", "--quiet", "--no-deps", "--requirement", VERSIONS)
    for name in with_requirements("torch", set()):
        link(name, folder)
    setuptools = f"setuptools=={version('setuptools')}"
    pip("download", "--quiet", "--no-deps", "--dest", folder / "wheels", setuptools)
    kernel = folder / "kernels" / "colab" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(KERNEL).replace("{python}", str(python)), encoding="utf-8")
    # The list of fonts is made at the first import, which says so.
    fonts = os.environ | {"MPLCONFIGDIR": str(folder / "matplotlib")}
    subprocess.run([python, "-c", "import matplotlib.font_manager"], env=fonts, check=True)


def main() -> int:
    """Build it; 0 also where that cannot be done, which the tests then say."""
    if len(sys.argv) != 2:
        print("Usage: python tools/colab.py FOLDER", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1]).resolve()
    if sys.version_info[:2] > NEWEST:
        folder.mkdir(parents=True, exist_ok=True)
        print("Colab's versions need Python 3.11 or 3.12: its tests will be skipped.")
        return 0
    print(f"Installing Colab's versions into {folder} (a minute) ...")
    try:
        build(folder)
    except subprocess.CalledProcessError:
        print(
            "The environment with Colab's versions could not be built (the reason is above). This step\n"
            "needs the network once: connect, or point pip at your mirror, and run the same again.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
