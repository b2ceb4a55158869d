"""The Atom feed (RFC 4287): incidents, announcements and maintenance, each an entry that changes with its updates."""

from html import escape
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from web.page import EntryView, Page, UpdateView
from web.statuspage import api_time

_ATOM = "http://www.w3.org/2005/Atom"
_LISTED = 50


def atom_feed(page: Page) -> bytes:
    """The feed, what changed last first."""
    register_namespace("", _ATOM)
    host = urlsplit(page.url).hostname or "localhost"
    entries = page.entries[:_LISTED]
    feed = Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _text(feed, "id", f"tag:{host},2005:/history")
    _text(feed, "title", f"{page.name} status: incidents and maintenance")
    _text(feed, "updated", api_time(entries[0].updated_at if entries else page.updated_at))
    SubElement(feed, f"{{{_ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": f"{page.url}/"})
    SubElement(
        feed,
        f"{{{_ATOM}}}link",
        {"rel": "self", "type": "application/atom+xml", "href": f"{page.url}/history.atom"},
    )
    author = SubElement(feed, f"{{{_ATOM}}}author")
    _text(author, "name", page.name)
    for entry in entries:
        _entry(feed, entry, page, host)
    body: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _entry(feed: Element, entry: EntryView, page: Page, host: str) -> None:
    node = SubElement(feed, f"{{{_ATOM}}}entry")
    _text(node, "id", f"tag:{host},2005:Incident/{entry.public_id}")
    _text(node, "published", api_time(entry.created_at))
    _text(node, "updated", api_time(entry.updated_at))
    SubElement(
        node, f"{{{_ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": f"{page.url}{entry.path}"}
    )
    _text(node, "title", entry.title)
    planned = ""
    if entry.scheduled_for is not None and entry.scheduled_until is not None:
        planned = (
            f"<p><small>Planned: {entry.scheduled_for:%Y-%m-%d %H:%M} to "
            f"{entry.scheduled_until:%Y-%m-%d %H:%M} UTC</small></p>"
        )
    content = SubElement(node, f"{{{_ATOM}}}content", {"type": "html"})
    content.text = _legal("".join(_content(update) for update in entry.updates) + planned)


def _content(update: UpdateView) -> str:
    """The state of each in its first ``<strong>``, as readers of such feeds look for it."""
    return (
        f"<p><small>{update.at:%-d %B %Y, %H:%M} UTC</small><br/><strong>{escape(update.words)}</strong></p>"
        f"{update.html}"
        + "".join(
            f"<p><small>Corrected {at:%-d %B %Y, %H:%M} UTC</small></p>" for at, _ in update.corrections
        )
    )


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{_ATOM}}}{name}").text = _legal(text)


def _legal(text: str) -> str:
    """Without what XML 1.0 has no place for."""
    return "".join(char for char in text if char in "\t\n" or char >= " ")
