"""`ops postmortem`: what the evidence says about an incident, with blanks for people."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from alerts.incident import POSTMORTEM_DUE_AFTER
from alerts.wire import Followup, PostmortemView
from console.cli.answer import folded_markdown, say
from console.cli.completions import incident_numbers
from console.cli.meant import incident_meant
from console.cli.moments import local_times, moment_of
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.client import OpsClient
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice
from console.text.report import followups_csv

_MEETING = timedelta(hours=1)


@click.command()
@click.argument("incident", shell_complete=incident_numbers)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write it, its pictures and the list of follow-ups into this folder.",
)
@click.option(
    "--meeting",
    metavar="TIME",
    help="With --out: an invitation (.ics) for 2026-02-03T10:00Z, within the 48 hours.",
)
@click.option(
    "--share",
    is_flag=True,
    help="Send it to the audience of incidents; a critical one is closed after that only.",
)
@local_times
@as_json
@reaches_ops
@click.pass_obj
def postmortem(
    which: DaemonChoice, incident: str, out: Path | None, meeting: str | None, share: bool, as_json: bool
) -> None:
    """The post-mortem of an INCIDENT as Markdown, at any of its states; a draft until it is shared.

    \b
    Examples:
      ops postmortem 42
      ops postmortem 42 --out review --meeting 'tomorrow 10:00'
      ops postmortem 42 --share
    """
    client = client_of(which)
    number = incident_meant(which, client, incident)
    invitation = _invitation(client, number, meeting) if meeting else None
    if invitation is not None and out is None:
        raise click.UsageError("--meeting writes a file: say where with --out DIR")
    if share:
        client.share_postmortem(number)
    found = client.postmortem(number)
    if as_json:
        say_json(found)
    elif out is None:
        say(folded_markdown(found.markdown.rstrip("\n")), str(number))
    if out is not None:
        for path in _written(out, found, client.incident(number).followups, invitation):
            click.echo(f"{path}", err=as_json)
    if share:
        click.echo(f"shared the post-mortem of incident {number}", err=True)


def _written(
    out: Path, found: PostmortemView, followups: Sequence[Followup], invitation: bytes | None
) -> list[Path]:
    files = {f"incident-{found.incident_id}.md": found.markdown.encode()}
    if followups:
        files[f"incident-{found.incident_id}-follow-ups.csv"] = followups_csv(followups).encode()
    files |= {name: svg.encode() for name, svg in found.pictures.items()}
    if invitation is not None:
        files[f"incident-{found.incident_id}.ics"] = invitation
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (out / Path(name).name).write_bytes(content)
    except OSError as error:
        raise InvalidRequestError(f"cannot write into {out}: {error}") from error
    return [out / name for name in files]


def _invitation(client: OpsClient, number: int, meeting: str) -> bytes:
    begins = moment_of(meeting, "--meeting")
    try:
        ends = begins + _MEETING
    except OverflowError as error:
        raise InvalidRequestError(f"--meeting {meeting!r} is no time; write 2026-02-03T10:00Z") from error
    incident = client.incident(number)
    if incident.resolved_at is not None and begins > incident.resolved_at + POSTMORTEM_DUE_AFTER:
        raise InvalidRequestError(
            f"the post-mortem is due by {incident.resolved_at + POSTMORTEM_DUE_AFTER:%Y-%m-%dT%H:%MZ}, within 48 hours of the resolution"
        )
    # Imported when somebody invites: reading a post-mortem does without.
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Structured Prompt Service//ops//EN")
    calendar.add("version", "2.0")
    event = icalendar.Event()
    event.add("uid", f"postmortem-{number}-{int(incident.detected_at.timestamp())}@ops")
    event.add("dtstamp", datetime.now(UTC))
    event.add("dtstart", begins)
    event.add("dtend", ends)
    event.add("summary", f"Post-mortem of incident {number}: {incident.title}")
    event.add("description", f"Draft: ops postmortem {number}")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


COMMANDS = {"postmortem": postmortem}
