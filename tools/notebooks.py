"""Re-execute the book's notebooks and store their outputs, the same bytes every time.

    python tools/notebooks.py                 all of book/*.ipynb, in order
    python tools/notebooks.py book/02_*.ipynb only these

A notebook is written only when all of its cells ran; otherwise the failing cell is shown, the file
stays as it was, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]

# What a notebook is executed under, here and by nbval (conftest.py): responsive figures are stored
# as their static frames, and sums are added up in the same order on any number of cores and, as
# far as the libraries allow, on any processor.
ENVIRONMENT = {
    "LSTM_COURSE_STATIC": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "MKL_CBWR": "COMPATIBLE",
    "ATEN_CPU_CAPABILITY": "default",
    "PYTHONHASHSEED": "0",
}
SECONDS_PER_CELL = 300


def execute(path: Path) -> NotebookNode:
    """Run every cell of the notebook in a fresh kernel, from its own folder."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        coalesce_streams=True,
        store_widget_state=False,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    return notebook


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Drop what differs between two runs of the same code, in place."""
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python", "pygments_lexer": "ipython3"},
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    count = 0
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{number:03d}")
        cell.metadata.pop("execution", None)
        cell.metadata.pop("collapsed", None)
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """Replace the file in one step, so that an interrupted run leaves the old one whole."""
    nbformat.validate(notebook)
    part = path.with_suffix(".ipynb.part")
    part.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8")
    os.replace(part, path)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of book/*.ipynb")
    paths = parser.parse_args().notebooks or sorted((ROOT / "book").glob("*.ipynb"))
    os.environ.update(ENVIRONMENT)
    for path in paths:
        if not path.is_file():
            parser.error(f"{path} is no file; expected the path of a notebook, or none for all")
        started = time.perf_counter()
        try:
            notebook = execute(path)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            print(f"{path}: not stored, because a cell failed:\n{error}", file=sys.stderr)
            return 1
        write(normalise(notebook), path)
        print(f"{path.name}: {time.perf_counter() - started:.1f} s")
    print(f"{len(paths)} notebooks executed; outputs stored.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
