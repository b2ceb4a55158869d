"""Times as options take them: `--since 10m`, `--from 22:00`, `--until 'tomorrow 06:00'`, `--for 1h`."""

from datetime import UTC, datetime, timedelta, tzinfo

from console.cli.spans import seconds_of
from console.model.moment import MomentError, parse_moment
from console.ops_api.errors import InvalidRequestError


def moment_of(text: str, option: str, *, ahead: bool = True, zone: tzinfo = UTC) -> datetime:
    """The time in an option's text, as ``parse_moment`` reads it from now. Raises ``InvalidRequestError``."""
    try:
        return parse_moment(text, datetime.now(UTC), ahead=ahead, zone=zone)
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
