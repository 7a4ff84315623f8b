"""What search engines, link previews and lost readers are told, and that it agrees with the address."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from chapters import published_address
from pages import SITE, all_pages, chapter_pages
from visit import LOOKS, opened


def head(name: str) -> BeautifulSoup:
    return BeautifulSoup((SITE / name).read_text(encoding="utf-8"), "html.parser").head


def test_the_sitemap_lists_every_page():
    places = ElementTree.parse(SITE / "sitemap.xml").findall(".//{*}loc")
    assert {place.text for place in places} == {published_address() + p for p in chapter_pages()}


@pytest.mark.parametrize("name", chapter_pages())
def test_a_link_to_a_page_has_a_preview(name):
    tags = {
        tag.get("property") or tag.get("name"): tag["content"]
        for tag in head(name).select("meta[content]")
    }
    assert tags["og:title"]
    assert len(tags["og:description"]) > 40
    assert tags["og:url"] == published_address() + name
    card = tags["og:image"].removeprefix(published_address())
    assert (SITE / card).is_file()
    assert head(name).select_one("link[rel=canonical]")["href"] == published_address() + name


@pytest.mark.parametrize("name", [p for p in all_pages() if p != "index.html"])
def test_every_page_has_the_icon(name):
    icon = head(name).select_one("link[rel='icon']")["href"]
    assert icon.endswith("logo.svg")


@pytest.mark.browser
def test_a_lost_reader_finds_back(browser, origin):
    with opened(browser, origin, "book/no/such/page.html", LOOKS[0]) as (page, found):
        assert [line.rpartition(" ")[2] for line in found.failed] == ["404"]
        assert found.external == []
        assert "not found" in page.locator("article").inner_text().lower()
        page.locator(".navbar-brand").first.click()
        page.wait_for_url("**/book/index.html")
        assert page.locator("article h1").inner_text().startswith("LSTM: the executable course")
