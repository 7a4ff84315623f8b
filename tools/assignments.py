"""Make the student notebooks, book/exercises/, from their sources with solutions, exercises/.

nbgrader removes the solutions and hidden tests. The notebooks come out the same, byte for byte, as long
as the sources do.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "exercises"
STUDENTS = ROOT / "book" / "exercises"
KEPT = ("kernelspec", "lstm_course")
STUB = "# YOUR CODE HERE\n..."
COURSE_CONFIG = f"""c = get_config()
c.CourseDirectory.course_id = "lstm"
c.ClearSolutions.code_stub = {{"python": {STUB!r}}}
"""
# nbgrader looks for alembic, which it is installed with, on the path.
os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


def solved(source: Path) -> nbformat.NotebookNode:
    """The notebook of a source, with its solutions."""
    notebook = jupytext.read(source)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "lstm_course": {"exercise": source.stem},
    }
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{number}")
    nbformat.validate(notebook)
    return notebook


def student(source: Path) -> nbformat.NotebookNode:
    """The notebook of a source as a student gets it: no solution, no hidden test."""
    name = source.stem
    with tempfile.TemporaryDirectory() as folder:
        lay_out(source, Path(folder))
        settings = Config()
        settings.CourseDirectory.root = folder
        settings.CourseDirectory.course_id = "lstm"
        settings.Exchange.root = folder  # it looks for one, though nothing is exchanged
        # A student reads the docstring and one line to replace; an unfinished answer is None, of which
        # the checks make a sentence, where an exception would be a traceback.
        settings.ClearSolutions.code_stub = {"python": STUB}
        settings.Application.log_level = "ERROR"
        done = NbGraderAPI(config=settings).generate_assignment(name, create=True)
        if not done["success"]:
            raise RuntimeError(f"{source.name}: nbgrader refused it:\n{done['log']}")
        notebook = nbformat.read(Path(folder, "release", name, f"{name}.ipynb"), as_version=4)
    notebook.metadata = {key: notebook.metadata[key] for key in KEPT}
    return notebook


def lay_out(source: Path, course: Path) -> None:
    """Put a notebook with its solutions where nbgrader looks for it, below a course's folder."""
    path = course / "source" / source.stem / f"{source.stem}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(solved(source), path)


def text(notebook: nbformat.NotebookNode) -> str:
    """A notebook as it is stored."""
    return nbformat.writes(notebook) + "\n"


def main() -> int:
    """Write the student notebooks, or lay out a course for nbgrader."""
    parser = argparse.ArgumentParser(description="Make the student notebooks from their sources.")
    parser.add_argument(
        "--course",
        type=Path,
        metavar="DIR",
        help="instead, lay out a new nbgrader course in DIR, solutions included, for its own tools",
    )
    course = parser.parse_args().course
    sources = sorted(SOURCES.glob("*.md"))
    if course is not None:
        if course.exists():
            parser.error(f"--course: {course} exists, expected the name of a new folder")
        for source in sources:
            lay_out(source, course)
        (course / "nbgrader_config.py").write_text(COURSE_CONFIG, encoding="utf-8")
        print(f"{len(sources)} assignments laid out in {course}/source/: do not publish them")
        return 0
    made = {STUDENTS / f"{source.stem}.ipynb": text(student(source)) for source in sources}
    STUDENTS.mkdir(exist_ok=True)
    for old in set(STUDENTS.glob("*.ipynb")) - set(made):
        old.unlink()
    for path, content in made.items():
        path.write_text(content, encoding="utf-8")
    print(f"{len(made)} student notebooks written to {STUDENTS.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
