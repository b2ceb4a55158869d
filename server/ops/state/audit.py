"""Whether the daemon's own journal is sound: chain, memory, mark and snapshots, on request and once a day."""

import asyncio
from datetime import timedelta
from typing import NamedTuple

import msgspec

from alerts.wire import AuditVerdict, BadRow, HeadCheck, JournalHead
from server.ops.single_flight import SingleFlight
from server.ops.state.events import JournalVerified
from server.ops.state.ledger import DAEMON, Ledger
from server.periodic import Periodic
from server.store.archive import Archive
from server.store.chain import Head
from server.store.journal import JournalCorruptError, JournalUnavailableError

_EVERY = timedelta(days=1)


class KeptHead(NamedTuple):
    """An event as somebody noted it elsewhere: its number and the first digits of its hash."""

    seq: int
    hash: str


class Audit:
    """Verifies the journal; its ``loop`` does so at the start and then once a day, and has a failure alerted."""

    def __init__(self, ledger: Ledger, archive: Archive) -> None:
        self._ledger = ledger
        self._archive = archive
        self._walk = SingleFlight(self.verdict)
        self.loop = Periodic("audit", _EVERY, self.verify_by_itself)

    async def answer(self, kept: KeptHead | None = None) -> AuditVerdict:
        """The verdict, which is found once for all who ask at the same time; ``kept`` is compared for each by itself."""
        verdict = await self._walk.answer()
        if kept is None:
            return verdict
        checked = await asyncio.to_thread(self._check, kept)
        return msgspec.structs.replace(verdict, ok=verdict.ok and checked.held, head=checked)

    async def verdict(self) -> AuditVerdict:
        """Walks every segment, then compares the end on disk with memory and mark; a fault of theirs is alerted."""
        head, count, broken = await asyncio.to_thread(self._archive.verify)
        why = "" if broken else await self._ledger.on_disk(lambda: self._why_unanchored(head))
        bad = await asyncio.to_thread(self._archive.bad_snapshots)
        verdict = AuditVerdict(
            ok=broken is None and not why and not bad,
            events=count,
            sound_until=JournalHead(seq=head.seq, hash=head.hash.hex()),
            first_bad=BadRow(seq=broken.seq, why=broken.why, file=broken.file) if broken else None,
            set_aside=tuple(self._archive.set_aside_files()),
            anchored=broken is None and not why,
            why_not_anchored=why,
            bad_snapshots=tuple(bad),
        )
        # Whoever asked: what is wrong with the journal itself is alerted, what somebody noted of another is theirs.
        self._ledger.unsound = verdict.fault or None
        return verdict

    async def verify_by_itself(self) -> None:
        """Verifies, journals what was found, and has it alerted where it is not sound."""
        verdict = await self._walk.answer()
        head = verdict.sound_until
        event = JournalVerified(events=verdict.events, seq=head.seq, hash=head.hash, fault=verdict.fault)
        await self._ledger.decide(lambda tx: tx.record(event, DAEMON, "journal"))

    def _why_unanchored(self, walked: Head) -> str:
        try:
            return self._archive.why_unanchored(walked)
        except (JournalCorruptError, JournalUnavailableError, OSError) as error:
            return f"its end cannot be read: {error}"

    def _check(self, kept: KeptHead) -> HeadCheck:
        found = next(iter(self._archive.read(kept.seq - 1, 1)), None)
        if found is None or found.seq != kept.seq:
            why = f"event {kept.seq} is not in this journal, and you know that it was"
        elif not found.hash.hex().startswith(kept.hash):
            why = f"event {kept.seq} is {found.hash.hex()[:16]} here and was {kept.hash[:16]}: not the same journal"
        else:
            return HeadCheck(seq=kept.seq, hash=kept.hash, held=True)
        return HeadCheck(seq=kept.seq, hash=kept.hash, held=False, why=why)
