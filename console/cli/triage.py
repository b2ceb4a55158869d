"""`ops alerts`, `incidents`, `ack`, `unack`, `note`: what is wrong, and whose it is."""

from datetime import UTC, datetime, timedelta

import click

from alerts.duration import DurationError, parse_duration_ms
from alerts.wire import AlertView
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.client import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice
from console.text.incident_page import incident_page
from console.text.plain import clock, left, since, table


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="The resolved that are still kept too, and the Watchdog."
)
@as_json
@reaches_ops
@click.pass_obj
def alerts(which: DaemonChoice, everything: bool, as_json: bool) -> None:
    """Unresolved alerts, most severe first."""
    found = client_of(which).alerts(everything=everything)
    if not everything:
        found = tuple(alert for alert in found if alert.severity != "none")
    if as_json:
        say_json(found)
    elif not found:
        click.echo("no unresolved alerts")
    else:
        now = datetime.now(UTC)
        head = ("SEV", "STATE", "AGE", "LEFT", "ID", "SERVICE", "ALERT", "ACK", "WHAT")
        click.echo("\n".join(table(head, (_alert_row(alert, now) for alert in found))))


def _alert_row(alert: AlertView, now: datetime) -> tuple[str, ...]:
    return (
        {"critical": "!!CRIT", "warning": "! WARN", "info": "  INFO"}.get(alert.severity, alert.severity),
        alert.state + "".join(
            f" {letter}" for letter, on in (("S", alert.silenced_by), ("I", alert.inhibited_by), ("M", alert.maintenance)) if on
        ),
        since(alert.started_at, now),
        left(alert.mttr_deadline_at, now) if alert.state == "firing" else "",
        str(alert.incident_id or ""),
        alert.service,
        alert.alertname,
        alert.acknowledged_by or "",
        alert.annotations.get("summary", ""),
    )  # fmt: skip


@click.command()
@click.argument("incident", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="The closed ones too.")
@as_json
@reaches_ops
@click.pass_obj
def incidents(which: DaemonChoice, incident: int | None, everything: bool, as_json: bool) -> None:
    """Open incidents, or one INCIDENT with its timeline."""
    client = client_of(which)
    if incident is not None:
        one = client.incident(incident)
        say_json(one) if as_json else click.echo("\n".join(incident_page(one)))
        return
    found = client.incidents(everything=everything)
    if as_json:
        say_json(found)
    elif not found:
        click.echo("no open incidents")
    else:
        now = datetime.now(UTC)
        head = ("ID", "SEV", "STATE", "AGE", "LEFT", "BY", "TITLE")
        rows = (
            (str(i.id), i.severity, i.state, since(i.detected_at, now), left(i.mttr_deadline_at, now), i.acknowledged_by or "", i.title)
            for i in found
        )  # fmt: skip
        click.echo("\n".join(table(head, rows)))


def seconds_of(text: str | None) -> int | None:
    """Seconds of ``2h``-like text given on the command line. Raises ``InvalidRequestError``."""
    if text is None:
        return None
    try:
        return parse_duration_ms(text) // 1000
    except DurationError as error:
        raise InvalidRequestError(str(error)) from error


@click.command()
@click.argument("incident", type=int)
@click.option("--for", "for_", metavar="2h", help="How long it holds without activity (30m).")
@as_json
@reaches_ops
@click.pass_obj
def ack(which: DaemonChoice, incident: int, for_: str | None, as_json: bool) -> None:
    """Acknowledge an INCIDENT: it is yours, and paging stops."""
    taken = client_of(which).acknowledge(incident, for_s=seconds_of(for_))
    if as_json:
        say_json(taken)
        return
    until = f" until {clock(taken.acknowledged_until)}" if taken.acknowledged_until else ""
    click.echo(f"incident {taken.id} is acknowledged by {taken.acknowledged_by}{until}")


@click.command()
@click.argument("incident", type=int)
@as_json
@reaches_ops
@click.pass_obj
def unack(which: DaemonChoice, incident: int, as_json: bool) -> None:
    """Give an INCIDENT back: it is open again."""
    given = client_of(which).unacknowledge(incident)
    say_json(given) if as_json else click.echo(f"incident {given.id} is {given.state} again")


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


COMMANDS = {"alerts": alerts, "incidents": incidents, "ack": ack, "unack": unack, "note": note}
