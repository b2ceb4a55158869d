"""The journal's hash chain: how an event is sealed to the one before it, and how a break is found."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

GENESIS = bytes(32)


class Draft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event that has not been given its place in the chain."""

    kind: str
    actor: str
    auth: str
    """How the actor was authenticated: ``token``, ``file`` or ``daemon``."""
    object: str
    body: bytes
    """JSON, already free of secrets."""
    digest: str = ""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event of the journal, sealed."""

    seq: int
    at: datetime
    actor: str
    auth: str
    kind: str
    object: str
    digest: str
    body: bytes
    previous: bytes
    hash: bytes


class Head(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The end of a chain: what the next event is linked to."""

    seq: int = 0
    at: datetime = datetime.min.replace(tzinfo=UTC)
    hash: bytes = GENESIS


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """The first bad row of a chain."""

    seq: int
    why: str
    file: str = ""


def seal(draft: Draft, head: Head, now: datetime) -> JournalEntry:
    """The draft as the event after ``head``; its time is ``now``, but never before the one of ``head``."""
    at = max(now, head.at)
    sealed = _hash(
        head.seq + 1,
        at,
        (draft.actor, draft.auth, draft.kind, draft.object, draft.digest),
        draft.body,
        head.hash,
    )
    return JournalEntry(
        seq=head.seq + 1,
        at=at,
        actor=draft.actor,
        auth=draft.auth,
        kind=draft.kind,
        object=draft.object,
        digest=draft.digest,
        body=draft.body,
        previous=head.hash,
        hash=sealed,
    )


def hash_of(entry: JournalEntry) -> bytes:
    """SHA-256 over every field, each with its length before it, so that no two events share a text."""
    words = (entry.actor, entry.auth, entry.kind, entry.object, entry.digest)
    return _hash(entry.seq, entry.at, words, entry.body, entry.previous)


def _hash(
    seq: int, at: datetime, words: tuple[str, str, str, str, str], body: bytes, previous: bytes
) -> bytes:
    actor, auth, kind, acted_on, digest = words
    number, about = b"%d" % seq, acted_on.encode()
    text = b"%d:%b%b%b%d:%b%b%d:%b%d:%b" % (
        len(number), number, _sized(format_time(at)), _by_whom(actor, auth, kind),
        len(about), about, _sized(digest), len(body), body, len(previous), previous,
    )  # fmt: skip
    return hashlib.sha256(text).digest()


@lru_cache(maxsize=512)
def _by_whom(actor: str, auth: str, kind: str) -> bytes:
    return _sized(actor) + _sized(auth) + _sized(kind)


@lru_cache(maxsize=512)
def _sized(word: str) -> bytes:
    """A word with its length before it; the few that come again and again are known."""
    part = word.encode()
    return b"%d:%b" % (len(part), part)


def head_of(entry: JournalEntry) -> Head:
    """The head of a chain that ends with ``entry``."""
    return Head(seq=entry.seq, at=entry.at, hash=entry.hash)


def first_break(entries: Iterable[JournalEntry], head: Head) -> tuple[Head, Break | None]:
    """Walks the chain on from ``head``: where it ends soundly, and the first row that is not sound."""
    for entry in entries:
        why = _fault(entry, head)
        if why:
            return head, Break(seq=entry.seq, why=why)
        head = head_of(entry)
    return head, None


def _fault(entry: JournalEntry, head: Head) -> str:
    if entry.seq != head.seq + 1:
        return f"follows event {head.seq}: {_missing(head.seq + 1, entry.seq - 1)}"
    if entry.previous != head.hash:
        return f"is not linked to event {head.seq}"
    if entry.hash != hash_of(entry):
        return "its hash does not fit its content"
    if entry.at < head.at:
        return "is older than the event before it"
    return ""


def _missing(first: int, last: int) -> str:
    if last < first:
        return "out of order"
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"


@lru_cache(maxsize=16)
def format_time(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, the one spelling that is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def parse_time(text: str) -> datetime:
    """The reverse of ``format_time``; raises ``ValueError``."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is not UTC or format_time(at) != text:
        raise ValueError(f"{text!r} is not a time as the journal writes it")
    return at
