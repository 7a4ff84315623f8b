"""Symbols that stand for numbers: a cell's equations, run on them, write themselves down.

A cell is elementwise, so one run of its ``step`` on one symbol for every argument passes through all of
its arithmetic, whatever its variant. What it leaves behind is a straight line of assignments, which
:mod:`lstm_course.kernels` compiles. Nothing is written twice: the equations in ``cells/`` are the source.
"""

from __future__ import annotations

from collections.abc import Sequence

Number = int | float


class Program:
    """Assignments, in order, and the numbers and the constant arrays that stand in them."""

    def __init__(self, constants: list[tuple[float, ...]]) -> None:
        self.lines: list[str] = []
        self.names: dict[float, str] = {}
        self.constants = constants

    def leaf(self, text: str) -> Symbol:
        """A symbol for what is there already, such as an element of an array."""
        return Symbol(self, text)

    def assign(self, expression: str) -> Symbol:
        """Write down a new value, and return its symbol."""
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        return Symbol(self, name)

    def text(self, value: Symbol | Number) -> str:
        """How a value is written; numbers get names, so that they can have the arrays' precision."""
        if isinstance(value, Symbol):
            return value.name
        return self.names.setdefault(float(value), f"k{len(self.names)}")


class Symbol:
    """One number in a program. Arithmetic with it writes a line; 0 and 1 are not computed with."""

    shape = (1,)  # what ops.split and friends ask for: one unit
    dtype = device = None

    def __init__(self, program: Program, name: str) -> None:
        self.program, self.name = program, name

    def _write(self, operator: str, left: Symbol | Number, right: Symbol | Number) -> Symbol:
        a, b = self.program.text(left), self.program.text(right)
        return self.program.assign(f"{a} {operator} {b}")

    def __add__(self, other: Symbol | Number) -> Symbol:
        return self if _is(other, 0) else self._write("+", self, other)

    __radd__ = __add__

    def __sub__(self, other: Symbol | Number) -> Symbol:
        return self if _is(other, 0) else self._write("-", self, other)

    def __rsub__(self, other: Number) -> Symbol:
        return self._write("-", other, self)

    def __mul__(self, other: Symbol | Number) -> Symbol | int:
        if _is(other, 0):
            return 0
        return self if _is(other, 1) else self._write("*", self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Symbol | Number) -> Symbol:
        return self if _is(other, 1) else self._write("/", self, other)

    def __gt__(self, other: Number) -> Symbol:
        one, zero = self.program.text(1), self.program.text(0)
        return self.program.assign(f"{one} if {self.name} > {self.program.text(other)} else {zero}")


class Joined(Symbol):
    """Several numbers of one unit, such as its gates and its output, side by side."""

    def __init__(self, parts: Sequence[Symbol]) -> None:
        super().__init__(parts[0].program, "")
        self.parts = tuple(parts)
        self.shape = (len(parts),)


def _is(value: Symbol | Number, number: int) -> bool:
    return not isinstance(value, Symbol) and value == number


# What lstm_course.ops asks of a namespace.


def tanh(x: Symbol) -> Symbol:
    """Hyperbolic tangent."""
    return x.program.assign(f"tanh({x.name})")


def sigmoid(x: Symbol) -> Symbol:
    """Logistic function."""
    return x.program.assign(f"sigmoid({x.name})")


def relu(x: Symbol) -> Symbol:
    """max(x, 0), and nan for nan."""
    zero = x.program.text(0)
    return x.program.assign(f"{zero} if {x.name} < {zero} else {x.name}")


def constant(values: Sequence[float], like: Symbol) -> Symbol:
    """A number that each unit has its own of."""
    known = like.program.constants
    if tuple(values) not in known:
        known.append(tuple(values))
    return like.program.leaf(f"constants[{known.index(tuple(values))}, j]")


def cat(arrays: Sequence[Symbol], axis: int) -> Symbol:
    """Join the symbols of one unit's parts."""
    return arrays[0] if len(arrays) == 1 else Joined(arrays)


def split(x: Symbol, sizes: Sequence[int], axis: int) -> tuple[Symbol, ...]:
    """Cut into the symbols of one unit's parts."""
    return parts(x)


def parts(x: Symbol) -> tuple[Symbol, ...]:
    """The symbols that are joined in this one, or it alone."""
    return x.parts if isinstance(x, Joined) else (x,)
