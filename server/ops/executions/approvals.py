"""Two people: asking for approval of one exact plan, and giving it."""

import secrets
from datetime import datetime, timedelta
from typing import Literal

from runbooks.engine.plan import Plan
from runbooks.wire import ApprovalFields, ApprovalView
from server.http.call import BadRequestError
from server.ops.executions.admission import RefusedError
from server.ops.paging.notices import tell_approvers
from server.ops.state.events import ApprovalAsked, ApprovalGiven
from server.ops.state.ledger import Transaction
from server.ops.state.state import Approval
from server.ops.users import Caller

LONGEST = timedelta(hours=24)
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class UnknownApprovalError(Exception):
    """No such request."""

    def __init__(self, approval_id: str) -> None:
        super().__init__(f"nobody asked for approval {approval_id}")


def approval_view(approval: Approval, now: datetime) -> ApprovalView:
    """One request."""
    state: Literal["asked", "approved", "used", "expired"] = "approved" if approval.approved_by else "asked"
    if approval.used_by is not None:
        state = "used"
    elif now >= approval.expires_at:
        state = "expired"
    fields = {name: getattr(approval, name) for name in ApprovalFields.__struct_fields__}
    return ApprovalView(state=state, **fields)


def ask_approval(
    tx: Transaction,
    plan: Plan,
    argv: tuple[str, ...],
    caller: Caller,
    *,
    valid_for: timedelta,
    window: tuple[datetime, datetime] | None = None,
    maintenance_id: int | None = None,
) -> Approval:
    """Asks for approval of a plan, now or ahead for a window; raises ``BadRequestError`` and ``RefusedError``.

    Bound to a maintenance it is good while that is on, if that takes place at the time for which it was given.
    """
    if plan.people < 2:
        raise BadRequestError(f"{plan.title} needs one person only", "action")
    if not caller.is_person:
        raise RefusedError(f"{caller.name} is a token in a file; a named user has to ask (ops users add)")
    if maintenance_id is not None:
        window = _planned_time(tx, maintenance_id)
    not_before, expires_at = window or (None, tx.now + min(valid_for, LONGEST))
    if expires_at <= tx.now or (not_before is not None and not_before >= expires_at):
        raise BadRequestError("the window is over or ends before it begins", "window")
    event = ApprovalAsked(
        id="".join(secrets.choice(_ALPHABET) for _ in range(6)),
        digest=plan.digest,
        title=plan.title,
        argv=argv,
        object=plan.object,
        asked_by=caller.name,
        expires_at=expires_at,
        not_before=not_before,
        maintenance_id=maintenance_id,
    )
    tx.record(event, caller.actor, event.id, plan.digest)
    tell_approvers(tx, tx.state.approvals[event.id])
    return tx.state.approvals[event.id]


def _planned_time(tx: Transaction, number: int) -> tuple[datetime, datetime]:
    window = tx.state.maintenances.get(number)
    if window is None or window.is_over:
        raise BadRequestError(f"there is no maintenance {number} to come", "maintenance_id")
    return window.starts_at, window.ends_at


def give_approval(tx: Transaction, approval_id: str, caller: Caller) -> Approval:
    """Agrees to a request; raises ``UnknownApprovalError`` and ``RefusedError``."""
    approval = tx.state.approvals.get(approval_id)
    if approval is None:
        raise UnknownApprovalError(approval_id)
    if not caller.is_person:
        raise RefusedError(f"{caller.name} is a token in a file; only a named user approves")
    if approval.asked_by == caller.name:
        raise RefusedError("you asked for it yourself; another person has to approve")
    if approval.approved_by is not None:
        raise RefusedError(f"{approval.approved_by} has approved it already")
    if tx.now >= approval.expires_at:
        raise RefusedError("the request has expired; let it be asked anew")
    tx.record(ApprovalGiven(id=approval_id), caller.actor, approval_id, approval.digest)
    return tx.state.approvals[approval_id]
