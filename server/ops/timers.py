"""What the daemon does by the clock: incidents that settle, the evaluator's silence, ends of changes, new months."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

from alerts.self_alerts import (
    APPROVAL_WANTED,
    EVALUATOR_SILENT,
    GLASS_BROKEN,
    JOURNAL_DAMAGED,
    JOURNAL_DISK_FULL,
)
from server.ops.alerting.intake import pass_time, take_poll, touch_silenced
from server.ops.alerting.watchdog import Watchdog, hold_own_alert, own_alert
from server.ops.executions.unjournalled import UnjournalledLog
from server.ops.prometheus import PolledAlerts, PrometheusClient
from server.ops.state.ballast import Ballast
from server.ops.state.events import JournalWritable, SegmentClosed, TemporaryEnded
from server.ops.state.ledger import DAEMON, JOURNAL_ERRORS, Ledger, Transaction
from server.runner.execution import Execution

TICK_S = 1.0
_GLASS_SHOWS = timedelta(hours=1)
_log = logging.getLogger("ops")


class Timers:
    """Turns every second, and asks the source for its alerts every evaluation interval."""

    def __init__(
        self,
        ledger: Ledger,
        source: PrometheusClient,
        watchdog: Watchdog,
        monitor_period: timedelta,
        unjournalled: UnjournalledLog,
        ballast: Ballast,
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._watchdog = watchdog
        self._monitor_period = monitor_period
        self._unjournalled = unjournalled
        self._ballast = ballast
        self._up_since = self._ticked_at = ledger.clock()
        self.poll_soon = asyncio.Event()

    @property
    def evaluator(self) -> str:
        """``ok``, or what is wrong with the source of alerts."""
        silence = self._watchdog.silent_for(self._ledger.clock())
        if silence is not None:
            return f"no Watchdog for {silence.total_seconds():.0f} s"
        return self._source.fault or "ok"

    async def tick(self) -> None:
        """One turn; raises the errors of the journal."""
        if self._ledger.fault is not None:
            was = self._ledger.fault
            await self._ledger.decide(lambda tx: tx.record(JournalWritable(was=was), DAEMON, "journal"))
        await self._unjournalled.import_new()
        self._ballast.fill()
        await self._ledger.decide(self._turn)
        await self._ledger.decide(_close_month)

    async def poll(self) -> None:
        """One look at the source; raises the errors of the journal."""
        polled = await self._source.poll_alerts(self._ledger.clock())
        if polled is not None:
            await self._ledger.decide(lambda tx: _take(tx, polled))

    def _turn(self, tx: Transaction) -> None:
        silence = self._watchdog.silent_for(tx.now)
        silent = own_alert(
            EVALUATOR_SILENT, "The evaluator no longer reaches the ops daemon: no alert would be seen", tx.now
        )
        hold_own_alert(tx, silent, firing=silence is not None)
        aside = self._ledger.set_aside
        damaged = own_alert(JOURNAL_DAMAGED, f"A journal file was set aside: {aside}", tx.now)
        hold_own_alert(tx, damaged, firing=aside is not None)
        full = own_alert(
            JOURNAL_DISK_FULL, "The disk of the ops daemon is full; its ballast was given up", tx.now
        )
        hold_own_alert(tx, full, firing=not self._ballast.held)
        glass = own_alert(GLASS_BROKEN, "Somebody broke the glass within the last hour", tx.now)
        hold_own_alert(tx, glass, firing=any(_broke_glass(e, tx.now) for e in tx.state.executions.values()))
        wanted = [a for a in tx.state.approvals.values() if a.approved_by is None and tx.now < a.expires_at]
        asked = "; ".join(
            f"{a.title} on {a.object}, asked by {a.asked_by}: ops approve {a.id}" for a in wanted
        )
        wanting = own_alert(APPROVAL_WANTED, f"Approval is wanted: {asked}", tx.now)
        hold_own_alert(tx, wanting, firing=bool(wanted))
        pass_time(tx, self._monitor_period, self._up_since)
        touch_silenced(tx, self._ticked_at)
        self._ticked_at = tx.now
        for change in list(tx.state.temporary.values()):
            if not change.expired and change.until_at <= tx.now:
                ended = TemporaryEnded(execution_id=change.execution_id, how="expired")
                tx.record(ended, DAEMON, change.execution_id)

    @contextlib.asynccontextmanager
    async def running(self, poll_every_s: float) -> AsyncIterator[None]:
        """Turns until the block is left."""
        tasks = [
            asyncio.create_task(_for_ever(self.tick, TICK_S), name="tick"),
            asyncio.create_task(_for_ever(self.poll, poll_every_s, self.poll_soon), name="poll"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _for_ever(
    turn: Callable[[], Awaitable[None]], every_s: float, sooner: asyncio.Event | None = None
) -> None:
    sooner = sooner or asyncio.Event()
    while True:
        sooner.clear()
        try:
            await turn()
        except JOURNAL_ERRORS as error:
            _log.error("the journal cannot be written: %s", error)
        except Exception:  # noqa: BLE001 - the outermost loop of a task
            _log.exception("a turn failed")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await sooner.wait()


def _broke_glass(execution: Execution, now: datetime) -> bool:
    return execution.break_glass is not None and now - execution.requested_at < _GLASS_SHOWS


def _take(tx: Transaction, polled: PolledAlerts) -> None:
    take_poll(tx, polled.alerts, polled.asked_at, absence_counts=polled.absence_counts)


def _close_month(tx: Transaction) -> None:
    """The last event of a month's segment, once a new month has begun."""
    state = tx.state
    begun = state.segment_from
    if state.segment_events and (begun.year, begun.month) < (tx.now.year, tx.now.month):
        closed = SegmentClosed(month=f"{begun:%Y-%m}", events=state.segment_events, hash=tx.head.hash.hex())
        tx.record(closed, DAEMON, "journal")
