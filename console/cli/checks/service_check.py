"""A check as an action of the daemon, or by itself where the daemon is away."""

import sys
from typing import NoReturn

from console.cli.local_program import become_document, become_local
from console.cli.options import client_of
from console.cli.runs.see_through import see_through
from console.ops_api.execution import new_execution_id
from console.ops_api.which_daemon import DaemonChoice
from runbooks.wire import ExecutionRequest


def ask_service(which: DaemonChoice, words: list[str], action: str, *, as_json: bool) -> NoReturn:
    """Ask the service from here where it can be reached from here, else let the daemon ask."""
    if which.is_beside_service and as_json:
        become_document(which, words, "server.stack.verify.verify")
    if which.is_beside_service:
        become_local(which, words, "server.stack.verify.verify")
    request = ExecutionRequest(execution_id=new_execution_id(), action=action)
    see_through(client_of(which), request, None, as_json=as_json, quietly="nothing")
    sys.exit(0)
