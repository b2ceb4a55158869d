"""Times as options take them: `--since 10m`, `--from 22:00`, `--until 'tomorrow 06:00'`, `--for 1h`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple, TypeVar

import click

from console.cli.spans import seconds_of
from console.model.local_zone import LOCAL_ZONE
from console.model.moment import MomentError, parse_moment
from console.ops_api.errors import InvalidRequestError

F = TypeVar("F", bound=Callable[..., Any])
_LOCAL, _SINCE, _UNTIL = "console.local", "console.since", "console.until"


class Stretch(NamedTuple):
    """A stretch of time; without a begin or an end it is open there."""

    begin: datetime | None
    end: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether a time is in it; its end is not."""
        return (self.begin is None or at >= self.begin) and (self.end is None or at < self.end)

    @property
    def narrows(self) -> bool:
        """Whether the stretch leaves anything out."""
        return self.begin is not None or self.end is not None


def local_times(command: F) -> F:
    """``--local``: times are read and shown in this machine's zone."""
    return click.option(
        "--local", is_flag=True, expose_value=False, callback=_keep(_LOCAL), help="Times given and shown are of this machine's zone, not UTC."
    )(command)  # fmt: skip


def within(command: F) -> F:
    """``--since``, ``--until`` and ``--local`` for a command that asks ``stretch_asked``."""
    for option in (
        local_times,
        click.option("--until", metavar="TIME", expose_value=False, callback=_keep(_UNTIL), help="Only what came before."),
        click.option("--since", metavar="TIME", expose_value=False, callback=_keep(_SINCE), help="Only what came then or later: 10m, 03:12, 'yesterday 14:00'."),
    ):  # fmt: skip
        command = option(command)
    return command


def _keep(key: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value is not None and value is not False:
            ctx.meta[key] = value

    return keep


def _kept(key: str) -> Any:
    context = click.get_current_context(silent=True)
    return context.meta.get(key) if context is not None else None


def stretch_asked() -> Stretch:
    """What ``--since`` and ``--until`` of the command that runs say. Raises ``InvalidRequestError``."""
    since, until = _kept(_SINCE), _kept(_UNTIL)
    begin = moment_of(since, "--since", ahead=False) if since is not None else None
    end = moment_of(until, "--until", ahead=False) if until is not None else None
    if begin is not None and end is not None and end <= begin:
        raise InvalidRequestError(f"--until {until} is not after --since {since}: nothing lies between them")
    return Stretch(begin, end)


def zone_meant() -> tzinfo:
    """UTC, or this machine's zone under ``--local``."""
    return LOCAL_ZONE if _kept(_LOCAL) else UTC


def stamp(at: datetime | None) -> str:
    """A time with its day and zone: ``2026-01-31T09:00:00Z``, under ``--local`` with the offset; empty for none."""
    if at is None:
        return ""
    try:
        here = at.astimezone(zone_meant())
    except (ValueError, OverflowError):
        # At the ends of the calendar there is no such time in every zone.
        here = at.astimezone(UTC)
    return f"{here:%Y-%m-%dT%H:%M:%SZ}" if here.tzinfo is UTC else f"{here:%Y-%m-%dT%H:%M:%S%z}"


def moment_of(text: str, option: str, *, ahead: bool = True) -> datetime:
    """The time in an option's text, as ``parse_moment`` reads it from now. Raises ``InvalidRequestError``."""
    try:
        return parse_moment(text, datetime.now(UTC), ahead=ahead, zone=zone_meant())
    except MomentError as error:
        raise InvalidRequestError(f"{option}: {error}") from error


def end_of(start: datetime, until: str | None, for_: str | None) -> datetime:
    """The end of a stretch of time by one of two options. Raises ``InvalidRequestError``."""
    if (until is None) is (for_ is None):
        raise InvalidRequestError("say until when: --until 18:00 or 2026-03-14T13:00Z, or --for 1h")
    if until is not None:
        return moment_of(until, "--until")
    try:
        return start + timedelta(seconds=seconds_of(for_) or 0)
    except InvalidRequestError as error:
        raise InvalidRequestError(f"--for: {for_!r} is no time: {error}") from error
    except OverflowError as error:
        raise InvalidRequestError(f"{for_} after {start:%Y-%m-%d} is no time that there is") from error
