"""`ops start`, `stop`, `restart`: through the daemon, or directly when it cannot be reached."""

import getpass
import sys
from typing import NoReturn

import click

from alerts.wire import SERVICES
from console.cli.local_program import document_of_local, run_local
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.runs.see_through import see_through
from console.cli.services.direct import confirmed_or_refuse
from console.ops_api.errors import LostAnswerError, NotServingError, UnreachableError
from console.ops_api.execution import new_execution_id
from console.ops_api.which_daemon import DaemonChoice
from runbooks.wire import ExecutionRequest

_SERVICES = click.Choice([*SERVICES, "all"])


def _command(verb: str) -> click.Command:
    @click.command(
        verb,
        help=f"{verb.capitalize()} SERVICE, journalled and locked; directly when the daemon is down.\n\n"
        "--quiet prints the id of its execution alone, and nothing where it is done directly.\n\n"
        f"\b\nExamples:\n  ops {verb} redis\n  ops {verb} api --confirm {verb}-api",
    )
    @click.argument("service", type=_SERVICES)
    @click.option("--confirm", metavar=f"{verb}-SERVICE", help="Confirm without a terminal.")
    @as_json
    @reaches_ops
    @click.pass_obj
    def command(which: DaemonChoice, service: str, confirm: str | None, as_json: bool) -> None:
        if service == "all" and verb != "restart":
            raise click.UsageError(
                f"{verb} takes one service; everything at once is ops {'up' if verb == 'start' else 'down'}"
            )
        if service == "ops":
            _directly(which, verb, service, confirm, "it is the daemon itself", as_json=as_json)
        request = ExecutionRequest(execution_id=new_execution_id(), action=f"{verb}-{service}")
        try:
            see_through(client_of(which), request, confirm, as_json=as_json)
        except (LostAnswerError, NotServingError):
            # It is there: whatever it does not answer now, two must not act at once.
            raise
        except UnreachableError as error:
            if not which.is_local:
                raise
            _directly(which, verb, service, confirm, str(error), as_json=as_json)

    return command


def _directly(which: DaemonChoice, verb: str, service: str, confirm: str | None, why: str, *, as_json: bool) -> NoReturn:  # fmt: skip
    wanted = "all" if service == "all" else f"{verb}-{service}"
    confirmed_or_refuse(wanted, confirm, f"{verb} {service} directly, past the daemon")
    click.echo(f"ops: not journalled ({why}); the daemon imports it at its next start", err=True)
    args = ["service", verb, service, "--unjournalled-by", getpass.getuser()]
    if as_json:
        told = document_of_local(which, args)
        say_json({"action": f"{verb}-{service}", "state": "succeeded", "unjournalled": True, **told})
        sys.exit(0)
    sys.exit(run_local(which, args))


COMMANDS = {verb: _command(verb) for verb in ("start", "stop", "restart")}
