"""A link in a page with which one person acknowledges one incident, once: signed, with an end, and nothing to guess."""

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from alerts.notification import Notification
from server.ops.paging.answers import PageAnswer
from server.ops.state.ledger import Actor
from server.ops.state.state import State

VALID_FOR = timedelta(hours=12)
_KEY_BYTES = 32
_SIGNATURE_BYTES = 16
_TOKEN = re.compile(r"([0-9]{1,15})-([0-9]{1,11})-([a-z0-9][a-z0-9_.-]{0,39})-([A-Za-z0-9_-]{22})")


class BadLinkError(Exception):
    """The link is none of ours, or its time is over; the text says which."""


class LinkedPage(msgspec.Struct, frozen=True):
    """The page that a link is in, and whose copy of it."""

    page_id: int
    person: str


class LinkSigner:
    """Makes links and knows its own; the key never leaves its file."""

    def __init__(self, key: bytes, url: str) -> None:
        self._key, self._url = key, url.rstrip("/")

    def link_of(self, page: Notification, person: str) -> str:
        """The link in a person's copy of a page."""
        ends = int((page.decided_at + VALID_FOR).timestamp())
        return f"{self._url}/{page.id}-{ends}-{person}-{self._signature(page.id, ends, person)}"

    def read(self, token: str, now: datetime) -> LinkedPage:
        """The page of a link. Raises ``BadLinkError``."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise BadLinkError("this is no link of a page")
        page_id, ends, person = int(found[1]), int(found[2]), found[3]
        if not hmac.compare_digest(self._signature(page_id, ends, person), found[4]):
            raise BadLinkError("this is no link of a page")
        if now.timestamp() >= ends:
            at = datetime.fromtimestamp(ends, UTC)
            raise BadLinkError(f"this link ended at {at:%Y-%m-%d %H:%MZ}")
        return LinkedPage(page_id, person)

    def _signature(self, page_id: int, ends: int, person: str) -> str:
        signed = hmac.new(self._key, f"{page_id} {ends} {person}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(signed[:_SIGNATURE_BYTES]).rstrip(b"=").decode()


LinkOf = Callable[[Notification, str], str]
"""The link in a person's copy of a page, empty where there is none."""


def answer_of(state: State, linked: LinkedPage) -> PageAnswer:
    """What the press of a link's button says. Raises ``BadLinkError`` where the page is not about what is on now."""
    page = state.pages.get(linked.page_id)
    incident = None if page is None or page.incident_id is None else state.incidents.get(page.incident_id)
    if page is None or incident is None or linked.person not in page.people:
        raise BadLinkError("the page of this link is not there any more")
    if page.decided_at < incident.began_at:
        raise BadLinkError(f"this link was about an earlier outage; incident {incident.id} is a relapse")
    person = state.contacts.people.get(linked.person)
    if person is None:
        raise BadLinkError(f"{linked.person} is not among the contacts any more")
    return PageAnswer(
        incident_id=incident.id,
        where="link",
        key=f"link {linked.page_id} {linked.person}",
        what="acknowledged",
        by=Actor(person.user, "link"),
    )


def take_link_key(path: Path) -> bytes:
    """The key, made where there is none. Raises ``OSError``."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = secrets.token_bytes(_KEY_BYTES)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
    if len(key) != _KEY_BYTES:
        raise OSError(
            f"{path} is no key of {_KEY_BYTES} bytes; remove it, and links that were sent before end"
        )
    return key
