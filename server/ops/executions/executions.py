"""What a person may ask of the runner: plan, submit, cancel, clear; each admitted, then journalled, then done."""

import contextlib
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from runbooks.engine.plan import Plan, UnknownActionError, plan_action, plan_step
from runbooks.wire import ExecutionRequest, ExecutionView
from server.http.call import BadRequestError
from server.ops.alerting.foreign_alert import clean_text
from server.ops.executions.admission import (
    OtherRequestError,
    RefusedError,
    admit,
    already_known,
    check_request,
    check_text,
    is_rehearsal_id,
    request_sha256,
)
from server.ops.executions.redactor import Redactor
from server.ops.executions.runbook_folder import RunbookFolder
from server.ops.executions.step_environment import StepEnvironment
from server.ops.executions.verification import LiveVerification
from server.ops.executions.watcher import ExecutionWatcher
from server.ops.paging.notices import tell_of_broken_glass
from server.ops.state.events import ApprovalUsed, GlassBroken
from server.ops.state.ledger import JOURNAL_ERRORS, Ledger, Transaction
from server.ops.users import Caller, hash_token, new_token
from server.ops.views import execution_view
from server.runner.execution import (
    Execution,
    ExecutionCancelled,
    ExecutionCleared,
    ExecutionIntended,
    ExecutionRefused,
)
from server.runner.process import boot_id


class UnknownExecutionError(Exception):
    """No execution of that id ever arrived."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"execution {execution_id} never arrived here")


class UnknownRunbookError(Exception):
    """There is no runbook of that name."""

    def __init__(self, runbook_id: str) -> None:
        super().__init__(f"there is no runbook {runbook_id[:60]}; ops runbooks list names them")


class Executions:
    """What people ask of executions."""

    def __init__(
        self,
        ledger: Ledger,
        shelf: RunbookFolder,
        environment: StepEnvironment,
        redactor: Redactor,
        verifier: LiveVerification,
        watcher: ExecutionWatcher,
    ) -> None:
        self._ledger = ledger
        self._shelf = shelf
        self._environment = environment
        self._redactor = redactor
        self._verifier = verifier
        self._follower = watcher

    def folder_of(self, execution_id: str) -> Path:
        """Where an execution's output and status lie."""
        return self._follower.folder_of(execution_id)

    def find(self, execution_id: str) -> Execution:
        """The execution; raises ``UnknownExecutionError``."""
        found = self._ledger.state.find_execution(execution_id)
        if found is None:
            raise UnknownExecutionError(execution_id)
        return found

    def plan(self, request: ExecutionRequest) -> Plan:
        """What exactly would run; raises ``BadRequestError`` and the errors of ``runbooks.engine.plan``.

        Its locks are named as they are kept: a value that is secret excludes by its mask.
        """
        plan = self._plan(request)
        return msgspec.structs.replace(
            plan, locks=tuple(clean_text(key, self._redactor.redacted) for key in plan.locks)
        )

    def _plan(self, request: ExecutionRequest) -> Plan:
        check_request(request)
        catalogue = self._shelf.catalogue
        check_text(request, catalogue)
        target, words = self._environment.target, self._environment.words
        if request.action is not None:
            action = catalogue.actions.get(request.action)
            if action is None:
                raise UnknownActionError(request.action, catalogue.actions)
            return plan_action(action, request.params, target=target, words=words, for_s=request.for_s)
        runbook = catalogue.runbooks.get(request.runbook or "")
        if runbook is None:
            raise UnknownRunbookError(request.runbook or "")
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
        plan = self.plan(request)
        execution = self._execution(plan, request, caller, self._ledger.clock(), before="")
        return msgspec.structs.replace(
            execution_view(execution),
            state="planned",
            dry_run=True,
            locks=plan.locks,
            unverified=plan.unverified,
            precheck=plan.precheck or (),
        )

    async def submit(
        self, request: ExecutionRequest, caller: Caller, *, rehearsal: bool = False
    ) -> tuple[Execution, bool]:
        """Starts it, and says whether it is new; the same request again gives the first run.

        A ``rehearsal`` is the daemon's own. What only reads is run although the journal cannot be written, and journalled
        afterwards. Raises ``BadRequestError``, ``RefusedError``, ``LockedError``, ``OtherRequestError`` and the errors of planning and journalling.
        """
        check_request(request)
        if is_rehearsal_id(request.execution_id) is not rehearsal:
            raise BadRequestError("ids that begin with rehearsal- are the daemon's own", "execution_id")
        if already_known(self._ledger.state, request):
            return self.find(request.execution_id), False
        plan = self.plan(request)
        try:
            admit(self._ledger.state, request, plan, caller, self._ledger.clock(), fault=self._ledger.fault)
            before = await self._verifier.before(plan.verify) if not request.dry_run else ""
            token = new_token() if plan.kind == "read" else None
            fresh = await self._ledger.decide(
                lambda tx: self._intend(tx, plan, request, caller, before, token)
            )
        except RefusedError as refusal:
            await self._note_refusal(plan, request, caller, str(refusal))
            raise
        except JOURNAL_ERRORS:
            if rehearsal or not (plan.kind == "read" or request.dry_run):
                raise
            fresh = self._begin_beside(plan, request, caller, token)
        return self.find(request.execution_id), fresh

    async def cancel(self, execution_id: str, caller: Caller) -> Execution:
        """Asks for its end: TERM to its processes, ten seconds, KILL. Raises ``RefusedError`` where it does not run."""
        execution = self.find(execution_id)
        if execution.state != "running":
            raise RefusedError(f"execution {execution_id} is {execution.state}, not running")
        if execution_id in self._ledger.state.beside:
            self._follower.cancel_beside(execution_id, caller.name)
            return self.find(execution_id)
        event = ExecutionCancelled(execution_id=execution_id)

        def decide(tx: Transaction) -> None:
            tx.record(event, caller.actor, execution_id)
            tx.afterwards(lambda: self._follower.cancel(execution_id))

        await self._ledger.decide(decide)
        return self.find(execution_id)

    async def clear(self, execution_id: str, reason: str, caller: Caller) -> Execution:
        """Lets the locks of an unknown execution go; raises ``RefusedError`` for any other state and for no reason."""
        if not reason.strip():
            raise RefusedError("say how you know what became of it: --reason")
        left = (
            await self._follower.remaining(execution_id)
            if execution_id in self._ledger.state.executions
            else []
        )

        def decide(tx: Transaction) -> None:
            execution = tx.state.executions.get(execution_id)
            if execution is None:
                raise UnknownExecutionError(execution_id)
            if execution.state != "unknown":
                raise RefusedError(
                    f"execution {execution_id} is {execution.state}; only an unknown one is cleared"
                )
            if left:
                there = ", ".join(map(str, left[:10]))
                raise RefusedError(
                    f"execution {execution_id} still runs: {there}; end them (kill PID; restart a service that it started), then clear it"
                )
            event = ExecutionCleared(execution_id=execution_id, reason=self._redactor.redacted(reason))
            tx.record(event, caller.actor, execution_id)
            tx.afterwards(lambda: self._follower.forget(execution_id))

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
            raise OtherRequestError(request.execution_id)
        approval = admit(tx.state, request, plan, caller, tx.now, fault=self._ledger.fault)
        execution = msgspec.structs.replace(
            self._execution(plan, request, caller, tx.now, before),
            viewer_sha256=hash_token(token) if token else None,
            approvals=(approval.id,) if approval else (),
            rehearsal=is_rehearsal_id(request.execution_id),
        )
        tx.record(ExecutionIntended(execution=execution), caller.actor, execution.execution_id, plan.digest)
        if approval is not None:
            used = ApprovalUsed(id=approval.id, execution_id=execution.execution_id)
            tx.record(used, caller.actor, approval.id, plan.digest)
        if execution.break_glass is not None:
            broken = GlassBroken(execution_id=execution.execution_id, reason=execution.break_glass)
            tx.record(broken, caller.actor, execution.execution_id, plan.digest)
            tell_of_broken_glass(tx, plan.title, plan.object, caller.actor.name, execution.break_glass)
        tx.afterwards(lambda: self._follower.start(execution, plan, token))
        return True

    def _begin_beside(self, plan: Plan, request: ExecutionRequest, caller: Caller, token: str | None) -> bool:
        """Starts what only reads without a word in the journal; whether it is new. Raises as ``_intend``."""
        state, now = self._ledger.state, self._ledger.clock()
        if already_known(state, request):
            return False
        if self.folder_of(request.execution_id).exists():
            raise OtherRequestError(request.execution_id)
        admit(state, request, plan, caller, now)
        execution = msgspec.structs.replace(
            self._execution(plan, request, caller, now, before=""),
            viewer_sha256=hash_token(token) if token else None,
            unjournalled=True,
        )
        self._follower.start_beside(execution, plan, token)
        return True

    def _execution(
        self, plan: Plan, request: ExecutionRequest, caller: Caller, now: datetime, before: str
    ) -> Execution:
        redacted = self._redactor.redacted
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
            maintenance_id=request.maintenance_id,
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
