"""The content security policy of every page is in force before its first script, and is obeyed.

That no page breaks its own policy is seen in test_site_is_self_contained.py: a browser complains.
"""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from pages import SITE, all_pages
from visit import LOOKS, opened


@pytest.mark.parametrize("name", [page for page in all_pages() if page != "index.html"])
def test_the_policy_comes_before_every_script(name):
    head = BeautifulSoup((SITE / name).read_text(encoding="utf-8"), "html.parser").head
    tags = head.find_all(["meta", "script", "link"])
    policies = [tag.get("http-equiv") == "Content-Security-Policy" for tag in tags]
    assert sum(policies) == 1
    assert all(tag.name == "meta" for tag in tags[: policies.index(True)])
    content = tags[policies.index(True)]["content"]
    scripts = next(part for part in content.split("; ") if part.startswith("script-src"))
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "http" not in content


@pytest.mark.browser
@pytest.mark.parametrize(
    "attempt",
    [
        "const s = document.createElement('script'); s.textContent = 'window.broken = 1';"
        "document.body.append(s)",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.broken = 1\">')",
        "const s = document.createElement('script'); s.src = 'data:text/javascript,window.broken=1';"
        "document.body.append(s)",
    ],
    ids=["script", "handler", "data"],
)
def test_a_script_that_was_slipped_in_does_not_run(browser, origin, attempt):
    with opened(browser, origin, "book/03_how_fast_error_decays.html", LOOKS[0]) as (page, found):
        page.evaluate(f"() => {{ {attempt} }}")
        page.wait_for_timeout(200)
        assert page.evaluate("window.broken") is None
        assert any("Content Security Policy" in text for text in found.complaints)
