"""`ops logs`: what one service, several or all of them have logged."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NoReturn

import click
import msgspec

from alerts.visible_text import visible_json
from alerts.wire import SERVICES
from console.cli.answer import say
from console.cli.columns import columns_asked, is_coloured, is_wide, places_of, shown_table, tabular, tone_of
from console.cli.completions import log_names
from console.cli.local_program import become_local
from console.cli.moments import local_times, moment_of, zone_meant
from console.cli.options import client_of, only_one, reaches_ops
from console.cli.services.log_source import DaemonLog, LocalLog, LogSource, WantedLines, log_path
from console.ops_api.errors import NotThereError, OpsError
from console.ops_api.which_daemon import DaemonChoice
from console.terminal.paint import painted
from console.text.log_line import LEVELS, ServiceLine, in_order, read_lines
from console.text.plain import harmless

_KNOWN = (*SERVICES, "supervisord")
_DEFAULT_TAIL = 100
_QUIET_S, _PATIENCE_S = 0.3, 3.0
"""How long nothing has to come from logs that are followed until what was there is whole, and the longest wait for it."""
_SEARCHED = 20_000
"""Lines of each log that are looked through for a time or a level."""


class Narrowed(msgspec.Struct, frozen=True):
    """What the lines have to be, beside what the source looks for itself."""

    tail: int | None
    since: datetime | None
    level: str | None

    def of(self, lines: Iterable[ServiceLine]) -> Iterator[ServiceLine]:
        """Those that are so."""
        for line in lines:
            if self.level is not None and not line.is_at_least(self.level):
                continue
            if self.since is None or (line.at is not None and line.at >= self.since):
                yield line

    @property
    def looked_at(self) -> int:
        """How many of the last lines of a log have to be read."""
        if self.since is not None or self.level is not None:
            return max(_SEARCHED, self.tail or 0)
        return _DEFAULT_TAIL if self.tail is None else self.tail

    @property
    def shown(self) -> int:
        """How many lines are shown at most."""
        if self.tail is not None:
            return self.tail
        return _SEARCHED if self.since is not None else _DEFAULT_TAIL


@click.command()
@click.argument("services", nargs=-1, metavar="[SERVICE]...", shell_complete=log_names)
@click.option(
    "--tail", "-n", type=click.IntRange(0, 100_000), help="Lines, the last (100; with --since all of them)."
)
@click.option("--since", metavar="TIME", help="Only what came then or later: 10m, 03:12, 'yesterday 14:00'.")
@click.option(
    "--level", type=click.Choice(LEVELS, case_sensitive=False), help="Only lines of this level, or worse."
)
@click.option("--grep", help="Only lines that contain this text.")
@click.option("--request-id", help="Only lines about this request.")
@click.option("--count-by", type=click.Choice(["type", "status", "path"]), help="Count lines by this field.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes.")
@local_times
@tabular
@click.option("--json", "as_json", is_flag=True, help="Each line as it was logged, as JSON with its service.")
@reaches_ops
@click.pass_obj
def logs(which: DaemonChoice, /, services: tuple[str, ...], count_by: str | None, follow: bool, **asked: Any) -> None:  # fmt: skip
    """What each SERVICE has logged, several by time; all of them where none is named.

    At a terminal or with --columns in columns, into a pipe else as it was logged. --since and --level look through the last 20,000 lines of
    each log. Times without a zone, as Redis writes them, are those of this machine's zone; of a daemon elsewhere, UTC.

    \b
    Examples:
      ops logs api --tail 20
      ops logs api postgres --since 10m --level warning
      ops logs --follow
      ops logs api --json --since 'yesterday 14:00'
    """
    only_one({"--json": asked["as_json"], "--count-by": count_by, "--columns": columns_asked()})
    _ = places_of(_HEAD)
    names = _meant(services)
    wanted = WantedLines(0, asked["grep"], asked["request_id"])
    since = moment_of(asked["since"], "--since", ahead=False) if asked["since"] is not None else None
    narrowed = Narrowed(asked["tail"], since, asked["level"])
    wanted = msgspec.structs.replace(wanted, tail=narrowed.looked_at)
    if count_by is not None:
        _count(which, names, wanted, count_by, follow=follow, is_narrowed=bool(since or narrowed.level))
        return
    source = LocalLog(which) if which.is_within_reach else DaemonLog(client_of(which))
    form = _form(names, as_json=asked["as_json"])
    if follow:
        _follow(source, names, wanted, narrowed, form or _line_in_columns(names))
    lines, code = _read(source, names, wanted, narrowed, is_all=not services)
    if form is None:
        _show_table(lines, names)
    else:
        _print(lines, form)
    sys.exit(code)


def _meant(services: Sequence[str]) -> tuple[str, ...]:
    """The services that are named, each once. Raises ``NotThereError``."""
    if not services or "all" in services:
        return SERVICES
    for name in services:
        if name not in _KNOWN:
            raise NotThereError(f"there is no service {name}; there are {', '.join(_KNOWN)}")
    return tuple(dict.fromkeys(services))


def _count(which: DaemonChoice, names: Sequence[str], wanted: WantedLines, field: str, *, follow: bool, is_narrowed: bool) -> None:  # fmt: skip
    if follow:
        raise click.UsageError("--count-by counts what there is, and --follow goes on: give one of them")
    if len(names) != 1 or is_narrowed:
        raise click.UsageError(
            "--count-by counts all lines of one service: name one, without --since and --level"
        )
    if not which.is_within_reach:
        click.echo(harmless(client_of(which).text(log_path(names[0], wanted, field))), nl=False)
        return
    given = {"grep": wanted.grep, "request-id": wanted.request_id, "count-by": field}
    words = [f"--{name}={value}" for name, value in given.items() if value is not None]
    become_local(which, ["logs", names[0], *words])


def _read(source: LogSource, names: Sequence[str], wanted: WantedLines, narrowed: Narrowed, *, is_all: bool) -> tuple[list[ServiceLine], int]:  # fmt: skip
    """The lines of all that could be read, by time, and the exit code; a log that cannot be read is told.

    Raises the ``OpsError`` of the only one, and the first where none can be read.
    """
    found: dict[str, Sequence[str]] = {}
    failed: dict[str, OpsError] = {}

    def read(name: str) -> None:
        try:
            found[name] = source.last(name, wanted)
        except OpsError as error:
            failed[name] = error

    threads = [threading.Thread(target=read, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed and not found:
        raise next(failed[name] for name in names if name in failed)
    for error in failed.values():
        click.echo(f"ops: {error}", err=True)
    for name, lines in found.items():
        if narrowed.since is not None and len(lines) >= wanted.tail:
            first = next(
                (one.at for one in read_lines(name, lines, is_here=source.is_here) if one.at is not None),
                None,
            )
            if first is not None and first > narrowed.since:
                click.echo(f"ops: of {name} the last {wanted.tail} lines were looked through; older ones were not", err=True)  # fmt: skip
    merged = list(
        in_order(
            narrowed.of(read_lines(name, found[name], is_here=source.is_here))
            for name in names
            if name in found
        )
    )
    missing = [error.exit_code for name, error in failed.items() if not (is_all and isinstance(error, NotThereError))]  # fmt: skip
    return merged[max(0, len(merged) - narrowed.shown) :], missing[0] if missing else 0


def _form(names: Sequence[str], *, as_json: bool) -> Callable[[ServiceLine], str] | None:
    """How a line is printed; None for a table."""
    if as_json:
        return _json_line
    if sys.stdout.isatty() or columns_asked():
        return None
    if len(names) == 1:
        return lambda line: harmless(line.raw)
    width = max(map(len, names))
    return lambda line: f"{line.service:<{width}}  {harmless(line.raw)}"


def _json_line(line: ServiceLine) -> str:
    """The line as it was logged, with its service; one that is no JSON has its parts."""
    try:
        fields = msgspec.json.decode(line.raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        fields = None
    if fields is None:
        parts = {
            "service": line.service,
            "timestamp": line.at,
            "level": line.level.upper(),
            "message": line.raw,
        }
        return visible_json(msgspec.json.encode(parts).decode())
    return visible_json(msgspec.json.encode({"service": line.service, **fields}).decode())


_HEAD = ("TIME", "SERVICE", "LEVEL", "LOGGER", "REQUEST", "MESSAGE")
_WIDTHS = (12, 10, 8, 24, 12, 1)


def _cells(line: ServiceLine) -> tuple[str, ...]:
    at = f"{line.at.astimezone(zone_meant()):%H:%M:%S.%f}"[:-3] if line.at is not None else ""
    level = "" if line.level == "info" else line.level.upper()
    return at, line.service, level, line.logger, line.request_id[-12:], line.message


def _columns(lines: Sequence[ServiceLine], names: Sequence[str]) -> list[int]:
    """The columns that were asked for, or else those that say something."""
    if columns_asked():
        return list(range(len(_HEAD)))
    rows = [_cells(line) for line in lines]
    return [n for n in range(len(_HEAD)) if (len(names) > 1 if n == 1 else any(row[n] for row in rows))]


def _show_table(lines: Sequence[ServiceLine], names: Sequence[str]) -> None:
    if not lines:
        say(f"no line of {', '.join(names)} is so" if names else "")
        return
    shown = _columns(lines, names)
    say(shown_table([_HEAD[n] for n in shown], ([_cells(line)[n] for n in shown] for line in lines)))


def _line_in_columns(names: Sequence[str]) -> Callable[[ServiceLine], str]:
    """A line at a terminal while more may come: in columns whose widths stay."""
    import shutil

    from console.text.plain import cell_width, cut_to, one_line

    coloured = is_coloured()
    shown = [n for n in range(len(_HEAD)) if n not in (3, 4) and (n != 1 or len(names) > 1)]
    shown = places_of(_HEAD) if columns_asked() else shown
    edge = shutil.get_terminal_size().columns if sys.stdout.isatty() and not is_wide() else None

    def form(line: ServiceLine) -> str:
        cells, level = _cells(line), _cells(line)[_HEAD.index("LEVEL")]
        texts = [(_WIDTHS[n], one_line(cells[n])) for n in shown]
        row = "  ".join(text + " " * (width - cell_width(text)) for width, text in texts).rstrip()
        row = cut_to(row, edge) if edge is not None else row
        return row.replace(level, painted(level, tone_of("LEVEL", level)), 1) if coloured and level else row

    return form


def _follow(source: LogSource, names: Sequence[str], wanted: WantedLines, narrowed: Narrowed, form: Callable[[ServiceLine], str]) -> NoReturn:  # fmt: skip
    """Print the end of what is there by time, then what comes, until interrupted or every log has ended."""
    arrived: queue.Queue[ServiceLine | OpsError | None] = queue.Queue()

    def read(name: str) -> None:
        try:
            for line in narrowed.of(read_lines(name, source.follow(name, wanted), is_here=source.is_here)):
                arrived.put(line)
        except OpsError as error:
            arrived.put(error)
        arrived.put(None)

    for name in names:
        threading.Thread(target=read, args=(name,), daemon=True, name=f"log of {name}").start()
    begin: list[ServiceLine] = []
    code, ended, begun_at, settled = 0, 0, time.monotonic(), False
    while ended < len(names):
        try:
            item = arrived.get(timeout=None if settled else _QUIET_S)
        except queue.Empty:
            spoken = len({line.service for line in begin}) + ended >= len(names)
            if settled := spoken or time.monotonic() > begun_at + _PATIENCE_S:
                _print(_last_by_time(begin, narrowed), form)
            continue
        if item is None:
            ended += 1
        elif isinstance(item, OpsError):
            click.echo(f"ops: {item}", err=True)
            code = code or item.exit_code
        elif settled:
            _print([item], form)
        else:
            # What is there already comes from each log in its own time: it is shown by time, once it is whole.
            begin.append(item)
    if not settled:
        _print(_last_by_time(begin, narrowed), form)
    sys.exit(code)


def _last_by_time(lines: Sequence[ServiceLine], narrowed: Narrowed) -> list[ServiceLine]:
    services = dict.fromkeys(line.service for line in lines)
    merged = list(in_order([line for line in lines if line.service == name] for name in services))
    return merged[max(0, len(merged) - narrowed.shown) :]


def _print(lines: Iterable[ServiceLine], form: Callable[[ServiceLine], str]) -> None:
    for line in lines:
        click.echo(form(line))
    sys.stdout.flush()


COMMANDS = {"logs": logs}
