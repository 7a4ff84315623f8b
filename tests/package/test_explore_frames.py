"""Figures that respond, as stored: every frame there, each with its own words, nothing from outside."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from itertools import product
from urllib.parse import unquote

import matplotlib.pyplot as plt
import pytest

from lstm_course import explore as explore_module
from lstm_course.explore import explore
from lstm_course.plotting import use_style

RATES, KINDS = [0.5, 1.0, 2.0], ["line", "dots & </script>"]


def draw(rate, kind):
    figure, ax = plt.subplots()
    ax.plot([0, 1, 2], [0, rate, 4 * rate], "-" if kind == "line" else "o")
    ax.set_title(f"{kind} {rate}")
    return figure


def what_it_shows(monkeypatch) -> str:
    shown = []
    monkeypatch.setattr(explore_module, "display", shown.append)
    with plt.rc_context():
        use_style()
        explore(
            draw,
            alt='A "{kind}" at rate {rate}',
            labels={"rate": "the rate"},
            start={"rate": 1.0},
            rate=RATES,
            kind=KINDS,
        )
    return shown[0].data


@pytest.fixture
def stored(monkeypatch) -> str:
    """What ``explore`` puts on a page."""
    return what_it_shows(monkeypatch)


def data_of(stored: str) -> dict:
    packed = re.search(r'<script type="application/json">(.*?)</script>', stored, re.DOTALL)[1]
    return json.loads(packed)


def frame(data: dict, number: int) -> str:
    runs = data["frames"][number]
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return "".join("".join(data["pieces"][first : first + count]) for first, count in pairs)


def test_every_frame_is_the_picture_of_its_values(stored):
    data = data_of(stored)
    assert len(data["frames"]) == len(data["alts"]) == 6
    for number, (rate, kind) in enumerate(product(RATES, KINDS)):
        svg = frame(data, number)
        ET.fromstring(svg)
        assert html.unescape(svg).count(f">{kind} {rate}<") == 1
        assert data["alts"][number] == f'A "{kind}" at rate {rate}'


def test_controls_are_named_and_start_where_asked(stored):
    assert data_of(stored)["controls"] == [
        {"label": "the rate", "kind": "numbers", "values": ["0.5", "1.0", "2.0"], "start": 1},
        {"label": "kind", "kind": "words", "values": KINDS, "start": 0},
    ]


def test_without_scripts_there_is_a_still_picture(stored):
    source, alt = re.search(
        r'<img src="data:image/svg\+xml,([^"]*)" alt="([^"]*)">', stored
    ).groups()
    assert unquote(source) == frame(data_of(stored), 2)
    assert html.unescape(alt) == 'A "line" at rate 1.0'


def test_needs_nothing_from_outside(stored):
    addresses = set(re.findall(r"(?:https?:)?//[\w./-]+", unquote(stored)))
    assert {a for a in addresses if "www.w3.org" not in a} == set()  # names of XML, not addresses


def test_frames_share_what_they_have_in_common(stored):
    data = data_of(stored)
    separate = sum(len(frame(data, number)) for number in range(6))
    assert sum(map(len, data["pieces"])) < 0.6 * separate


def test_no_figure_stays_open(stored):
    assert plt.get_fignums() == []


def test_same_call_same_bytes(stored, monkeypatch):
    assert what_it_shows(monkeypatch) == stored


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, ValueError, "values: got none"),
        ({"rate": [1.0]}, ValueError, "rate: got 1 values, expected at least 2"),
        ({"rate": [2.0, 1.0]}, ValueError, "rate: got .*, expected ascending numbers"),
        ({"rate": [1.0, "a"]}, TypeError, "rate: got numbers and words"),
        (
            {"rate": RATES, "start": {"rate": 3.0}},
            ValueError,
            "start: got rate = 3.0, expected one of",
        ),
        (
            {"rate": RATES, "start": {"rat": 1.0}},
            ValueError,
            r"start: got \['rat'\], expected some of",
        ),
        ({"rate": RATES, "labels": {"x": "y"}}, ValueError, r"labels: got \['x'\]"),
        (
            {"a": range(20), "b": range(20)},
            ValueError,
            "values: got 400 combinations, expected at most 200",
        ),
        ({"rate": RATES, "alt": "{speed}"}, KeyError, "speed"),
    ],
)
def test_bad_input_is_refused_before_anything_is_drawn(given, error, message):
    def never(**_):
        raise AssertionError("drawn")

    with pytest.raises(error, match=message):
        explore(never, **{"alt": "a picture", **given})
