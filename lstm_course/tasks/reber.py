"""The embedded Reber grammar, experiment 1 of Hochreiter & Schmidhuber (1997, §5.1).

A string of the Reber grammar is read off a walk from node 0 to node 7; where two edges leave a node, each
is taken with probability 1/2::

    node    0     1          2          3          4          5          6
    edges   B→1   T→2 P→3    S→2 X→4    T→3 V→5    X→3 S→6    P→4 V→6    E→7

An embedded string is such a string between two equal symbols, T or P, between B and E::

    B T BPVVE T E          B P BTXSE P E

At every step the next symbol is wanted. The second symbol tells which comes before the last: it has to be
kept through the string inside. A trial succeeds if, in all strings for training and for testing, the
units of the symbols that may come next are always the most active ones. The error that a net learns from
is the difference to the symbol that does come next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lstm_course.arguments import whole
from lstm_course.ops import Array
from lstm_course.tasks import outputs as of
from lstm_course.tasks.one_hot import one_hot

Seed = int | np.random.Generator
Graph = list[dict[str, int]]  # for each node, where each symbol leads

SYMBOLS = "BTPSXVE"
REBER: Graph = [
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
]


def _embedded() -> Graph:
    """Two copies of the Reber grammar, one after T and one after P, each followed by the same."""
    after_T, after_P, last = 2, 10, 18
    graph: Graph = [{"B": 1}, {"T": after_T, "P": after_P}]
    for start, symbol in ((after_T, "T"), (after_P, "P")):
        graph += [{s: start + node for s, node in edges.items()} for edges in REBER]
        graph += [{symbol: last}]
    return [*graph, {"E": last + 1}]


EMBEDDED = _embedded()  #: 19 nodes and the end, number 19
#: (20, 7): where each symbol leads from each node, −1 if it is not possible there
NEXT = np.array([[edges.get(symbol, -1) for symbol in SYMBOLS] for edges in (*EMBEDDED, {})])


class Sequences(NamedTuple):
    """B strings; T is the longest length, and the steps after a string's end are −1."""

    complete: np.ndarray  #: (T + 1, B): indices into SYMBOLS, to the last

    every_step = True  #: targets are (T, B, 7), and all count that are within a length

    @property
    def lengths(self) -> np.ndarray:
        """How many steps each string has, one fewer than symbols, as the last is not read: (B,)."""
        return (self.complete >= 0).sum(0) - 1

    @property
    def symbols(self) -> np.ndarray:
        """All symbols but the last, which the net reads, −1 after them: (T, B)."""
        return np.where(self.complete[1:] < 0, -1, self.complete[:-1])

    @property
    def xs(self) -> np.ndarray:
        """The symbols as a net reads them, one-hot, nothing after them: (T, B, 7)."""
        return one_hot(self.symbols, len(SYMBOLS))

    @property
    def targets(self) -> np.ndarray:
        """At each step the symbol that comes next, one-hot, nothing after the last: (T, B, 7)."""
        return one_hot(self.complete[1:], len(SYMBOLS))

    @property
    def possible(self) -> np.ndarray:
        """At each step whether a symbol may come next, (T, B, 7); none may after the last."""
        node, may = np.zeros(self.symbols.shape[1], int), []
        for symbol in self.symbols:
            node = np.where(symbol < 0, len(EMBEDDED), NEXT[node, symbol])
            may.append(NEXT[node] >= 0)
        return np.stack(may)

    def at_end(self, outputs: Array) -> Array:
        """Each string's outputs at its own last step, (..., B, 7), of outputs (..., T, B, 7)."""
        return of.at_end(outputs, self.lengths, (*self.symbols.shape, len(SYMBOLS)))

    def right(self, outputs: np.ndarray) -> np.ndarray:
        """Whether all units of possible symbols are above all others at all of a string's steps: (B,)."""
        may = self.possible
        if np.shape(outputs) != may.shape:
            raise ValueError(f"outputs: got shape {np.shape(outputs)}, expected {may.shape}")
        lowest = np.where(may, outputs, np.inf).min(-1)
        highest = np.where(may, -np.inf, outputs).max(-1)
        return ((lowest > highest) | ~may.any(-1)).all(0)

    def pick(self, count: int, seed: Seed) -> Sequences:
        """Draw ``count`` of these strings with replacement, as the paper does for each training step."""
        B = whole("count", count)
        chosen = np.random.default_rng(seed).integers(self.complete.shape[1], size=B)
        return Sequences(self.complete[: self.lengths[chosen].max() + 1, chosen])

    def text(self, sequence: int) -> str:
        """One string. Raises IndexError if there is no such sequence."""
        return "".join(SYMBOLS[s] for s in self.complete[:, sequence] if s >= 0)


def strings(count: int, seed: Seed) -> list[str]:
    """Draw ``count`` embedded strings; short ones come often. Raises TypeError or ValueError below 1."""
    B, rng = whole("count", count), np.random.default_rng(seed)
    return [_string(rng) for _ in range(B)]


def read(strings: Sequence[str]) -> Sequences:
    """Turn strings into a task. Raises TypeError or ValueError for what is not of the grammar."""
    if isinstance(strings, str) or not isinstance(strings, Sequence):
        raise TypeError(f"strings: got {strings!r}, expected a list of strings")
    if not strings:
        raise ValueError("strings: got none, expected at least one")
    for string in strings:
        if not isinstance(string, str):
            raise TypeError(f"strings: got {string!r}, expected a string")
        if _walk(string)[-1] != len(EMBEDDED):
            raise ValueError(f"strings: got {string!r}, expected one of the embedded Reber grammar")
    complete = np.full((max(map(len, strings)), len(strings)), -1)
    for j, string in enumerate(strings):
        complete[: len(string), j] = [SYMBOLS.index(symbol) for symbol in string]
    return Sequences(complete)


def draw(count: int, seed: Seed) -> Sequences:
    """Draw ``count`` embedded strings as a task. Raises TypeError or ValueError for a count below 1."""
    return read(strings(count, seed))


def pair(seed: Seed, *, count: int = 256) -> tuple[Sequences, Sequences]:
    """Draw ``count`` strings to train on and as many to test on, none of which is among the former.

    Within each set a string may stand more than once. Raises TypeError or ValueError for a count below 1.
    """
    B, rng = whole("count", count), np.random.default_rng(seed)
    training, test = strings(B, rng), []
    seen = set(training)
    while len(test) < B:
        string = _string(rng)
        test += [string] * (string not in seen)
    return read(training), read(test)


def solved(task: Sequences, outputs: np.ndarray) -> bool:
    """Whether every string is right, given outputs (T, B, 7); the paper asks it of both sets."""
    return bool(task.right(outputs).all())


def _string(rng: np.random.Generator) -> str:
    node, string = 0, ""
    while node < len(EMBEDDED):
        edges = list(EMBEDDED[node].items())
        symbol, node = edges[rng.integers(len(edges))]
        string += symbol
    return string


def _walk(string: str) -> list[int]:
    """The nodes that a string passes, from 0; −1 in the end if it leaves the grammar."""
    nodes = [0]
    for symbol in string:
        nodes.append(EMBEDDED[nodes[-1]].get(symbol, -1) if nodes[-1] < len(EMBEDDED) else -1)
        if nodes[-1] < 0:
            break
    return nodes
