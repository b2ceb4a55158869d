"""`ops verify`: is the service really well?"""

import subprocess
import sys
from collections.abc import Sequence

import click
import msgspec

from console.cli.answer import say
from console.cli.checks.service_check import ask_service
from console.cli.completions import incident_numbers
from console.cli.local_program import argv_of, failure_of
from console.cli.meant import incident_meant
from console.cli.options import as_json, client_of, reaches_ops
from console.cli.runs.see_through import see_through
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.execution import new_execution_id
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line
from runbooks.wire import ExecutionRequest

_PROGRAM = "server.stack.verify.verify"
_LONGEST = 480
_ASKED_WITHIN_S = 3.0


class _Check(msgspec.Struct):
    name: str
    state: str
    text: str


class _Report(msgspec.Struct):
    state: str
    checks: tuple[_Check, ...] = ()


@click.command()
@click.option("--load", is_flag=True, help="The light load test too (a minute).")
@click.option(
    "--seconds", type=click.IntRange(1, 600), help="How long the load test lasts, in place of a minute."
)
@click.option(
    "--incident",
    metavar="ID",
    shell_complete=incident_numbers,
    help="Record it on this incident, `last` or `.` (default: the one that you hold).",
)
@as_json
@reaches_ops
@click.pass_obj
def verify(which: DaemonChoice, load: bool, seconds: int | None, incident: str | None, as_json: bool) -> None:
    """After an incident: health, an analyze call, metrics, new errors. Exit code 1 when something is wrong.

    \b
    Examples:
      ops verify --incident last
    """
    number = incident_meant(which, client_of(which), incident) if incident is not None else _held(which)
    words = [*(["--load"] if load else []), *(["--seconds", str(seconds)] if seconds is not None else [])]
    if number is None:
        ask_service(which, [*(["--json"] if as_json else []), *words], "smoke-test", as_json=as_json)
    if not which.is_beside_service:
        # What the daemon runs for an incident is on that incident by itself.
        _ask_daemon(client_of(which), number, load=load, seconds=seconds, as_json=as_json)
    code, raw, said = _ask_here(which, words)
    report = _read(raw)
    if as_json and report is None:
        raise failure_of(code, said)
    if as_json:
        click.echo(raw.rstrip("\n"))
    else:
        say(raw.rstrip("\n") if report is None else "\n".join(_lines(report)))
    if report is not None:
        _record(which, number, report, passed=code == 0, load=load, asked=incident is not None)
    sys.exit(code)


def _held(which: DaemonChoice) -> int | None:
    """The open incident that whoever calls holds; None where there is none, more than one, or nobody to ask."""
    try:
        client = OpsClient(which.access(), timeout_s=_ASKED_WITHIN_S)
        me = client.me()
        mine = [i.id for i in client.incidents() if i.acknowledged_by == me.name and i.state != "resolved"]
    except OpsError:
        return None
    return mine[0] if len(mine) == 1 and me.role != "viewer" else None


def _ask_daemon(client: OpsClient, number: int, *, load: bool, seconds: int | None, as_json: bool) -> None:
    action = "load-test" if load else "smoke-test"
    params = {"seconds": str(seconds)} if load and seconds is not None else {}
    request = ExecutionRequest(
        execution_id=new_execution_id(), action=action, params=params, incident_id=number
    )
    see_through(client, request, None, as_json=as_json, quietly="nothing")
    sys.exit(0)


def _ask_here(which: DaemonChoice, words: Sequence[str]) -> tuple[int, str, str]:
    """Its exit code, its document, and what it said last."""
    argv = argv_of(which, ["--json", *words], _PROGRAM)
    sys.stdout.flush()
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    said = done.stderr.strip()
    if said:
        click.echo(said, err=True)
    return done.returncode, done.stdout, (said.splitlines() or ["the verification said nothing"])[-1]


def _read(raw: str) -> _Report | None:
    try:
        return msgspec.json.decode(raw, type=_Report)
    except msgspec.MsgspecError:
        return None


def _lines(report: _Report) -> list[str]:
    marks = {"ok": "ok ", "degraded": "!  "}
    checks = [f"{marks.get(c.state, '!! ')}{c.name:<8} {one_line(c.text)}" for c in report.checks]
    return [*checks, f"verdict: {report.state}"]


def _record(
    which: DaemonChoice, number: int, report: _Report, *, passed: bool, load: bool, asked: bool
) -> None:
    """Puts it on the incident; where that cannot be, what was found is not lost for it."""
    text = f"verdict: {report.state}; " + "; ".join(f"{c.name} {c.state}, {c.text}" for c in report.checks)
    body = {"passed": passed, "text": one_line(text)[:_LONGEST], "load": load}
    try:
        client_of(which).record(number, "verifications", body)
    except OpsError as error:
        click.echo(f"ops: not recorded on incident {number}: {error}", err=True)
        if asked:
            sys.exit(error.exit_code)
    else:
        click.echo(f"recorded on incident {number}", err=True)


COMMANDS = {"verify": verify}
