"""`ops alerts`: what fires, what is pending, what has gone stale."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from alerts.wire import AlertView, QuarantinedView
from console.cli.answer import say, show_while
from console.cli.columns import listed, tabular
from console.cli.moments import stamp, stretch_asked, within
from console.cli.options import (
    as_json,
    client_of,
    filtered,
    nothing_passes,
    reaches_ops,
    say_json,
    understood,
    watched,
)
from console.model.filter import parse_filter
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import left, one_line, since
from console.text.wording import what_words


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="The resolved that are still kept too, and the Watchdog."
)
@click.option("--quarantined", is_flag=True, help="What was posted as an alert and is none, with why.")
@filtered("sev:>=warning, svc:api, is:stale, !is:inhibited or words of it", "alerts")
@within
@watched
@tabular
@as_json
@reaches_ops
@click.pass_obj
def alerts(
    which: DaemonChoice, everything: bool, quarantined: bool, wanted: str, watch: bool, as_json: bool
) -> None:
    """Unresolved alerts, most severe first; `ops alert ID` tells all of one.

    --since and --until are about when it began. --quiet prints fingerprints.

    \b
    Examples:
      ops alerts
      ops alerts --filter 'sev:>=warning !is:inhibited' --since 1h
      ops alerts --watch
    """
    client = client_of(which)
    if quarantined:
        _show_quarantined(client.quarantined(), as_json=as_json)
        return
    passes, stretch = understood(parse_filter, wanted), stretch_asked()

    def found() -> tuple[AlertView, ...]:
        there = client.alerts(everything=everything)
        return tuple(
            one
            for one in there
            if (everything or one.severity != "none") and passes(one) and stretch.covers(one.started_at)
        )

    if as_json:
        say_json(found())
        return
    show_while(
        lambda: _listed(found(), wanted=wanted, is_narrowed=bool(wanted) or stretch.narrows), watch=watch
    )


def _listed(found: Sequence[AlertView], *, wanted: str, is_narrowed: bool) -> str:
    now = datetime.now(UTC)
    head = ("SEV", "STATE", "AGE", "CLOCK", "ID", "SERVICE", "ALERT", "ACK", "WHAT")
    return listed(
        head,
        (_alert_row(alert, now) for alert in found),
        names=(alert.fingerprint for alert in found),
        empty=nothing_passes("alerts", "alert", wanted) if is_narrowed else "no unresolved alerts",
    )


def _show_quarantined(found: Sequence[QuarantinedView], *, as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    rows = ((stamp(bad.at), one_line(bad.why), one_line(bad.raw)) for bad in found)
    names = (one_line(bad.raw) for bad in found)
    empty = "nothing is quarantined: whatever was posted as an alert was one"
    text = listed(("AT", "WHY", "AS POSTED"), rows, names=names, empty=empty)
    say(text, *text.splitlines())


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
