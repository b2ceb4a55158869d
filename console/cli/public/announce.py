"""`ops announce`: tell everybody something that is neither outage nor maintenance."""

import click

from console.cli.answer import say, say_preview
from console.cli.completions import audience_names
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.cli.spans import seconds_of
from console.ops_api.which_daemon import DaemonChoice


@click.command()
@click.argument("title")
@click.argument("text")
@click.option(
    "--for",
    "for_",
    default="7d",
    show_default=True,
    metavar="7d",
    help="How long it stands on the page itself; it stays in the history.",
)
@click.option(
    "--tell",
    multiple=True,
    default=("announcements", "customers"),
    show_default=True,
    metavar="AUDIENCE",
    shell_complete=audience_names,
    help="Who gets the same text; repeatable.",
)
@click.option(
    "--preview", is_flag=True, help="Show what would be published, to the byte, and publish nothing."
)
@as_json
@reaches_ops
@click.pass_obj
def announce(which: DaemonChoice, title: str, text: str, for_: str, tell: tuple[str, ...], preview: bool, as_json: bool) -> None:  # fmt: skip
    """Tell the public TITLE and TEXT (Markdown): page, feeds, chat and customers in one act.

    Planned work is announced by `ops maintenance announce`.

    \b
    Examples:
      ops announce "New limits" "From May on **500** requests an hour." --preview
    """
    client = client_of(which)
    body = {"title": title, "text": text, "for_s": seconds_of(for_), "tell": tell, "preview": preview}
    if preview:
        shown = client.preview_public("/v1/announcements", body)
        say_json(shown) if as_json else say_preview(shown["subject"], shown["body"])
        return
    entry = client.publish("/v1/announcements", body)
    say_json(entry) if as_json else say(f"public {entry.id} is announced: {entry.url}", str(entry.id))


COMMANDS = {"announce": announce}
