"""`ops alert`: everything that is known about one alert."""

from datetime import UTC, datetime

import click

from alerts.wire import AlertView
from console.cli.answer import folded, show_while, told
from console.cli.completions import alert_names
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.model.mutes import read_mutes
from console.ops_api.client import OpsClient
from console.ops_api.errors import NotThereError
from console.ops_api.which_daemon import DaemonChoice
from console.text.alert_summary import detail_lines
from console.text.wording import summary_for_chat

_NAMED = 5


@click.command()
@click.argument("alert", shell_complete=alert_names)
@click.option(
    "--chat", is_flag=True, help="Two lines to paste into a chat, in the place of all that is known."
)
@watched
@as_json
@reaches_ops
@click.pass_obj
def alert(which: DaemonChoice, alert: str, chat: bool, watch: bool, as_json: bool) -> None:
    """One ALERT with every label, annotation, time, and who mutes it.

    ALERT is its name where one alert alone has it, or the begin of its fingerprint (ops alerts --quiet).

    \b
    Examples:
      ops alert APIDown
      ops alert APIDown --chat
    """
    client = client_of(which)

    def shown() -> str:
        one = alert_meant(client, alert)
        incident = client.incident(one.incident_id) if one.incident_id is not None else None
        now = datetime.now(UTC)
        words = (
            summary_for_chat(one, incident, now)
            if chat
            else folded("\n".join(detail_lines(one, incident, now, read_mutes(client, one))))
        )
        return told(words, one.fingerprint)

    if as_json:
        say_json(alert_meant(client, alert))
        return
    show_while(shown, watch=watch)


def alert_meant(client: OpsClient, text: str) -> AlertView:
    """The alert with this name, or whose fingerprint begins so. Raises ``NotThereError`` where there is none, or several."""
    there = client.alerts(everything=True)
    found = [one for one in there if one.alertname == text and one.state != "resolved"]
    found = found or [one for one in there if one.alertname == text]
    found = found or [one for one in there if text and one.fingerprint.startswith(text)]
    if len(found) > 1:
        ways = ", ".join(f"{one.fingerprint} ({one.alertname} {one.service})" for one in found[:_NAMED])
        raise NotThereError(
            f"{text} are {len(found)} alerts; name one by its fingerprint: {ways}{' …' * (len(found) > _NAMED)}"
        )
    if not found:
        raise NotThereError(f"there is no alert {text} now; ops alerts --all lists them")
    return found[0]


COMMANDS = {"alert": alert}
