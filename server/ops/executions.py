"""Runs steps and actions: plan, intent, shim, started, finished, verified; and finds them again after a restart."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from runbooks.engine.plan import Plan, UnknownAction, plan_action, plan_step
from runbooks.wire import ExecutionRequest, ExecutionState, ExecutionView
from server.ops.access import Caller, hash_token, new_token
from server.ops.admission import (
    OtherRequest,
    Refused,
    already_known,
    check_confirmation,
    check_locks,
    check_request,
    check_role,
    check_writable,
    find_approval,
    request_sha256,
)
from server.ops.events import ApprovalUsed, GlassBroken
from server.ops.ledger import DAEMON, JOURNAL_ERRORS, Ledger, Transaction
from server.ops.shelf import Shelf
from server.ops.surroundings import Surroundings
from server.ops.verification import Verifier
from server.ops.views import execution_view
from server.runner.execution import (
    Execution,
    ExecutionCancelled,
    ExecutionCleared,
    ExecutionFinished,
    ExecutionIntended,
    ExecutionLost,
    ExecutionRefused,
    ExecutionStarted,
    ExecutionVerified,
)
from server.runner.launch import Shim, ShimFailed, find_again, launch, read_status
from server.runner.process import ProcessId, boot_id
from server.runner.spec import ShimSpec, ShimStatus

_CLAIM_WAIT_S = 3.0
_RETRY_S = 1.0


class UnknownExecution(Exception):
    """No execution of that id ever arrived."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"execution {execution_id} never arrived here")


class Executions:
    """Owns the tasks that follow executions; the executions themselves belong to the journal and their shims."""

    def __init__(
        self, ledger: Ledger, shelf: Shelf, surroundings: Surroundings, verifier: Verifier, folder: Path
    ) -> None:
        self._ledger = ledger
        self._shelf = shelf
        self._surroundings = surroundings
        self._verifier = verifier
        self._folder = folder
        self._shims: dict[str, Shim] = {}
        self._tasks: set[asyncio.Task[None]] = set()

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
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def folder_of(self, execution_id: str) -> Path:
        """Where its output and status lie."""
        return self._folder / execution_id

    def find(self, execution_id: str) -> Execution:
        """The execution; raises ``UnknownExecution``."""
        try:
            return self._ledger.state.executions[execution_id]
        except KeyError:
            raise UnknownExecution(execution_id) from None

    def plan(self, request: ExecutionRequest) -> Plan:
        """What exactly would run; raises ``BadRequest`` and the errors of ``runbooks.engine.plan``."""
        check_request(request)
        catalogue = self._shelf.catalogue
        target, words = self._surroundings.target, self._surroundings.words
        if request.action is not None:
            action = catalogue.actions.get(request.action)
            if action is None:
                raise UnknownAction(request.action, catalogue.actions)
            return plan_action(action, request.params, target=target, words=words, for_s=request.for_s)
        runbook = catalogue.runbooks.get(request.runbook or "")
        if runbook is None:
            raise UnknownExecution(f"of runbook {request.runbook}: there is no such runbook; it")
        return plan_step(
            runbook,
            request.step or "",
            request.params,
            actions=catalogue.actions,
            target=target,
            words=words,
            for_s=request.for_s,
        )

    def preview(self, request: ExecutionRequest, caller: Caller) -> ExecutionView:
        """What a dialog shows before it asks; nothing is journalled."""
        execution = self._execution(self.plan(request), request, caller, self._ledger.clock(), before="")
        return msgspec.structs.replace(execution_view(execution), dry_run=True)

    async def submit(self, request: ExecutionRequest, caller: Caller) -> tuple[Execution, bool]:
        """Starts it, and says whether it is new; the same request again gives the first run.

        Raises ``BadRequest``, ``Refused``, ``Locked``, ``OtherRequest`` and the errors of planning and journalling.
        """
        check_request(request)
        if already_known(self._ledger.state, request):
            return self.find(request.execution_id), False
        plan = self.plan(request)
        try:
            check_role(plan, caller)
            check_confirmation(plan, request)
            check_writable(self._ledger.state, plan, request, self._ledger.fault)
            before = await self._verifier.before(plan.verify) if not request.dry_run else ""
            token = new_token() if plan.kind == "read" else None
            fresh = await self._ledger.decide(
                lambda tx: self._intend(tx, plan, request, caller, before, token)
            )
        except Refused as refusal:
            await self._note_refusal(plan, request, caller, str(refusal))
            raise
        if fresh:
            self._own(self._run(self.find(request.execution_id), plan, token))
        return self.find(request.execution_id), fresh

    async def cancel(self, execution_id: str, caller: Caller) -> Execution:
        """Asks for its end: TERM to its processes, ten seconds, KILL. Raises ``Refused`` where it does not run."""
        execution = self.find(execution_id)
        if execution.state != "running":
            raise Refused(f"execution {execution_id} is {execution.state}, not running")
        event = ExecutionCancelled(execution_id=execution_id)
        await self._ledger.decide(lambda tx: tx.record(event, caller.actor, execution_id))
        shim = self._shims.get(execution_id)
        if shim is not None:
            shim.cancel()
        return self.find(execution_id)

    async def clear(self, execution_id: str, reason: str, caller: Caller) -> Execution:
        """Lets the locks of an unknown execution go; raises ``Refused`` for any other state and for no reason."""
        if not reason.strip():
            raise Refused("say how you know what became of it: --reason")

        def decide(tx: Transaction) -> None:
            execution = tx.state.executions.get(execution_id)
            if execution is None:
                raise UnknownExecution(execution_id)
            if execution.state != "unknown":
                raise Refused(
                    f"execution {execution_id} is {execution.state}; only an unknown one is cleared"
                )
            event = ExecutionCleared(execution_id=execution_id, reason=self._surroundings.redacted(reason))
            tx.record(event, caller.actor, execution_id)

        await self._ledger.decide(decide)
        return self.find(execution_id)

    def _intend(
        self,
        tx: Transaction,
        plan: Plan,
        request: ExecutionRequest,
        caller: Caller,
        before: str,
        token: str | None,
    ) -> bool:
        if already_known(tx.state, request):
            return False
        if self.folder_of(request.execution_id).exists():
            raise OtherRequest(request.execution_id)
        approval = find_approval(tx.state, plan, request, caller, tx.now)
        if not request.dry_run:
            check_locks(tx.state, plan, tx.now)
        execution = self._execution(plan, request, caller, tx.now, before)
        execution = msgspec.structs.replace(
            execution,
            viewer_sha256=hash_token(token) if token else None,
            approvals=(approval.id,) if approval else (),
        )
        tx.record(ExecutionIntended(execution=execution), caller.actor, execution.execution_id, plan.digest)
        if approval is not None:
            used = ApprovalUsed(id=approval.id, execution_id=execution.execution_id)
            tx.record(used, caller.actor, approval.id, plan.digest)
        if execution.break_glass is not None:
            broken = GlassBroken(execution_id=execution.execution_id, reason=execution.break_glass)
            tx.record(broken, caller.actor, execution.execution_id, plan.digest)
        return True

    def _execution(
        self, plan: Plan, request: ExecutionRequest, caller: Caller, now: datetime, before: str
    ) -> Execution:
        redacted = self._surroundings.redacted
        return Execution(
            execution_id=request.execution_id,
            kind=plan.kind,
            title=plan.title,
            actor=caller.name,
            argv=tuple(redacted(word) for word in plan.argv),
            digest=plan.digest,
            requested_at=now,
            object=plan.object,
            timeout_s=plan.timeout_s,
            boot_id=boot_id(),
            request_sha256=request_sha256(request),
            runbook=plan.runbook,
            step=plan.step,
            action=plan.action,
            params={name: redacted(value) for name, value in plan.params.items()},
            locks=plan.locks if not request.dry_run else (),
            incident_id=request.incident_id,
            dry_run=request.dry_run,
            break_glass=redacted(request.break_glass) if request.break_glass else None,
            until_at=now + timedelta(seconds=plan.for_s) if plan.for_s and not request.dry_run else None,
            verify=plan.verify if not request.dry_run else None,
            before=before,
            rollback=plan.rollback,
        )

    async def _note_refusal(self, plan: Plan, request: ExecutionRequest, caller: Caller, why: str) -> None:
        event = ExecutionRefused(
            execution_id=request.execution_id, title=plan.title, reason=why, incident_id=request.incident_id
        )
        with contextlib.suppress(*JOURNAL_ERRORS):
            await self._ledger.decide(
                lambda tx: tx.record(event, caller.actor, request.execution_id, plan.digest)
            )

    def _own(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, execution: Execution, plan: Plan, token: str | None) -> None:
        folder = self.folder_of(execution.execution_id)
        spec = ShimSpec(
            folder=str(folder),
            argv=plan.argv,
            env={**self._surroundings.environment(token), **plan.env},
            cwd=str(self._surroundings.cwd),
            timeout_s=plan.timeout_s,
            precheck=plan.precheck or (),
            dry_run=execution.dry_run,
            secrets=(*self._surroundings.secrets, *([token] if token else [])),
            end_leftovers=plan.kind == "read",
        )
        try:
            folder.mkdir(mode=0o700, parents=True)
            shim = await launch(spec)
        except (ShimFailed, OSError) as error:
            failed = ExecutionFinished(
                execution_id=execution.execution_id,
                state="failed",
                finished_at=datetime.now(UTC),
                reason=f"nothing has run: {error}",
            )
            await self._record(failed, execution.execution_id)
            return
        await self._follow(execution.execution_id, shim)

    async def _find_again(self, execution: Execution) -> None:
        """Goes on with an execution that an earlier daemon left, without ever starting anything."""
        folder = self.folder_of(execution.execution_id)
        shim = find_again(folder)
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
            if self.find(execution_id).shim is None:
                await self._record_start(execution_id, shim.status)
            if self.find(execution_id).reason is not None:
                shim.cancel()
            status = await shim.wait()
            if status is None:
                await self._lose(execution_id)
                return
            await self._record_start(execution_id, status)
            await self._record(_finished(execution_id, status), execution_id)
            await self._verify(execution_id)
        finally:
            self._shims.pop(execution_id, None)

    async def _record_start(self, execution_id: str, status: ShimStatus) -> None:
        if status.pid is None or status.pgid is None or status.started_at is None:
            return
        if self.find(execution_id).shim is not None:
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
        execution = self.find(execution_id)
        look = f"; look at {execution.object} before you clear it" if execution.kind != "read" else ""
        reason = f"it may have run: it left no trace of its end{look}"
        await self._record(ExecutionLost(execution_id=execution_id, reason=reason), execution_id)

    async def _verify(self, execution_id: str) -> None:
        execution = self.find(execution_id)
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
        while True:
            try:
                await self._ledger.decide(lambda tx: tx.record(event, DAEMON, execution_id))
            except JOURNAL_ERRORS:
                await asyncio.sleep(_RETRY_S)
            else:
                return


def _finished(execution_id: str, status: ShimStatus) -> ExecutionFinished:
    state: ExecutionState = "succeeded" if status.exit_code == 0 else "failed"
    reason = status.fault
    if status.precheck_failed:
        state, reason = "failed", status.fault or "its pre-check failed, so nothing was changed"
    if status.timed_out:
        state, reason = "timed_out", "its time was up"
    if status.cancelled:
        state, reason = "cancelled", None
    if status.survivors:
        left = ", ".join(map(str, status.survivors[:10]))
        reason = f"{reason + '; ' if reason else ''}processes that outlived it: {left}"
    if status.lost:
        reason = f"{reason + '; ' if reason else ''}{status.lost} bytes of output were lost: the disk is full"
    return ExecutionFinished(
        execution_id=execution_id,
        state=state,
        finished_at=status.finished_at or datetime.now(UTC),
        exit_code=status.exit_code,
        signal=status.signal,
        reason=reason,
        survivors=status.survivors,
        cut=status.cut,
    )
