"""One drill under way: its stages, and what it has measured so far."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from alerts.wire import AlertView
from runbooks.wire import ExecutionView, RunbookView, StepView
from server.stack.drill.drill_pages import DrillPages
from server.stack.drill.faults import FaultInjector
from server.stack.drill.responder import DrillFailedError, Responder, until
from server.stack.drill.scenario import DrillResult, DrillStep, Scenario
from server.stack.drill.window_drill import WindowDrill

CONTROL_S = 40.0
"""So long an alert without its cure must go on firing: longer than any drill's window and ``for`` together."""
_QUIET_S, _FIRE_S, _RESOLVE_S = 60, 90, 120
_PAGE_S, _ESCALATE_S, _AUDIT_S = 30, 90, 90
_CALLS_OF_L1 = 3
"""How often L1 is called about something critical before L2 is."""
Say = Callable[[str], None]


def _is_noise(alert: AlertView) -> bool:
    """Whether an alert breaks the quiet: it fires, and is about the stack, not about a busy machine."""
    return alert.state == "firing" and alert.severity != "none" and alert.service != "host"


class DrillRun:
    """The stages of a drill, each usable by itself, and the times between them."""

    def __init__(
        self,
        scenario: Scenario,
        responder: Responder,
        culprit: FaultInjector,
        say: Say,
        pages: DrillPages | None = None,
    ) -> None:
        self.scenario, self.responder, self.culprit, self.say = scenario, responder, culprit, say
        self._pages = pages
        self.times: dict[str, float] = {}
        self.notes: list[str] = []
        self.steps: list[DrillStep] = []
        self.skipped: tuple[str, ...] = ()
        self.failure = ""
        self.incident_id: int | None = None
        self.target_s: int | None = None
        self._runbook: RunbookView | None = None
        self._detected_at = 0.0
        self._diagnosis = self._cure = ""

    async def as_drill(self) -> None:
        """Cause, find, cure, and be quiet again."""
        await self.begin()
        window = await self._check_in()
        await self.cause()
        if self.scenario.unanswered:
            await self.sleep_through_pages()
        if window is not None:
            await (window.overrun() if self.scenario.overruns else window.is_quiet())
        await self.acknowledge()
        await self.diagnose()
        await self.cure()
        await self.prove()
        if self.scenario.unanswered:
            await self.hear_of_recovery()
        if window is not None:
            await self._complete(window)
        await self.quiet("after")

    def look_at_page(self) -> bool:
        """Whether L1 was called; notes when that was seen first."""
        if self._pages is None or self.incident_id is None:
            return False
        if "paged" not in self.times and self._pages.calls("L1", self.incident_id):
            self.times["paged"] = self.since_detection_s
            self.say(f"L1 is called ({self.times['paged']:.1f} s after detection)")
        return "paged" in self.times

    async def sleep_through_pages(self) -> None:
        """L1 does not answer: L2 is called, and the audit of paging finds nothing late."""
        await until("the page of L1", _PAGE_S, self._l1_is_called)
        pages, number = self._pages, self.incident_id or 0
        assert pages is not None  # it is that which has seen the page
        began_at = datetime.now(UTC)

        async def l2_is_called() -> bool:
            return pages.calls("L2", number) > 0

        await until("the page of L2", _ESCALATE_S, l2_is_called)
        calls = pages.calls("L1", number)
        self.notes.append(
            f"L1 was called {calls} times and slept; L2 was called after {self.since_detection_s:.0f} s"
        )
        self.say(self.notes[-1])
        if calls < _CALLS_OF_L1:
            raise DrillFailedError(f"L1 was called {calls} times before L2; the ladder has {_CALLS_OF_L1}")

        async def is_audited() -> bool:
            return await self.responder.audited_paging(since=began_at)

        await until("an audit of paging", _AUDIT_S, is_audited)
        if await self.responder.alert("PagesOverdue") is not None:
            raise DrillFailedError("the audit says that pages are overdue")
        self.say("the audit of paging is quiet")

    async def _l1_is_called(self) -> bool:
        return self.look_at_page()

    async def hear_of_recovery(self) -> None:
        """Both who were called hear that it is over."""
        pages, number = self._pages, self.incident_id or 0

        async def both_heard() -> bool:
            return pages is not None and all(
                pages.was_told_of_recovery(level, number) for level in ("L1", "L2")
            )

        await until("the word of the recovery", _PAGE_S, both_heard)

    async def _check_in(self) -> WindowDrill | None:
        """The window in which the fault is caused, where the drill has one."""
        lasts_s = self.scenario.window_s
        if lasts_s is None:
            return None
        window = WindowDrill(self.responder, self.say, self.scenario.alert, lasts_s)
        await window.begin()
        return window

    async def _complete(self, window: WindowDrill) -> None:
        if not self.scenario.overruns:
            await window.nobody_was_called()
        await window.end()

    async def as_control(self) -> None:
        """Cause it, and cure nothing."""
        await self.begin()
        await self.cause()
        await self.keep_firing()

    async def begin(self) -> None:
        """Let the good customer ask, and find everything quiet."""
        if self.scenario.load is not None:
            await self.culprit.let_customer_ask(self.scenario.load)
        await self.quiet("before")

    def result(self) -> DrillResult:
        """How the drill went so far."""
        return DrillResult(
            alert=self.scenario.name,
            runbook=self.scenario.runbook,
            digest=self._runbook.digest if self._runbook else "",
            passed=not self.failure,
            mttr_target_s=self.target_s,
            diagnosis=self._diagnosis,
            cure=self._cure,
            failure=self.failure,
            notes=tuple(self.notes),
            detected_s=self._time("detected"),
            paged_s=self._time("paged"),
            acknowledged_s=self._time("acknowledged"),
            resolved_s=self._time("resolved"),
            steps=tuple(self.steps),
            skipped=self.skipped,
        )

    def _time(self, name: str) -> float | None:
        return round(self.times[name], 2) if name in self.times else None

    @property
    def since_detection_s(self) -> float:
        """Seconds since the alert was seen firing."""
        return time.monotonic() - self._detected_at

    async def runbook(self) -> RunbookView:
        """The runbook, read once."""
        if self._runbook is None:
            self._runbook = await self.responder.runbook(self.scenario.runbook)
        return self._runbook

    async def quiet(self, when: str) -> None:
        """No alert fires, and the evaluator is heard."""

        noise: list[str] = []

        async def is_quiet() -> bool:
            known = await self.responder.alerts()
            noise[:] = [a.alertname for a in known.alerts if _is_noise(a)]
            if known.meta.evaluator != "ok":
                noise.append(f"evaluator {known.meta.evaluator}")
            return not noise

        try:
            took = await until(f"quiet {when} the drill", _QUIET_S, is_quiet)
        except DrillFailedError as failure:
            raise DrillFailedError(f"{failure}: {', '.join(noise)}") from failure
        self.say(f"quiet {when}: no alerts, the evaluator is heard ({took:.1f} s)")

    async def cause(self) -> None:
        """Cause the fault and wait for the alert."""
        name = self.scenario.alert
        started = time.monotonic()
        self.say(f"cause: {await self.culprit.inflict(self.scenario.fault)}")

        async def fires() -> bool:
            alert = await self.responder.alert(name)
            if alert is None or alert.state != "firing" or alert.incident_id is None:
                return False
            self.incident_id, self.target_s = alert.incident_id, alert.mttr_target_s
            return True

        await until(f"{name} firing", _FIRE_S, fires)
        self._detected_at = time.monotonic()
        self.times["detected"] = self._detected_at - started
        self.say(
            f"{name} fires, incident {self.incident_id} ({self.times['detected']:.1f} s after the cause)"
        )

    async def keep_firing(self) -> None:
        """Without the cure the alert must fire all the time."""
        started = time.monotonic()
        while time.monotonic() - started < CONTROL_S:
            alert = await self.responder.alert(self.scenario.alert)
            if alert is None or alert.state != "firing":
                raise DrillFailedError(
                    f"{self.scenario.alert} ended by itself after {time.monotonic() - started:.0f} s without a cure"
                )
            await asyncio.sleep(0.5)
        self.notes.append(f"control run: without the cure it went on firing for {CONTROL_S:.0f} s")

    async def acknowledge(self) -> None:
        """Take the incident."""
        await self.responder.acknowledge(self.incident_id or 0)
        self.times["acknowledged"] = self.since_detection_s

    async def diagnose(self) -> None:
        """Run every diagnosis step; the one meant must say unhealthy and point to the cure."""
        runbook = await self.runbook()
        for step in runbook.steps:
            if step.section == "Diagnosis" and step.kind == "read":
                self.judge(step, await self._run_step(step))
        if not self._diagnosis:
            raise DrillFailedError(f"{runbook.id} has no diagnosis step {self.scenario.diagnosis}")

    def judge(self, step: StepView, run: ExecutionView) -> None:
        """Raises ``DrillFailedError`` where a step with an expectation has none met, or the one meant points elsewhere."""
        self.say(f"diagnosis {step.name}: {run.verdict or run.state}")
        if (step.healthy or step.unhealthy) and run.state not in ("succeeded", "failed"):
            raise DrillFailedError(
                f"diagnosis step {step.name} did not run to its end: {run.state} {run.reason or ''}"
            )
        if step.name == self.scenario.diagnosis:
            self._diagnosis = f"{step.name}: {run.verdict}, points to {step.then}"
            if run.verdict != "unhealthy" or step.then != self.scenario.cure:
                raise DrillFailedError(
                    f"diagnosis step {step.name} said {run.verdict} and points to {step.then}"
                )
        elif run.verdict == "unhealthy" and step.then not in (None, self.scenario.cure):
            self.notes.append(f"{step.name} is unhealthy and also points to {step.then}")

    async def cure(self) -> None:
        """Run the resolution step and wait for the alert to resolve."""
        cure = self.scenario.cure
        step = next((s for s in (await self.runbook()).steps if s.name == cure), None)
        if step is None:
            raise DrillFailedError(f"{self.scenario.runbook} has no step {cure}")
        run = await self._run_step(step)
        self._cure = f"{cure}: {run.state}"
        if run.state != "succeeded":
            raise DrillFailedError(f"resolution step {cure} ended {run.state}: {run.reason or run.exit_code}")
        self.say(f"resolution {cure}: {run.state}")
        if self.scenario.told:
            await self.play_told()
        await until(f"{self.scenario.alert} resolving", _RESOLVE_S, self.is_resolved)
        self.note_resolved()

    async def play_told(self) -> None:
        """Do what the client does that the cure tells to stop: no step can act in its place."""
        self.notes.append(await self.culprit.give_good_key(self.scenario.told))
        self.say(self.notes[-1])

    async def is_resolved(self) -> bool:
        """Whether the alert is gone."""
        return await self.responder.alert(self.scenario.alert) is None

    def note_resolved(self) -> None:
        """The alert is gone, now."""
        self.times["resolved"] = self.since_detection_s
        self.say(f"{self.scenario.alert} is resolved ({self.times['resolved']:.1f} s after detection)")

    async def prove(self) -> None:
        """The verification step must be healthy."""
        runbook = await self.runbook()
        proof = next((s for s in runbook.steps if s.name == self.scenario.proof), None)
        if proof is None:
            raise DrillFailedError(f"{runbook.id} has no step {self.scenario.proof}")

        async def is_well() -> bool:
            return (await self._run_step(proof)).verdict == "healthy"

        await until(f"step {proof.name} being healthy", 45, is_well)

    async def _run_step(self, step: StepView) -> ExecutionView:
        params = self.scenario.cure_params if step.name == self.scenario.cure else {}
        at_s = self.since_detection_s
        run = await self.responder.run_step(self.scenario.runbook, step.name, self.incident_id, params=params)
        self.steps.append(step_run(run, step, at_s))
        return run


def step_run(run: ExecutionView, step: StepView | None, at_s: float) -> DrillStep:
    """What was run, as a report tells it."""
    return DrillStep(
        step=step.name if step else run.action or run.title,
        runbook=run.runbook,
        section=step.section if step else "",
        kind=run.kind,
        state=run.state,
        verdict=run.verdict,
        points_to=step.then if step and run.verdict == "unhealthy" else None,
        at_s=round(at_s, 1),
        by=run.actor,
    )
