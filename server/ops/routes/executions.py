"""Runbooks, actions, locks and executions over HTTP."""

import asyncio

import msgspec

from runbooks.engine.action import Action
from runbooks.engine.params import ParameterError
from runbooks.engine.plan import UnavailableHereError, UnknownActionError, UnknownStepError
from runbooks.wire import ActionView, ExecutionRequest, Output, OutputPart, RunbookView
from server.http.call import BadRequestError, NotFoundError
from server.http.problem_table import Problems
from server.http.route import Reply
from server.ops.executions.admission import LockedError, OtherRequestError, RefusedError
from server.ops.executions.executions import Executions, UnknownExecutionError, UnknownRunbookError
from server.ops.executions.runbook_folder import RunbookFolder
from server.ops.executions.step_environment import StepEnvironment
from server.ops.http import OpsCall, OpsRoute
from server.ops.rehearsals.proof import with_proofs
from server.ops.state.ledger import Ledger
from server.ops.views import execution_view, lock_views
from server.runner.execution import IllegalSignError
from server.runner.output_writer import kept_size, read_kept, whole_characters

_LONGEST_WAIT_S = 30
_LOOK_EVERY_S = 0.1

PROBLEMS: Problems = {
    UnknownExecutionError: (404, "not_found"),
    UnknownActionError: (404, "not_found"),
    UnknownRunbookError: (404, "not_found"),
    UnknownStepError: (404, "not_found"),
    IllegalSignError: (409, "conflict"),
    OtherRequestError: (409, "conflict"),
    RefusedError: (409, "refused"),
    UnavailableHereError: (409, "refused"),
    LockedError: (423, "locked"),
    ParameterError: (400, "invalid"),
}


class _Clear(msgspec.Struct, frozen=True):
    reason: str


class ExecutionRoutes:
    """``/v1/runbooks``, ``/v1/actions``, ``/v1/locks``, ``/v1/executions``."""

    def __init__(
        self, ledger: Ledger, shelf: RunbookFolder, executions: Executions, environment: StepEnvironment
    ) -> None:
        self._ledger = ledger
        self._shelf = shelf
        self._executions = executions
        self._environment = environment

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", "/v1/runbooks", "viewer", self._runbooks),
            OpsRoute("GET", r"/v1/runbooks/{id:.+}", "viewer", self._runbook),
            OpsRoute("GET", "/v1/actions", "viewer", self._actions),
            OpsRoute("GET", "/v1/locks", "viewer", self._locks),
            OpsRoute("POST", "/v1/executions/plan", "viewer", self._plan),
            OpsRoute("POST", "/v1/executions", "responder", self._submit),
            OpsRoute("GET", "/v1/executions", "viewer", self._list),
            OpsRoute("GET", r"/v1/executions/{id}", "viewer", self._one),
            OpsRoute("GET", r"/v1/executions/{id}/output", "viewer", self._output),
            OpsRoute("POST", r"/v1/executions/{id}/cancel", "responder", self._cancel),
            OpsRoute("POST", r"/v1/executions/{id}/clear", "responder", self._clear),
        ]

    async def _runbooks(self, call: OpsCall) -> Reply:
        catalogue = self._shelf.catalogue
        views = [
            msgspec.structs.replace(with_proofs(self._ledger.state, runbook), sections=(), preamble=None)
            for runbook in catalogue.runbooks.values()
        ]
        return Reply({"runbooks": views, "faults": catalogue.faults})

    async def _runbook(self, call: OpsCall) -> Reply:
        runbook: RunbookView | None = self._shelf.catalogue.runbooks.get(call.path("id"))
        if runbook is None:
            raise NotFoundError(f"there is no runbook {call.path('id')}")
        return Reply(with_proofs(self._ledger.state, runbook))

    async def _actions(self, call: OpsCall) -> Reply:
        return Reply({"actions": [self._action(action) for action in self._shelf.catalogue.actions.values()]})

    def _action(self, action: Action) -> ActionView:
        target = self._environment.target
        available = target in action.argv
        return ActionView(
            name=action.name,
            title=action.title,
            kind=action.kind,
            object=action.object,
            params=action.params,
            timeout_s=action.timeout_s,
            locks=action.locks,
            available=available,
            unavailable="" if available else f"unavailable here: the target {target} has no command for it",
            temporary=action.temporary,
            people=action.people,
            unverified=target in action.unverified,
        )

    async def _locks(self, call: OpsCall) -> Reply:
        return Reply({"locks": lock_views(self._ledger.state)})

    async def _plan(self, call: OpsCall) -> Reply:
        return Reply(self._executions.preview(await call.body(ExecutionRequest), call.caller))

    async def _submit(self, call: OpsCall) -> Reply:
        execution, fresh = await self._executions.submit(await call.body(ExecutionRequest), call.caller)
        return Reply(execution_view(execution), 202 if fresh else 200)

    async def _list(self, call: OpsCall) -> Reply:
        limit = call.query_int("limit", 50, at_most=1_000)
        wanted = {"": (False,), "1": (False, True), "only": (True,)}.get(call.query("rehearsals"))
        if wanted is None:
            raise BadRequestError("rehearsals is 1 (with them) or only", "rehearsals")
        state = self._ledger.state
        known = (*state.executions.values(), *state.beside.values())
        found = [e for e in known if e.rehearsal in wanted]
        return Reply({"executions": [execution_view(execution) for execution in found[::-1][:limit]]})

    async def _one(self, call: OpsCall) -> Reply:
        return Reply(execution_view(self._executions.find(call.path("id"))))

    async def _cancel(self, call: OpsCall) -> Reply:
        return Reply(execution_view(await self._executions.cancel(call.path("id"), call.caller)))

    async def _clear(self, call: OpsCall) -> Reply:
        reason = (await call.body(_Clear)).reason
        return Reply(execution_view(await self._executions.clear(call.path("id"), reason, call.caller)))

    async def _output(self, call: OpsCall) -> Reply:
        execution_id = call.path("id")
        execution = self._executions.find(execution_id)
        offsets = {name: call.query_int(name, 0) for name in ("stdout", "stderr")}
        until = asyncio.get_running_loop().time() + call.query_int("wait", 0, at_most=_LONGEST_WAIT_S)
        folder = self._executions.folder_of(execution_id)
        while not execution.settled and asyncio.get_running_loop().time() < until:
            if any(kept_size(folder, name) > offset for name, offset in offsets.items()):
                break
            await asyncio.sleep(_LOOK_EVERY_S)
            execution = self._executions.find(execution_id)
        execution = self._executions.find(execution_id)
        ended = execution.state != "running"
        parts = {name: self._part(execution_id, name, offset, ended) for name, offset in offsets.items()}
        done = execution.settled and all(
            part.next_offset >= kept_size(folder, name) for name, part in parts.items()
        )
        return Reply(Output(execution_id=execution_id, state=execution.state, done=done, **parts))

    def _part(self, execution_id: str, name: str, offset: int, ended: bool) -> OutputPart:
        folder = self._executions.folder_of(execution_id)
        kept = read_kept(folder, name, offset)
        final = ended and kept.next_offset >= kept_size(folder, name)
        data = whole_characters(kept.data, final=final)
        return OutputPart(
            data=data.decode(errors="replace"),
            offset=kept.offset,
            next_offset=kept.offset + len(data),
            cut_bytes=kept.cut_bytes,
        )
