"""Follows executions to their end: starts their shims, finds those of an earlier daemon again, journals what happened."""

import asyncio
import contextlib
import contextvars
import shutil
import time
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from runbooks.engine.plan import Plan
from runbooks.engine.verdict import Judged, verdict_of
from runbooks.wire import Verdict
from server.ops.executions.admission import is_rehearsal_id
from server.ops.executions.late_journal import LateJournal
from server.ops.executions.redactor import Redactor
from server.ops.executions.runbook_folder import RunbookFolder
from server.ops.executions.step_environment import StepEnvironment
from server.ops.executions.verification import LiveVerification
from server.ops.state.backup import archived
from server.ops.state.ledger import DAEMON, JOURNAL_ERRORS, Ledger
from server.periodic import Periodic
from server.runner.execution import (
    Execution,
    ExecutionCancelled,
    ExecutionFinished,
    ExecutionLost,
    ExecutionStarted,
    ExecutionVerified,
)
from server.runner.finish import finished_event
from server.runner.launcher import Shim, ShimFailedError, find_again, launch, read_status
from server.runner.leftovers import Leftover, end_leftovers, forget_groups, leftovers, marks
from server.runner.output_writer import HEAD, read_kept
from server.runner.process import ProcessId, boot_id, is_running
from server.runner.spec import ShimSpec, ShimStatus

_CLAIM_WAIT_S = 3.0
_RETRY_S = 1.0
_LATE_S = 2.0
"""How much later than the shim the daemon sees that a step's time is up."""
_ENDING_S = 25.0
"""How long a shim may take to end its step, to read its last output and to say so."""
_NAMED = 10
_READ_NICENESS = 5
_REHEARSAL_NICENESS = 10
_TIDY_EVERY = timedelta(hours=1)
_OUTPUT_KEPT_S = 30 * 86_400.0
_JUDGED = HEAD
"""Bytes of a read step's output that its expectations are compared with."""


class ExecutionWatcher:
    """Owns the tasks that follow executions; the executions themselves belong to the journal and their shims."""

    def __init__(
        self,
        ledger: Ledger,
        shelf: RunbookFolder,
        environment: StepEnvironment,
        redactor: Redactor,
        verifier: LiveVerification,
        folder: Path,
    ) -> None:
        self._ledger = ledger
        self._shelf = shelf
        self._environment = environment
        self._redactor = redactor
        self._verifier = verifier
        self._folder = folder
        self._closed = False
        self._shims: dict[str, Shim] = {}
        self._deadlines: dict[str, asyncio.Timeout] = {}
        self._late = LateJournal(ledger)
        self._tasks: set[asyncio.Task[None]] = set()
        self.loop = Periodic("tidy", _TIDY_EVERY, self._tidy)
        """Drops old output."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Finds earlier executions again, and follows all of them until the block is left; none of them is ended."""
        for execution in list(self._ledger.state.executions.values()):
            if execution.state == "running":
                self._own(self._find_again(execution))
            elif not execution.settled:
                self._own(self._verify(execution.execution_id))
        try:
            yield
        finally:
            self._closed = True
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def folder_of(self, execution_id: str) -> Path:
        """Where an execution's output and status lie."""
        return self._folder / execution_id

    def start(self, execution: Execution, plan: Plan, token: str | None) -> None:
        """Runs what was intended; the only place from which anything is started.

        At the daemon's end nothing is begun any more: the next start finds the intent and says that nothing has run.
        """
        if self._closed:
            return
        self._own(self._run(execution, plan, token))

    def start_beside(self, execution: Execution, plan: Plan, token: str | None) -> None:
        """Runs what only reads while the journal cannot be written; what becomes of it is journalled when it can be."""
        if self._closed:
            return
        self._late.begin(execution)
        self._own(self._run_beside(execution, plan, token))

    def cancel_beside(self, execution_id: str, by: str) -> None:
        """As ``cancel``, for one that is not in the journal yet."""
        self._late.take(ExecutionCancelled(execution_id=execution_id), execution_id, by)
        self.cancel(execution_id)

    def tidy(self) -> None:
        """Drops month-old output of executions that only the journal remembers; the claim stays, so no id runs again.

        Only what the newest backup of the state holds is dropped. A forgotten rehearsal goes as a whole: nobody but the
        daemon can choose its id.
        """
        if not self._folder.is_dir():
            return
        backup = archived(self._folder.parent)
        held_until = backup.made_at.timestamp() if backup is not None else 0.0
        for folder in self._folder.iterdir():
            forgotten = folder.name not in self._ledger.state.executions
            if forgotten and is_rehearsal_id(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
            elif forgotten and folder.stat().st_mtime < min(time.time() - _OUTPUT_KEPT_S, held_until):
                for path in (*folder.glob("stdout.*"), *folder.glob("stderr.*")):
                    path.unlink(missing_ok=True)

    def cancel(self, execution_id: str) -> None:
        """Asks a running execution to end."""
        shim = self._shims.get(execution_id)
        if shim is not None:
            shim.cancel()
        deadline = self._deadlines.get(execution_id)
        if deadline is not None and deadline.when() is not None:
            soon = asyncio.get_running_loop().time() + _LATE_S
            deadline.reschedule(min(soon, deadline.when() or soon))

    async def remaining(self, execution_id: str) -> list[Leftover]:
        """Processes of an execution that are still there."""
        folder = self.folder_of(execution_id)
        return await asyncio.to_thread(leftovers, folder, read_status(folder))

    def forget(self, execution_id: str) -> None:
        """Removes what the machine still holds for an execution of which nobody is left."""
        forget_groups(read_status(self.folder_of(execution_id)))

    async def _tidy(self) -> None:
        await asyncio.to_thread(self.tidy)

    def _own(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, execution: Execution, plan: Plan, token: str | None) -> None:
        folder = self.folder_of(execution.execution_id)
        spec = ShimSpec(
            folder=str(folder),
            argv=plan.argv,
            env={
                **self._environment.environment(token, writes=plan.kind != "read"),
                **self._environment.identity_of(plan),
                **plan.env,
                **marks(folder),
            },
            cwd=str(self._environment.cwd),
            user=self._environment.user_of(plan),
            timeout_s=plan.timeout_s,
            precheck=plan.precheck or (),
            dry_run=execution.dry_run,
            secrets=(*self._redactor.secrets, *([token] if token else [])),
            end_leftovers=plan.kind == "read",
            niceness=_niceness(execution),
        )
        try:
            # Without exist_ok: a folder that is there belongs to an earlier run of this id, which must not run again.
            folder.mkdir(mode=0o700, parents=True)
            shim = await launch(spec)
        except (ShimFailedError, OSError) as error:
            failed = ExecutionFinished(
                execution_id=execution.execution_id,
                state="failed",
                finished_at=datetime.now(UTC),
                reason=f"nothing has run: {error}",
            )
            await self._record(failed, execution.execution_id)
            return
        await self._follow(execution.execution_id, shim)

    async def _run_beside(self, execution: Execution, plan: Plan, token: str | None) -> None:
        await self._run(execution, plan, token)
        await self._late.catch_up(execution)

    async def _find_again(self, execution: Execution) -> None:
        """Goes on with an execution that an earlier daemon left, without ever starting anything."""
        folder = self.folder_of(execution.execution_id)
        shim = find_again(folder)
        # The claim is ours now and the machine has not been restarted since the intent: no shim can have begun. After a
        # restart the folder itself may be older than what ran, so nothing is proven.
        if shim is None and execution.boot_id == boot_id():
            reason = "nothing has run: the daemon stopped before it could begin"
            failed = ExecutionFinished(
                execution_id=execution.execution_id,
                state="failed",
                finished_at=datetime.now(UTC),
                reason=reason,
            )
            await self._record(failed, execution.execution_id)
            return
        if shim is not None and shim.status.shim_pid == 0:
            shim = await self._await_status(folder)
        if shim is None:
            await self._lose(execution.execution_id)
            return
        await self._follow(execution.execution_id, shim)

    async def _await_status(self, folder: Path) -> Shim | None:
        """A shim writes its status a moment after it has claimed its execution."""
        until = asyncio.get_running_loop().time() + _CLAIM_WAIT_S
        while asyncio.get_running_loop().time() < until:
            status = read_status(folder)
            if status is not None:
                return Shim(folder, status)
            await asyncio.sleep(0.02)
        return None

    async def _follow(self, execution_id: str, shim: Shim) -> None:
        self._shims[execution_id] = shim
        try:
            if self._find(execution_id).shim is None:
                await self._record_start(execution_id, shim.status)
            # Asked for while the shim was being started, or by an earlier daemon that ended before it could pass it on.
            if self._find(execution_id).reason is not None:
                shim.cancel()
            status = await self._end_of(execution_id, shim)
            if status is None:
                return
            # A step may end before its start was journalled; the record is kept in the order in which things happened.
            await self._record_start(execution_id, status)
            finished = finished_event(execution_id, status)
            verdict = await asyncio.to_thread(self._verdict, self._find(execution_id), finished.exit_code)
            await self._record(msgspec.structs.replace(finished, verdict=verdict), execution_id)
            await self._verify(execution_id)
        finally:
            self._shims.pop(execution_id, None)

    async def _end_of(self, execution_id: str, shim: Shim) -> ShimStatus | None:
        """What the shim says of the step's end; None where it says nothing, which is then journalled already."""
        left_s = self._find(execution_id).timeout_s + _LATE_S - self._ran_s(shim.status)
        if (status := await self._wait(execution_id, shim, left_s)) is not None:
            return status
        if not is_running(shim.process):
            await self._lose(execution_id)
            return None
        # Somebody may have stopped it: awake, it sees by its own clock that the time is up and ends the step itself.
        shim.wake()
        if (status := await self._wait(execution_id, shim, _ENDING_S)) is not None:
            return status
        return await self._end_in_its_place(execution_id, shim)

    async def _wait(self, execution_id: str, shim: Shim, for_s: float) -> ShimStatus | None:
        try:
            async with asyncio.timeout(max(0.0, for_s)) as self._deadlines[execution_id]:
                return await shim.wait()
        except TimeoutError:
            return None
        finally:
            self._deadlines.pop(execution_id, None)

    async def _end_in_its_place(self, execution_id: str, shim: Shim) -> ShimStatus | None:
        """Ends a step whose shim does not; what is not certain is said to be so.

        Returns the shim's own word where it came after all.
        """
        status = read_status(shim.folder) or shim.status
        await self._record_start(execution_id, status)
        left = await asyncio.to_thread(end_leftovers, shim.folder, status)
        if not is_running(shim.process) and (last := await shim.wait()) is not None:
            return last
        execution = self._find(execution_id)
        why = "its shim did not answer when its time was up"
        if left or not status.groups:
            there = f"still there: {_named(left)}" if left else "nothing of it is seen any more"
            reason = f"{why}; the daemon ended its processes, which is not confirmed: {there}"
            await self._record(ExecutionLost(execution_id=execution_id, reason=reason), execution_id)
            return None
        finished = ExecutionFinished(
            execution_id=execution_id,
            state="cancelled" if execution.reason is not None else "timed_out",
            finished_at=datetime.now(UTC),
            reason=f"{why}; the daemon ended its processes itself",
        )
        await self._record(finished, execution_id)
        return None

    def _ran_s(self, status: ShimStatus) -> float:
        began = status.started_at
        return max(0.0, (datetime.now(UTC) - began).total_seconds()) if began is not None else 0.0

    def _verdict(self, execution: Execution, exit_code: int | None) -> Verdict | None:
        """What the output of a read step or action means, by the expectations written on it."""
        judged = self._judged(execution)
        if judged is None or execution.kind != "read":
            return None
        output = read_kept(self.folder_of(execution.execution_id), "stdout", 0, limit=_JUDGED)
        return verdict_of(judged, output.data.decode(errors="replace"), exit_code)

    def _judged(self, execution: Execution) -> Judged | None:
        if execution.runbook is None:
            # Rehearsed, an action's check runs in its place and prints other words.
            return None if execution.dry_run else self._shelf.catalogue.actions.get(execution.action or "")
        runbook = self._shelf.catalogue.runbooks.get(execution.runbook)
        return next((s for s in runbook.steps if s.name == execution.step), None) if runbook else None

    async def _record_start(self, execution_id: str, status: ShimStatus) -> None:
        if status.pid is None or status.pgid is None or status.started_at is None:
            return
        if self._find(execution_id).shim is not None:
            return
        event = ExecutionStarted(
            execution_id=execution_id,
            shim=ProcessId(status.shim_pid, status.shim_start, status.boot_id),
            pid=status.pid,
            pgid=status.pgid,
            started_at=status.started_at,
        )
        await self._record(event, execution_id)

    async def _lose(self, execution_id: str) -> None:
        execution = self._find(execution_id)
        look = f"; look at {execution.object} before you clear it" if execution.kind != "read" else ""
        left = await self.remaining(execution_id)
        there = f"; its processes still run: {_named(left)}" if left else ""
        reason = f"it may have run: it left no trace of its end{there}{look}"
        await self._record(ExecutionLost(execution_id=execution_id, reason=reason), execution_id)

    async def _verify(self, execution_id: str) -> None:
        execution = self._find(execution_id)
        if execution.verify is None or execution.state != "succeeded":
            return
        result = await self._verifier.after(execution)
        await self._record(ExecutionVerified(execution_id=execution_id, verification=result), execution_id)

    async def _record(
        self,
        event: ExecutionStarted | ExecutionFinished | ExecutionLost | ExecutionVerified,
        execution_id: str,
    ) -> None:
        """Journals what has happened; it has happened, so a journal in trouble is tried again."""
        if execution_id in self._ledger.state.beside:
            self._late.take(event, execution_id, DAEMON.name)
            return
        while True:
            try:
                await self._ledger.decide(lambda tx: tx.record(event, DAEMON, execution_id))
            except JOURNAL_ERRORS:
                await asyncio.sleep(_RETRY_S)
            else:
                return

    def _find(self, execution_id: str) -> Execution:
        found = self._ledger.state.find_execution(execution_id)
        if found is None:
            raise KeyError(execution_id)
        return found


def _niceness(execution: Execution) -> int:
    """Who only looks stands back; what a change starts may be a service, which would keep it."""
    if execution.rehearsal:
        return _REHEARSAL_NICENESS
    return _READ_NICENESS if execution.kind == "read" else 0


def _named(left: list[Leftover]) -> str:
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return ", ".join(map(str, left[:_NAMED])) + more
