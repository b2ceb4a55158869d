"""Times as options take them: `--from 2026-03-14T12:00Z`, `--for 1h`."""

from datetime import UTC, datetime, timedelta

from console.cli.spans import seconds_of
from console.ops_api.errors import InvalidRequestError


def moment_of(text: str, option: str) -> datetime:
    """A time with its zone, UTC where none is given; ``+15m`` is that much from now. Raises ``InvalidRequestError``."""
    if text.startswith("+"):
        return _after(datetime.now(UTC), text[1:])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequestError(
            f"{option} {text!r} is no time; write 2026-03-14T12:00Z, or +15m for in a quarter of an hour"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def end_of(start: datetime, until: str | None, for_: str | None) -> datetime:
    """The end of a stretch of time by one of two options. Raises ``InvalidRequestError``."""
    if (until is None) is (for_ is None):
        raise InvalidRequestError("say until when: --until 2026-03-14T13:00Z, or --for 1h")
    if for_ is not None:
        return _after(start, for_)
    return moment_of(until or "", "--until")


def _after(start: datetime, span: str) -> datetime:
    try:
        return start + timedelta(seconds=seconds_of(span) or 0)
    except OverflowError as error:
        raise InvalidRequestError(f"{span} after {start:%Y-%m-%d} is no time that there is") from error
