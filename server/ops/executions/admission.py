"""Whether an execution may begin: role, confirmation, digest, locks, approval. Pure; each refusal says what is right."""

import hashlib
import re
from datetime import datetime

import msgspec

from runbooks.engine.catalogue import Catalogue
from runbooks.engine.plan import Plan
from runbooks.wire import ExecutionRequest
from server.http.call import BadRequestError
from server.ops.state.state import Approval, State
from server.ops.users import Caller

_LONGEST_CHANGE_S = 30 * 86_400
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class RefusedError(Exception):
    """A plan may not run like this; the message says what would be right."""


class NeedsApprovalError(RefusedError):
    """Another person has to agree first."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(
            f"{plan.title} on {plan.object} takes {plan.people} people: ask for approval of digest {plan.digest[:12]} "
            "(POST /v1/approvals), and let another named user run ops approve ID"
        )


class LockedError(Exception):
    """Somebody else holds what it needs."""

    def __init__(self, state: State, key: str, now: datetime) -> None:
        holder = state.executions[state.locks[key]]
        self.execution_id = holder.execution_id
        self.key = key
        since_s = int((now - holder.requested_at).total_seconds())
        what = "is unknown and has to be cleared" if holder.state == "unknown" else "runs"
        super().__init__(
            f"{key} is held by {holder.actor} for {since_s} s: {holder.title} ({holder.execution_id}) {what}"
        )


class OtherRequestError(Exception):
    """The execution id is taken by something else."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"execution {execution_id} was another request; choose a new id for a new run")


def check_request(request: ExecutionRequest) -> None:
    """Raises ``BadRequestError`` where the request is not whole."""
    if not _ID.fullmatch(request.execution_id):
        raise BadRequestError("an execution id is 8 to 64 letters, digits, _ or -", "execution_id")
    by_step = request.runbook is not None and request.step is not None
    if by_step is (request.action is not None):
        raise BadRequestError("name either runbook and step, or action", "action")
    if request.break_glass is not None and not request.break_glass.strip():
        raise BadRequestError("break-glass needs a reason", "break_glass")
    if request.for_s is not None and not 0 < request.for_s <= _LONGEST_CHANGE_S:
        raise BadRequestError("for_s must be between 1 second and 30 days", "for_s")


def is_rehearsal_id(execution_id: str) -> bool:
    """Whether an execution id is one of those that only the daemon chooses, for rehearsals."""
    return execution_id.startswith("rehearsal-")


def check_text(request: ExecutionRequest, catalogue: Catalogue) -> None:
    """Raises ``RefusedError`` where the person has read another runbook than the one on the shelf."""
    runbook = catalogue.runbooks.get(request.runbook or "")
    if runbook is not None and request.runbook_digest not in (None, runbook.digest):
        raise RefusedError(
            f"{runbook.id} has changed since you read it; look at it again and press the key anew"
        )


def request_sha256(request: ExecutionRequest) -> str:
    """Tells whether two requests with one id are the same."""
    fields: dict[str, object] = msgspec.to_builtins(request)
    if request.maintenance_id is None:
        # As it was hashed before there were windows: an id that was kept since then is still the same request.
        del fields["maintenance_id"]
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()


def already_known(state: State, request: ExecutionRequest) -> bool:
    """Whether this very request has come before; raises ``OtherRequestError`` where its id was another one's."""
    known = state.find_execution(request.execution_id)
    if known is None:
        return False
    if known.request_sha256 != request_sha256(request):
        raise OtherRequestError(request.execution_id)
    return True


def admit(
    state: State,
    request: ExecutionRequest,
    plan: Plan,
    caller: Caller,
    now: datetime,
    *,
    fault: str | None = None,
) -> Approval | None:
    """Whether ``plan`` may begin as ``request`` asks for it, and the approval that it spends, None where it needs none.

    ``fault`` says why the journal cannot be written. Asked twice: early, so that a refusal costs nothing, and again
    in the transaction of the intent, where what it saw can no longer change. Raises ``RefusedError``,
    ``NeedsApprovalError``, ``LockedError``, and ``BadRequestError`` for an incident that is not there.
    """
    _check_role(plan, request, caller)
    _check_confirmation(plan, request)
    _check_writable(state, plan, request, fault)
    if request.incident_id is not None and request.incident_id not in state.incidents:
        raise BadRequestError(f"there is no incident {request.incident_id}", "incident_id")
    if request.maintenance_id is not None:
        _check_window(state, request.maintenance_id)
    approval = _find_approval(state, plan, request, caller, now)
    if not request.dry_run:
        check_locks(state, plan, now)
    return approval


def _check_window(state: State, number: int) -> None:
    """Raises ``BadRequestError`` where there is no such window, and ``RefusedError`` where it is over."""
    window = state.maintenances.get(number)
    if window is None:
        raise BadRequestError(f"there is no maintenance {number}", "maintenance_id")
    if window.is_over:
        raise RefusedError(f"maintenance {number} is {window.state}: nothing is run for it any more")


def _check_role(plan: Plan, request: ExecutionRequest, caller: Caller) -> None:
    """Raises ``RefusedError`` where the kind of plan, or breaking the glass, takes another role.

    The daemon's own rehearsal runs no more of a destructive step than its pre-check, which only looks.
    """
    if request.break_glass is not None and not caller.may("approver"):
        raise RefusedError(f"breaking the glass takes the role approver; {caller.name} is {caller.role}")
    is_rehearsed = request.dry_run and is_rehearsal_id(request.execution_id)
    if plan.kind == "destructive" and not caller.may("approver") and not is_rehearsed:
        raise RefusedError(
            f"{plan.title} is destructive and takes the role approver; {caller.name} is {caller.role}"
        )


def _check_confirmation(plan: Plan, request: ExecutionRequest) -> None:
    """Raises ``RefusedError`` where what was confirmed is not what would run."""
    if request.digest is not None and request.digest != plan.digest:
        raise RefusedError(
            "what would run has changed since it was confirmed; look at it again and confirm anew"
        )
    if plan.kind == "read" or request.dry_run:
        return
    wanted = plan.object if plan.kind == "destructive" else plan.action or plan.title
    if request.confirm != wanted:
        what = "the name of what it acts on" if plan.kind == "destructive" else "the action's name"
        given = "was not confirmed" if request.confirm is None else f"was confirmed as {request.confirm!r}"
        raise RefusedError(
            f"{plan.title} is {plan.kind} and {given}; confirm with {what}: --confirm {wanted}"
        )


def _check_writable(state: State, plan: Plan, request: ExecutionRequest, fault: str | None) -> None:
    """Raises ``RefusedError`` for a change while changes are refused."""
    if plan.kind == "read" or request.dry_run:
        return
    if fault is not None:
        raise RefusedError(f"the journal cannot be written ({fault}), so nothing may be changed")
    if state.read_only is not None and request.break_glass is None:
        raise RefusedError(f"read-only mode: {state.read_only}")


def _find_approval(
    state: State, plan: Plan, request: ExecutionRequest, caller: Caller, now: datetime
) -> Approval | None:
    """The approval to spend; raises ``NeedsApprovalError`` where one is needed, and ``RefusedError`` for a role token."""
    if plan.people < 2 or plan.kind == "read" or request.dry_run:
        return None
    if not caller.is_person and request.break_glass is None:
        raise RefusedError(
            f"{plan.title} takes two people, and {caller.name} is a token in a file: run it as a named user"
        )
    for approval in state.approvals.values():
        if approval.digest == plan.digest and is_usable(state, approval, caller, now):
            return approval
    if request.break_glass is not None:
        return None
    raise NeedsApprovalError(plan)


def is_usable(state: State, approval: Approval, caller: Caller, now: datetime) -> bool:
    """Whether somebody other than the caller has agreed who still may, and it was not spent and is not over."""
    by = state.users.get(approval.approved_by or "")
    if approval.maintenance_id is not None and not _is_on_as_approved(state, approval, now):
        return False
    return (
        by is not None
        and Caller(by.name, by.role).may("approver")
        and by.name != caller.name
        and approval.used_by is None
        and (approval.maintenance_id is not None or _is_in_time(approval, now))
    )


def _is_in_time(approval: Approval, now: datetime) -> bool:
    return (approval.not_before or approval.asked_at) <= now < approval.expires_at


def _is_on_as_approved(state: State, approval: Approval, now: datetime) -> bool:
    """Whether its window is on, at the time for which it was approved, and not past its planned end."""
    window = state.maintenances.get(approval.maintenance_id or 0)
    return (
        window is not None
        and window.is_on
        and window.starts_at == approval.not_before
        and now < window.ends_at
    )


def check_locks(state: State, plan: Plan, now: datetime) -> None:
    """Raises ``LockedError`` for the first key that is held."""
    for key in sorted(plan.locks):
        if key in state.locks:
            raise LockedError(state, key, now)
