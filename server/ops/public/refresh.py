"""Keeps the status page's files true to the alerts; a disk or a template in trouble never stops the daemon."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from alerts.alert import Alert
from alerts.service_figures import FAILED_RATE, REQUEST_RATE
from server.ops.prometheus import PrometheusUnreachableError
from server.ops.public.publisher import Publisher
from server.ops.state.ledger import Ledger
from server.periodic import Periodic
from web.components import ComponentAlert, ComponentMap, Effect

_EVERY = timedelta(seconds=1)
_LOOKS_UNCHANGED = 5
"""Seconds after which the page is looked at though no alert changed: a hold-down ends by the clock."""
_AT_ONCE = 200
_LEAST_PER_S = 0.1
"""Requests a second below which a share says nothing."""
_FAILED_SHARE = f"{FAILED_RATE} / {REQUEST_RATE} and {REQUEST_RATE} >= {_LEAST_PER_S}"
Measure = Callable[[str], Awaitable[float | None]]
"""The value of a query; raises ``PrometheusUnreachableError``."""


class PublicRefresh:
    """Hands the unresolved alerts to the publisher when one has changed, and every few seconds."""

    def __init__(
        self, ledger: Ledger, publisher: Publisher, measure: Measure, components: Callable[[], ComponentMap]
    ) -> None:
        self._ledger = ledger
        self._components = components
        self._shown_last: ComponentMap | None = None
        self._publisher = publisher
        self._measure = measure
        self._failed_share: float | None = None
        self._published, self._looks = -1, 0
        self.loop = Periodic("publish", _EVERY, self.look)

    async def look(self) -> None:
        """Publishes where something has changed since the last look, or that was long ago."""
        self._looks += 1
        revision = self._ledger.state.revision
        changed = revision != self._published or self._components() is not self._shown_last
        if changed or self._looks >= _LOOKS_UNCHANGED:
            await self.publish()
            self._published, self._looks = revision, 0

    async def publish(self) -> None:
        """One look; raises what goes wrong with the disk or a template."""
        now, components = self._ledger.clock(), self._components()
        self._shown_last = components
        speaking, felt = [], False
        for n, effect in enumerate(components.effects):
            try:
                alert = await self._oldest(effect)
            except Exception as error:  # noqa: BLE001 - one bad item never takes the page with it
                self._ledger.item_faults.note("publishing", f"effect {n} of components.yml", error)
                continue
            self._ledger.item_faults.well("publishing", f"effect {n} of components.yml")
            if alert is not None:
                speaking.append(ComponentAlert(labels=alert.labels, since=alert.started_at))
                felt |= effect.felt
        await self._measure_failures(felt)
        await asyncio.to_thread(self._publisher.refresh, speaking, now, self._failed_share, components)

    async def _measure_failures(self, is_wanted: bool) -> None:
        """The share of failed requests; what was measured last stands where nothing can be measured now."""
        if not is_wanted:
            self._failed_share = None
            return
        with contextlib.suppress(PrometheusUnreachableError, ValueError, TypeError, LookupError):
            share = await self._measure(_FAILED_SHARE)
            if share is not None and share == share:
                self._failed_share = share

    async def _oldest(self, effect: Effect) -> Alert | None:
        """Of all active alerts that an effect means the oldest, muted or not."""
        state, oldest = self._ledger.state, None
        name = effect.when.alertname
        meant = state.alerts if name is None else state.index.named(name)
        for n, fingerprint in enumerate(tuple(meant)):
            if n % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            alert = state.alerts.get(fingerprint)
            if alert is None or not alert.active or (oldest and alert.started_at >= oldest.started_at):
                continue
            if effect.when.fits(alert.labels):
                oldest = alert
        return oldest
