"""`ops note`: write something on the timeline of an incident."""

from datetime import UTC, datetime, timedelta

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("incident", type=int)
@click.argument("text")
@click.option("--at", metavar="03:12", help="When it happened, if not now: 03:12 (UTC) or an ISO time.")
@as_json
@reaches_ops
@click.pass_obj
def note(which: DaemonChoice, incident: int, text: str, at: str | None, as_json: bool) -> None:
    """Write TEXT on an INCIDENT's timeline."""
    noted = client_of(which).note(incident, text, at=_moment(at))
    say_json(noted) if as_json else click.echo(f"noted on incident {noted.id}")


def _moment(text: str | None) -> str | None:
    if text is None:
        return None
    now = datetime.now(UTC)
    for form in ("%H:%M", "%H:%M:%S"):
        try:
            read = datetime.strptime(text, form).replace(
                year=now.year, month=now.month, day=now.day, tzinfo=UTC
            )
        except ValueError:
            continue
        return (read if read <= now else read - timedelta(days=1)).isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequestError(f"--at {text!r} is no time; write 03:12 or 2026-01-31T03:12:00Z") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


COMMANDS = {"note": note}
