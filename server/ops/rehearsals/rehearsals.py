"""The daily rehearsal at work: one step at a time, with low priority, and only while nobody needs the machine."""

import asyncio
import contextlib
import datetime as dt
import logging
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta

import msgspec

from runbooks.engine.params import ParameterError
from runbooks.engine.plan import UnavailableHereError, UnknownStepError
from runbooks.wire import ExecutionRequest, RehearsalView, RehearsedStep, RunbookView, StepView
from server.http.call import BadRequestError
from server.ops.executions.admission import LockedError, OtherRequestError, RefusedError
from server.ops.executions.executions import Executions
from server.ops.executions.runbook_folder import RunbookFolder
from server.ops.executions.step_environment import StepEnvironment
from server.ops.rehearsals.rules import (
    firing_now,
    judge,
    needed_values,
    next_at,
    rehearsed,
    try_plan,
    why_not_now,
)
from server.ops.state.events import RehearsalBegan, RunbookRehearsed
from server.ops.state.ledger import JOURNAL_ERRORS, Actor, Ledger
from server.ops.users import REHEARSAL, Caller
from server.periodic import Periodic
from server.runner.execution import Execution

_LOOK_EVERY = timedelta(seconds=5)
_POLL_S = 0.05
_MYSELF = Caller(REHEARSAL, "viewer", auth="daemon")
_log = logging.getLogger("ops")


class _PostponedError(Exception):
    """Something came up; the message says what."""


class Rehearsals:
    """Owns the one rehearsal that may be on."""

    def __init__(
        self,
        ledger: Ledger,
        shelf: RunbookFolder,
        executions: Executions,
        environment: StepEnvironment,
        evaluator: Callable[[], str],
        *,
        at: dt.time | None,
        label: str,
    ) -> None:
        self._ledger, self._shelf, self._executions = ledger, shelf, executions
        self._environment, self._evaluator = environment, evaluator
        self._at, self._label = at, label
        self._view = RehearsalView(state="idle")
        self._task: asyncio.Task[None] | None = None
        self.loop = Periodic("rehearsal", _LOOK_EVERY, self.turn)
        """Begins what is due."""
        self.news = asyncio.Event()
        """Set whenever the view has changed."""

    @property
    def postponed(self) -> str:
        """Why a rehearsal that is due has to wait; empty where none is due, or it may begin."""
        now = self._ledger.clock()
        due_at = next_at(self._ledger.state, now, self._at)
        is_due = self._is_unfinished or (due_at is not None and due_at <= now)
        return self.why_not_now if is_due and self._at is not None else ""

    @property
    def why_not_now(self) -> str:
        """Why nothing may be rehearsed just now."""
        return why_not_now(self._ledger.state, label=self._label, evaluator=self._evaluator())

    @property
    def view(self) -> RehearsalView:
        """The rehearsal that is on, or the latest."""
        due_at = next_at(self._ledger.state, self._ledger.clock(), self._at)
        return msgspec.structs.replace(self._view, postponed=self.why_not_now, next_at=due_at)

    @property
    def _is_unfinished(self) -> bool:
        return bool(self._ledger.state.rehearsal and self._ledger.state.rehearsal.remaining)

    def begin(self, runbooks: Sequence[str], caller: Caller) -> RehearsalView:
        """Rehearses these now; raises ``RefusedError`` where one is on, or it has to wait."""
        if self._task is not None and not self._task.done():
            raise RefusedError(f"a rehearsal by {self._view.by} is on; see ops rehearse --status")
        if why := self.why_not_now:
            raise RefusedError(f"postponed: {why}")
        self._start(runbooks, caller.actor)
        return self.view

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ends a rehearsal that is on when the block is left."""
        try:
            yield
        finally:
            if self._task is not None:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    async def turn(self) -> None:
        """Begins the daily rehearsal where it is due and may begin, or goes on with one that was stopped."""
        now = self._ledger.clock()
        due_at = next_at(self._ledger.state, now, self._at)
        if due_at is None or self.why_not_now or (self._task is not None and not self._task.done()):
            return
        if due_at <= now:
            event = RehearsalBegan(runbooks=tuple(self._shelf.catalogue.runbooks))
            await self._ledger.decide(lambda tx: tx.record(event, _MYSELF.actor, REHEARSAL))
        rehearsal = self._ledger.state.rehearsal
        if rehearsal is not None and rehearsal.remaining:
            self._start(rehearsal.remaining, _MYSELF.actor)

    def _start(self, runbooks: Sequence[str], by: Actor) -> None:
        self._view = RehearsalView(
            state="running", by=by.name, began_at=self._ledger.clock(), remaining=tuple(runbooks)
        )
        self._task = asyncio.create_task(self._run(tuple(runbooks), by), name="rehearsal run")

    async def _run(self, runbooks: tuple[str, ...], by: Actor) -> None:
        why = ""
        try:
            for runbook_id in runbooks:
                await self._rehearse(runbook_id, by)
                left = tuple(other for other in self._view.remaining if other != runbook_id)
                self._tell(remaining=left)
        except _PostponedError as reason:
            why = f"stopped: {reason}"
        except JOURNAL_ERRORS as error:
            why = f"stopped: the journal cannot be written: {error}"
        except Exception as error:  # noqa: BLE001 - the outermost loop of a task
            why = (
                f"stopped: a fault of the ops daemon's own; its log has the details ({type(error).__name__})"
            )
            _log.exception("a rehearsal failed")
        self._tell(state="stopped" if why else "done", why=why)

    async def _rehearse(self, runbook_id: str, by: Actor) -> None:
        runbook = self._shelf.catalogue.runbooks.get(runbook_id)
        steps: list[RehearsedStep] = []
        for step in runbook.steps if runbook else ():
            if why := self.why_not_now:
                raise _PostponedError(why)
            steps.append(await self._try(runbook, step))  # type: ignore[arg-type]  # there are steps
            self._tell(steps=(*self._view.steps, steps[-1]))
        faults = runbook.faults if runbook else ()
        event = RunbookRehearsed(
            runbook=runbook_id,
            digest=runbook.digest if runbook else "",
            ran=sum(step.execution_id is not None for step in steps),
            planned=sum(step.outcome == "planned" for step in steps),
            skipped=sum(step.outcome == "skipped" for step in steps),
            findings=(*faults, *(f"{step.step}: {step.text}" for step in steps if step.finding)),
        )
        await self._ledger.decide(lambda tx: tx.record(event, by, runbook_id))

    async def _try(self, runbook: RunbookView, step: StepView) -> RehearsedStep:
        if step.kind == "read":
            needs = needed_values(step)
            if needs:
                return rehearsed(runbook, step, "skipped", text=f"needs {', '.join(needs)}")
            return await self._through(runbook, step)
        tried, plan = try_plan(
            runbook,
            step,
            actions=self._shelf.catalogue.actions,
            target=self._environment.target,
            words=self._environment.words,
            state=self._ledger.state,
            finds=self._finds,
        )
        if plan is None or plan.precheck is None:
            return tried
        checked = await self._through(runbook, step, dry_run=True)
        return (
            checked
            if checked.finding
            else msgspec.structs.replace(checked, text=f"{tried.text}; pre-check passed")
        )

    async def _through(self, runbook: RunbookView, step: StepView, *, dry_run: bool = False) -> RehearsedStep:
        request = ExecutionRequest(
            execution_id=f"rehearsal-{secrets.token_hex(6)}",
            runbook=runbook.id,
            step=step.name,
            dry_run=dry_run,
            runbook_digest=runbook.digest,
        )
        try:
            execution, _ = await self._executions.submit(request, _MYSELF, rehearsal=True)
        except (
            ParameterError,
            BadRequestError,
            UnavailableHereError,
            UnknownStepError,
            LockedError,
            OtherRequestError,
            RefusedError,
        ) as error:
            return rehearsed(runbook, step, "failed", text=str(error), finding=True)
        run = await self._ended(execution.execution_id)
        return judge(runbook, step, run, firing_now(self._ledger.state))

    async def _ended(self, execution_id: str) -> Execution:
        """The execution once it has ended; whatever comes up ends it at once."""
        while (run := self._executions.find(execution_id)).state == "running":
            if why := self.why_not_now:
                with contextlib.suppress(RefusedError):
                    await self._executions.cancel(execution_id, _MYSELF)
                raise _PostponedError(why)
            await asyncio.sleep(_POLL_S)
        return run

    def _finds(self, program: str) -> bool:
        path = self._environment.environment(None)["PATH"]
        return os.access(program, os.X_OK) or shutil.which(program, path=path) is not None

    def _tell(self, **changes: object) -> None:
        self._view = msgspec.structs.replace(self._view, **changes)
        self.news.set()
        self.loop = Periodic("rehearsal", _LOOK_EVERY, self.turn)
        """Begins what is due."""
        self.news = asyncio.Event()
