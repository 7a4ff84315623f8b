"""Cell diagrams against the equations: a drawing, read along its arrows, says what the cell computes.

Both sides are written out as text. The equations: the package's own ``step``, run on symbols, leaves the
expression of everything that it returns. The drawing: every node is the expression of its operation on
the nodes whose arrows end in it. A wrong, missing or superfluous arrow makes two texts differ.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from lstm_course import symbols
from lstm_course.cells import GRU, LSTM, LSTM1997, Carousel, lstm1997
from lstm_course.plotting import (
    Diagram,
    carousel,
    gru_cell,
    lstm_and_gru,
    lstm_cell,
    memory_block_1997,
    memory_cell_1997,
)

SIGNS = {"tanh": "tanh", "sigmoid": "σ"}

# --- the equations -----------------------------------------------------------------------------------


class Writer(symbols.Program):
    """A program whose symbols are named by the expressions that they stand for."""

    def __init__(self) -> None:
        super().__init__([])

    def assign(self, expression: str) -> symbols.Symbol:
        return symbols.Symbol(self, f"({expression})")

    def text(self, value) -> str:
        return value.name if isinstance(value, symbols.Symbol) else f"{value:g}"


def normal(tree: ast.expr) -> str:
    """An expression in one way of writing it: sums and products sorted, biases left out."""
    match tree:
        case ast.Name(name):
            return name
        case ast.Call(ast.Name(name), [argument]):
            return applied(SIGNS.get(name, name), normal(argument))
        case ast.BinOp(ast.Constant(1), ast.Sub(), right):
            return applied("1−", normal(right))
        case ast.BinOp(left, ast.Sub(), ast.Constant(number)):
            return f"{normal(left)}−{number}"
        case ast.BinOp(left, ast.Mult(), ast.Constant(number)):
            return f"{number}{normal(left)}"
        case ast.BinOp(ast.Name(name), ast.Mult(), right) if name.startswith("p_"):
            return applied(name, normal(right))
        case ast.BinOp(left, ast.Mult(), right):
            return product([normal(left), normal(right)])
        case ast.BinOp(_, ast.Add(), _):
            return total([normal(term) for term in terms(tree)])
    raise ValueError(f"can't read {ast.unparse(tree)}")


def terms(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        return [*terms(tree.left), *terms(tree.right)]
    bias = isinstance(tree, ast.Name) and tree.id.startswith("b_")
    return [] if bias else [tree]


def applied(function: str, argument: str) -> str:
    return f"{function}({argument})"


def product(factors: list[str]) -> str:
    return f"[{' × '.join(sorted(factors))}]"


def total(summands: list[str]) -> str:
    return f"[{' + '.join(sorted(summands))}]" if len(summands) > 1 else summands[0]


def text(symbol) -> str:
    return normal(ast.parse(symbol.name, mode="eval").body)


def lstm_equations(cell: LSTM) -> dict[str, str]:
    leaf = Writer().leaf
    gates = cell.block_names
    own = tuple(leaf(f"p_{gate}") for gate in gates if gate != "g") if cell.peepholes else ()
    (h, c), trace = cell.step(
        tuple(leaf(f"W_{gate}(x)") for gate in gates),
        tuple(leaf(f"R_{gate}(h_old)") for gate in gates),
        (leaf("h_old"), leaf("c_old")),
        own,
    )
    names = ("i", "f", "g", "o", "c_old", "c", "squashed", "h_new", "c_new")
    return {name: text(value) for name, value in zip(names, (*trace, h, c), strict=True)}


def gru_equations(cell: GRU) -> dict[str, str]:
    leaf = Writer().leaf
    from_x, h_old = tuple(leaf(f"W_{block}(x)") for block in "rzn"), leaf("h_old")
    early, source = tuple(leaf(f"R_{block}(h_old)") for block in "rz"), h_old
    if cell.late_blocks:
        source = cell.late_source(from_x[:2], early, h_old)
    own = tuple(leaf("b_nh") for _ in cell.own_blocks)
    from_h = (*early, leaf(f"R_n({source.name})"))
    (h,), trace = cell.step(from_x, from_h, (h_old,), own)
    names = ("r", "z", "n", "r_n", "h_old", "h_new")
    return {name: text(value) for name, value in zip(names, (*trace, h), strict=True)}


def equations_1997(cells: int | None) -> dict[str, str]:
    """One memory cell (None), or a block of some: then the cells' names end in their numbers."""
    leaf, numbers = Writer().leaf, [""] if cells is None else range(1, cells + 1)

    def row(form: str) -> np.ndarray:
        one = "{k}" not in form
        return np.array([leaf(form.format(k=k)) for k in (numbers[:1] if one else numbers)])

    (h, c), trace = LSTM1997(block_size=len(numbers)).step(
        tuple(row(f"W_{block}(x)") for block in ("i", "g{k}", "o")),
        tuple(row(f"R_{block}(h_old)") for block in ("i", "g{k}", "o")),
        (row("h_old{k}"), row("c_old{k}")),
    )
    names = ("i", "g{k}", "o", "squashed{k}", "h_new{k}", "c_new{k}")
    return {
        name.format(k=k): text(value)
        for name, row in zip(names, (*trace, h, c), strict=True)
        for k, value in zip(numbers, row, strict=False)
    }


def carousel_equations(steps: int) -> dict[str, str]:
    leaf, h = Writer().leaf, "h0"
    found = {}
    for t in range(1, steps + 1):
        (new,), _ = Carousel().step((leaf(f"W(x{t})"),), (0,), (leaf("h_old"),))
        h = found[f"h{t}"] = text(new).replace("h_old", h)
    return found


# --- the drawing -------------------------------------------------------------------------------------


def plain(label: str) -> str:
    r"""The letters of a label: $W_g^1$ is W_g1, $4\sigma\!-\!2$ is 4σ−2."""
    for written, letter in ((r"\sigma", "σ"), (r"\times", "×"), (r"\!", ""), ("-", "−")):
        label = label.replace(written, letter)
    return re.sub(r"[$^{}]", "", label)


def read(diagram: Diagram, name: str, seen: tuple[str, ...] = ()) -> str:
    """What a node is, as an expression. Raises ValueError where the drawing has no meaning."""
    if name in seen:
        raise ValueError(f"{name} depends on itself")
    node = diagram.nodes[name]
    weights, values = [], []
    for (source, target), label in diagram.edges.items():
        if target == name:
            weighted = re.fullmatch(r"[WRp](_\w+)?", plain(label))
            weights.append(plain(label) if weighted else "")
            values.append(read(diagram, source, (*seen, name)))
    if node.shape in ("layer", "sign") and plain(node.label) != "×":
        values = [applied(w, v) if w else v for w, v in zip(weights, values, strict=True)]
    elif any(weights):
        raise ValueError(f"{name}: a weight where nothing is multiplied by one")
    return operated(node.shape, name, plain(node.label), values)


def operated(shape: str, name: str, sign: str, values: list[str]) -> str:
    if shape in ("variable", "past") and not values:
        return name
    if shape == "layer" and values:
        return squashed(sign, total(values))
    if shape == "sign" and sign in "×+" and len(values) == 2:
        return product(values) if sign == "×" else total(values)
    if len(values) == 1:
        if shape == "variable":
            return values[0]
        if shape in ("product", "function") or sign == "1−":
            return squashed(sign, *values)
    raise ValueError(f"{name}: {sign} of {len(values)} values")


def squashed(sign: str, argument: str) -> str:
    """σ, tanh, R_n and 1− of something; or a·σ − b of it, drawn as one."""
    scaled = re.fullmatch(r"(\d)σ−(\d)", sign)
    return f"{scaled[1]}σ({argument})−{scaled[2]}" if scaled else applied(sign, argument)


def faults(diagram: Diagram, equations: dict[str, str]) -> list[str]:
    """All in which a drawing differs from the equations."""
    try:
        drawn = {name: read(diagram, name) for name in diagram.nodes}
    except ValueError as fault:
        return [str(fault)]
    wrong = [name for name, expression in equations.items() if drawn[name] != expression]
    sources = {source for source, _ in diagram.edges}
    goes_out = {name for name in equations if "_new" in name} or {list(equations)[-1]}
    ends = (set(diagram.nodes) - sources) ^ goes_out
    values = [drawn[name] for name, node in diagram.nodes.items() if node.shape != "variable"]
    twice = [value for value, times in Counter(values).items() if times > 1]
    return [*wrong, *ends, *twice]


DRAWINGS = {
    "LSTM": (lstm_cell(), lambda: lstm_equations(LSTM())),
    "peepholes": (lstm_cell(peepholes=True), lambda: lstm_equations(LSTM(peepholes=True))),
    "coupled": (lstm_cell(coupled=True), lambda: lstm_equations(LSTM(coupled=True))),
    "both": (
        lstm_cell(peepholes=True, coupled=True),
        lambda: lstm_equations(LSTM(peepholes=True, coupled=True)),
    ),
    "GRU": (gru_cell(), lambda: gru_equations(GRU())),
    "reset before": (gru_cell("before"), lambda: gru_equations(GRU("before"))),
    "memory cell": (memory_cell_1997(), lambda: equations_1997(None)),
    "block of 1": (memory_block_1997(1), lambda: equations_1997(1)),
    "block of 2": (memory_block_1997(), lambda: equations_1997(2)),
    "block of 3": (memory_block_1997(3), lambda: equations_1997(3)),
    "carousel": (carousel(), lambda: carousel_equations(3)),
}


@pytest.fixture(params=DRAWINGS)
def pair(request, monkeypatch):
    """A drawing and the equations that it should show."""
    many = np.vectorize(symbols.sigmoid, otypes=[object])
    monkeypatch.setattr(lstm1997, "sigmoid", many)  # of a row of symbols, each for itself
    diagram, equations = DRAWINGS[request.param]
    return diagram, equations()


# --- the tests ---------------------------------------------------------------------------------------


def test_the_drawing_says_what_the_cell_computes(pair):
    assert faults(*pair) == []


def test_the_equations_are_read_as_they_stand_in_the_package():
    found = lstm_equations(LSTM())
    assert found["f"] == "σ([R_f(h_old) + W_f(x)])"
    assert found["c"] == f"[{product([found['f'], 'c_old'])} + {product([found['i'], found['g']])}]"
    assert found["h_new"] == product([found["o"], f"tanh({found['c']})"])
    assert found["c_new"] == found["c"]


def test_every_value_has_its_name(pair):
    diagram, _ = pair
    for name, node in diagram.nodes.items():
        labels = {label for (source, _), label in diagram.edges.items() if source == name} - {""}
        if node.shape == "layer":
            letter, number = name[0], name[1:]
            assert labels == {f"${letter}_t^{number}$" if number else f"${letter}_t$"}, name


def test_the_carousel_s_factor_is_the_cells_own():
    for diagram, cell, trace in (
        (carousel(), Carousel(), (np.full(1, 0.3),)),
        (memory_cell_1997(), LSTM1997(), (np.full(1, 0.3),) * 4),
    ):
        factors = [float(label) for label in diagram.edges.values() if label == "1.0"]
        assert factors
        assert set(factors) == set(cell.keep(trace))


def changed(diagram: Diagram, edges: dict) -> Diagram:
    return Diagram(diagram.nodes, edges)


def without(diagram: Diagram, edge: tuple[str, str]) -> dict:
    return {other: label for other, label in diagram.edges.items() if other != edge}


def test_a_missing_arrow_is_found(pair):
    diagram, equations = pair
    for edge in diagram.edges:
        assert faults(changed(diagram, without(diagram, edge)), equations), edge


def test_a_redirected_arrow_is_found(pair):
    diagram, equations = pair
    for source, target in diagram.edges:
        others = [(name, target) for name in diagram.nodes] + [
            (source, name) for name in diagram.nodes
        ]
        for other in [*others, (target, source)]:
            if other not in diagram.edges:
                edges = without(diagram, (source, target))
                edges[other] = diagram.edges[source, target]
                assert faults(changed(diagram, edges), equations), (source, target, other)


def test_a_superfluous_arrow_is_found(pair):
    diagram, equations = pair
    for source in diagram.nodes:
        for target in diagram.nodes:
            if (source, target) not in diagram.edges:
                edges = {**diagram.edges, (source, target): ""}
                assert faults(changed(diagram, edges), equations), (source, target)


def test_another_operation_is_found(pair):
    diagram, equations = pair
    signs = {r"$\sigma$", "tanh", r"$\times$", "$+$", r"$1\!-$", r"$4\sigma\!-\!2$"}
    for name, node in diagram.nodes.items():
        for sign in signs - {node.label} if node.shape in ("sign", "layer", "function") else ():
            nodes = {**diagram.nodes, name: replace(node, label=sign)}
            assert faults(Diagram(nodes, diagram.edges), equations), (name, sign)


def test_another_weight_is_found(pair):
    diagram, equations = pair
    weighted = {edge: label for edge, label in diagram.edges.items() if label[1:2] in [*"WRp"]}
    for edge, label in weighted.items():
        for other in ({*weighted.values()} | {"", "$W_q$"}) - {label}:
            edges = {**diagram.edges, edge: other}
            assert faults(changed(diagram, edges), equations), (edge, other)


def test_a_second_copy_of_a_gate_is_found():
    diagram, equations = lstm_cell(), lstm_equations(LSTM())
    nodes = {**diagram.nodes, "o2": diagram.nodes["o"]}
    edges = {**diagram.edges, ("x", "o2"): "$W_o$", ("h_old", "o2"): "$R_o$", ("o2", "h"): ""}
    assert faults(Diagram(nodes, edges), equations)


def test_lstm_and_gru_are_the_single_drawings_counterparts_in_one_column():
    both = lstm_and_gru()
    for name, cell in (("LSTM", lstm_cell()), ("GRU", gru_cell())):
        edges = {
            (source.removeprefix(f"{name} "), target.removeprefix(f"{name} ")): label
            for (source, target), label in both.edges.items()
            if source.startswith(name)
        }
        assert edges == cell.edges
        assert {n: both.nodes[f"{name} {n}"].label for n in cell.nodes} == {
            n: node.label for n, node in cell.nodes.items()
        }
    for lstm, gru in (("f", "z"), ("f*c_old", "z*h_old"), ("g", "n"), ("i", "1-z"), ("c", "h")):
        assert both.nodes[f"LSTM {lstm}"].x == both.nodes[f"GRU {gru}"].x
