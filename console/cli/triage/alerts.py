"""`ops alerts`: what fires, what is pending, what has gone stale."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from alerts.wire import AlertView, QuarantinedView
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import left, one_line, since, table
from console.text.wording import what_words


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="The resolved that are still kept too, and the Watchdog."
)
@click.option("--quarantined", is_flag=True, help="What was posted as an alert and is none, with why.")
@as_json
@reaches_ops
@click.pass_obj
def alerts(which: DaemonChoice, everything: bool, quarantined: bool, as_json: bool) -> None:
    """Unresolved alerts, most severe first."""
    if quarantined:
        _show_quarantined(client_of(which).quarantined(), as_json=as_json)
        return
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


def _show_quarantined(found: Sequence[QuarantinedView], *, as_json: bool) -> None:
    if as_json:
        say_json(found)
    elif not found:
        click.echo("nothing is quarantined: whatever was posted as an alert was one")
    else:
        rows = ((f"{bad.at:%Y-%m-%dT%H:%M:%SZ}", one_line(bad.why), one_line(bad.raw)) for bad in found)
        click.echo("\n".join(table(("AT", "WHY", "AS POSTED"), rows)))


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
        what_words(alert),
    )  # fmt: skip


COMMANDS = {"alerts": alerts}
