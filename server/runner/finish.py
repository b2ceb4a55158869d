"""What a shim's last status means for the execution's record."""

from datetime import UTC, datetime

from runbooks.wire import ExecutionState
from server.runner.execution import ExecutionFinished
from server.runner.spec import ShimStatus


def finished_event(execution_id: str, status: ShimStatus) -> ExecutionFinished:
    """The end of an execution as its shim tells it, in words where there is more to say than an exit code."""
    state: ExecutionState = "succeeded" if status.exit_code == 0 else "failed"
    reason = status.fault
    if status.precheck_failed:
        state, reason = "failed", status.fault or "its pre-check failed, so nothing was changed"
    if status.timed_out:
        state, reason = "timed_out", "its time was up"
    if status.cancelled:
        state, reason = "cancelled", None
    if status.escaped:
        reason = f"{reason + '; ' if reason else ''}some of its processes had left its process group"
    if status.unconfirmed:
        reason = (
            f"{reason + '; ' if reason else ''}its end is not confirmed: it could not be ended for certain"
        )
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
