"""A drill in a maintenance window: checked in before the fault, and seen through to its completion."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from server.stack.drill.responder import DrillFailedError, Responder, until

COMPONENTS = ("Analyze API", "API keys")
_SOON = timedelta(seconds=2)
_CALLED_S, _SHOWN_S, _TESTED_S = 30, 30, 60


class WindowDrill:
    """One window of a drill's stack, of ``lasts_s`` seconds, and what is to be seen of it by everybody."""

    def __init__(
        self, responder: Responder, say: Callable[[str], None], alertname: str, lasts_s: int
    ) -> None:
        self._responder, self._say = responder, say
        self._alertname = alertname
        self._lasts = timedelta(seconds=lasts_s)
        self._number = 0
        self._ends_at = datetime.max.replace(tzinfo=UTC)

    async def begin(self) -> None:
        """Plan it, announce it, check in."""
        starts_at = datetime.now(UTC) + _SOON
        self._ends_at = starts_at + self._lasts
        planned = await self._ask(
            "POST",
            "/v1/maintenance",
            {
                "title": f"Drill of {self._alertname}",
                "starts_at": starts_at,
                "ends_at": self._ends_at,
                "matchers": [f'alertname="{self._alertname}"'],
                "components": COMPONENTS,
                "reason": "a drill",
            },
        )
        self._number = planned["id"]
        await self._step("announce")
        begun = await self._step("check-in", reason="a drill: nothing is kept of this stack")
        if begun["state"] != "in_progress":
            raise DrillFailedError(f"after the check-in the window is {begun['state']}")
        self._say(f"maintenance {self._number} is on, and mutes {self._alertname}")

    async def is_quiet(self) -> None:
        """The alert fires and is muted, the page says maintenance, and nobody was called."""
        alert = await self._responder.alert(self._alertname)
        if alert is None or alert.maintenance != (str(self._number),):
            raise DrillFailedError(f"{self._alertname} fires and no window mutes it")
        await until("the page saying maintenance", _SHOWN_S, self._page_says_maintenance)
        await self.nobody_was_called()

    async def nobody_was_called(self) -> None:
        """Raises ``DrillFailedError`` where anybody was called about an incident."""
        calls = await self._calls()
        if calls:
            raise DrillFailedError(f"somebody was called in the window: {calls[0]}")
        self._say("nobody was called")

    async def overrun(self) -> None:
        """Past the planned end the owner is called, and whoever is called for what still fires, once."""
        left = (self._ends_at - datetime.now(UTC)).total_seconds()

        async def owner_is_called() -> bool:
            return any("past its planned end" in page["text"] for page in await self._pages())

        async def outage_calls() -> bool:
            return bool(await self._calls())

        if datetime.now(UTC) < self._ends_at and await outage_calls():
            raise DrillFailedError("somebody was called for the outage before the window's end")
        await until("the call of the owner past the end", max(0.0, left) + _CALLED_S, owner_is_called)
        await until("the call for what still fires", _CALLED_S, outage_calls)
        calls = await self._calls()
        if len(calls) != 1:
            raise DrillFailedError(f"{len(calls)} calls for what still fires at the window's end: {calls}")
        window = await self._ask("GET", f"/v1/maintenance/{self._number}")
        if (window["state"], window["overruns"], window["muting"]) != ("in_progress", True, False):
            raise DrillFailedError(
                f"past its end the window is {window['state']}, and mutes: {window['muting']}"
            )
        self._say("past the planned end the owner was called, and L1 once for what still fires")

    async def end(self) -> None:
        """Verify it by a smoke test, and complete it."""
        await self._step("verify")
        run = await self._responder.run_action("smoke-test", maintenance_id=self._number, timeout_s=_TESTED_S)
        if run.state != "succeeded":
            raise DrillFailedError(f"the smoke test {run.state}")
        done = await self._step("complete")
        if done["state"] != "completed":
            raise DrillFailedError(f"the window is {done['state']}, not completed")
        self._say(f"maintenance {self._number} is verified and completed")

    async def _page_says_maintenance(self) -> bool:
        """As the daemon publishes it: each of its components, whatever fires."""
        shown = (await self._ask("GET", "/v1/public"))["components"]
        states = {component["name"]: component["status"] for component in shown}
        return all(states.get(name) == "under_maintenance" for name in COMPONENTS)

    async def _calls(self) -> list[str]:
        """Calls about the outage, each in words."""
        return [f"{page['level']}: {page['why']}" for page in await self._pages() if page["kind"] == "page"]

    async def _pages(self) -> list[dict[str, Any]]:
        return list((await self._ask("GET", "/v1/pages"))["pages"])

    async def _step(self, verb: str, **given: str) -> dict[str, Any]:
        return await self._ask("POST", f"/v1/maintenance/{self._number}/{verb}", given)

    async def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer: dict[str, Any] = msgspec.json.decode(await self._responder.ask(method, path, body))
        return answer
