"""Keeps a silence in an Alertmanager beside us for each window that mutes: whoever looks there sees the same."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import msgspec

from alerts.maintenance import Maintenance, MaintenanceMirrored
from alerts.silence import Silence
from server.ops.state.ledger import DAEMON, JOURNAL_ERRORS, Ledger
from server.periodic import Periodic

_EVERY = timedelta(seconds=5)
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_LONGEST_WORDS = 200


class MirrorError(Exception):
    """The Alertmanager did not take it; the text says why."""


class AlertmanagerMirror:
    """Follows the windows; what the Alertmanager does not take is shown, and tried again."""

    def __init__(self, ledger: Ledger, session: aiohttp.ClientSession, url: str) -> None:
        self._ledger = ledger
        self._session = session
        self._url = url.rstrip("/")
        self._there: dict[int, datetime | None] = {}
        """By window, until when its silence is known to last; None where it is known to have ended."""
        self.loop = Periodic("alertmanager mirror", _EVERY, self.look)

    async def look(self) -> None:
        """One look at every window that somebody has checked in to."""
        if not self._url:
            return
        for window in list(self._ledger.state.maintenances.values()):
            muting = window.muting
            if muting is None:
                continue
            item = f"the silence of maintenance {window.id}"
            try:
                await self._follow(window, muting)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, MirrorError) as error:
                self._ledger.item_faults.note("maintenance", item, error)
            else:
                self._ledger.item_faults.well("maintenance", item)

    async def _follow(self, window: Maintenance, muting: Silence) -> None:
        now = self._ledger.clock()
        if muting.state(now) == "active":
            if self._there.get(window.id) != muting.ends_at:
                await self._set(window, muting, now)
        elif window.silence_id and self._there.get(window.id, muting.ends_at) is not None:
            await self._end(window)

    async def _set(self, window: Maintenance, muting: Silence, now: datetime) -> None:
        """A silence until the window's end; the one that is there keeps its id, as only its end changes."""
        known = await self._known(window.silence_id)
        wanted: dict[str, Any] = {
            "matchers": msgspec.to_builtins(muting.matchers),
            "startsAt": known["startsAt"] if known is not None else _time(now),
            "endsAt": _time(muting.ends_at),
            "createdBy": muting.created_by,
            "comment": muting.comment,
        }
        if known is not None:
            wanted["id"] = window.silence_id
        answer = await self._call("POST", "/api/v2/silences", wanted)
        silence_id = str(answer.get("silenceID", "")) if isinstance(answer, Mapping) else ""
        if not silence_id:
            raise MirrorError("the Alertmanager gave the silence no id")
        if silence_id != window.silence_id:
            await self._note(window, silence_id)
        self._there[window.id] = muting.ends_at

    async def _known(self, silence_id: str) -> Mapping[str, Any] | None:
        """The silence of before while it is in force."""
        if not silence_id:
            return None
        found = await self._call("GET", f"/api/v2/silence/{silence_id}", None, absent=True)
        if isinstance(found, Mapping) and found.get("status", {}).get("state") == "active":
            return found
        return None

    async def _end(self, window: Maintenance) -> None:
        if await self._known(window.silence_id) is not None:
            await self._call("DELETE", f"/api/v2/silence/{window.silence_id}", None, absent=True)
        self._there[window.id] = None

    async def _note(self, window: Maintenance, silence_id: str) -> None:
        event = MaintenanceMirrored(id=window.id, silence_id=silence_id)
        try:
            await self._ledger.decide(lambda tx: tx.record(event, DAEMON, f"maintenance-{window.id}"))
        except JOURNAL_ERRORS as error:
            raise MirrorError(f"it is set and could not be journalled: {error}") from error

    async def _call(self, method: str, path: str, body: object, *, absent: bool = False) -> Any:
        """What is answered; None for a 404 where that may be. Raises ``MirrorError`` and what aiohttp raises."""
        async with self._session.request(method, self._url + path, json=body, timeout=_TIMEOUT) as response:
            if response.status == 404 and absent:
                return None
            if response.status >= 400:
                words = (await response.text())[:_LONGEST_WORDS]
                raise MirrorError(f"the Alertmanager answered {response.status}: {words}")
            return await response.json(content_type=None) if method != "DELETE" else None


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
