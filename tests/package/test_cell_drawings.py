"""Cell diagrams as pictures, measured: nothing overlaps, all is readable, parts light up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations, pairwise

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.transforms import Bbox

from lstm_course import plotting
from lstm_course.plotting import FAINT, INK, Diagram, Node, Route, draw_diagram
from lstm_course.plotting.diagram import Edge
from lstm_course.plotting.wiring import SIZES, corners

DRAWINGS = {
    "LSTM": plotting.lstm_cell(),
    "peepholes": plotting.lstm_cell(peepholes=True),
    "coupled": plotting.lstm_cell(coupled=True),
    "both": plotting.lstm_cell(peepholes=True, coupled=True),
    "GRU": plotting.gru_cell(),
    "reset before": plotting.gru_cell(reset="before"),
    "LSTM and GRU": plotting.lstm_and_gru(),
    "memory cell": plotting.memory_cell_1997(),
    "block of 2": plotting.memory_block_1997(),
    "block of 3": plotting.memory_block_1997(cells=3),
    "carousel": plotting.carousel(),
}


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plotting.use_style()
        yield
        plt.close("all")


@pytest.fixture(params=DRAWINGS)
def diagram(request) -> Diagram:
    return DRAWINGS[request.param]


def boxes(diagram: Diagram) -> dict[str, Bbox]:
    found = {}
    for name, node in diagram.nodes.items():
        wide, high = SIZES[node.shape]
        found[name] = Bbox([[node.x - wide, node.y - high], [node.x + wide, node.y + high]])
    return found


def texts(ax) -> list[tuple[str, float, Bbox]]:
    """What is written, how large, and where, in inches."""
    ax.figure.draw_without_rendering()
    inverse = ax.transData.inverted()
    return [
        (t.get_text(), t.get_fontsize(), t.get_window_extent().transformed(inverse))
        for t in ax.texts
    ]


def stretches(diagram: Diagram) -> list[Bbox]:
    return [
        Bbox([(min(a[0], b[0]), min(a[1], b[1])), (max(a[0], b[0]), max(a[1], b[1]))])
        for edge in diagram.edges
        for a, b in pairwise(corners(diagram, edge))
    ]


def meet(one: Bbox, other: Bbox) -> bool:
    """Whether two boxes share more than a border."""
    return (
        min(one.xmax, other.xmax) > max(one.xmin, other.xmin) + 1e-9
        and min(one.ymax, other.ymax) > max(one.ymin, other.ymin) + 1e-9
    )


def inside(one: Bbox, other: Bbox) -> bool:
    return bool((one.min >= other.min).all() and (one.max <= other.max).all())


def crosses(stretch: Bbox, box: Bbox) -> bool:
    line = Bbox.from_extents(*(stretch.min - 0.005), *(stretch.max + 0.005))
    return meet(line, Bbox.from_extents(*(box.min + 0.01), *(box.max - 0.01)))


def test_no_two_nodes_overlap(diagram):
    for (a, one), (b, other) in combinations(boxes(diagram).items(), 2):
        assert not meet(one, other), (a, b)


def test_arrows_run_level_or_upright_and_through_no_node(diagram):
    for stretch in stretches(diagram):
        assert min(stretch.width, stretch.height) == 0 < max(stretch.width, stretch.height)
        for name, box in boxes(diagram).items():
            assert not crosses(stretch, box), name


def test_it_is_readable_on_a_phone(diagram):
    ax = draw_diagram(diagram)
    assert ax.figure.get_size_inches()[0] <= 6.4 + 1e-9
    assert min(size for _, size, _ in texts(ax)) >= 10


def test_words_fit_their_nodes_and_the_picture(diagram):
    ax = draw_diagram(diagram)
    written = texts(ax)[-len(diagram.nodes) :]
    for (name, box), (word, _, extent) in zip(boxes(diagram).items(), written, strict=True):
        assert word == diagram.nodes[name].label
        assert inside(extent, box), name
        assert inside(extent, Bbox([(0, 0), diagram.size])), name


def labels(diagram: Diagram, **how) -> list[tuple[str, Bbox]]:
    """What is written at the arrows, and where."""
    written = texts(draw_diagram(diagram, **how))[: -len(diagram.nodes)]
    return [(word, extent) for word, _, extent in written if word]


def numbered(edges: Collection[Edge], sign: str = "−") -> dict[Edge, str]:
    """A note for each edge, all of one width, no two the same."""
    return {edge: f"{sign}0.{number:02d}" for number, edge in enumerate(edges)}


def hidden(diagram: Diagram, label: Bbox, others: Iterable[Bbox]) -> list[str]:
    """What a label overlaps: nodes, arrows, other labels."""
    nodes = [name for name, box in boxes(diagram).items() if meet(label, box)]
    arrows = ["an arrow" for stretch in stretches(diagram) if crosses(stretch, label)]
    return nodes + arrows + ["a label" for other in others if meet(label, other)]


def test_no_label_is_hidden(diagram):
    written = labels(diagram)
    for word, extent in written:
        others = [other for _, other in written if other is not extent]
        assert hidden(diagram, extent, others) == [], word


def test_no_note_is_hidden_among_the_labels(diagram):
    written, notes = labels(diagram), numbered(diagram.edges)
    noted = dict(labels(diagram, notes=notes))
    for edge, note in notes.items():
        others = [other for word, other in written if word != diagram.edges[edge]]
        assert hidden(diagram, noted[note], others) == [], edge


def test_no_note_of_a_lit_part_is_hidden(diagram):
    for part, edges in diagram.parts.items():
        written = labels(diagram, highlight=part, notes=numbered(edges, sign=""))
        for word, extent in written:
            others = [other for _, other in written if other is not extent]
            assert hidden(diagram, extent, others) == [], (part, word)


def test_parts_cover_the_diagram(diagram):
    assert {edge for edges in diagram.parts.values() for edge in edges} == set(diagram.edges)


def test_a_lit_part_stands_out_and_all_else_recedes(diagram):
    for part, edges in diagram.parts.items():
        by_name, by_edges = (draw_diagram(diagram, highlight=what) for what in (part, edges))
        assert [t.get_color() for t in by_name.texts] == [t.get_color() for t in by_edges.texts]
        lit = {name for edge in edges for name in edge}
        words = by_name.texts[-len(diagram.nodes) :]
        for (name, node), word in zip(diagram.nodes.items(), words, strict=True):
            if node.shape != "title":
                assert word.get_color() == (node.color if name in lit else FAINT), (part, name)
        plt.close("all")


def test_each_architecture_has_its_own_color():
    for diagram, name in (
        (plotting.lstm_cell(), "LSTM"),
        (plotting.gru_cell(), "GRU"),
        (plotting.carousel(), "LSTM-1997"),
        (plotting.memory_cell_1997(), "LSTM-1997"),
        (plotting.memory_block_1997(), "LSTM-1997"),
    ):
        assert {node.color for node in diagram.nodes.values()} == {plotting.COLORS[name]}
    part = plotting.lstm_and_gru().parts["keep"]
    ax = draw_diagram(plotting.lstm_and_gru(), highlight=part)
    colors = {to_hex(patch.get_edgecolor()).upper() for patch in ax.patches}
    assert {plotting.COLORS["LSTM"], plotting.COLORS["GRU"]} < colors
    ax = draw_diagram(plotting.lstm_cell(), highlight="candidate", color=plotting.COLORS["GRU"])
    assert plotting.COLORS["LSTM"] not in {t.get_color() for t in ax.texts}


def test_without_highlight_all_is_ink(diagram):
    assert {text.get_color() for text in draw_diagram(diagram).texts} == {INK}


def box(name: str = "layer", **more) -> Diagram:
    nodes = {"a": Node(1, 1, "a", name), "b": Node(3, 2, "b", name)}
    return Diagram(nodes, {("a", "b"): ""}, size=(4, 3), **more)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: plotting.lstm_cell().parts["gate"],
            KeyError,
            "part: got 'gate', expected one of mem",
        ),
        (lambda: draw_diagram(plotting.gru_cell(), highlight="keep"), KeyError, "part: got 'keep'"),
        (
            lambda: draw_diagram(plotting.gru_cell(), highlight=[("x", "h")]),
            ValueError,
            "highlight: got .*'x', 'h'.*, expected edges of the diagram",
        ),
        (
            lambda: draw_diagram(plotting.gru_cell(), notes={("x", "h"): "1"}),
            ValueError,
            "notes: got .*'x', 'h'.*, expected edges of the diagram",
        ),
        (lambda: box(parts={"p": (("b", "a"),)}), ValueError, "part 'p': got .*'b', 'a'"),
        (lambda: box(routes={("b", "a"): Route()}), ValueError, "routes: got .*'b', 'a'"),
        (lambda: draw_diagram(box()), ValueError, "routes: .*'a', 'b'.* beside or above"),
        (
            lambda: draw_diagram(box(routes={("a", "b"): Route(((1, 1.5), (3, 1.6)))})),
            ValueError,
            "routes: .*'a', 'b'.* expected level or upright",
        ),
        (
            lambda: draw_diagram(box("cloud")),
            ValueError,
            "shape: got 'cloud', expected one of 'var",
        ),
        (lambda: plotting.lstm_cell(peepholes=1), TypeError, "peepholes: got 1"),
        (lambda: plotting.lstm_cell(coupled="yes"), TypeError, "coupled: got 'yes'"),
        (lambda: plotting.gru_cell(reset="never"), ValueError, "reset: got 'never'"),
        (lambda: plotting.carousel(0), ValueError, "steps: got 0"),
        (lambda: plotting.memory_block_1997(cells=0), ValueError, "cells: got 0"),
        (lambda: plotting.memory_block_1997(cells=1.5), TypeError, "cells: got 1.5"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
