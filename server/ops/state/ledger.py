"""The one way to change what the daemon knows: decide on the state, journal, and only then answer and tell."""

import asyncio
import contextlib
import contextvars
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from alerts.alert import Alert
from server.ops.state.ballast import Ballast
from server.ops.state.events import Event, JournalSetAside, SegmentClosed, decode_event, kind_of
from server.ops.state.fold import fold
from server.ops.state.state import State
from server.store.archive import Archive, Recovered, SetAside
from server.store.chain import Draft, Head, JournalEntry, head_of, seal
from server.store.journal import (
    JournalCorruptError,
    JournalFullError,
    JournalSnapshot,
    JournalUnavailableError,
)

SNAPSHOT_EVERY = 10_000
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


class Transaction:
    """One decision: reads the state, records events, each of which is folded at once.

    Decisions go by the clock as it is, even after it was set back; only the events' own times never run backwards.
    """

    def __init__(self, state: State, head: Head, now: datetime) -> None:
        self.state = state
        self.now = now
        self.head = head
        self.recorded: list[tuple[JournalEntry, Event]] = []
        self.touched: set[str] = set()

    def record(self, event: Event, actor: Actor, acted_on: str, digest: str = "") -> JournalEntry:
        """Adds an event; it counts only when the whole decision has been journalled."""
        draft = Draft(
            kind=kind_of(event),
            actor=actor.name,
            auth=actor.auth,
            object=acted_on,
            digest=digest,
            body=msgspec.json.encode(event),
        )
        entry = seal(draft, self.head, self.now)
        fold(self.state, event, entry)
        self.head = head_of(entry)
        self.recorded.append((entry, event))
        return entry

    @property
    def closes_segment(self) -> bool:
        """Whether nothing may follow it in the same file."""
        return any(isinstance(event, SegmentClosed) for _, event in self.recorded)

    def touch(self, alert: Alert) -> None:
        """Refreshes an alert without an event: last seen, annotations."""
        self.state.put_alert(alert)
        self.touched.add(alert.fingerprint)

    def forget(self, fingerprint: str) -> None:
        """Lets an alert go that is no longer shown."""
        if self.state.alerts.pop(fingerprint, None) is not None:
            self.touched.add(fingerprint)


class _Waiting(NamedTuple):
    decide: Callable[[Transaction], Any]
    answer: "asyncio.Future[Any]"
    companion: "Companion | None"


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


class Ledger:
    """Owns the state and the journal. Decisions that wait while the disk is busy share the next commit."""

    def __init__(self, archive: Archive, clock: Clock, ballast: Ballast | None = None) -> None:
        self.state = State()
        self.clock = clock
        self.head = Head()
        self.fault: str | None = None
        """Why the journal cannot be written just now."""
        self.set_aside: str | None = None
        self.listeners: list[Callable[[Committed], None]] = []
        self._archive = archive
        self._ballast = ballast
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._since_snapshot = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Ledger"]:
        """Opens the journal, folds it, and commits decisions until the block is left."""
        recovered = await self._open()
        self._rebuild(recovered)
        if recovered.set_aside is not None:
            await self._tell_set_aside(recovered.set_aside)
        task = asyncio.create_task(self._commit_for_ever(), name="ledger")
        try:
            yield self
        finally:
            with contextlib.suppress(*JOURNAL_ERRORS):
                await self.decide(lambda tx: None)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            with contextlib.suppress(*JOURNAL_ERRORS):
                await self._in_thread(self._save_snapshot, self._snapshot())
            await self._in_thread(self._archive.close)
            self._thread.shutdown()

    async def _open(self) -> Recovered:
        try:
            return await self._in_thread(self._archive.open, self.clock())
        except (JournalFullError, JournalUnavailableError) as error:
            if not self._frees_space(error):
                raise
            return await self._in_thread(self._archive.open, self.clock())

    async def decide(self, decide: Callable[[Transaction], T]) -> T:
        """Runs a decision on the state and returns its answer once all its events are on disk.

        What ``decide`` raises is raised here and changes nothing; so are the errors of the journal.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(decide, answer, _companion.get()))
        self._wake.set()
        return await answer

    async def _commit_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = self._waiting, []
            try:
                await self._commit(waiting)
            except Exception as error:  # noqa: BLE001 - the outermost loop of a task
                _log.exception("a commit failed")
                self._fail(waiting, JournalUnavailableError(f"{type(error).__name__}: {error}"))

    async def _commit(self, waiting: list[_Waiting]) -> None:
        saved, head = self.state.copy(), self.head
        answers: list[tuple[asyncio.Future[Any], Any]] = []
        recorded: list[tuple[JournalEntry, Event]] = []
        touched: set[str] = set()
        for n, wanted in enumerate(waiting):
            before = self.state.copy() if len(waiting) > 1 else saved
            transaction = Transaction(self.state, self.head, self.clock())
            try:
                answer = wanted.decide(transaction)
                if wanted.companion is not None and transaction.recorded:
                    transaction.record(*wanted.companion)
            except Exception as error:  # noqa: BLE001 - it is the caller's, and is raised there
                if transaction.recorded or transaction.touched:
                    self.state.restore(before if before is not saved else _copied(saved))
                if not wanted.answer.done():
                    wanted.answer.set_exception(error)
                continue
            self.head = transaction.head
            recorded += transaction.recorded
            touched |= transaction.touched
            answers.append((wanted.answer, answer))
            if transaction.closes_segment:
                self._waiting = waiting[n + 1 :] + self._waiting
                self._wake.set()
                break
        try:
            if recorded:
                await self._append([entry for entry, _ in recorded])
        except Exception as error:  # noqa: BLE001 - whatever it was, what is not on disk has not happened
            if not isinstance(error, JOURNAL_ERRORS):
                _log.exception("a commit failed")
            self.fault = str(error)
            self.state.restore(saved)
            self.head = head
            for future, _ in answers:
                if not future.done():
                    future.set_exception(JournalUnavailableError(str(error)))
            if isinstance(error, JournalCorruptError):
                await self._begin_anew(str(error))
            return
        for future, answer in answers:
            if not future.done():
                future.set_result(answer)
        self._tell(Committed(recorded, frozenset(touched)))
        await self._after_commit(recorded)

    def _fail(self, waiting: list[_Waiting], error: JournalUnavailableError) -> None:
        """Whoever was not answered is told; what was put back for the next turn is not lost."""
        for wanted in waiting:
            if not wanted.answer.done() and wanted not in self._waiting:
                wanted.answer.set_exception(error)

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

    async def _after_commit(self, recorded: list[tuple[JournalEntry, Event]]) -> None:
        self._since_snapshot += len(recorded)
        closed = next((event for _, event in recorded if isinstance(event, SegmentClosed)), None)
        try:
            if closed is not None:
                await self._in_thread(self._archive.rotate, closed.month, self._snapshot())
            elif self._since_snapshot >= SNAPSHOT_EVERY:
                await self._in_thread(self._save_snapshot, self._snapshot())
        except (*JOURNAL_ERRORS, OSError) as error:
            self.fault = str(error)

    def _tell(self, committed: Committed) -> None:
        for listener in self.listeners:
            try:
                listener(committed)
            except Exception:  # noqa: BLE001 - what is committed is committed, whoever cannot tell it
                _log.exception("a change could not be told")

    def _snapshot(self) -> JournalSnapshot:
        return JournalSnapshot(head=self.head, body=msgspec.json.encode(self.state))

    def _save_snapshot(self, snapshot: JournalSnapshot) -> None:
        self._archive.save_snapshot(snapshot)
        self._since_snapshot = 0

    def _rebuild(self, recovered: Recovered) -> None:
        if recovered.snapshot is not None:
            self.state = msgspec.json.decode(recovered.snapshot.body, type=State)
            self.head = recovered.snapshot.head
        for entry in recovered.entries:
            fold(self.state, decode_event(entry.body), entry)
            self.head = head_of(entry)
        self._since_snapshot = len(recovered.entries)

    async def _begin_anew(self, why: str) -> None:
        """A file that turned out unsound while we were running: the state at hand is the truth that goes on."""
        try:
            found = await self._in_thread(self._archive.begin_after, self.head, self.clock(), why)
            await self._tell_set_aside(found)
        except (*JOURNAL_ERRORS, OSError) as error:
            self.fault = str(error)

    async def _tell_set_aside(self, found: SetAside) -> None:
        """The first event of the new chain, and the state with which it begins."""
        self.set_aside = f"{found.file}: {found.why}"
        event = JournalSetAside(
            file=found.file, sha256=found.sha256, seq=found.seq, hash=found.hash, why=found.why
        )
        transaction = Transaction(self.state, self.head, self.clock())
        transaction.record(event, DAEMON, "journal")
        self.head = transaction.head
        await self._append([entry for entry, _ in transaction.recorded])
        await self._in_thread(self._save_snapshot, self._snapshot())
        self._tell(Committed(transaction.recorded, frozenset()))

    async def _in_thread(self, call: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: call(*given))


def _copied(saved: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, dict) else value for name, value in saved.items()}
