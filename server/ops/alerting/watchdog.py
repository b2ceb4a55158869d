"""Whether the evaluator still reaches us: the Watchdog alert's absence is an alert of our own."""

from datetime import datetime, timedelta

import msgspec

from alerts.alert import CLOCK_SKEW, Alert, read_posted
from alerts.self_alerts import SOURCE, OwnAlert
from alerts.wire import PostableAlert
from server.ops.alerting.intake import WATCHDOG, take_alert
from server.ops.state.ledger import DAEMON, Transaction

START_GRACE = timedelta(seconds=20)
OWN_PAUSE = timedelta(seconds=10)
"""Turns come every second; one that comes so late was held up by our own doing."""
_CONFIRMED_FOR = timedelta(days=365)
_LONGEST_CONFIRMATION = timedelta(hours=1)
"""Of whoever evaluates every 15 minutes; an end that is further away says nothing of a cadence."""


class Watchdog:
    """Remembers when the Watchdog was last pushed to us, and how long its silence may last."""

    def __init__(self, now: datetime, interval: timedelta, timeout: timedelta | None) -> None:
        self._timeout = timeout or 3 * interval
        self._learns = timeout is None
        self._seen_at = now + START_GRACE
        self._confirms_for: timedelta | None = None
        self._turned_at = now
        self.heard = False
        """Whether it came since we started: only that ends an EvaluatorSilent from before."""

    def turn(self, now: datetime) -> None:
        """Called every second. What was missed while we stood still, or while the clock jumped, is not its silence."""
        gap = now - self._turned_at
        if gap > OWN_PAUSE:
            self._seen_at += gap
        self._turned_at = now

    @property
    def skew(self) -> timedelta:
        """How far ahead of our clock an end may lie and still be one: half of what a confirmation lasts, at most 10 s.

        A sender that evaluates every second confirms for four; from there on an end that is near says nothing.
        """
        return CLOCK_SKEW if self._confirms_for is None else min(CLOCK_SKEW, self._confirms_for / 2)

    def saw(self, alertname: str, ends_at: datetime | None, now: datetime) -> None:
        """Takes note of a pushed alert, where it is the Watchdog.

        Prometheus confirms an alert for four of its sending intervals (``rules/manager.go``, ``sendAlerts``), so the
        alert's own end tells the cadence of whoever evaluates; three of those are the timeout.
        """
        if alertname != WATCHDOG:
            return
        self._seen_at, self.heard = now, True
        if ends_at is None or ends_at <= now:
            return
        self._confirms_for = min(ends_at - now, _LONGEST_CONFIRMATION)
        if self._learns:
            self._timeout = max(self._timeout, self._confirms_for * 3 / 4)

    @property
    def seen_at(self) -> datetime:
        """When the Watchdog was heard last."""
        return self._seen_at

    def silent_for(self, now: datetime) -> timedelta | None:
        """How long the evaluator has been silent, None while that is no longer than it may be; a clock set back starts anew."""
        if self._seen_at > now + START_GRACE:
            self._seen_at = now
        silence = now - self._seen_at
        return silence if silence > self._timeout else None


def own_alert(kind: OwnAlert, summary: str, now: datetime) -> Alert:
    """An alert that the daemon raises about its own affairs; no timeout makes it stale."""
    said = read_posted(
        PostableAlert(
            labels={"alertname": kind.name, "service": kind.service, "severity": kind.severity},
            annotations={"summary": summary, **kind.annotations},
        ),
        now,
        SOURCE,
    )
    return msgspec.structs.replace(said, ends_at=now + _CONFIRMED_FOR)


def is_active(tx: Transaction, alert: Alert) -> bool:
    """Whether one of the daemon's own alerts fires now."""
    known = tx.state.alerts.get(alert.fingerprint)
    return known is not None and known.active


def hold_own_alert(tx: Transaction, alert: Alert, *, firing: bool) -> None:
    """Fires or resolves one of the daemon's own alerts, where that is a change."""
    known = tx.state.alerts.get(alert.fingerprint)
    active = known is not None and known.active
    if firing and known is not None and active and known.annotations != alert.annotations:
        tx.touch(msgspec.structs.replace(known, annotations=alert.annotations))
    elif firing and not active:
        take_alert(tx, alert, DAEMON)
    elif active and not firing:
        take_alert(tx, msgspec.structs.replace(alert, state="resolved", ends_at=tx.now), DAEMON)
