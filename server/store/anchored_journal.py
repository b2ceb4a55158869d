"""Whether the journal in a folder is the one that its key vouches for: what is signed, and what is believed."""

import errno
import hmac
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from server.store.anchor import (
    MARK,
    Anchor,
    JournalMark,
    MarkError,
    read_mark,
    read_origin,
    spelled,
    write_mark,
    write_origin,
)
from server.store.chain import Head
from server.store.journal import JournalFullError, JournalUnavailableError
from server.store.snapshot_file import JournalSnapshot


class FirstSegment(NamedTuple):
    """Where a journal begins."""

    name: str
    base: Head
    follows_set_aside: bool
    """Whether its first event says that a file before it was set aside."""


class AnchoredJournal:
    """The signed side of one folder. Without an anchor nothing is signed, and everything is believed."""

    def __init__(self, folder: Path, anchor: Anchor | None) -> None:
        self.unanchored = ""
        """Why nothing outside the folder vouches for this journal; empty where something does."""
        self.anchoring = ""
        """What was done about the anchor that has to be said; empty where all was as it was left."""
        self.found: JournalMark | None = None
        """The mark that the journal was found with, where it can be believed."""
        self.anchor = anchor
        self._folder = folder
        self._believes_all = anchor is None
        """Whether snapshots that are not signed are taken: those of a version that had no anchor."""

    def note_begin(self) -> None:
        """A journal is begun where there is none; one that was there before is gone, where its key is there."""
        if self.anchor is not None and not self.anchor.key.is_new:
            self.anchoring = f"begun anew: a journal was anchored with {self.anchor.key.file} before"

    def judge_mark(self, first: FirstSegment | None) -> None:
        """Whether the mark can be believed; that of a version without keys is taken over, once."""
        if self.anchor is None:
            return
        try:
            mark = read_mark(self._folder, self.anchor.key)
        except MarkError as error:
            self.unanchored = str(error)
            return
        if mark.is_signed:
            self.found = mark
        elif self.anchor.key.is_new:
            self.found, self._believes_all = mark, True
            if first is not None and first.base.seq:
                with suppress(OSError):
                    write_origin(self._folder, first.base, self.anchor.key)
            self.anchoring = f"taken over from a version without an anchor, at event {mark.seq}"
        else:
            self.unanchored = f"{MARK} is not signed"

    def judge_end(self, head: Head, holds: Callable[[JournalMark], bool], first: FirstSegment) -> None:
        """Whether the journal that was found, which ends with ``head``, is the one that was marked."""
        if self.anchor is None or self.unanchored or self.found is None:
            return
        marked = self.found
        if marked.is_signed and not holds(marked):
            self.unanchored = (
                f"{MARK} says that event {marked.seq} is {marked.hash[:16]}; the journal has another one"
            )
        elif marked.is_signed and not marked.fits(head):
            added = f"{head.seq - marked.seq} events stand after event {marked.seq}, the last that was marked"
            # The mark waits for no disk: where the power went, the journal may have got further than it.
            if marked.machine_boot in ("-", self.anchor.machine_boot):
                self.unanchored = added
            else:
                self.anchoring = f"{added}; the machine has started anew since"
        self.unanchored = self.unanchored or self._why_no_origin(self.anchor, first)

    def why_not(self, head: Head, first: FirstSegment) -> str:
        """Why a journal that ends with ``head`` is not the one that the mark says; empty where it is."""
        if self.anchor is None:
            return ""
        try:
            mark = read_mark(self._folder, self.anchor.key)
        except MarkError as error:
            return str(error)
        if not mark.is_signed or not mark.fits(head):
            return (
                f"{MARK} says that it ends with event {mark.seq} {mark.hash[:16]}; it ends with {shown(head)}"
            )
        return self._why_no_origin(self.anchor, first)

    def believed_mark(self) -> JournalMark | None:
        """The signed mark as it is now; None where there is none or no key."""
        if self.anchor is None:
            return None
        with suppress(MarkError):
            mark = read_mark(self._folder, self.anchor.key)
            return mark if mark.is_signed else None
        return None

    def mark(self, head: Head, upcoming: Head, file: str) -> None:
        """Notes how far the journal reaches; what is not believed is not signed either.

        Raises ``JournalFullError`` and ``JournalUnavailableError``.
        """
        boot = self.anchor.machine_boot if self.anchor is not None else ""
        mark = JournalMark.of(head, file, upcoming=upcoming, machine_boot=boot)
        try:
            write_mark(self._folder, mark, None if self.unanchored else self.anchor)
        except OSError as error:
            kind = JournalFullError if error.errno == errno.ENOSPC else JournalUnavailableError
            raise kind(f"{MARK}: {error.strerror}") from error

    def marked_seq(self) -> int:
        """How far the journal reached; 0 where nothing that can be believed says so."""
        if self.anchor is not None and self.unanchored:
            return 0
        with suppress(MarkError):
            return read_mark(self._folder, self.anchor.key if self.anchor is not None else None).seq
        return 0

    def note_origin(self, origin: Head) -> None:
        """Signs that the journal begins after ``origin``; raises ``OSError``."""
        if self.anchor is not None:
            write_origin(self._folder, origin, self.anchor.key)

    def sign(self, name: str, digest: str) -> str:
        """The signature of a snapshot's file; empty without an anchor."""
        return self.anchor.sign_snapshot(name, digest) if self.anchor is not None else ""

    def is_signed(self, snapshot: JournalSnapshot) -> bool:
        """Whether a snapshot is signed with our key."""
        return self.anchor is not None and hmac.compare_digest(
            self.sign(snapshot.file, snapshot.digest), snapshot.signature
        )

    @property
    def takes_unsigned(self) -> bool:
        """Whether a snapshot that is not signed is taken for a state: of a version that had no anchor, or without one."""
        return self._believes_all

    def settle(self) -> None:
        """Keeps a key that was made just now for good."""
        if self.anchor is not None:
            with suppress(OSError):
                self.anchor = self.anchor._replace(key=self.anchor.key.settle())

    def _why_no_origin(self, anchor: Anchor, first: FirstSegment) -> str:
        """Why the first segment is not where the journal begins; empty where it is."""
        try:
            origin = read_origin(self._folder, anchor.key)
        except MarkError as error:
            return str(error)
        wanted = int(origin.partition(":")[0])
        # More than need be there is no fault: months that are being removed go one after the other.
        if spelled(first.base) == origin or first.base.seq < wanted or first.follows_set_aside:
            return ""
        return f"{first.name} begins after event {first.base.seq}; the journal begins after event {wanted}"


def shown(head: Head) -> str:
    """An event as a sentence names it."""
    return f"{head.seq} {head.hash.hex()[:16]}"
