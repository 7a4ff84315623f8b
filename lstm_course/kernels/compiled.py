"""A cell's equations, written down by symbols and put into the loops: one module for each cell."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from lstm_course.cells import Cell
from lstm_course.symbols import Joined, Number, Program, Symbol, parts

CACHE = "LSTM_COURSE_CACHE"  # names the folder for compiled cells, if not the user's cache

Constants = list[tuple[float, ...]]


class Compiled(NamedTuple):
    """A cell's compiled module, and how its arrays are laid out."""

    module: ModuleType  #: loops.py with the cell's own functions
    kept: int  #: K: how many values of a step's trace are kept beside the states
    own: int  #: M: blocks of the cell's own weights
    rows: int  #: S: numbers in each unit's state
    sources: int  #: Y: how many of them, the first, R multiplies
    constants: Constants  #: what each unit has of its own and does not learn


@cache
def compiled(cell: Cell) -> Compiled:
    """Trace a cell and import its module. Numba compiles at the first call, and keeps that on disk."""
    constants: Constants = []
    step, where, kept = _step(cell, constants)
    back, same = _step_backward(cell, constants, where)
    functions = [step, back]
    if cell.late_blocks:
        functions += [
            _late_source(cell, constants),
            _late_source_backward(cell, constants, where, same),
        ]
    N = len(cell.block_names)
    sizes = _sizes(cell)
    facts = (N, N - cell.late_blocks, bool(cell.late_blocks), cell.truncated, same, sizes[0])
    functions.append(f"N, EARLY, LATE, TRUNCATED, SAME, SOURCES = {', '.join(map(str, facts))}\n")
    loops = (files("lstm_course.kernels") / "loops.py").read_text(encoding="utf-8")
    _allow_many_arrays()
    module = _imported("\n\n".join([loops, f"# {cell}", *functions]))
    own = sum(cell.own_blocks.values())
    return Compiled(module, kept, own, sum(sizes), sizes[0], constants)


def _step(cell: Cell, constants: Constants) -> tuple[str, list[str], int]:
    """The text of ``step``, where the backward step finds each value of the trace, and K."""
    N, S = len(cell.block_names), sum(_sizes(cell))
    program = Program(constants)
    old = _leaves(program, "s", S)
    new, trace = cell.step(
        _leaves(program, "x", N),
        _leaves(program, "r", N),
        _state(cell, old),
        _weights(program, cell),
    )
    new = _rows(cell, new)
    # A value of the trace is in the old state, in the new one, or kept by itself.
    where: list[str] = []
    kept: list[Symbol] = []
    for i, value in enumerate(trace):
        if value in old:
            where.append(f"t{i} = before[{old.index(value)}, j]")
        elif value in new:
            where.append(f"t{i} = after[{new.index(value)}, j]")
        else:
            where.append(f"t{i} = kept[{len(kept)}, j]")
            kept.append(value)
    lines = [*_read("x", "fx", N), *_read("r", "product", N)]
    lines += [*(f"s{i} = before[{i}, j]" for i in range(S)), *program.lines]
    lines += [f"after[{i}, j] = {program.text(value)}" for i, value in enumerate(new)]
    lines += [f"kept[{i}, j] = {program.text(value)}" for i, value in enumerate(kept)]
    head = "step(fx, product, own, constants, before, after, kept)"
    return _function(head, program, lines), where, len(kept)


def _step_backward(cell: Cell, constants: Constants, where: Sequence[str]) -> tuple[str, bool]:
    """The text of ``step_backward``, and whether errors of W x + b and of R h are the same."""
    sizes, program = _sizes(cell), Program(constants)
    trace, errors = _leaves(program, "t", len(where)), _leaves(program, "d", sum(sizes))
    d_x, d_h, d_state, d_own = cell.step_backward(
        trace, _state(cell, errors), _weights(program, cell)
    )
    same = all(a is b for a, b in zip(d_x, d_h, strict=True))
    lines = [*where, *(f"d{i} = d_state[{i}, j] + dh[{i}, j]" for i in range(sizes[0]))]
    lines += [*(f"d{i} = d_state[{i}, j]" for i in range(sizes[0], sum(sizes))), *program.lines]
    for name, values in (("dx", d_x), ("dr", () if same else d_h)):
        lines += [f"{name}[{n}, j] = {program.text(value)}" for n, value in enumerate(values)]
    d_rows = enumerate(_rows(cell, d_state))
    lines += [f"d_state[{i}, j] = {program.text(value)}" for i, value in d_rows]
    lines += [f"d_own[{m}, j] += {program.text(value)}" for m, value in enumerate(d_own)]
    head = "step_backward(dh, own, constants, before, after, kept, d_state, dx, dr, d_own)"
    return _function(head, program, lines), same


def _late_source(cell: Cell, constants: Constants) -> str:
    early, program = len(cell.block_names) - cell.late_blocks, Program(constants)
    source = cell.late_source(
        _leaves(program, "x", early), _leaves(program, "r", early), program.leaf("s0")
    )
    lines = [*_read("x", "fx", early), *_read("r", "product", early), "s0 = before[0, j]"]
    lines += [*program.lines, f"source[j] = {program.text(source)}"]
    return _function("late_source(fx, product, before, source)", program, lines)


def _late_source_backward(
    cell: Cell, constants: Constants, where: Sequence[str], same: bool
) -> str:
    program = Program(constants)
    d_early, d_h = cell.late_source_backward(
        _leaves(program, "t", len(where)), program.leaf("d_source[j]")
    )
    lines = [*where, *program.lines]
    for name in ("dx",) if same else ("dx", "dr"):
        lines += [f"{name}[{n}, j] += {program.text(d)}" for n, d in enumerate(d_early)]
    lines.append(f"d_state[0, j] += {program.text(d_h)}")
    head = "late_source_backward(d_source, before, after, kept, d_state, dx, dr)"
    return _function(head, program, lines)


def _sizes(cell: Cell) -> tuple[int, ...]:
    """How many numbers each state of one unit holds: three in y = (i, h, o), in others one."""
    first = 3 if getattr(cell, "gates_recurrent", False) else 1
    return (first, *[1] * (len(cell.state_names) - 1))


def _state(cell: Cell, rows: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """The states of one unit, of the symbols for their numbers."""
    rest = iter(rows)
    groups = [[next(rest) for _ in range(size)] for size in _sizes(cell)]
    return tuple(Joined(group) if len(group) > 1 else group[0] for group in groups)


def _rows(cell: Cell, state: Sequence[Symbol | Number]) -> list[Symbol | Number]:
    """The numbers of one unit's states, one after the other; a 0 stands for all of a state."""
    rows = []
    for size, value in zip(_sizes(cell), state, strict=True):
        rows += parts(value) if isinstance(value, Symbol) else [value] * size
    return rows


def _leaves(program: Program, name: str, count: int) -> tuple[Symbol, ...]:
    return tuple(program.leaf(f"{name}{i}") for i in range(count))


def _weights(program: Program, cell: Cell) -> tuple[Symbol, ...]:
    return tuple(program.leaf(f"own[{m}, j]") for m in range(sum(cell.own_blocks.values())))


def _read(name: str, array: str, count: int) -> list[str]:
    return [f"{name}{n} = {array}[{n}, j]" for n in range(count)]


def _function(head: str, program: Program, lines: list[str]) -> str:
    """The text of a function that runs lines for every unit j of every sequence.

    Numbers get the precision of the arrays, and every row a view of its own outside the loop: an index
    that numba must first look at for its sign would keep the processor from taking several units at once.
    """
    numbers = program.names.items()
    outside = [f"{name} = before.dtype.type({value!r})" for value, name in numbers]
    rows: dict[str, str] = {}

    def row(match: re.Match) -> str:
        array, index = match.groups()
        rows[f"{array}_{index}"] = f"{array}[{index}]"
        return f"{array}_{index}[j]"

    inside = [re.sub(r"(\w+)\[(\d+), j\]", row, line) for line in lines]
    outside += [f"{name} = {view}" for name, view in rows.items()]
    body = [f"    {line}" for line in outside] + ["    for j in range(before.shape[1]):"]
    return "\n".join(
        ["@njit(**INLINE)", f"def {head}:", *body, *(f"        {x}" for x in inside), ""]
    )


@cache
def _allow_many_arrays() -> None:
    """Let LLVM check as many pairs of rows for overlap as a cell has.

    Otherwise it gives up after eight, and computes one unit after the other: a sixth of the speed.
    """
    from llvmlite import binding

    for option in ("runtime-memory-check-threshold", "memory-check-merge-threshold"):
        binding.set_option("lstm_course", f"--{option}=1000")


@cache
def _folder() -> Path:
    """A folder that nobody else can write to: what lies there is run."""
    chosen = os.environ.get(CACHE)
    try:
        default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lstm_course"
        folder = Path(chosen) if chosen else default
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # no home, or one that can't be written to
        return Path(tempfile.mkdtemp(prefix="lstm_course-"))


def _imported(text: str) -> ModuleType:
    """Write a module where numba can keep its machine code beside it, in one step, and import it."""
    folder = _folder()
    name = f"cell_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    path = folder / f"{name}.py"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        part = folder / f"{name}.{os.getpid()}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where numba looks for it when it reads its machine code back
    spec.loader.exec_module(module)
    return module
