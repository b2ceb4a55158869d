"""`ops report`: how the on-call has gone."""

import click

from console.cli.answer import say
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.spans import seconds_of
from console.ops_api.which_daemon import DaemonChoice
from console.text.report import report_csv, report_html, report_lines


@click.command()
@click.option("--since", metavar="30d", default="30d", show_default=True, help="How far back.")
@click.option("--csv", "form", flag_value="csv", help="As CSV, a line for each figure.")
@click.option("--html", "form", flag_value="html", help="As one HTML page.")
@as_json
@reaches_ops
@click.pass_obj
def report(which: DaemonChoice, since: str, form: str | None, as_json: bool) -> None:
    """Times to detect, acknowledge and resolve, breaches, pages by person, noise, and what cured.

    Of what the daemon still remembers: at least the latest thousand incidents.

    \b
    Examples:
      ops report --since 7d
      ops report --csv
    """
    found = client_of(which).report(seconds_of(since) or 0)
    if as_json:
        say_json(found)
    elif form == "csv":
        click.echo(report_csv(found), nl=False)
    elif form == "html":
        click.echo(report_html(found), nl=False)
    else:
        say("\n".join(report_lines(found)))


COMMANDS = {"report": report}
