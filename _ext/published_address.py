"""Tell every extension where the book is published, from the one address in _config.yml.

``html_baseurl`` is that address. Link previews need all of it; the page for addresses that do not exist
needs its path, because the server shows it at any depth, where relative links lead astray.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError


def pass_on(app: Sphinx, config: Config) -> None:
    address = urlsplit(config.html_baseurl)
    if not (address.scheme and address.netloc and address.path.endswith("/")):
        raise ConfigError(
            f"html: baseurl: got {config.html_baseurl!r}, expected the address where the book is "
            "published, with a slash at its end, as https://owner.github.io/name/"
        )
    config.ogp_site_url = config.html_baseurl
    config.notfound_urls_prefix = address.path


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", pass_on)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
