"""The local stack as a program: `python -m server.stack up|down|ps|service|logs|psql|redis-cli|clear-cache`."""

import json
import os
import shlex
import signal
import sys
import urllib.parse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec

from alerts.wire import SERVICES
from server.stack.layout import OPERABLE, Layout
from server.stack.local.lifecycle import (
    CannotStartError,
    bring_up,
    is_ready,
    stale,
    take_down,
    working_state,
)
from server.stack.local.polling import wait_until
from server.stack.local.process_end import wait_for_end
from server.stack.local.supervisord import NotUpError, ServiceTroubleError, list_services, operate
from server.stack.local.wheels import NoWheelError, postgres_program, redis_program
from server.stack.logs import follow, read_log, select, shown_line
from server.stack.targets import (
    RemoteTarget,
    TargetProgram,
    UnavailableError,
    become,
    elsewhere,
    lines_of,
    postgres_environment,
)
from server.stack.unjournalled import note_unjournalled

FAILED, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a program to end: a key, another program, a terminal that is closed."""
_ANSWERS_S = 20.0
"""As long as a service that was started may take until it answers; the status page and the ops daemon need about one."""
_SEARCHED = 100_000
"""How many lines of a log elsewhere are looked through for a text."""


@click.group()
@click.option(
    "--state",
    type=click.Path(path_type=Path, readable=False),
    default=working_state,
    help="State folder of the stack.",
)
@click.pass_context
def main(context: click.Context, state: Path) -> None:
    """The local target: PostgreSQL, Redis and the four processes under supervisord."""
    context.obj = state
    if context.invoked_subcommand != "up":
        _listen()


def _listen() -> None:
    """Takes what whoever started us may have held back, so that none of it ends us in the middle of an import."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


def _fail(message: str, code: int = FAILED) -> NoReturn:
    click.echo(f"ops: {message}", err=True)
    sys.exit(code)


def _uptime(seconds: float) -> str:
    """``42s``, ``4m12``, ``9h40``, ``12d``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}"
    return f"{whole // 3600}h{whole % 3600 // 60:02}" if whole < 86400 else f"{whole // 86400}d"


def _naming(state: Path) -> str:
    """What a command needs to mean the same stack."""
    return "" if state.resolve() == working_state().resolve() else f" --state {shlex.quote(str(state))}"


def _running(state: Path) -> Layout:
    layout = Layout.of_running(state)
    if layout is None:
        _fail(f"no stack is up in {state}; bring it up with ops up{_naming(state)}", UNREACHABLE)
    return layout


@main.command()
@click.option(
    "--port-base",
    type=click.IntRange(1024, 65000),
    help="Ports N, N+1, N+2, N+3 in place of 8000, 8001, 8080, 9090.",
)
@click.option("--drill", is_flag=True, help="A throw-away stack in which faults can be caused.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Environment for every process.")
@click.pass_obj
def up(state: Path, port_base: int | None, drill: bool, settings: tuple[str, ...]) -> None:
    """Bring everything up, or join what runs. Exit code 0: started here; 10: it ran already."""
    layout = Layout.at(state, port_base, drill=drill)
    running = Layout.of_running(state)
    if running is not None and port_base is None:
        layout = running
    for number in _ENDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt_once)
    try:
        _listen()
        started = bring_up(
            layout, lambda text: click.echo(f"· {text}"), dict(item.split("=", 1) for item in settings)
        )
    except (CannotStartError, NoWheelError) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0 if started else 10)


def _interrupt_once(*_: object) -> NoReturn:
    """The first word to end is one; what it sets going is not to be interrupted by the next."""
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


@main.command()
@click.pass_obj
def down(state: Path) -> None:
    """Stop everything; the data stay."""
    signal.signal(signal.SIGINT, lambda *_: click.echo("· it is being stopped, and will be in a moment"))
    layout = Layout.of_running(state) or Layout.at(state)
    was_up = take_down(layout)
    left = stale(layout)
    if left:
        _fail(f"still there: {', '.join(left)}; run ops down again")
    click.echo("everything is stopped; the data stay" if was_up else "nothing was up")


@main.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def ps(state: Path, as_json: bool) -> None:
    """Each service with its state."""
    other = elsewhere(os.environ)
    try:
        views = other.services() if other is not None else list_services(_running(state))
    except (NotUpError, UnavailableError) as error:
        _fail(str(error), UNREACHABLE)
    if as_json:
        click.echo(msgspec.json.encode(views).decode())
        return
    click.echo(f"{'NAME':<10} {'STATE':<9} {'PID':>7}  {'UPTIME':<8} URL")
    for view in views:
        up = "-" if view.uptime_s is None else _uptime(view.uptime_s)
        where = f"{view.url or ''} {view.detail}".strip()
        click.echo(f"{view.name:<10} {view.state:<9} {view.pid or '-':>7}  {up:<8} {where}".rstrip())


@main.command()
@click.argument("verb", type=click.Choice(["start", "stop", "restart"]))
@click.argument("name", type=click.Choice([*SERVICES, "all"]))
@click.option("--check", is_flag=True, help="Only say how it is now.")
@click.option(
    "--unjournalled-by", metavar="USER", help="The daemon is unreachable: leave a line for it to import."
)
@click.pass_obj
def service(state: Path, verb: str, name: str, check: bool, unjournalled_by: str | None) -> None:
    """Start, stop or restart a service (`all`: every one except the ops daemon)."""
    layout = _running(state)
    names = OPERABLE if name == "all" else (name,)
    if check:
        _say_how_they_are(layout, verb, names)
        return
    code = 0
    for each in names:
        try:
            view = operate(layout, verb, each)
            click.echo(
                f"{each} is {view.state}"
                + (f", pid {view.pid}" if view.pid else "")
                + ("" if verb == "stop" or not unjournalled_by else _answering(layout, each))
            )
        except ServiceTroubleError as error:
            click.echo(f"ops: {error}", err=True)
            code = FAILED
        except NotUpError as error:
            click.echo(f"ops: {error}", err=True)
            code = UNREACHABLE
    if unjournalled_by:
        note_unjournalled(
            layout.state, actor=unjournalled_by, action=f"{verb}-{name}", obj=name, exit_code=code
        )
    sys.exit(code)


def _answering(layout: Layout, name: str) -> str:
    """Whether what was started answers, after a while: no verification of the daemon's follows this one."""
    if wait_until(lambda: is_ready(layout, name), timeout_s=_ANSWERS_S):
        return ""
    return f"; it does not answer yet, see ops logs {name}"


def _say_how_they_are(layout: Layout, verb: str, names: Sequence[str]) -> None:
    """What a start, stop or restart would find; fails where nothing answers that could do it."""
    try:
        views = {view.name: view for view in list_services(layout)}
    except NotUpError as error:
        _fail(str(error), UNREACHABLE)
    missing = [name for name in names if name not in views]
    if missing:
        _fail(f"there is no {missing[0]} in this stack, so that nothing can {verb} it")
    for name in names:
        click.echo(
            f"{name} is {views[name].state} now" + (f", pid {views[name].pid}" if views[name].pid else "")
        )


@main.command()
@click.argument("pid", type=click.IntRange(1))
@click.argument("started", type=click.IntRange(0))
def hold(pid: int, started: int) -> None:
    """Wait for the end of the process PID that began at STARTED: as long as this runs, its lock is held."""
    if not wait_for_end(pid, started):
        _fail(f"there is no process {pid} that began then; nothing is held")
    click.echo(f"process {pid} has ended")


@main.command("mark-deploy")
@click.argument("version")
def mark_deploy(version: str) -> None:
    """Say on the record that a version was deployed: the execution itself is the mark."""
    click.echo(f"deployed {version}")


@main.command()
@click.argument("name", type=click.Choice([*SERVICES, "supervisord"]))
@click.option("--tail", type=click.IntRange(0, 100_000), default=100, show_default=True)
@click.option("--grep", help="Only lines that contain this text.")
@click.option("--request-id", help="Only lines about this request.")
@click.option("--count-by", type=click.Choice(["type", "status", "path"]), help="Count lines by this field.")
@click.option("--follow", "following", is_flag=True, help="Go on with what comes.")
@click.pass_obj
def logs(
    state: Path,
    name: str,
    tail: int,
    grep: str | None,
    request_id: str | None,
    count_by: str | None,
    following: bool,
) -> None:
    """What a service has logged."""
    other = elsewhere(os.environ)
    if other is not None:
        wanted = {"grep": grep, "request_id": request_id, "count_by": count_by}
        _log_elsewhere(other, name, tail, following=following, **wanted)
        return
    path = (Layout.of_running(state) or Layout.at(state)).log(name)
    if not path.exists():
        _fail(f"{name} has no log in {path.parent}; has this stack ever been up?")
    shown = shown_line(state / "tokens")
    for line in read_log(path, tail=tail, grep=grep, request_id=request_id, count_by=count_by):
        click.echo(shown(line))
    if following:
        follow(path, lambda line: click.echo(shown(line)), grep=grep, request_id=request_id)


def _log_elsewhere(
    other: RemoteTarget, name: str, tail: int, *, following: bool, **wanted: str | None
) -> None:
    filters = any(wanted.values())
    shown = shown_line(None)
    try:
        if following and filters:
            raise UnavailableError("--follow with a filter is unavailable here: leave out one of them")
        if following:
            become(other.log(name, tail=tail, follow=True))
        lines = lines_of(other.log(name, tail=_SEARCHED if filters else tail, follow=False))
    except UnavailableError as error:
        _fail(str(error), UNREACHABLE)
    for line in select(lines, tail=tail, **wanted):
        click.echo(shown(line))


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--write", is_flag=True, help="As the owner; without it, as a role that can only read.")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def psql(state: Path, write: bool, args: tuple[str, ...]) -> None:
    """psql on the target's database, read-only unless --write."""
    other = elsewhere(os.environ)
    if other is not None:
        _become_elsewhere(lambda: other.psql(args, write=write))
    layout = _running(state)
    url = layout.database_url if write else _given("DATABASE_READ_URL") or layout.database_read_url
    words = postgres_environment(url)
    _become(
        str(postgres_program("psql")),
        ["psql", *args],
        {"PSQL_HISTORY": "/dev/null", "PAGER": os.environ.get("PAGER", "less -S"), **words},
    )


@main.command("redis-cli", context_settings={"ignore_unknown_options": True})
@click.option("--write", is_flag=True, help="With every command; without it, as a user that can only read.")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def redis_cli(state: Path, write: bool, args: tuple[str, ...]) -> None:
    """redis-cli on the target's Redis, read-only unless --write."""
    other = elsewhere(os.environ)
    if other is not None:
        _become_elsewhere(lambda: other.redis_cli(args, write=write))
    layout = _running(state)
    url = urllib.parse.urlsplit(
        layout.redis_url if write else _given("REDIS_READ_URL") or layout.redis_read_url
    )
    who = ["--user", url.username] if url.username else []
    _become(
        str(redis_program("redis-cli")),
        ["redis-cli", "-s", str(layout.redis_socket), *who, *args],
        {"REDISCLI_AUTH": url.password} if url.password else {},
    )


def _given(name: str) -> str:
    """A step's own address of a store: it may run as a user who cannot read the stack's passwords."""
    return os.environ.get(name, "") if "OPS_STEP" in os.environ else ""


def _become_elsewhere(program: Callable[[], TargetProgram]) -> NoReturn:
    try:
        become(program())
    except UnavailableError as error:
        _fail(str(error), UNREACHABLE)


def _become(program: str, argv: list[str], extra: dict[str, str]) -> NoReturn:
    sys.stdout.flush()
    os.execve(program, argv, {**os.environ, **extra})  # noqa: S606  (the person's own terminal becomes the client)


@main.command("clear-cache")
@click.option("--check", is_flag=True, help="Only count the entries.")
@click.pass_obj
def clear_cache(state: Path, check: bool) -> None:
    """Empty the response cache through the API, or in Redis itself while the API is down."""
    from server.stack.actions.clear_cache import clear, count

    url, token_file = _api_access(state)
    redis_url = os.environ.get("REDIS_URL") or _running(state).redis_url
    if check:
        try:
            click.echo(f"{count(redis_url)} entries are in the cache")
        except OSError as error:
            _fail(f"Redis does not answer, so that there is nothing to empty: {error}")
        return
    try:
        removed, how = clear(url, token_file, redis_url)
    except OSError as error:
        _fail(f"the cache was not cleared: {error}")
    click.echo(f"{removed} cache entries removed {how}; rate limits untouched")


def _api_access(state: Path) -> tuple[str, Path]:
    if "API_URL" in os.environ and "API_ADMIN_TOKEN_FILE" in os.environ:
        return os.environ["API_URL"], Path(os.environ["API_ADMIN_TOKEN_FILE"])
    layout = _running(state)
    return layout.url("api") or "", layout.tokens / "api-admin"


@main.command()
@click.pass_obj
def env(state: Path) -> None:
    """The addresses of the stack as JSON."""
    layout = _running(state)
    words: dict[str, Any] = {name: layout.url(name) for name in layout.ports}
    click.echo(json.dumps({**words, "postgres": layout.database_url, "redis": layout.redis_url}))


if __name__ == "__main__":
    main(prog_name="python -m server.stack")
