"""Nothing moves for a reader whose system asks for reduced motion."""

from __future__ import annotations

import pytest
from visit import LOOKS, opened

MOVING = """() => [...document.querySelectorAll("*:not(mjx-container *)")].filter((element) => {
  const style = getComputedStyle(element);
  const seconds = [style.animationDuration, style.transitionDuration].join().split(",");
  return style.scrollBehavior === "smooth" || seconds.some((text) => parseFloat(text) > 0);
}).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.mark.browser
@pytest.mark.parametrize("path", ["book/index.html", "book/03_how_fast_error_decays.html"])
def test_nothing_moves(browser, origin, path):
    with opened(browser, origin, path, LOOKS[0]) as (page, _):
        assert page.evaluate(MOVING) == []
