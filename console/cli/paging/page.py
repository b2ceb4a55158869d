"""`ops page`: call somebody; `ops pages`: who was called, and what became of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from alerts.wire import PageView
from console.cli.answer import say, show_while
from console.cli.columns import fits, listed, tabular
from console.cli.completions import called_names
from console.cli.moments import stamp, stretch_asked, within
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.ops_api.which_daemon import DaemonChoice
from console.text.call_list import PAGE_HEAD, page_rows


@click.command()
@click.argument("who", shell_complete=called_names)
@click.argument("text")
@as_json
@reaches_ops
@click.pass_obj
def page(which: DaemonChoice, who: str, text: str, as_json: bool) -> None:
    """Call WHO, a person of the contacts, a level (L1, L2, L3) or all, and tell them TEXT.

    \b
    Examples:
      ops page L2 "please look at checkout"
    """
    sent = client_of(which).page(who, text)
    if as_json:
        say_json(sent)
        return
    people = ", ".join(copy.person for copy in sent.deliveries)
    say(f"page {sent.id} is on its way to {people}", str(sent.id))


@click.command()
@within
@watched
@tabular
@as_json
@reaches_ops
@click.pass_obj
def pages(which: DaemonChoice, watch: bool, as_json: bool) -> None:
    """Who was called lately, over what, and whether it arrived; the latest first.

    \b
    Examples:
      ops pages --since 1h
      ops pages --watch
    """
    client, stretch = client_of(which), stretch_asked()

    def found() -> list[PageView]:
        return [page for page in client.pages() if stretch.covers(page.decided_at)]

    def shown() -> str:
        there = found()
        empty = "nobody was called in that time" if stretch.narrows else "nobody was called yet"
        names = (str(page.id) for page in there)
        rows = list(page_rows(there, stamp))
        rows = rows if fits(PAGE_HEAD, rows) else [_shortened(row) for row in rows]
        return listed(PAGE_HEAD, rows, names=names, empty=empty)

    if as_json:
        say_json(found())
        return
    show_while(shown, watch=watch)


def _shortened(row: Sequence[str]) -> tuple[str, ...]:
    """A row for a narrow terminal: of the channel its kind, and of a time of today no day."""
    cells = dict(zip(PAGE_HEAD, row, strict=True))
    today = stamp(datetime.now(UTC))[:11]
    cells |= {"AT": cells["AT"].removeprefix(today), "CHANNEL": cells["CHANNEL"].partition(" ")[0]}
    return tuple(cells.values())


COMMANDS = {"page": page, "pages": pages}
