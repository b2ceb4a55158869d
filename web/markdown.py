"""Markdown of people as HTML that is safe to publish: no HTML of theirs, and a short list of what may come out."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "a", "blockquote"}
ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "*": set()}
SCHEMES = {"http", "https", "mailto"}
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")


@lru_cache(maxsize=1_024)
def html_of(text: str) -> str:
    """The text as HTML of paragraphs, lists, emphasis, code and links; whatever else is in it stays text.

    Rendered with HTML off, then cleaned again by a list of what may be there: neither of the two has to be without
    fault for the page to be safe.
    """
    rendered = _PARSER.render(text)
    return nh3.clean(
        rendered,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    ).strip()


def plain_of(text: str) -> str:
    """The text as it reads without HTML: what a calendar or a terminal shows."""
    return text.replace("**", "").strip()
