"""The style: equal figures give equal bytes, colours that can be told apart, nothing dropped unsaid."""

from __future__ import annotations

import io
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lstm_course import plotting


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plotting.use_style()
        yield
        plt.close("all")


def svg(figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=dict(plotting.SVG_METADATA))
    return buffer.getvalue()


def contrast(color: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""

    def luminance(color):
        channels = np.array(to_rgb(color))
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    lighter, darker = sorted((luminance(color), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_equal_figures_give_equal_bytes():
    first, second = (
        svg(plotting.decay({"RNN": 0.9 ** np.arange(9)}, ylabel="size").figure) for _ in range(2)
    )
    assert first == second
    assert "<dc:date>" not in first
    assert ">lag (steps back)</text>" in first, "text must stay text"


def test_colors_stand_out_from_the_page():
    for name, color in plotting.COLORS.items():
        assert contrast(color, "white") >= 3, name
    assert contrast(plotting.INK, "white") >= 7
    assert contrast(plotting.FAINT, "white") >= 3


def test_colors_can_be_told_apart_without_red_and_green():
    """In Viénot's model of a missing red or green receptor, no two may fall together."""
    from_rgb = np.array(
        [[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.02996, 0.18431, 1.46709]]
    )
    protan = np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]])
    deutan = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])
    for missing in (protan, deutan):
        seen = np.linalg.inv(from_rgb) @ missing @ from_rgb
        colors = {name: seen @ np.array(to_rgb(color)) for name, color in plotting.COLORS.items()}
        del colors["bound"]  # that one is dashed
        for a, b in combinations(colors, 2):
            assert np.linalg.norm(colors[a] - colors[b]) > 0.12, (a, b)


def test_decay_uses_the_architectures_own_colors():
    ax = plotting.decay(
        {"LSTM": [1.0, 0.9], "RNN": [1.0, 0.5]}, bounds={"bound": [1, 1]}, ylabel="size"
    )
    colors = {line.get_label(): line.get_color() for line in ax.lines}
    assert colors == {name: plotting.COLORS[name] for name in ("LSTM", "RNN", "bound")}
    assert ax.get_yscale() == "log"


def test_shades_run_from_the_color_to_the_ink():
    shades = plotting.shades("GRU", 3)
    assert shades[0] == plotting.COLORS["GRU"].lower()
    assert len(set(shades)) == 3
    with pytest.raises(ValueError, match="name: got 'ESN', expected one of RNN"):
        plotting.shades("ESN", 2)


@pytest.mark.parametrize("values", [[1.0, np.inf], [1.0, np.nan], [1.0, -1.0], [], [[1.0]]])
def test_decay_refuses_what_a_log_axis_would_drop(values):
    with pytest.raises(ValueError, match="curve 'error': got"):
        plotting.decay({"error": values}, ylabel="size")
