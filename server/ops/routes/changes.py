"""Approvals, temporary changes and read-only mode over HTTP."""

from datetime import datetime, timedelta

import msgspec

from runbooks.wire import ChangeView, ExecutionRequest
from server.http.call import BadRequestError
from server.http.problem_table import Problems
from server.http.route import Reply
from server.ops.executions.admission import RefusedError
from server.ops.executions.approvals import UnknownApprovalError, approval_view, ask_approval, give_approval
from server.ops.executions.executions import Executions, UnknownExecutionError
from server.ops.executions.redactor import Redactor
from server.ops.http import OpsCall, OpsRoute
from server.ops.state.events import ReadOnlySet, TemporaryEnded
from server.ops.state.ledger import Ledger, Transaction
from server.ops.state.state import Approval, TemporaryChange

_DEFAULT_VALID_S = 3_600

PROBLEMS: Problems = {UnknownApprovalError: (404, "not_found")}


class _Ask(msgspec.Struct, frozen=True, kw_only=True):
    runbook: str | None = None
    step: str | None = None
    action: str | None = None
    params: dict[str, str] = {}
    for_s: int | None = None
    expires_s: int = _DEFAULT_VALID_S
    window_from: datetime | None = None
    window_until: datetime | None = None
    maintenance_id: int | None = None


class _ReadOnly(msgspec.Struct, frozen=True):
    reason: str | None


class ChangeRoutes:
    """``/v1/approvals``, ``/v1/changes``, ``/v1/read-only``."""

    def __init__(self, ledger: Ledger, executions: Executions, redactor: Redactor) -> None:
        self._ledger = ledger
        self._executions = executions
        self._redactor = redactor

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", "/v1/approvals", "viewer", self._approvals),
            OpsRoute("POST", "/v1/approvals", "responder", self._ask),
            OpsRoute("POST", r"/v1/approvals/{id}/approve", "approver", self._approve),
            OpsRoute("GET", "/v1/changes", "viewer", self._changes),
            OpsRoute("POST", r"/v1/changes/{id}/end", "responder", self._end_change),
            OpsRoute("POST", "/v1/read-only", "approver", self._read_only),
        ]

    async def _approvals(self, call: OpsCall) -> Reply:
        now = self._ledger.clock()
        views = [approval_view(approval, now) for approval in reversed(self._ledger.state.approvals.values())]
        return Reply(
            {"approvals": [v for v in views if call.query("all") == "1" or v.state in ("asked", "approved")]}
        )

    async def _ask(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Ask)
        if not 0 < wanted.expires_s <= 86_400:
            raise BadRequestError("expires_s must be between 1 second and 24 hours", "expires_s")
        if (wanted.window_from is None) is not (wanted.window_until is None):
            raise BadRequestError("a window has window_from and window_until", "window_until")
        if wanted.maintenance_id is not None and wanted.window_from is not None:
            raise BadRequestError("a maintenance has its own times; leave out window_from", "window_from")
        plan = self._executions.plan(
            ExecutionRequest(
                execution_id="for-approval",
                runbook=wanted.runbook,
                step=wanted.step,
                action=wanted.action,
                params=wanted.params,
                for_s=wanted.for_s,
            )
        )
        argv = tuple(self._redactor.redacted(word) for word in plan.argv)
        window = (
            (wanted.window_from, wanted.window_until) if wanted.window_from and wanted.window_until else None
        )

        def decide(tx: Transaction) -> Approval:
            valid_for = timedelta(seconds=wanted.expires_s)
            return ask_approval(
                tx,
                plan,
                argv,
                call.caller,
                valid_for=valid_for,
                window=window,
                maintenance_id=wanted.maintenance_id,
            )

        return Reply(approval_view(await self._ledger.decide(decide), self._ledger.clock()), 201)

    async def _approve(self, call: OpsCall) -> Reply:
        approval = await self._ledger.decide(lambda tx: give_approval(tx, call.path("id"), call.caller))
        return Reply(approval_view(approval, self._ledger.clock()))

    async def _changes(self, call: OpsCall) -> Reply:
        return Reply({"changes": [_change_view(change) for change in self._ledger.state.temporary.values()]})

    async def _end_change(self, call: OpsCall) -> Reply:
        """Says that a temporary change is no longer in force, its way back taken by hand."""
        execution_id = call.path("id")

        def decide(tx: Transaction) -> None:
            if execution_id not in tx.state.temporary:
                raise UnknownExecutionError(execution_id)
            ended = TemporaryEnded(execution_id=execution_id, how="reverted")
            tx.record(ended, call.caller.actor, execution_id)

        await self._ledger.decide(decide)
        return Reply({"execution_id": execution_id, "state": "reverted"})

    async def _read_only(self, call: OpsCall) -> Reply:
        reason = (await call.body(_ReadOnly)).reason
        if reason is not None and not reason.strip():
            raise RefusedError("say why nothing may be changed")
        text = self._redactor.redacted(reason) if reason is not None else None
        await self._ledger.decide(lambda tx: tx.record(ReadOnlySet(reason=text), call.caller.actor, "ops"))
        return Reply({"read_only": text})


def _change_view(change: TemporaryChange) -> ChangeView:
    return ChangeView(
        execution_id=change.execution_id,
        state="expired" if change.expired else "in_force",
        action=change.action,
        object=change.object,
        params=change.params,
        actor=change.actor,
        since=change.since,
        until_at=change.until_at,
        way_back=change.way_back,
    )
