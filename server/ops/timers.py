"""What the daemon does by the clock: incidents that settle, the evaluator's silence, ends of changes, new months."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from alerts.fingerprint import fingerprint
from alerts.self_alerts import (
    APPROVAL_WANTED,
    CONFIGURATION_BROKEN,
    EVALUATOR_SILENT,
    GLASS_BROKEN,
    JOURNAL_DAMAGED,
    JOURNAL_DISK_FULL,
)
from alerts.wire import PostableAlert
from server.ops.alerting.foreign_alert import AlertCleaner, check_size, clean_text
from server.ops.alerting.intake import CleanedAlert, forget_old, pass_time, take_absence, take_polled
from server.ops.alerting.watchdog import Watchdog, hold_own_alert, is_active, own_alert
from server.ops.configuration import Configuration
from server.ops.executions.redactor import Redactor
from server.ops.executions.unjournalled import UnjournalledLog
from server.ops.prometheus import DownTarget, PolledAlert, PolledAlerts, PrometheusClient
from server.ops.state.ballast import Ballast
from server.ops.state.events import JournalWritable, SegmentClosed, TemporaryEnded
from server.ops.state.ledger import DAEMON, Ledger, Transaction
from server.periodic import Periodic
from server.runner.execution import Execution

TICK = timedelta(seconds=1)
_LONGEST_WHY = 300
_AT_ONCE = 100
"""Alerts of the source that one decision takes."""
T = TypeVar("T")
_GLASS_SHOWS = timedelta(hours=1)


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
        configuration: Configuration,
        redactor: Redactor,
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._watchdog = watchdog
        self._monitor_period = monitor_period
        self._unjournalled = unjournalled
        self._ballast = ballast
        self._configuration = configuration
        self._redactor = redactor
        self._up_since = ledger.clock()
        self.poll_soon: Callable[[], None] = _nothing
        """Has the source looked at at once."""

    @property
    def evaluator(self) -> str:
        """``ok``, or what is wrong with the source of alerts."""
        silence = self._watchdog.silent_for(self._ledger.clock())
        if silence is not None:
            return f"no Watchdog for {silence.total_seconds():.0f} s"
        return self._source.fault or "ok"

    async def tick(self) -> None:
        """One turn, each of its parts whatever became of the others; then raises what the first of them raised."""
        failed: list[Exception] = []
        for part in (
            self._try_journal,
            self._unjournalled.import_new,
            self._ledger.look_at_set_aside,
            self._fill_ballast,
            lambda: self._ledger.decide(self._turn),
            self._pass_time,
            lambda: self._ledger.decide(_close_month),
        ):
            try:
                await part()
            except Exception as error:  # noqa: BLE001 - raised below, when the other parts have had their turn
                failed.append(error)
        if failed:
            raise failed[0]

    async def _try_journal(self) -> None:
        if self._ledger.fault is not None:
            was = self._ledger.fault
            await self._ledger.decide(lambda tx: tx.record(JournalWritable(was=was), DAEMON, "journal"))

    async def _fill_ballast(self) -> None:
        self._ballast.fill()

    async def _pass_time(self) -> None:
        more = True
        while more:
            # A slice each, so that what others have asked for comes between two of them.
            more = await self._ledger.decide(lambda tx: pass_time(tx, self._monitor_period, self._up_since))

    async def poll(self) -> None:
        """One look at the source; raises the errors of the journal."""
        polled = await self._source.poll_alerts(self._ledger.clock())
        if polled is None:
            return
        for name, error in polled.unreadable.items():
            self._ledger.item_faults.note("poll", name, error)
        there = await self._take_polled(polled)
        # The labels of alerts are kept clean: those of a target are compared with them, and have to be as clean.
        targets = AlertCleaner(self._redactor.redaction).cleaned([target.labels for target in polled.down])
        down = tuple(map(DownTarget, targets))
        absent = [f for f in self._ledger.state.index.unconfirmed if f not in there]
        for part in _parts(absent, _AT_ONCE):
            await self._ledger.decide(
                lambda tx, part=part: take_absence(tx, part, down, absence_counts=polled.absence_counts)  # type: ignore[misc]  # bound early
            )

    async def _take_polled(self, polled: PolledAlerts) -> set[str]:
        """Takes what the source has, some at a time; the fingerprints of all of it."""
        there: set[str] = set()
        is_cause = self._ledger.state.inhibition.is_cause
        # Causes first, over the whole of it: a symptom that came before its cause would open an incident.
        ordered = sorted(polled.alerts, key=lambda one: not is_cause(one.alert.labels))
        for raw in _parts(ordered, _AT_ONCE):
            part = self._cleaned(raw)
            there.update(fingerprint(one.alert.labels) for one in raw)
            await self._ledger.decide(
                lambda tx, part=part: take_polled(tx, part, polled.asked_at)  # type: ignore[misc]  # bound early
            )
        return there

    def _cleaned(self, raw: Sequence[PolledAlert]) -> list[CleanedAlert]:
        """Those within their bounds, without secrets and controls; the others are named."""
        fit = self._ledger.item_faults.all_of("poll", _named(raw), _checked)
        cleaner = AlertCleaner(self._redactor.redaction)
        labels = cleaner.cleaned([one.alert.labels for one in fit])
        annotations = cleaner.cleaned([one.alert.annotations for one in fit])
        return [
            CleanedAlert(
                fingerprint(one.alert.labels),
                _with_texts(one.alert, own, said),
                one.state,
                clean_text(one.unconfirmed, self._redactor.redacted)[:_LONGEST_WHY],
            )
            for one, own, said in zip(fit, labels, annotations, strict=True)
        ]

    def _turn(self, tx: Transaction) -> None:
        self._watchdog.turn(tx.now)
        for name, look in (
            ("the evaluator's silence", self._hold_silent),
            ("the journal's damage", self._hold_damaged),
            ("the ballast", self._hold_full),
            ("broken glass", _hold_glass),
            ("approvals", _hold_wanted),
            ("the configuration", self._hold_broken),
            ("what is old", forget_old),
        ):
            tx.attempt("turns", name, look, tx)
        for change in list(tx.state.temporary.values()):
            if not change.expired and change.until_at <= tx.now:
                ended = TemporaryEnded(execution_id=change.execution_id, how="expired")
                name = f"temporary change {change.execution_id}"
                tx.attempt("turns", name, tx.record, ended, DAEMON, change.execution_id)

    def _hold_silent(self, tx: Transaction) -> None:
        silence = self._watchdog.silent_for(tx.now)
        silent = own_alert(
            EVALUATOR_SILENT, "The evaluator no longer reaches the ops daemon: no alert would be seen", tx.now
        )
        if silence is not None:
            silent = msgspec.structs.replace(silent, started_at=min(tx.now, self._watchdog.seen_at))
        # A restart is no word of the evaluator's: what fired before it fires until the Watchdog has come again.
        unheard = not self._watchdog.heard and is_active(tx, silent)
        hold_own_alert(tx, silent, firing=silence is not None or unheard)

    def _hold_damaged(self, tx: Transaction) -> None:
        aside, unsound = self._ledger.set_aside, self._ledger.unsound
        what = f"The journal is not sound: {unsound}" if unsound else f"A journal file was set aside: {aside}"
        damaged = own_alert(JOURNAL_DAMAGED, what, tx.now)
        hold_own_alert(tx, damaged, firing=aside is not None or unsound is not None)

    def _hold_full(self, tx: Transaction) -> None:
        full = own_alert(
            JOURNAL_DISK_FULL, "The disk of the ops daemon is full; its ballast was given up", tx.now
        )
        hold_own_alert(tx, full, firing=not self._ballast.held)

    def _hold_broken(self, tx: Transaction) -> None:
        lasting = self._configuration.lasting_faults(tx.now)
        faults = "; ".join(f"{name}: {what}" for name, what in lasting.items())
        broken = own_alert(
            CONFIGURATION_BROKEN,
            f"A configuration file is broken, what held before holds on: {faults}",
            tx.now,
        )
        hold_own_alert(tx, broken, firing=bool(faults))

    def loops(self, poll_every: timedelta) -> tuple[Periodic, ...]:
        """What drives it: a turn every second, and a look at the source every evaluation interval."""
        poll = Periodic("poll", poll_every, self.poll)
        self.poll_soon = poll.sooner.set
        return Periodic("tick", TICK, self.tick), poll


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[n : n + size] for n in range(0, len(items), size))


def _named(listed: Sequence[PolledAlert]) -> Iterator[tuple[str, PolledAlert]]:
    return ((f"alert {fingerprint(one.alert.labels)}", one) for one in listed)


def _checked(listed: PolledAlert) -> PolledAlert:
    """The same; raises ``OversizedAlertError``."""
    check_size(listed.alert.labels, listed.alert.annotations)
    return listed


def _with_texts(alert: PostableAlert, labels: dict[str, str], annotations: dict[str, str]) -> PostableAlert:
    return msgspec.structs.replace(alert, labels=labels, annotations=annotations)


def _nothing() -> None:
    """Stands for a loop that does not run."""


def _hold_glass(tx: Transaction) -> None:
    glass = own_alert(GLASS_BROKEN, "Somebody broke the glass within the last hour", tx.now)
    hold_own_alert(tx, glass, firing=any(_broke_glass(e, tx.now) for e in tx.state.executions.values()))


def _hold_wanted(tx: Transaction) -> None:
    wanted = [a for a in tx.state.approvals.values() if a.approved_by is None and tx.now < a.expires_at]
    asked = "; ".join(f"{a.title} on {a.object}, asked by {a.asked_by}: ops approve {a.id}" for a in wanted)
    wanting = own_alert(APPROVAL_WANTED, f"Approval is wanted: {asked}", tx.now)
    hold_own_alert(tx, wanting, firing=bool(wanted))


def _broke_glass(execution: Execution, now: datetime) -> bool:
    return execution.break_glass is not None and now - execution.requested_at < _GLASS_SHOWS


def _close_month(tx: Transaction) -> None:
    """The last event of a month's segment, once a new month has begun."""
    state = tx.state
    begun = state.segment_from
    if state.segment_events and (begun.year, begun.month) < (tx.now.year, tx.now.month):
        closed = SegmentClosed(month=f"{begun:%Y-%m}", events=state.segment_events, hash=tx.head.hash.hex())
        tx.record(closed, DAEMON, "journal")
