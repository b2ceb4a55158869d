"""Where a test of the full screen begins: the console on a daemon with an alert or a quiet one, and who looks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.pilot import Pilot

from console.ops_api.client import DaemonAccess, OpsClient
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import console_on, see
from tests.stackwork import until


@asynccontextmanager
async def on_alert(
    daemon: LoneDaemon, size: tuple[int, int] = (80, 24), *, client: OpsClient | None = None, **options: Any
) -> AsyncIterator[Pilot[None]]:
    """The console on a daemon that has the alert APIDown, which is on the screen; as admin, or with ``client``."""
    daemon.post_alert()
    async with console_on(client or daemon.client(), size, **options) as pilot:
        await see(pilot, "APIDown is there")
        yield pilot


@asynccontextmanager
async def on_calm(
    daemon: LoneDaemon, size: tuple[int, int] = (80, 24), *, client: OpsClient | None = None, **options: Any
) -> AsyncIterator[Pilot[None]]:
    """The console on a daemon without alerts, which the screen says."""
    async with console_on(client or daemon.client(), size, **options) as pilot:
        await see(pilot, "no unresolved alerts")
        yield pilot


def first_incident(daemon: LoneDaemon) -> int:
    """The number of the first incident, once it is there."""
    return int(until(lambda: daemon.client().incidents(), timeout_s=10, what="the incident")[0].id)


def somebody(daemon: LoneDaemon, name: str = "ana", role: str = "responder") -> OpsClient:
    """A client of a new user."""
    new = daemon.client().add_user(name, role)
    return OpsClient(DaemonAccess(daemon.client().access.url, new.token))


def planned_window(daemon: LoneDaemon, *, body: str = "", starts_in: timedelta = timedelta(hours=1)) -> int:
    """The number of a window for the exchange of a disk; it ends two hours from now."""
    now = datetime.now(UTC)
    window = {
        "title": "Exchange of a disk", "reason": "it is old", "owner": "root", "body": body,
        "starts_at": (now + starts_in).isoformat(), "ends_at": (now + timedelta(hours=2)).isoformat(),
        "matchers": ["service=postgres"],
    }  # fmt: skip
    return int(daemon.client().schedule_maintenance(window).id)
