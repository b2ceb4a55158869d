"""A drill that a person cures: the fault comes as a surprise, and the program only watches and measures."""

import asyncio
import secrets
import threading
from collections.abc import Callable

from server.stack.drill.responder import DrillFailedError
from server.stack.drill.stages import DrillRun, step_run

_LOOK_EVERY_S = 0.3
_LONGEST_STEP_S = 60.0
_READING_S = 3.0


class HumanDrill:
    """Watches a person at work in the stack of a drill."""

    def __init__(self, run: DrillRun, gone: threading.Event) -> None:
        self._run, self._gone = run, gone
        self._was_told = False

    async def run(self, is_up: Callable[[], None], surprise_s: tuple[float, float]) -> None:
        """The whole of it; raises ``DrillFailedError`` where it was not cured, or not within the target."""
        await self._run.begin()
        await self._run.runbook()
        is_up()
        await self._wait(_between(*surprise_s))
        await self._run.cause()
        try:
            await self._watch()
            self._run.note_resolved()
            await self._run.quiet("after")
            await self._let_them_read()
        finally:
            await self._tell_steps()
        resolved_s, target_s = self._run.times["resolved"], self._run.target_s
        if target_s is not None and resolved_s > target_s:
            raise DrillFailedError(f"cured after {resolved_s:.0f} s; the target is {target_s} s")

    async def _wait(self, seconds: float) -> None:
        """Until then, unless the person leaves."""
        until = asyncio.get_running_loop().time() + seconds
        while (left := until - asyncio.get_running_loop().time()) > 0:
            self._still_there("the fault was caused")
            await asyncio.sleep(min(_LOOK_EVERY_S, left))

    def _still_there(self, before: str) -> None:
        if self._gone.is_set():
            raise DrillFailedError(f"the engineer left before {before}")

    async def _watch(self) -> None:
        while not await self._run.is_resolved():
            self._still_there(f"{self._run.scenario.alert} was cured")
            self._run.look_at_page()
            await self._look_at_acknowledgement()
            await self._play_whom_they_told()
            await asyncio.sleep(_LOOK_EVERY_S)
        await self._look_at_acknowledgement()
        if "acknowledged" not in self._run.times:
            self._run.notes.append("nobody acknowledged the incident")
        if not self._run.look_at_page():
            # Somebody may have had it before anybody was to be called: a warning waits for half of its target.
            self._run.notes.append("nobody was called before it was over")

    async def _look_at_acknowledgement(self) -> None:
        if "acknowledged" in self._run.times or self._run.incident_id is None:
            return
        incident = await self._run.responder.incident(self._run.incident_id)
        if incident.acknowledged_at is not None:
            taken_s = (incident.acknowledged_at - incident.detected_at).total_seconds()
            self._run.times["acknowledged"] = max(0.0, taken_s)

    async def _let_them_read(self) -> None:
        """Whoever cured it may still wait for what their step says: the stack goes once no step runs, and a moment later."""
        until = asyncio.get_running_loop().time() + _LONGEST_STEP_S
        while any(run.state == "running" for run in await self._run.responder.executions()):
            if self._gone.is_set() or asyncio.get_running_loop().time() > until:
                return
            await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.sleep(_READING_S)

    async def _play_whom_they_told(self) -> None:
        """Once the person has the words for the owner of a client, the drill plays that owner."""
        scenario = self._run.scenario
        if not scenario.told or self._was_told:
            return
        runs = await self._run.responder.executions()
        if any(run.step == scenario.cure and run.state == "succeeded" for run in runs):
            self._was_told = True
            await self._run.play_told()

    async def _tell_steps(self) -> None:
        """What was run, in order, and which diagnosis steps were not."""
        incident = await self._run.responder.incident(self._run.incident_id or 0)
        runbook = await self._run.runbook()
        steps = {step.name: step for step in runbook.steps}
        for run in await self._run.responder.executions():
            if run.dry_run:
                continue
            step = steps.get(run.step or "") if run.runbook == runbook.id else None
            at_s = (run.requested_at - incident.detected_at).total_seconds()
            self._run.steps.append(step_run(run, step, at_s))
        ran = {run.step for run in self._run.steps}
        self._run.skipped = tuple(
            step.name for step in runbook.steps if step.section == "Diagnosis" and step.name not in ran
        )


def _between(least_s: float, most_s: float) -> float:
    return least_s + (most_s - least_s) * secrets.randbelow(1_000) / 1_000
