"""Keeps the status page's files true to the alerts; a disk or a template in trouble never stops the daemon."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from server.ops.public.publisher import Publisher
from server.ops.state.ledger import Ledger
from server.ops.views import alert_view, firing_names

_EVERY_S = 1.0
_LOOKS_UNCHANGED = 5
"""Seconds after which the page is looked at though no alert changed: a hold-down ends by the clock."""
_log = logging.getLogger("ops")


class PublicRefresh:
    """Hands the unresolved alerts to the publisher when one has changed, and every few seconds."""

    def __init__(self, ledger: Ledger, publisher: Publisher) -> None:
        self._ledger = ledger
        self._publisher = publisher
        self.fault: str | None = None

    async def publish(self) -> None:
        """One look; what goes wrong is kept in ``fault``."""
        state, now = self._ledger.state, self._ledger.clock()
        firing = firing_names(state)
        views = [alert_view(state, alert, now, firing) for alert in state.alerts.values() if alert.active]
        try:
            await asyncio.to_thread(self._publisher.refresh, views, now)
        except Exception as error:  # noqa: BLE001 - the outermost loop of a task
            if self.fault is None:
                _log.exception("the status page could not be published")
            self.fault = f"{type(error).__name__}: {error}"
        else:
            self.fault = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Publishes until the block is left."""
        task = asyncio.create_task(self._for_ever(), name="publish")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _for_ever(self) -> None:
        published, looks = -1, 0
        while True:
            looks += 1
            revision = self._ledger.state.revision
            if revision != published or looks >= _LOOKS_UNCHANGED:
                await self.publish()
                published, looks = revision, 0
            await asyncio.sleep(_EVERY_S)
