"""Asking for an execution and seeing it through: an id of one's own, the confirmation, the output, the doubt."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from console.ops_api.client import OpsClient
from console.ops_api.errors import InvalidRequestError, LostAnswerError, NotThereError, UnreachableError
from runbooks.wire import ExecutionView, Output

INTERRUPTED = 130
UNFINISHED = ("running",)
EXIT_CODES = {
    "planned": 0,
    "succeeded": 0,
    "failed": 1,
    "timed_out": 1,
    "cancelled": 1,
    "unknown": 1,
    "refused": 4,
}


def new_execution_id(now: datetime | None = None) -> str:
    """An id that sorts by time and that nobody else chooses: ``20261123-021407-9f31ab04``."""
    return f"{(now or datetime.now(UTC)):%Y%m%d-%H%M%S}-{os.urandom(4).hex()}"


def needed_confirmation(plan: ExecutionView) -> str | None:
    """What must be typed or given to confirm a plan: the action's name, the object's name, None for a read."""
    if plan.kind == "read":
        return None
    return plan.object if plan.kind == "destructive" else plan.action


def params_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """``k=v`` words as a mapping. Raises ``InvalidRequestError``."""
    params = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise InvalidRequestError(f"--param {pair!r} is not of the form name=value")
        params[name] = value
    return params


def settle_doubt(client: OpsClient, execution_id: str, *, patience_s: float = 15.0) -> ExecutionView:
    """After a lost answer: ask until the server says running, done, or never arrived.

    Raises ``NotThereError`` when it never arrived and ``LostAnswerError`` when nobody answered in time.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return client.execution(execution_id)
        except NotThereError:
            raise
        except UnreachableError as error:
            if time.monotonic() > deadline:
                raise LostAnswerError(
                    f"{execution_id} may be running; ask again with ops attach {execution_id}"
                ) from error
            time.sleep(0.5)


def follow_output(
    client: OpsClient, execution_id: str, on_output: Callable[[Output], None], *, patience_s: float = 60.0
) -> ExecutionView:
    """Hand on what an execution prints until its end, resuming by offset over a broken link; the finished execution.

    Raises ``UnreachableError`` when the daemon has not answered for ``patience_s`` seconds; the run goes on without us.
    """
    stdout = stderr = 0
    heard = time.monotonic()
    while True:
        try:
            output = client.output(execution_id, stdout=stdout, stderr=stderr, wait_s=10)
        except UnreachableError as error:
            if time.monotonic() - heard > patience_s:
                raise UnreachableError(
                    f"lost sight of {execution_id}, which goes on without us; see ops attach {execution_id}"
                ) from error
            time.sleep(0.5)
            continue
        heard = time.monotonic()
        stdout, stderr = output.stdout.next_offset, output.stderr.next_offset
        on_output(output)
        if output.done:
            return client.execution(execution_id)


def read_output(client: OpsClient, execution_id: str) -> Iterator[Output]:
    """What an execution has printed until now, from the first byte to the last that is kept, in pieces; raises ``OpsError``."""
    stdout = stderr = 0
    while True:
        output = client.output(execution_id, stdout=stdout, stderr=stderr, wait_s=0)
        yield output
        reached = (output.stdout.next_offset, output.stderr.next_offset)
        if output.done or reached == (stdout, stderr):
            return
        stdout, stderr = reached


def exit_word(execution: ExecutionView) -> str:
    """The exit code, or the signal by its name; empty where there is neither."""
    if execution.exit_code is not None:
        return str(execution.exit_code)
    return signal_name(execution.signal) if execution.signal is not None else ""


def verdict_word(execution: ExecutionView) -> str:
    """What a look at its effect says: the verdict on what a read printed, or whether the live metric shows what a change
    is for; empty where nothing looks.
    """
    if execution.verdict is not None:
        return execution.verdict
    if execution.verification is None:
        return ""
    return {True: "verified", False: _NOT_VERIFIED, None: "not measured"}[execution.verification.passed]


def titled(execution: ExecutionView) -> str:
    """What was run, behind that word."""
    word = verdict_word(execution)
    return (f"{word}: " if word else "") + execution.title + (" (dry run)" if execution.dry_run else "")


_NOT_VERIFIED = "not verified"


def shows_trouble(execution: ExecutionView) -> bool:
    """Whether that says that something is wrong."""
    return verdict_word(execution) in ("unhealthy", _NOT_VERIFIED)


def signal_name(number: int) -> str:
    """The name of a signal, such as SIGSEGV; its number where it has none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _failure(execution: ExecutionView) -> str:
    if execution.exit_code is not None:
        return f" with exit code {execution.exit_code}"
    return f": ended by {exit_word(execution)}" if execution.signal is not None else ""


def result_line(execution: ExecutionView) -> str:
    """One sentence on how it ended."""
    took = ""
    if execution.started_at and execution.finished_at:
        took = f" in {(execution.finished_at - execution.started_at).total_seconds():.1f} s"
    words = {
        "succeeded": f"{execution.title}: done{took}",
        "failed": f"{execution.title}: failed{_failure(execution)}{took}",
        "timed_out": f"{execution.title}: stopped after its timeout{took}",
        "cancelled": f"{execution.title}: cancelled{took}",
        "refused": f"{execution.title}: refused",
        "unknown": f"{execution.title}: nobody knows how it ended",
        "running": f"{execution.title}: running",
        "planned": f"{execution.title}: planned; nothing was run",
    }[execution.state]
    if execution.dry_run and execution.state == "succeeded":
        words = f"{execution.title}: its check passed{took}; nothing was changed"
    if execution.verdict is not None:
        words += f"; verdict {execution.verdict}"
    if execution.unjournalled:
        words += "; begun while the journal could not be written"
    if execution.reason:
        words += f" ({execution.reason})"
    if execution.verification and execution.verification.text:
        words += f"\n  {execution.verification.text}"
        if execution.verification.passed is False and execution.verification.rollback:
            words += f"\n  the way back: {execution.verification.rollback}"
    return words
