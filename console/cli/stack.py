"""`ops up`, `down`, `ps`, `logs`, `psql`, `redis-cli`: the local stack itself."""

import contextlib
import signal
import sys
import threading
from typing import Any

import click

from console.cli.local_program import become_local, run_local
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import harmless, table

STARTED, JOINED = 0, 10
_PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command()
@click.option(
    "--port-base", type=int, metavar="N", help="Ports N to N+3 in place of 8000, 8001, 8080 and 9090."
)
@click.option("--detach", is_flag=True, help="Leave it running and return.")
@click.option("--no-console", is_flag=True, help="Wait here without the console.")
@reaches_ops
@click.pass_obj
def up(which: DaemonChoice, port_base: int | None, detach: bool, no_console: bool) -> None:
    """Bring up the local stack: PostgreSQL, Redis, API, evaluator, ops daemon, status page; then the console.

    Leaving the console or Ctrl-C stops what this command started. A second `ops up` joins what runs.
    """
    code = run_local(which, ["up", *(["--port-base", str(port_base)] if port_base else [])])
    if code not in (STARTED, JOINED):
        sys.exit(code)
    if detach:
        click.echo("it runs on; ops console opens the console, ops down stops it")
        return
    if code == JOINED:
        click.echo("a stack is up here already; joining it (it stays up when you leave)")
    try:
        if sys.stdout.isatty() and sys.stdin.isatty() and not no_console:
            from console.tui.app import run_console

            run_console(which)
        else:
            _wait(which)
    finally:
        if code == STARTED:
            with contextlib.suppress(KeyboardInterrupt):
                run_local(which, ["down"])


def _wait(which: DaemonChoice) -> None:
    click.echo(
        f"API {which.address('api')} · ops daemon {which.address('ops')} · status page {which.address('status')} · "
        f"evaluator {which.address('evaluator')}\nthe console: ops console --state {which.state} · Ctrl-C stops everything"
    )
    sys.stdout.flush()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


@click.command()
@reaches_ops
@click.pass_obj
def down(which: DaemonChoice) -> None:
    """Stop the local stack; its data stay."""
    sys.exit(run_local(which, ["down"]))


@click.command()
@as_json
@reaches_ops
@click.pass_obj
def ps(which: DaemonChoice, as_json: bool) -> None:
    """Each service with its state, pid, uptime and address."""
    if which.is_local:
        become_local(which, ["ps", *(["--json"] if as_json else [])])
    services = client_of(which).services()
    if as_json:
        say_json(services)
        return
    rows = (
        (s.name, s.state, str(s.pid or "-"), f"{s.uptime_s or 0:.0f}s", s.url or "", s.detail)
        for s in services
    )
    click.echo("\n".join(table(("NAME", "STATE", "PID", "UPTIME", "URL", "DETAIL"), rows)))


@click.command()
@click.argument("service")
@click.option("--tail", type=click.IntRange(0, 100_000), default=100, show_default=True)
@click.option("--grep", help="Only lines that contain this text.")
@click.option("--request-id", help="Only lines about this request.")
@click.option("--count-by", type=click.Choice(["type", "status", "path"]), help="Count lines by this field.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes.")
@reaches_ops
@click.pass_obj
def logs(which: DaemonChoice, /, service: str, **options: Any) -> None:
    """What SERVICE has logged."""
    if which.is_local:
        become_local(which, ["logs", service, *_log_options(options)])
    query = "&".join(
        f"{k}={v}" for k, v in options.items() if v is not None and k not in ("follow", "count_by")
    )
    click.echo(harmless(client_of(which).text(f"/v1/logs/{service}?{query}")), nl=False)


def _log_options(options: dict[str, Any]) -> list[str]:
    words = ["--follow"] if options.pop("follow") else []
    for name, value in options.items():
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return words


@click.command(context_settings=_PASS_ON)
@click.option("--write", is_flag=True, help="With the right to change; asks first.")
@click.option("--confirm", metavar="psql-write", help="Confirm --write without a terminal.")
@reaches_ops
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def psql(which: DaemonChoice, write: bool, confirm: str | None, args: tuple[str, ...]) -> None:
    """psql on the service's database, as a role that can only read. ARGS go to psql."""
    become_local(which, ["psql", *_writing(which, "psql", write, confirm, args), *args])


@click.command("redis-cli", context_settings=_PASS_ON)
@click.option("--write", is_flag=True, help="With every command; asks first.")
@click.option("--confirm", metavar="redis-cli-write", help="Confirm --write without a terminal.")
@reaches_ops
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def redis_cli(which: DaemonChoice, write: bool, confirm: str | None, args: tuple[str, ...]) -> None:
    """redis-cli on the service's Redis, as a user that can only read. ARGS go to redis-cli."""
    become_local(which, ["redis-cli", *_writing(which, "redis-cli", write, confirm, args), *args])


def _writing(
    which: DaemonChoice, program: str, write: bool, confirm: str | None, args: tuple[str, ...]
) -> list[str]:
    if not write:
        return []
    from console.cli.services import confirmed_or_refuse, journal_by_hand

    confirmed_or_refuse(
        f"{program}-write", confirm, f"{program} {' '.join(args)} with the right to change data"
    )
    journal_by_hand(which, f"{program} --write {' '.join(args)}")
    return ["--write"]


@click.command()
@reaches_ops
@click.pass_obj
def backups(which: DaemonChoice) -> None:
    """The backups of the local stack; made by `ops act backup`."""
    become_local(which, ["list"], "server.stack.actions.backups")


COMMANDS = {
    "backups": backups,
    "up": up,
    "down": down,
    "ps": ps,
    "logs": logs,
    "psql": psql,
    "redis-cli": redis_cli,
}
