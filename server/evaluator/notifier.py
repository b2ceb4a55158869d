"""Alerts to the ops daemons and Alertmanagers: a bounded queue for each, so that a slow one holds up no other."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from alerts.rule_state import AlertState, RuleAlert
from server.evaluator.config import Receiver
from server.periodic import Periodic

log = logging.getLogger(__name__)

QUEUE_LENGTH = 10_000
BATCH = 64
_TIMEOUT_S = 10.0

Posted = Mapping[str, Any]


def needs_sending(alert: RuleAlert, sent_ms: int | None, at_ms: int, resend_ms: int) -> bool:
    """Whether an alert is due: when it fires, again after the delay, and as soon as it is resolved.

    One that is unconfirmed is not: whoever has it lets it grow stale.
    """
    if alert.state is AlertState.PENDING or alert.unconfirmed:
        return False
    if sent_ms is None:
        return True
    if alert.resolved_ms is not None and alert.resolved_ms > sent_ms:
        return True
    return sent_ms + resend_ms <= at_ms


def posted(
    alert: RuleAlert, at_ms: int, *, valid_ms: int, external: Mapping[str, str], generator: str
) -> Posted:
    """An alert as ``POST /api/v2/alerts`` takes it; a firing one ends by itself unless it is sent again."""
    ends = alert.resolved_ms if alert.resolved_ms is not None else at_ms + valid_ms
    return {
        "labels": {**external, **dict(alert.labels)},
        "annotations": dict(alert.annotations),
        "startsAt": rfc3339(alert.fired_ms if alert.fired_ms is not None else alert.active_ms),
        "endsAt": rfc3339(ends),
        "generatorURL": generator,
    }


def rfc3339(t_ms: int) -> str:
    """A time in UTC, with a fraction only where there is one (Go's ``RFC3339Nano``)."""
    fraction = f".{t_ms % 1000:03d}".rstrip("0").rstrip(".")
    return f"{datetime.fromtimestamp(t_ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"


@dataclass(slots=True)
class DeliveryCounts:
    """What became of the alerts for one receiver."""

    sent: int = 0
    dropped: int = 0
    errors: int = 0


class Outbox:
    """The queue of one receiver and the loop that empties it."""

    def __init__(
        self, receiver: Receiver, session: aiohttp.ClientSession, *, length: int = QUEUE_LENGTH
    ) -> None:
        self.receiver = receiver
        self.counts = DeliveryCounts()
        self.last_error = ""
        self._session = session
        self._length = length
        self._queue: deque[Posted] = deque()
        self._filled = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, alerts: Sequence[Posted]) -> None:
        """Queues alerts; where there is no room the oldest go, and are counted."""
        self._queue.extend(alerts)
        while len(self._queue) > self._length:
            self._queue.popleft()
            self.counts.dropped += 1
        if self._queue:
            self._idle.clear()
            self._filled.set()

    def loop(self) -> Periodic:
        """Sends whenever something is queued."""
        return Periodic(f"send {self.receiver.url}", timedelta(0), self._send, pause=self._filled.wait)

    async def _send(self) -> None:
        self._filled.clear()
        try:
            await self.flush()
        finally:
            if not self._queue:
                self._idle.set()

    async def drained(self) -> None:
        """Waits until nothing is queued or on its way."""
        await self._idle.wait()

    async def flush(self) -> None:
        """Sends all that is queued. What cannot be sent is dropped: firing alerts come again soon."""
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            error = await self._post(batch)
            if error:
                self.counts.errors += 1
                self.counts.dropped += len(batch)
            else:
                self.counts.sent += len(batch)
            if error != self.last_error:
                log.warning("alerts to %s: %s", self.receiver.url, error or "sent again")
            self.last_error = error

    async def _post(self, batch: Sequence[Posted]) -> str:
        headers = {"Authorization": f"Bearer {self.receiver.token}"} if self.receiver.token else {}
        try:
            async with (
                asyncio.timeout(_TIMEOUT_S),
                self._session.post(
                    f"{self.receiver.url}/api/v2/alerts", json=list(batch), headers=headers
                ) as response,
            ):
                return "" if response.status // 100 == 2 else f"HTTP status {response.status}"
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return str(error) or type(error).__name__
