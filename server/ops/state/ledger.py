"""The one way to change what the daemon knows: decide on the state, journal, and only then answer and tell."""

import asyncio
import collections
import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from alerts.alert import Alert
from server.ops.state.ballast import Ballast
from server.ops.state.events import (
    Event,
    JournalAnchored,
    JournalSetAside,
    JournalUnanchored,
    SegmentClosed,
    SnapshotSaved,
    decode_event,
    kind_of,
)
from server.ops.state.fold import fold
from server.ops.state.item_faults import ItemFaults
from server.ops.state.snapshot import Capturing, pieces, restored, short_rest
from server.ops.state.state import State
from server.ops.state.undo import Undoable
from server.store.archive import Archive, Recovered, SetAside
from server.store.chain import Draft, Head, JournalEntry, head_of, seal
from server.store.journal import (
    JournalCorruptError,
    JournalFullError,
    JournalUnavailableError,
)
from server.store.snapshot_file import JournalSnapshot, snapshot_name

SNAPSHOT_EVERY = 10_000
_ALERTS_PER_EVENT = 4
_REST = 9.0
"""How many times as long as it works the thread of a snapshot rests while the daemon is at work: a tenth is its share."""
_ROUND_S = 0.004
"""Processor time that the decisions of one round may take before the loop gets its turn."""
ENCODER = msgspec.json.Encoder()
_log = logging.getLogger("ops")
JOURNAL_ERRORS = (JournalFullError, JournalUnavailableError, JournalCorruptError)

T = TypeVar("T")
Clock = Callable[[], datetime]


class Actor(NamedTuple):
    """Who does something and how that is known."""

    name: str
    auth: str


DAEMON = Actor("daemon", "daemon")


class Committed(NamedTuple):
    """What one round made durable."""

    entries: Sequence[tuple[JournalEntry, Event]]
    touched: frozenset[str]
    """Fingerprints of alerts that were refreshed without an event."""
    silences: frozenset[str] = frozenset()
    """Silences that began or ended by the clock: the alerts that they fit are to be shown anew."""
    windows: frozenset[int] = frozenset()
    """Maintenance windows, likewise."""


class Transaction:
    """One decision: reads the state, records events, each of which is folded at once.

    Decisions go by the clock as it is, even after it was set back; only the events' own times never run backwards.
    """

    def __init__(
        self,
        state: State,
        head: Head,
        now: datetime,
        item_faults: ItemFaults | None = None,
        clean: Callable[[Event], Event] | None = None,
    ) -> None:
        self.state = state
        self._item_faults = item_faults or ItemFaults(lambda: now)
        self._clean = clean
        self.now = now
        self.head = head
        self.recorded: list[tuple[JournalEntry, Event]] = []
        self.touched: set[str] = set()
        self.silences: set[str] = set()
        self.windows: set[int] = set()
        self.effects: list[Callable[[], object]] = []

    def record(self, event: Event, actor: Actor, acted_on: str, digest: str = "") -> JournalEntry:
        """Adds an event, cleaned of secrets; it counts only when the whole decision has been journalled."""
        # Before the fold: the state must be what the journal says, and a start from the events alone the same.
        if self._clean is not None:
            event = self._clean(event)
        draft = Draft(
            kind=kind_of(event),
            actor=actor.name,
            auth=actor.auth,
            object=acted_on,
            digest=digest,
            body=ENCODER.encode(event),
        )
        entry = seal(draft, self.head, self.now)
        fold(self.state, event, entry)
        self.head = head_of(entry)
        self.recorded.append((entry, event))
        return entry

    def touch(self, alert: Alert) -> None:
        """Refreshes an alert without an event: last seen, annotations."""
        self.state.put_alert(alert)
        self.touched.add(alert.fingerprint)

    def forget(self, fingerprint: str) -> None:
        """Lets an alert go that is no longer shown."""
        if self.state.forget_alert(fingerprint):
            self.touched.add(fingerprint)

    def attempt(self, part: str, item: str, act: Callable[..., object], *given: object) -> Exception | None:
        """Calls ``act`` with what is ``given`` as a part of this decision that stands by itself: where it raises, nothing of it has been.

        Returns what it raised; the item is then named among those that ``part`` has gone past.
        """
        mark, head, recorded, effects = (
            self.state.undo.mark,
            self.head,
            len(self.recorded),
            len(self.effects),
        )
        try:
            act(*given)
        except Exception as error:  # noqa: BLE001 - one bad item never takes the decision with it
            self.state.undo.go_back(mark)
            self.head = head
            del self.recorded[recorded:], self.effects[effects:]
            self._item_faults.note(part, item, error)
            return error
        self._item_faults.well(part, item)
        return None

    def afterwards(self, effect: Callable[[], object]) -> None:
        """Has ``effect`` done once all of this is on disk, whether or not whoever asked still waits.

        It is called by the ledger's own task and must not block: what takes time is started in a task that the
        effect's owner keeps.
        """
        self.effects.append(effect)


class _Waiting(NamedTuple):
    decide: Callable[[Transaction], Any]
    answer: "asyncio.Future[Any]"
    companion: "Companion | None"


class _Round:
    """Decisions that are journalled together."""

    def __init__(self, head: Head) -> None:
        self.head_before = head
        self.answers: list[tuple[asyncio.Future[Any], Any]] = []
        self.recorded: list[tuple[JournalEntry, Event]] = []
        self.touched: set[str] = set()
        self.silences: set[str] = set()
        self.windows: set[int] = set()
        self.effects: list[Callable[[], object]] = []
        self.undo: list[tuple[Undoable, Any, Any]] = []
        self.appended: asyncio.Task[None] | None = None
        self.closed: SegmentClosed | None = None
        """The end of the segment, where this is its last round."""

    @property
    def told(self) -> Committed:
        """As listeners are told of it."""
        return Committed(
            self.recorded, frozenset(self.touched), frozenset(self.silences), frozenset(self.windows)
        )

    def take(self, transaction: Transaction, waiting: _Waiting, answer: object) -> None:
        """Adds a decision that was made."""
        self.answers.append((waiting.answer, answer))
        self.recorded += transaction.recorded
        self.touched |= transaction.touched
        self.silences |= transaction.silences
        self.windows |= transaction.windows
        self.effects += transaction.effects
        self.closed = next((e for _, e in transaction.recorded if isinstance(e, SegmentClosed)), self.closed)


class Companion(NamedTuple):
    """An event that is journalled together with whatever a request changes first."""

    event: Event
    actor: Actor
    acted_on: str


_companion: contextvars.ContextVar[Companion | None] = contextvars.ContextVar("companion", default=None)


@contextlib.contextmanager
def accompanied_by(event: Event, actor: Actor, acted_on: str) -> Iterator[None]:
    """Within the block, a decision that records anything records this event too."""
    token = _companion.set(Companion(event, actor, acted_on))
    try:
        yield
    finally:
        _companion.reset(token)


def is_accompanied() -> bool:
    """Whether the next decision has an event with it that must be journalled together with it."""
    return _companion.get() is not None


class Ledger:
    """Owns the state and the journal.

    Decisions that wait while the disk is busy share the next commit, and are made while the one before is written;
    where that one fails, they are taken back with it.
    """

    def __init__(self, archive: Archive, clock: Clock, ballast: Ballast | None = None) -> None:
        self.state = State()
        self.clock = clock
        self.head = Head()
        self.fault: str | None = None
        """Why the journal cannot be written just now."""
        self.snapshot_fault: str | None = None
        """Why the latest snapshot was not kept; start-up takes longer for it, nothing else."""
        self.item_faults = ItemFaults(clock)
        """What the daemon's parts could not handle and went past."""
        self.clean: Callable[[Event], Event] | None = None
        """Takes out of an event what must not be kept."""
        self.set_aside: str | None = None
        self.unsound: str | None = None
        """Why the journal is not believed: nothing vouches for it, or the last verification of it failed."""
        self._aside_lay_there = False
        self.listeners: list[Callable[[Committed], None]] = []
        self.taken_back: list[Callable[[Committed], None]] = []
        """Told of what was decided and could not be journalled, once the state is as it was before it."""
        self._archive = archive
        self._ballast = ballast
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._snapshot_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="snapshot")
        self._snapshotting: asyncio.Task[None] | None = None
        self._closing = threading.Event()
        self._waiting: collections.deque[_Waiting] = collections.deque()
        self._wake = asyncio.Event()
        self._rounds: list[_Round] = []
        """Made and not yet on disk, the earliest first."""
        self._since_snapshot = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Ledger"]:
        """Opens the journal, folds it, and commits decisions until the block is left."""
        recovered = await self._open()
        while recovered.snapshot is not None and not self._restore(recovered.snapshot):
            recovered = await self._in_thread(self._archive.open_without, recovered.snapshot, self.clock())
        self._rebuild(recovered)
        if recovered.set_aside is not None:
            await self._tell_set_aside(recovered.set_aside)
        else:
            await self.look_at_set_aside()
        await self._tell_anchoring()
        task = asyncio.create_task(self._commit_for_ever(), name="ledger")
        try:
            yield self
        finally:
            self._closing.set()
            with contextlib.suppress(*JOURNAL_ERRORS):
                await self.decide(lambda tx: None)
            # Before the commits end: a snapshot that is on its way is journalled as its last step.
            if self._snapshotting is not None:
                await asyncio.wait({self._snapshotting})
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            saved = await self._save_snapshot(Capturing(self.state, self.head))
            if saved is not None:
                with contextlib.suppress(*JOURNAL_ERRORS, OSError):
                    await self._record_now(saved, saved.file, saved.sha256)
            await self._in_thread(self._archive.close)
            self._thread.shutdown()
            self._snapshot_thread.shutdown()

    async def _open(self) -> Recovered:
        try:
            return await self._in_thread(self._archive.open, self.clock())
        except (JournalFullError, JournalUnavailableError) as error:
            if not self._frees_space(error):
                raise
            return await self._in_thread(self._archive.open, self.clock())

    @property
    def kept_head(self) -> Head:
        """The last event that is on disk, which alone may be told to others: what is decided after it may be taken back."""
        return self._rounds[0].head_before if self._rounds else self.head

    async def on_disk(self, look: Callable[[], T]) -> T:
        """What ``look`` finds on the disk between two commits; nothing is written while it looks."""
        return await self._in_thread(look)

    async def decide(self, decide: Callable[[Transaction], T], *, accompanied: bool = True) -> T:
        """Runs a decision on the state and returns its answer once all its events are on disk.

        What ``decide`` raises is raised here and changes nothing; so are the errors of the journal. A decision that
        was asked for is made even if whoever asked goes away. Where it is only a part of what a request changes and
        another part follows, ``accompanied`` is False.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(decide, answer, _companion.get() if accompanied else None))
        self._wake.set()
        return await answer

    async def _commit_for_ever(self) -> None:
        flying: _Round | None = None
        while True:
            if flying is None and not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            try:
                flying = await self._turn(flying)
            except Exception as error:  # noqa: BLE001 - the outermost loop of a task
                _log.exception("a commit failed")
                flying = None
                self._take_back(JournalUnavailableError(f"{type(error).__name__}: {error}"))

    async def _turn(self, flying: _Round | None) -> _Round | None:
        """Makes the decisions that wait, settles the round before, sends this one to the disk; the one on its way."""
        made = _Round(self.head)
        self._rounds.append(made)
        self._decide_some(made)
        # The round before comes first: where it failed this one is taken back with it, and nobody is answered from a
        # state that is not on disk.
        if flying is not None:
            await self._decide_meanwhile(flying, made)
            if not await self._settle(flying):
                return None
            await asyncio.sleep(0)
        made.undo = self.state.undo.take()
        if not made.recorded:
            self._land(made)
            await asyncio.sleep(0)
            return None
        made.appended = self._begin_append([entry for entry, _ in made.recorded])
        snapshot_is_due = self._since_snapshot + len(made.recorded) >= self._snapshot_every
        if made.closed is None and not (snapshot_is_due and self._snapshotting is None):
            return made
        if await self._settle(made):
            if made.closed is not None:
                await self._rotate()
            if snapshot_is_due:
                self._begin_snapshot()
        return None

    @property
    def _snapshot_every(self) -> int:
        """Events from one snapshot to the next: more where there is more to write, or it would cost each of them more."""
        return SNAPSHOT_EVERY + len(self.state.alerts) // _ALERTS_PER_EVENT

    async def _decide_meanwhile(self, flying: _Round, made: _Round) -> None:
        """Adds to a round whatever comes while the one before is written."""
        if flying.appended is None:
            return
        flying.appended.add_done_callback(lambda _: self._wake.set())
        while not flying.appended.done() and made.closed is None:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            self._decide_some(made)
            await asyncio.sleep(0)

    def _decide_some(self, made: _Round) -> None:
        """Makes decisions that wait: as many as fit into a few milliseconds, so that the loop is not held."""
        until = time.thread_time() + _ROUND_S
        while self._waiting and made.closed is None and time.thread_time() < until:
            waiting = self._waiting.popleft()
            mark = self.state.undo.mark
            transaction = Transaction(self.state, self.head, self.clock(), self.item_faults, self.clean)
            try:
                answer = waiting.decide(transaction)
                if waiting.companion is not None and transaction.recorded:
                    transaction.record(*waiting.companion)
            except Exception as error:  # noqa: BLE001 - it is the caller's, and is raised there
                self.state.undo.go_back(mark)
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
                continue
            self.head = transaction.head
            made.take(transaction, waiting, answer)

    async def _settle(self, made: _Round) -> bool:
        """Waits for a round to be on disk and answers it; whether it is. Where it is not, nothing of it has been."""
        try:
            if made.appended is not None:
                await made.appended
        except Exception as error:  # noqa: BLE001 - whatever it was, what is not on disk has not happened
            if not isinstance(error, JOURNAL_ERRORS):
                _log.exception("a commit failed")
            self.fault = str(error)
            self._take_back(JournalUnavailableError(str(error)))
            if isinstance(error, JournalCorruptError):
                await self._begin_anew(str(error))
            return False
        self._land(made)
        return True

    def _land(self, made: _Round) -> None:
        """A round is on disk: its effects follow, its decisions are answered, what changed is told."""
        self._rounds.remove(made)
        self._since_snapshot += len(made.recorded)
        for effect in made.effects:
            try:
                effect()
            except Exception:  # noqa: BLE001 - the event is on disk; the effect's owner makes good at the next start
                _log.exception("what was journalled could not be begun")
        for future, answer in made.answers:
            if not future.done():
                future.set_result(answer)
        told = made.told
        if any(told) or self.state.inhibition.changed:
            self._tell(told, self.listeners)

    def _take_back(self, error: JournalUnavailableError) -> None:
        """Undoes every round that is not on disk, the latest first, and tells whoever waits for them."""
        undo = self.state.undo
        undo.go_back(0)
        for made in reversed(self._rounds):
            undo.give(made.undo)
            undo.go_back(0)
            self.head = made.head_before
            for future, _ in made.answers:
                if not future.done():
                    future.set_exception(error)
        self.state.revision += 1
        rounds = list(self._rounds)
        self._rounds.clear()
        for made in rounds:
            self._tell(made.told, self.taken_back)

    def _begin_append(self, entries: list[JournalEntry]) -> "asyncio.Task[None]":
        return asyncio.create_task(self._append(entries), name="append")

    async def _append(self, entries: list[JournalEntry]) -> None:
        try:
            await self._in_thread(self._archive.append, entries)
        except (JournalFullError, JournalUnavailableError) as error:
            if not self._frees_space(error):
                raise
            await self._in_thread(self._archive.append, entries)
        self.fault = None

    def _frees_space(self, error: Exception) -> bool:
        """Gives the ballast up where that may help."""
        if self._ballast is None:
            return False
        return (isinstance(error, JournalFullError) or self._ballast.disk_is_full()) and self._ballast.free()

    async def _rotate(self) -> None:
        """The next segment, of the month that has begun."""
        try:
            await self._in_thread(self._archive.rotate, f"{self.head.at:%Y-%m}", self.head)
        except (*JOURNAL_ERRORS, OSError) as error:
            self.fault = str(error)
        self._begin_snapshot()

    def _begin_snapshot(self) -> None:
        """Captures the state, all of which is on disk just now, and has it written beside the commits that follow."""
        if self._snapshotting is not None:
            return
        self._since_snapshot = 0
        task = asyncio.create_task(self._keep_snapshot(Capturing(self.state, self.head)), name="snapshot")
        task.add_done_callback(self._snapshot_done)
        self._snapshotting = task

    def _snapshot_done(self, task: "asyncio.Task[None]") -> None:
        self._snapshotting = None

    async def _keep_snapshot(self, capturing: Capturing) -> None:
        """Saves a snapshot and journals what it is."""
        saved = await self._save_snapshot(capturing, self._rest)
        if saved is not None:
            with contextlib.suppress(*JOURNAL_ERRORS):
                await self.decide(lambda tx: tx.record(saved, DAEMON, saved.file, saved.sha256))

    def _rest(self, worked_s: float) -> None:
        """Leaves the interpreter to the loop for most of the time that a snapshot takes, unless we are closing."""
        self._closing.wait(_REST * worked_s)

    async def _save_snapshot(
        self, capturing: Capturing, rest: Callable[[float], object] = short_rest
    ) -> SnapshotSaved | None:
        loop = asyncio.get_running_loop()
        captured = await capturing.finish()
        try:
            digest = await loop.run_in_executor(
                self._snapshot_thread, self._archive.save_snapshot, captured.head, pieces(captured, rest)
            )
        except OSError as error:
            self.snapshot_fault = str(error)
            _log.error("no snapshot was kept: %s", error)
            return None
        self.snapshot_fault = None
        if not self._archive.has_anchor:
            return None
        head = captured.head
        return SnapshotSaved(file=snapshot_name(head), seq=head.seq, sha256=digest)

    def _tell(self, committed: Committed, listeners: Sequence[Callable[[Committed], None]]) -> None:
        for listener in listeners:
            try:
                listener(committed)
            except Exception:  # noqa: BLE001 - what is committed is committed, whoever cannot tell it
                _log.exception("a change could not be told")

    def _restore(self, snapshot: JournalSnapshot) -> bool:
        """Whether the snapshot is a state; it is ours then."""
        try:
            self.state = restored(snapshot.pieces())
        except Exception as error:  # noqa: BLE001 - a snapshot is derived: whatever is wrong with it, the events are there
            self.snapshot_fault = f"the snapshot of event {snapshot.head.seq} cannot be read: {error}"
            _log.error("%s; going on from what is before it", self.snapshot_fault)
            return False
        self.head = snapshot.head
        return True

    def _rebuild(self, recovered: Recovered) -> None:
        if recovered.snapshot is None:
            self.state, self.head = State(), Head()
        for entry in recovered.entries:
            fold(self.state, decode_event(entry.body), entry)
            self.head = head_of(entry)
            self.state.undo.take()
        self._since_snapshot = len(recovered.entries)
        self.state.undo.take()

    async def _begin_anew(self, why: str) -> None:
        """A file that turned out unsound while we were running: the state at hand is the truth that goes on."""
        try:
            found = await self._in_thread(self._archive.begin_after, self.head, self.clock(), why)
            await self._tell_set_aside(found)
        except (*JOURNAL_ERRORS, OSError) as error:
            self.fault = str(error)

    async def look_at_set_aside(self) -> None:
        """Whether a file that was set aside still lies there: the damage is dealt with when somebody has moved it.

        A segment that vanished leaves no file; what is said of it stays until the next start.
        """
        there = await self._in_thread(self._archive.set_aside_files)
        if there and self.set_aside is None:
            self.set_aside = f"{there[-1]}: look at it, and move it to another folder"
        elif not there and self._aside_lay_there:
            self.set_aside = None
        self._aside_lay_there = bool(there)

    async def _tell_set_aside(self, found: SetAside) -> None:
        """The first event of the new chain, and the state with which it begins."""
        self.set_aside = f"{found.file}: {found.why}"
        event = JournalSetAside(
            file=found.file, sha256=found.sha256, seq=found.seq, hash=found.hash, why=found.why
        )
        told = await self._record_now(event, "journal")
        # The chain before it may not be readable any more: this snapshot is what the new one begins with.
        saved = await self._save_snapshot(Capturing(self.state, self.head))
        if saved is not None:
            told += await self._record_now(saved, saved.file, saved.sha256)
        self._tell(Committed(told, frozenset()), self.listeners)

    async def _tell_anchoring(self) -> None:
        """On the record at every start: what vouches for the journal otherwise than before, or why nothing does."""
        event: JournalAnchored | JournalUnanchored | None = None
        if self._archive.unanchored:
            self.unsound = f"not anchored: {self._archive.unanchored}"
            event = JournalUnanchored(why=self._archive.unanchored)
            _log.error("the journal is %s; look at it, then: ops audit anchor", self.unsound)
        elif self._archive.anchoring:
            event = JournalAnchored(how=self._archive.anchoring)
            _log.warning("the journal's anchor: %s", self._archive.anchoring)
        if event is None:
            return
        with contextlib.suppress(*JOURNAL_ERRORS):
            await self._record_now(event, "journal")
            if isinstance(event, JournalAnchored):
                # Snapshots of before have nobody who vouches for them at the next start.
                saved = await self._save_snapshot(Capturing(self.state, self.head))
                if saved is not None:
                    await self._record_now(saved, saved.file, saved.sha256)

    async def _record_now(
        self, event: Event, acted_on: str, digest: str = ""
    ) -> list[tuple[JournalEntry, Event]]:
        """Records an event of the journal's own past the queue of decisions, which must not be at work."""
        transaction = Transaction(self.state, self.head, self.clock())
        entry = transaction.record(event, DAEMON, acted_on, digest)
        self.state.undo.take()
        await self._append([entry])
        self.head = transaction.head
        return transaction.recorded

    async def _in_thread(self, call: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: call(*given))
