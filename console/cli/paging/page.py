"""`ops page`: call somebody; `ops pages`: who was called, and what became of it."""

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.call_list import page_lines


@click.command()
@click.argument("who")
@click.argument("text")
@as_json
@reaches_ops
@click.pass_obj
def page(which: DaemonChoice, who: str, text: str, as_json: bool) -> None:
    """Call WHO, a person of the contacts, a level (L1, L2, L3) or all, and tell them TEXT."""
    sent = client_of(which).page(who, text)
    if as_json:
        say_json(sent)
        return
    click.echo(f"page {sent.id} is on its way to {', '.join(copy.person for copy in sent.deliveries)}")


@click.command()
@as_json
@reaches_ops
@click.pass_obj
def pages(which: DaemonChoice, as_json: bool) -> None:
    """Who was called lately, over what, and whether it arrived; the latest first."""
    found = client_of(which).pages()
    if as_json:
        say_json(found)
        return
    click.echo("\n".join(page_lines(found)) if found else "nobody was called yet")


COMMANDS = {"page": page, "pages": pages}
