"""What is done past the daemon: confirmed all the same, and told to it."""

import os
import sys
import time
from pathlib import Path

import click
import msgspec

from console.cli.options import client_of
from console.ops_api.client import OpsClient
from console.ops_api.errors import (
    CallRefusedError,
    LostAnswerError,
    NotThereError,
    OpsError,
    UnreachableError,
)
from console.ops_api.execution import new_execution_id
from console.ops_api.which_daemon import DaemonChoice
from runbooks.wire import ExecutionRequest, ExecutionView

_NOTICED_WITHIN_S = 5.0
_LOOKED_AT = 20


def confirmed_or_refuse(wanted: str, given: str | None, what: str) -> None:
    """Return when the person confirmed. Raises ``CallRefusedError``."""
    if given is not None:
        if given != wanted:
            raise CallRefusedError(f"--confirm {given} does not fit; this is {wanted}")
        return
    if not sys.stdin.isatty():
        raise CallRefusedError(f"not confirmed; without a terminal give --confirm {wanted}")
    if not click.confirm(f"{what}?", err=True):
        raise CallRefusedError("not confirmed; nothing was done")


def hold_store(which: DaemonChoice, service: str) -> None:
    """Have the daemon hold the store's lock until this process, which becomes the store's client, has ended.

    Raises ``OpsError`` where somebody else holds it, or nothing may be changed now. Where the daemon cannot be reached,
    or has no hold on this machine's processes, that is said, and the person goes on alone.
    """
    client = client_of(which)
    action = f"hold-{service}"
    request = ExecutionRequest(
        execution_id=new_execution_id(),
        action=action,
        params={"pid": str(os.getpid()), "started": str(_began_at())},
        confirm=action,
    )
    try:
        _hold(client, request)
    except (UnreachableError, LostAnswerError, NotThereError) as error:
        click.echo(f"ops: {service} is not held against other changes ({error})", err=True)


def _hold(client: OpsClient, request: ExecutionRequest) -> None:
    """Asks for the hold; that of a process which has just ended is waited for, for the daemon notices a moment later."""
    until = time.monotonic() + _NOTICED_WITHIN_S
    was_free = False
    while True:
        try:
            plan = client.plan(request)
            client.execute(msgspec.structs.replace(request, digest=plan.digest))
            return
        except CallRefusedError:
            holding = _holders(client, request.action)
            # None holds any more: the one that refused has ended since, or it is no hold that refuses.
            if time.monotonic() > until or _is_alive(holding) or (was_free and not holding):
                raise
            was_free = not holding
        time.sleep(0.1)


def _holders(client: OpsClient, action: str | None) -> list[ExecutionView]:
    """The holds of this store that the daemon still sees."""
    return [one for one in client.executions(_LOOKED_AT) if one.action == action and one.state == "running"]


def _is_alive(holding: list[ExecutionView]) -> bool:
    """Whether a process of this machine for which the store is held is still there."""
    return any(Path(f"/proc/{one.params.get('pid')}").exists() for one in holding)


def _began_at() -> int:
    """When this process began, in clock ticks since the machine did."""
    return int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])


def journal_by_hand(which: DaemonChoice, what: str) -> None:
    """Tell the daemon of something done by hand; say so where it cannot be told."""
    try:
        client_of(which).note_done_by_hand(what)
    except OpsError as error:
        click.echo(f"ops: not journalled ({error})", err=True)
