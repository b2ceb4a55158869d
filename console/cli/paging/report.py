"""`ops report`: how the on-call has gone."""

from datetime import UTC, datetime

import click

from console.cli.answer import folded, say
from console.cli.columns import columns_asked, shown_tables, tabular
from console.cli.moments import local_times, moment_of
from console.cli.options import as_json, client_of, only_one, reaches_ops, say_json
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice
from console.text.report import report_csv, report_html, report_lines, report_tables


@click.command()
@click.option(
    "--since",
    metavar="TIME",
    default="30d",
    show_default=True,
    help="From when on: 7d, 'yesterday 14:00', 2026-01-31.",
)
@click.option("--until", metavar="TIME", default="now", show_default=True, help="Until when.")
@local_times
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, a line for each figure.")
@click.option("--html", "as_html", is_flag=True, help="As one HTML page.")
@tabular
@as_json
@reaches_ops
@click.pass_obj
def report(which: DaemonChoice, since: str, until: str, as_csv: bool, as_html: bool, as_json: bool) -> None:
    """Times to detect, acknowledge and resolve, breaches, pages by person, noise, and what cured.

    Of what the daemon still remembers: at least the latest thousand incidents.

    \b
    Examples:
      ops report --since 7d
      ops report --since 2026-01-01 --until 2026-02-01
      ops report --csv
    """
    only_one({"--json": as_json, "--csv": as_csv, "--html": as_html, "--columns": columns_asked()})
    begin, end = (moment_of(text, option, ahead=False) for text, option in ((since, "--since"), (until, "--until")))  # fmt: skip
    if end <= begin:
        raise InvalidRequestError(f"--until {until} is not after --since {since}: nothing lies between them")
    now = datetime.now(UTC)
    found = client_of(which).report(*(max(0, round((now - at).total_seconds())) for at in (begin, end)))
    if as_json:
        say_json(found)
    elif as_csv:
        click.echo(report_csv(found), nl=False)
    elif as_html:
        click.echo(report_html(found), nl=False)
    else:
        tables = shown_tables([one.head for one in report_tables(found)])
        say(folded("\n".join(report_lines(found, lambda one: tables(one.head, one.rows).splitlines()))))


COMMANDS = {"report": report}
