"""A world to try the console in: `python -m server.stack.drill.demo`, real callers, a burst, outages, and their cure."""

import asyncio
import os
import secrets
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import aiohttp
import click
import msgspec

from server.stack.drill.drill import drill_stack
from server.stack.drill.faults import FaultInjector
from server.stack.drill.responder import DrillFailedError, Responder, until
from server.stack.drill.scenario import SCENARIOS, Load, Scenario
from server.stack.drill.signals import stop_on_signals, when_starter_ends
from server.stack.drill.traffic import traffic
from server.stack.layout import Layout
from server.stack.tokens import read_token

OUTAGES = tuple(SCENARIOS[name] for name in ("APIDown", "RedisDown", "DatabaseDown"))
"""What breaks, one after another and again from the start."""
_LOAD = Load(per_s=5)
_HOSTS = 40


class DemoPace(msgspec.Struct, frozen=True, kw_only=True):
    """How long things last, in seconds."""

    quiet_s: float = 6
    burst_s: float = 45
    patience_s: float = 180
    """How long a person has for an outage before it is cured for them."""
    between_s: float = 60


class DemoWorld:
    """What goes wrong in the stack of a demonstration, and what comes of it."""

    def __init__(self, layout: Layout, session: aiohttp.ClientSession, responder: Responder) -> None:
        self._ops_url = layout.url("ops") or ""
        self._ingest = read_token(layout.tokens / "ingest")
        self._session, self._responder = session, responder

    async def burst(self, lasts_s: float) -> None:
        """Forty hosts whose disks fill up at once, and are well again after a while."""
        now = datetime.now(UTC)
        await self._post(now, now + timedelta(minutes=10))
        await asyncio.sleep(lasts_s)
        await self._post(now, datetime.now(UTC))

    async def outage(self, scenario: Scenario, culprit: FaultInjector, patience_s: float) -> None:
        """One outage, from the fault to the all clear; the cure is run where no person has run it in time."""
        await culprit.inflict(scenario.fault)
        await until(f"{scenario.alert} firing", 120, lambda: self._is_firing(scenario.alert))
        try:
            await until("a cure", patience_s, lambda: self._is_over(scenario.alert))
        except DrillFailedError:
            alert = await self._responder.alert(scenario.alert)
            if alert is not None:
                await self._responder.run_step(scenario.runbook, scenario.cure, alert.incident_id)
            await until(f"{scenario.alert} over", 120, lambda: self._is_over(scenario.alert))

    async def _is_firing(self, name: str) -> bool:
        alert = await self._responder.alert(name)
        return alert is not None and alert.state == "firing"

    async def _is_over(self, name: str) -> bool:
        return await self._responder.alert(name) is None

    async def _post(self, begun: datetime, ends: datetime) -> None:
        alerts = [_disk_alert(n, begun, ends) for n in range(_HOSTS)]
        headers = {"Authorization": f"Bearer {self._ingest}"}
        async with self._session.post(
            f"{self._ops_url}/api/v2/alerts", json=alerts, headers=headers
        ) as answer:
            if answer.status != 200:
                raise DrillFailedError(f"the alerts were answered {answer.status}: {await answer.text()}")


def _disk_alert(n: int, begun: datetime, ends: datetime) -> dict[str, object]:
    host = f"build-{n:02}"
    return {
        "labels": {
            "alertname": "HostDiskFilling", "severity": "warning" if n % 4 else "info", "service": "build", "instance": host,
        },
        "annotations": {"summary": f"The disk of {host} is {80 + n % 20} % full"},
        "startsAt": (begun - timedelta(seconds=n)).isoformat(),
        "endsAt": ends.isoformat(),
    }  # fmt: skip


async def play(layout: Layout, drill_token: str, pace: DemoPace, *, outages: Sequence[Scenario] = OUTAGES, again: bool = True) -> None:  # fmt: skip
    """Everything that happens, for as long as somebody watches, or once."""
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session, traffic(layout.url("api") or "") as clients:
        responder = Responder(session, layout.url("ops") or "", read_token(layout.tokens / "admin"))
        culprit = FaultInjector(layout, session, drill_token, clients)
        world = DemoWorld(layout, session, responder)
        await culprit.let_customer_ask(_LOAD)
        while True:
            for scenario in outages:
                await asyncio.sleep(pace.quiet_s)
                async with asyncio.TaskGroup() as group:
                    group.create_task(world.burst(pace.burst_s))
                    group.create_task(_later(pace.quiet_s, world, scenario, culprit, pace.patience_s))
                await asyncio.sleep(pace.between_s)
            if not again:
                return


async def _later(after_s: float, world: DemoWorld, scenario: Scenario, culprit: FaultInjector, patience_s: float) -> None:  # fmt: skip
    await asyncio.sleep(after_s)
    await world.outage(scenario, culprit, patience_s)


@click.command()
@click.option("--events", is_flag=True, help="What happens, as JSON lines; ends when standard input does.")
def main(events: bool) -> None:
    """Play until ended by a signal or by the end of standard input; nothing is left afterwards."""
    stop_on_signals()
    if events:
        when_starter_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))

    def tell(**event: object) -> None:
        words = msgspec.json.encode(event).decode() if events else " ".join(map(str, event.values()))
        click.echo(words)

    scenario = OUTAGES[0]
    token = secrets.token_hex(16)
    try:
        with drill_stack(scenario, token, lambda text: tell(say=f"  · {text}")) as layout:
            tell(up=str(layout.state), url=layout.url("ops"))
            asyncio.run(play(layout, token, DemoPace()))
    except DrillFailedError as failure:
        tell(say=f"ops: the demonstration cannot go on: {failure}")
        raise SystemExit(1) from failure


if __name__ == "__main__":
    main(prog_name="ops console --demo")
