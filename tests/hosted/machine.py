"""The machine that Colab lends: its versions, and none of the repository's files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from chapters import ROOT, repository_url
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets import Type

COLAB = ROOT / ".venv" / "colab"
PYTHON = COLAB / "bin" / "python"
PRELOADED = Path(__file__).parent / "preloaded"
VIEW = "application/vnd.jupyter.widget-view+json"


class Channel(AsyncZMQSocketChannel):
    """Looks every second. Now and then nothing wakes who waits for a message that is there."""

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        end = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            left = max(0.0, end - time.monotonic())
            try:
                return await super().get_msg(min(1.0, left))
            except Empty:
                if left <= 1.0:
                    raise


class Client(AsyncKernelClient):
    shell_channel_class = Type(Channel)
    iopub_channel_class = Type(Channel)


class Manager(AsyncKernelManager):
    """Talks to its kernel through the channels above."""

    def _client_factory_default(self) -> type[Client]:
        return Client


class Colab(Manager):
    """Knows the kernel of that machine alone."""

    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return KernelSpecManager(kernel_dirs=[str(COLAB / "kernels")])


def colab(course: Path | None = None, *, gpu: bool = False) -> dict[str, str]:
    """The environment's variables, with the course where it is installed, if it is."""
    ours = {name for name in os.environ if name.startswith(("PIP_", "LSTM_COURSE_"))}
    return {name: os.environ[name] for name in os.environ.keys() - ours} | {
        "PYTHONPATH": os.pathsep.join(map(str, filter(None, (PRELOADED, course)))),
        "COLAB_GPU": str(int(gpu)),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(COLAB / "matplotlib"),
        "LSTM_COURSE_CACHE": str(COLAB / "cells"),
        "OMP_NUM_THREADS": "1",  # other tests run beside this one
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def fetching(repository: Path) -> dict[str, str]:
    """Variables under which git and pip find, offline, the course's address and what builds it."""
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": repository_url(),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(COLAB / "wheels"),
    }


def run(
    notebook: NotebookNode, folder: Path, env: dict[str, str], *, kernel: str = "colab"
) -> NotebookNode:
    """The executed copy, from an empty folder; errors are outputs."""
    copy = nbformat.from_dict(notebook)
    client = NotebookClient(
        copy,
        timeout=300,
        allow_errors=True,
        coalesce_streams=True,
        kernel_name=kernel,
        kernel_manager_class=Colab if kernel == "colab" else Manager,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=env | {"IPYTHONDIR": str(folder / ".ipython")})
    return copy


def outputs(notebook: NotebookNode) -> list[tuple[NotebookNode, NotebookNode]]:
    """Each output after its cell."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [(cell, output) for cell in code for output in cell.outputs]


def errors(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """By its cell's id, each exception."""
    return {cell.id: output for cell, output in outputs(notebook) if output.output_type == "error"}


def warnings(notebook: NotebookNode) -> list[str]:
    """What was written where warnings go."""
    return [output.text for _, output in outputs(notebook) if output.get("name") == "stderr"]
