"""What the chapters store as output is complete, accessible and open about overflow."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from chapters import CHAPTERS, code_cells, tags
from nbformat import NotebookNode

STORED = {"image/svg+xml", "text/html", "text/plain"}

pytestmark = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def texts(output: NotebookNode, kind: str) -> str:
    return output.get("data", {}).get(kind, "")


def test_no_error_and_nothing_on_stderr(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", f"{cell.source}\n{output.get('text')}"


def test_only_formats_that_every_viewer_shows(path):
    kinds = {k for cell in code_cells(path) for o in cell.outputs for k in o.get("data", {})}
    assert kinds <= STORED, "no bitmap: it is blurred, heavy, and not compared by `make test`"


def test_every_picture_has_alt_text(path):
    for cell in code_cells(path):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        for output in cell.outputs:
            if texts(output, "image/svg+xml"):
                assert len(alt.split()) >= 3, f"mystnb.image.alt is {alt!r} in\n{cell.source}"
            html = BeautifulSoup(texts(output, "text/html"), "html.parser")
            for image in html.find_all("img"):
                assert len(image.get("alt", "").split()) >= 3, (
                    f"{image.get('alt')!r} in\n{cell.source}"
                )


def test_nothing_differs_from_run_to_run(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            assert "<dc:date>" not in texts(output, "image/svg+xml"), cell.source
            assert not re.search(r"\bat 0x[0-9a-f]{6,}", str(output)), cell.source


def test_printed_numbers_are_compared_to_their_last_digit(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            printed = output.get("text", "") + texts(output, "text/plain")
            long = re.findall(r"\d\.\d{5,}", printed)
            assert long == [], f"tests/nbval.cfg cuts these; print fewer digits in\n{cell.source}"


def test_overflow_is_never_printed_unsaid(path):
    for cell in code_cells(path):
        if "shows-overflow" in tags(cell):
            continue
        for output in cell.outputs:
            html = BeautifulSoup(texts(output, "text/html"), "html.parser")
            alts = " ".join(image.get("alt", "") for image in html.find_all("img"))
            printed = [output.get("text", ""), texts(output, "text/plain"), html.get_text(), alts]
            bare = re.findall(
                r"(?<![\w-])[-+]?(?:nan|inf)(?![\w-])", " ".join(printed), re.IGNORECASE
            )
            assert bare == [], f"{cell.source}\nis to say why, and be tagged shows-overflow"


def test_no_cell_escapes_the_comparison(path):
    for cell in code_cells(path):
        # nbval runs such cells without comparing what they print.
        assert "NBVAL_" not in cell.source
        assert not {"nbval-skip", "nbval-raises-exception", "raises-exception"} & set(tags(cell))
        last = cell.source.rstrip().splitlines()[-1:]
        assert not any(line.endswith(";") for line in last), (
            f"nbval does not honour a trailing `;` in\n{cell.source}\nwrite: fig = ..."
        )
