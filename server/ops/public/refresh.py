"""Keeps the status page's files true to the alerts; a disk or a template in trouble never stops the daemon."""

import asyncio
from datetime import datetime, timedelta

from alerts.wire import AlertView
from server.ops.public.publisher import Publisher
from server.ops.state.ledger import Ledger
from server.ops.views import alert_view
from server.periodic import Periodic
from web.components import EFFECTS

_EVERY = timedelta(seconds=1)
_LOOKS_UNCHANGED = 5
"""Seconds after which the page is looked at though no alert changed: a hold-down ends by the clock."""
_AT_ONCE = 200


class PublicRefresh:
    """Hands the unresolved alerts to the publisher when one has changed, and every few seconds."""

    def __init__(self, ledger: Ledger, publisher: Publisher) -> None:
        self._ledger = ledger
        self._publisher = publisher
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
        await asyncio.to_thread(self._publisher.refresh, views, now)

    async def _shown(self, alertname: str, now: datetime) -> list[AlertView]:
        """Of all active alerts of one name the one that the public sees: the oldest that nothing mutes."""
        state, oldest = self._ledger.state, None
        for n, fingerprint in enumerate(tuple(state.index.named(alertname))):
            if n % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            alert = state.alerts.get(fingerprint)
            if alert is None or not alert.active or (oldest and alert.started_at >= oldest.started_at):
                continue
            view = alert_view(state, alert, now)
            if not (view.silenced_by or view.inhibited_by or view.maintenance):
                oldest = view
        return [oldest] if oldest else []
