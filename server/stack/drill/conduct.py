"""Conducting one drill, from the quiet before to the quiet after."""

import asyncio
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import msgspec

from alerts.wire import AlertView
from server.stack.bringing_up import CannotStart, bring_up, take_down
from server.stack.drill.inflict import Culprit
from server.stack.drill.responder import DrillFailed, Responder, until
from server.stack.drill.scenario import DrillResult, Scenario
from server.stack.drill.traffic import traffic
from server.stack.layout import Layout
from server.stack.tokens import read_token

CONTROL_S = 40.0
"""So long an alert without its cure must go on firing: longer than any drill's window and ``for`` together."""
_QUIET_S, _FIRE_S, _RESOLVE_S = 60, 90, 120
Say = Callable[[str], None]


@contextmanager
def drill_stack(scenario: Scenario, drill_token: str, say: Say) -> Iterator[Layout]:
    """A stack of its own: own state folder, own ports, and a token that only it has. Gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix="sps-drill-"))
    layout = Layout.at(state, free_ports(), drill=True)
    settings = {
        **scenario.settings,
        "DRILL_TOKEN": drill_token,
        "RULES_SPEEDUP": str(scenario.speedup),
        "SCRAPE_INTERVAL": "1s",
        "EVALUATION_INTERVAL": "1s",
        "MONITOR_PERIOD": "5s",
        "STATUS_HOLD_DOWN": "0s",
    }
    try:
        bring_up(layout, say, settings)
        yield layout
    except CannotStart as error:
        raise DrillFailed(f"the drill stack did not come up: {error}") from error
    finally:
        take_down(layout)
        shutil.rmtree(state, ignore_errors=True)


def free_ports() -> int:
    """The first of four ports in a row that nobody listens on."""
    for base in range(30_000 + secrets.randbelow(2_000) * 8, 60_000, 8):
        with socket.socket() as a, socket.socket() as b, socket.socket() as c, socket.socket() as d:
            try:
                for offset, probe in enumerate((a, b, c, d)):
                    probe.bind(("127.0.0.1", base + offset))
            except OSError:
                continue
            return base
    raise DrillFailed("no four free ports in a row")


def conduct(scenario: Scenario, say: Say, *, control: bool = False) -> DrillResult:
    """The whole drill in a stack of its own; never raises for a drill that merely fails.

    A ``control`` run leaves the cure out, and passes when the alert goes on firing for ``CONTROL_S`` seconds.
    """
    drill_token = secrets.token_hex(16)
    try:
        with drill_stack(scenario, drill_token, say) as layout:
            return asyncio.run(_drill(scenario, layout, drill_token, say, control=control))
    except DrillFailed as failure:
        return DrillResult(alert=scenario.alert, passed=False, control=control, failure=str(failure))


async def _drill(
    scenario: Scenario, layout: Layout, drill_token: str, say: Say, *, control: bool
) -> DrillResult:
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session, traffic(layout.url("api") or "") as clients:
        responder = Responder(session, layout.url("ops") or "", read_token(layout.tokens / "admin"))
        culprit = Culprit(layout, session, drill_token, clients)
        run = _Run(scenario, responder, culprit, say)
        try:
            await (run.as_control() if control else run.as_drill())
        except DrillFailed as failure:
            say(f"the clients got {', '.join(f'{n}: {dict(c.answers)}' for n, c in clients.clients.items())}")
            return msgspec.structs.replace(run.result(str(failure)), control=control)
        return msgspec.structs.replace(run.result(), control=control)


def _is_noise(alert: AlertView) -> bool:
    """Whether an alert breaks the quiet: it fires, and is about the stack, not about a busy machine."""
    return alert.state == "firing" and alert.severity != "none" and alert.service != "host"


class _Run:
    """One drill under way, and the times it has measured so far."""

    def __init__(self, scenario: Scenario, responder: Responder, culprit: Culprit, say: Say) -> None:
        self._scenario, self._responder, self._culprit, self._say = scenario, responder, culprit, say
        self._detected_at = 0.0
        self._times: dict[str, float] = {}
        self._incident_id: int | None = None
        self._target_s: int | None = None
        self._diagnosis = self._cure = ""
        self._notes: list[str] = []

    async def as_drill(self) -> None:
        """Cause, find, cure, and be quiet again."""
        await self.begin()
        await self.cause()
        await self.acknowledge()
        await self.diagnose()
        await self.cure()
        await self.prove()
        await self.quiet("after")

    async def as_control(self) -> None:
        """Cause it, and cure nothing."""
        await self.begin()
        await self.cause()
        await self.keep_firing()

    async def begin(self) -> None:
        """Let the good customer ask, and find everything quiet."""
        if self._scenario.load is not None:
            await self._culprit.let_customer_ask(self._scenario.load)
        await self.quiet("before")

    def result(self, failure: str = "") -> DrillResult:
        """How it went so far."""
        return DrillResult(
            alert=self._scenario.alert,
            passed=not failure,
            mttr_target_s=self._target_s,
            diagnosis=self._diagnosis,
            cure=self._cure,
            failure=failure,
            notes=tuple(self._notes),
            detected_s=self._time("detected"),
            acknowledged_s=self._time("acknowledged"),
            resolved_s=self._time("resolved"),
        )

    def _time(self, name: str) -> float | None:
        return round(self._times[name], 2) if name in self._times else None

    async def quiet(self, when: str) -> None:
        """No alert fires, and the evaluator is heard."""

        noise: list[str] = []

        async def is_quiet() -> bool:
            known = await self._responder.alerts()
            noise[:] = [a.alertname for a in known.alerts if _is_noise(a)]
            if known.meta.evaluator != "ok":
                noise.append(f"evaluator {known.meta.evaluator}")
            return not noise

        try:
            took = await until(f"quiet {when} the drill", _QUIET_S, is_quiet)
        except DrillFailed as failure:
            raise DrillFailed(f"{failure}: {', '.join(noise)}") from failure
        self._say(f"quiet {when}: no alerts, the evaluator is heard ({took:.1f} s)")

    async def cause(self) -> None:
        """Cause the fault and wait for the alert."""
        name = self._scenario.alert
        started = time.monotonic()
        self._say(f"cause: {await self._culprit.inflict(self._scenario.fault)}")

        async def fires() -> bool:
            alert = await self._responder.alert(name)
            if alert is None or alert.state != "firing" or alert.incident_id is None:
                return False
            self._incident_id, self._target_s = alert.incident_id, alert.mttr_target_s
            return True

        await until(f"{name} firing", _FIRE_S, fires)
        self._detected_at = time.monotonic()
        self._times["detected"] = self._detected_at - started
        self._say(
            f"{name} fires, incident {self._incident_id} ({self._times['detected']:.1f} s after the cause)"
        )

    async def keep_firing(self) -> None:
        """Without the cure the alert must fire all the time."""
        started = time.monotonic()
        while time.monotonic() - started < CONTROL_S:
            alert = await self._responder.alert(self._scenario.alert)
            if alert is None or alert.state != "firing":
                raise DrillFailed(
                    f"{self._scenario.alert} ended by itself after {time.monotonic() - started:.0f} s without a cure"
                )
            await asyncio.sleep(0.5)
        self._notes.append(f"control run: without the cure it went on firing for {CONTROL_S:.0f} s")

    async def acknowledge(self) -> None:
        """Take the incident."""
        await self._responder.acknowledge(self._incident_id or 0)
        self._times["acknowledged"] = time.monotonic() - self._detected_at

    async def diagnose(self) -> None:
        """Run every diagnosis step; the one meant must say unhealthy and point to the cure."""
        runbook = await self._responder.runbook(self._scenario.runbook)
        for step in runbook.steps:
            if step.section != "Diagnosis":
                continue
            run = await self._responder.run_step(runbook.id, step.name, self._incident_id)
            self._say(f"diagnosis {step.name}: {run.verdict or run.state}")
            if step.name != self._scenario.diagnosis:
                continue
            self._diagnosis = f"{step.name}: {run.verdict}, points to {step.then}"
            if run.verdict != "unhealthy" or step.then != self._scenario.cure:
                said = (await self._responder.output(run.execution_id)).strip()[-300:]
                raise DrillFailed(
                    f"diagnosis step {step.name} said {run.verdict} and points to {step.then}: {said}"
                )

    async def cure(self) -> None:
        """Run the resolution step and wait for the alert to resolve."""
        run = await self._responder.run_step(
            self._scenario.runbook,
            self._scenario.cure,
            self._incident_id,
            params=self._scenario.cure_params,
        )
        self._cure = f"{self._scenario.cure}: {run.state}"
        if run.state != "succeeded":
            raise DrillFailed(
                f"resolution step {self._scenario.cure} ended {run.state}: {run.reason or run.exit_code}"
            )
        self._say(f"resolution {self._scenario.cure}: {run.state}")
        if self._scenario.told:
            self._notes.append(await self._culprit.give_good_key(self._scenario.told))
            self._say(self._notes[-1])

        async def resolves() -> bool:
            return await self._responder.alert(self._scenario.alert) is None

        await until(f"{self._scenario.alert} resolving", _RESOLVE_S, resolves)
        self._times["resolved"] = time.monotonic() - self._detected_at
        self._say(f"{self._scenario.alert} is resolved ({self._times['resolved']:.1f} s after detection)")

    async def prove(self) -> None:
        """The verification step must be healthy."""

        async def is_well() -> bool:
            run = await self._responder.run_step(
                self._scenario.runbook, self._scenario.proof, self._incident_id
            )
            return run.verdict == "healthy"

        await until(f"step {self._scenario.proof} being healthy", 45, is_well)
