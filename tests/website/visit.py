"""What a visit of one page, in a real browser, finds out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

SECONDS = 30
# Without preload axe asks for style sheets by wrong addresses of its own.
AXE = {"resultTypes": ["violations"], "preload": False}


class Look(NamedTuple):
    scheme: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.scheme}-{self.width}"


RESIZED = (
    500  # milliseconds; the theme waits for 300 before it makes what scrolls reachable by keyboard
)

LOOKS = tuple(
    Look(scheme, width, height)
    for scheme in ("light", "dark")
    for width, height in ((1280, 900), (390, 844))
)

# Nothing but colours differs in the dark.
RULES = {
    look: {"runOnly": ["color-contrast", "link-in-text-block"]} if look.scheme == "dark" else {}
    for look in LOOKS
}

# A long chapter has ten thousand coloured words of code, and axe looks at the contrast of each. Of
# those with the same classes all the way up, the first stays.
THIN_OUT_CODE = """() => {
  const seen = new Set();
  for (const span of document.querySelectorAll("main pre span")) {
    let style = "";
    for (let e = span; e.tagName !== "MAIN"; e = e.parentElement) style += `${e.className} in `;
    if (seen.has(style)) span.replaceWith(...span.childNodes);
    seen.add(style);
  }
  document.querySelector("main").normalize();
}"""

MEASURE = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const start = (element) => element.outerHTML.slice(0, 160);
  const cut = (element) => {
    // Inside a box that scrolls by itself, wide content is all right; where it is cut off, it is not.
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement)
      if (/auto|scroll/.test(getComputedStyle(e).overflowX)) return true;
    return getComputedStyle(element).position === "fixed";
  };
  const width = document.documentElement.clientWidth;
  return {
    formulas: all(".math").length,
    rendered: all(".math mjx-container").length,
    // MathJax shows a macro that it does not know in red and goes on.
    mathErrors: all("mjx-merror, merror, mjx-container [style*='color: red']")
      .map((e) => e.textContent || e.parentElement.outerHTML.slice(0, 160)),
    scrolling: all("mjx-container[display='true']")
      .filter((e) => e.scrollWidth > e.clientWidth + 1)
      .map((e) => e.textContent.slice(0, 60)),
    pageWidth: document.scrollingElement.scrollWidth,
    windowWidth: window.innerWidth,
    tooWide: all("main *:not(mjx-assistive-mml, mjx-assistive-mml *)")
      .filter((e) => e.getBoundingClientRect().right > width + 1 && !cut(e))
      .map(start).slice(0, 5),
    withoutAlt: all("main img").filter((e) => !e.alt.trim()).map(start),
    broken: all("img").filter((e) => e.complete && !e.naturalWidth).map(start),
    theme: document.documentElement.dataset.theme,
  };
}"""


@dataclass
class Visit:
    """The requests and complaints of a page, its measures, and its accessibility violations."""

    transferred: list[tuple[str, int]] = field(default_factory=list)  # address, bytes, compressed
    external: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    measures: dict[str, Any] = field(default_factory=dict)
    violations: list[dict[str, Any]] = field(default_factory=list)


def weigh(page: Page, found: Visit) -> None:
    """Note what comes over the line, and how often, but not what the browser has already."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    addresses: dict[str, str] = {}

    def answered(event: dict[str, Any]) -> None:
        response = event["response"]
        if not response["url"].startswith(("data:", "blob:")) and not response["fromDiskCache"]:
            addresses[event["requestId"]] = response["url"]

    def finished(event: dict[str, Any]) -> None:
        if address := addresses.pop(event["requestId"], None):
            found.transferred.append((address, int(event["encodedDataLength"])))

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)


@contextmanager
def opened(browser: Browser, origin: str, path: str, look: Look) -> Iterator[tuple[Page, Visit]]:
    """Open a page with the rest of the world closed off, noting all that it asks for."""
    found = Visit()
    context = browser.new_context(
        color_scheme=look.scheme,
        viewport={"width": look.width, "height": look.height},
        reduced_motion="reduce",
    )
    context.set_default_timeout(SECONDS * 1000)

    def own(url: str) -> bool:
        return url.startswith((f"{origin}/", "data:", "blob:", "about:"))

    def close_off(route: Any) -> None:
        if own(route.request.url):
            route.continue_()
        else:
            found.external.append(route.request.url)
            route.abort()

    context.route("**/*", close_off)
    page = context.new_page()
    weigh(page, found)
    page.on("requestfailed", lambda r: found.failed.append(f"{r.url}: {r.failure}"))
    page.on("response", lambda r: r.status >= 400 and found.failed.append(f"{r.url}: {r.status}"))
    page.on("console", lambda m: m.type == "error" and found.complaints.append(m.text))
    page.on("pageerror", lambda e: found.complaints.append(str(e)))
    try:
        page.goto(f"{origin}/{path}", wait_until="load")
        page.wait_for_function("!window.MathJax || window.MathJax.startup?.promise !== undefined")
        page.evaluate("window.MathJax?.startup?.promise")
        page.wait_for_load_state("networkidle")
        yield page, found
    finally:
        context.close()


def make_visits(browser: Browser, origin: str, path: str) -> dict[Look, Visit]:
    """Open a page once, and look at it in every way: formulas are typeset once, as for a reader who turns
    a phone or switches to dark.
    """
    visits = {}
    with opened(browser, origin, path, LOOKS[0]) as (page, found):
        for look in sorted(LOOKS, key=lambda look: look.width, reverse=True):
            page.emulate_media(color_scheme=look.scheme)
            page.set_viewport_size({"width": look.width, "height": look.height})
            page.wait_for_timeout(RESIZED)
            measures = page.evaluate(MEASURE)
            page.evaluate(THIN_OUT_CODE)
            run = Axe().run(page, options=AXE | RULES[look])
            visits[look] = replace(found, measures=measures, violations=run.response["violations"])
    return visits
