"""Keeps the status page's files true to the alerts; a disk or a template in trouble never stops the daemon."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from alerts.alert import Alert
from alerts.wire import AlertView
from server.ops.prometheus import PrometheusUnreachableError
from server.ops.public.publisher import Publisher
from server.ops.state.ledger import Ledger
from server.ops.views import alert_view
from server.periodic import Periodic
from web.components import EFFECTS

_EVERY = timedelta(seconds=1)
_LOOKS_UNCHANGED = 5
"""Seconds after which the page is looked at though no alert changed: a hold-down ends by the clock."""
_AT_ONCE = 200
_CALLERS = 'job="api",handler!~"/v1/(health|ready|live|metrics)"'
_LEAST_PER_S = 0.1
"""Requests a second below which a share says nothing."""
_FAILED_SHARE = (
    f'sum(rate(http_requests_total{{{_CALLERS},status=~"5.."}}[1m])) / sum(rate(http_requests_total{{{_CALLERS}}}[1m]))'
    f" and sum(rate(http_requests_total{{{_CALLERS}}}[1m])) >= {_LEAST_PER_S}"
)
Measure = Callable[[str], Awaitable[float | None]]
"""The value of a query; raises ``PrometheusUnreachableError``."""


class PublicRefresh:
    """Hands the unresolved alerts to the publisher when one has changed, and every few seconds."""

    def __init__(self, ledger: Ledger, publisher: Publisher, measure: Measure) -> None:
        self._ledger = ledger
        self._publisher = publisher
        self._measure = measure
        self._failed_share: float | None = None
        self._published, self._looks = -1, 0
        self.loop = Periodic("publish", _EVERY, self.look)

    async def look(self) -> None:
        """Publishes where something has changed since the last look, or that was long ago."""
        self._looks += 1
        revision = self._ledger.state.revision
        if revision != self._published or self._looks >= _LOOKS_UNCHANGED:
            await self.publish()
            self._published, self._looks = revision, 0

    async def publish(self) -> None:
        """One look; raises what goes wrong with the disk or a template."""
        now = self._ledger.clock()
        views = [view for name in EFFECTS for view in await self._shown(name, now)]
        await self._measure_failures(any(view.alertname == "APIHighErrorRate" for view in views))
        await asyncio.to_thread(self._publisher.refresh, views, now, self._failed_share)

    async def _measure_failures(self, is_wanted: bool) -> None:
        """The share of failed requests; what was measured last stands where nothing can be measured now."""
        if not is_wanted:
            self._failed_share = None
            return
        with contextlib.suppress(PrometheusUnreachableError, ValueError, TypeError, LookupError):
            share = await self._measure(_FAILED_SHARE)
            if share is not None and share == share:
                self._failed_share = share

    async def _shown(self, alertname: str, now: datetime) -> list[AlertView]:
        """Of all active alerts of one name the oldest, muted or not."""
        state = self._ledger.state
        oldest: Alert | None = None
        for n, fingerprint in enumerate(tuple(state.index.named(alertname))):
            if n % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            alert = state.alerts.get(fingerprint)
            if alert is None or not alert.active or (oldest and alert.started_at >= oldest.started_at):
                continue
            oldest = alert
        named = [(f"alert {oldest.fingerprint}", oldest)] if oldest is not None else []
        return self._ledger.item_faults.all_of("publishing", named, lambda one: alert_view(state, one, now))
