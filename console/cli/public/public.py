"""`ops public`: what the public reads about incidents, published, updated and resolved by a person."""

from collections.abc import Mapping
from typing import Any

import click

from console.cli.answer import say, say_preview
from console.cli.columns import listed, show_list, tabular
from console.cli.completions import (
    audience_names,
    component_names,
    entry_numbers,
    incident_numbers,
    template_names,
    update_ids,
)
from console.cli.meant import incident_meant
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import harmless
from console.text.public_page import ENTRY_HEAD, entry_page, entry_rows
from web.public_incident import IMPACTS, PublicIncidentView

_STATUSES = ("investigating", "identified", "monitoring")
_tell = click.option(
    "--tell",
    multiple=True,
    metavar="AUDIENCE",
    shell_complete=audience_names,
    help="Send the same text to an audience too; repeatable.",
)
_preview = click.option(
    "--preview", is_flag=True, help="Show what would be published, to the byte, and publish nothing."
)


@click.group(cls=NounGroup, invoke_without_command=True)
@watched
@tabular
@as_json
@reaches_ops
@click.pass_context
def public(ctx: click.Context, watch: bool, as_json: bool) -> None:
    """What the public reads about incidents. The page tells by itself only that there is trouble; all words are yours.

    \b
    Examples:
      ops public draft --incident 42
      ops public publish "Slow answers" "We look." --component "Analyze API"
      ops public update 3 "It is the database." --status identified
      ops public resolve 3 "Everything is well again." --tell customers
    """
    if ctx.invoked_subcommand is None:
        _show(ctx.obj, everything=False, watch=watch, as_json=as_json)


@public.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@watched
@tabular
@as_json
@reaches_ops
@click.pass_obj
def list_(which: DaemonChoice, everything: bool, watch: bool, as_json: bool) -> None:
    """Entries that are open.

    \b
    Examples:
      ops public list --all
    """
    _show(which, everything=everything, watch=watch, as_json=as_json)


def _show(which: DaemonChoice, *, everything: bool, watch: bool, as_json: bool) -> None:
    client = client_of(which)
    empty = "nothing was ever published" if everything else "nothing is open"
    show_list(
        lambda: client.public_entries(everything=everything).public,
        ENTRY_HEAD, entry_rows, empty=empty, watch=watch, as_json=as_json,
    )  # fmt: skip


@public.command()
@tabular
@as_json
@reaches_ops
@click.pass_obj
def components(which: DaemonChoice, as_json: bool) -> None:
    """The components that the public sees, and how each is.

    \b
    Examples:
      ops public components
    """
    found = client_of(which).public_entries(everything=False).components
    if as_json:
        say_json(found)
        return
    rows = ((one.id, one.status, one.name) for one in found)
    text = listed(
        ("ID", "STATUS", "NAME"), rows, names=(one.id for one in found), empty="there is no component"
    )
    say(text, *text.splitlines())


@public.command()
@click.argument("number", type=int, shell_complete=entry_numbers)
@as_json
@reaches_ops
@click.pass_obj
def show(which: DaemonChoice, number: int, as_json: bool) -> None:
    """One entry with its updates.

    \b
    Examples:
      ops public show 1
    """
    entry = client_of(which).public_entry(number)
    say_json(entry) if as_json else say("\n".join(entry_page(entry)), str(entry.id))


@public.command()
@click.option(
    "--incident",
    metavar="ID",
    shell_complete=incident_numbers,
    help="What its alerts speak for, by components.yml; else what is in trouble now.",
)
@as_json
@reaches_ops
@click.pass_obj
def draft(which: DaemonChoice, incident: str | None, as_json: bool) -> None:
    """Words to begin with, by a rule. Nothing is published; --quiet prints title and text, a line each.

    \b
    Examples:
      ops public draft --incident 42
    """
    client = client_of(which)
    found = client.public_draft(incident_meant(which, client, incident) if incident is not None else None)
    if as_json:
        say_json(found)
        return
    components = "".join(f' --component "{harmless(name)}"' for name in found.components)
    say(
        f"{harmless(found.title)}\n\n{harmless(found.body)}\n\n"
        f"impact {found.impact}; to publish it, in your own words:\n"
        f'ops public publish "{harmless(found.title)}" "{harmless(found.body)}"{components}',
        found.title,
        found.body,
    )


@public.command()
@as_json
@reaches_ops
@click.pass_obj
def templates(which: DaemonChoice, as_json: bool) -> None:
    """Words that fit often, for --template.

    \b
    Examples:
      ops public templates
    """
    found = client_of(which).public_entries(everything=False).templates
    if as_json:
        say_json(found)
        return
    words = (f"{one.name} ({one.status})\n  {one.title}\n  {one.body}" for one in found)
    say("\n".join(words) if found else "there are no templates", *(one.name for one in found))


@public.command()
@click.argument("title", default="")
@click.argument("text", default="")
@click.option(
    "--status", type=click.Choice(_STATUSES), help="Where it stands; investigating where it is not given."
)
@click.option(
    "--component",
    "components",
    multiple=True,
    shell_complete=component_names,
    help="What is affected; what is in trouble now where none is given.",
)
@click.option(
    "--impact", type=click.Choice(IMPACTS), help="How bad it is; as the components say where it is not given."
)
@click.option(
    "--incident", metavar="ID", shell_complete=incident_numbers, help="Our own incident that it is about."
)
@click.option(
    "--template",
    shell_complete=template_names,
    help="Words in the place of TITLE and TEXT; see ops public templates.",
)
@_tell
@_preview
@as_json
@reaches_ops
@click.pass_obj
def publish(which: DaemonChoice, /, title: str, text: str, status: str | None, template: str | None, incident: str | None, preview: bool, as_json: bool, **given: Any) -> None:  # fmt: skip
    """Tell the public of trouble: into the entry that the page opened by itself where that is about the same.

    \b
    Examples:
      ops public publish Slow 'We are looking.' --component 'Analyze API'
    """
    client = client_of(which)
    given["incident_id"] = incident_meant(which, client, incident) if incident is not None else None
    if template is not None:
        known = {one.name: one for one in client.public_entries(everything=False).templates}
        if template not in known:
            raise InvalidRequestError(f"there is no template {template!r}; there are {', '.join(known)}")
        draft = client.public_draft(given["incident_id"])
        names = list(given["components"]) or list(draft.components)
        listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "the service"
        title = title or known[template].title.replace("{components}", listed)
        text = text or known[template].body.replace("{components}", listed)
        status = status or known[template].status
        given["components"] = tuple(names)
    if not title or not text:
        raise click.UsageError('write ops public publish "TITLE" "TEXT", or give a --template')
    body = {"title": title, "text": text, "status": status or "investigating", "preview": preview, **given}
    if preview:
        _say_preview(client.preview_public("/v1/public", body), as_json=as_json)
        return
    _say(client.publish("/v1/public", body), "is published", as_json=as_json)


@public.command()
@click.argument("number", type=int, shell_complete=entry_numbers)
@click.argument("text")
@click.option("--status", type=click.Choice(_STATUSES), help="Where it stands now.")
@_tell
@_preview
@as_json
@reaches_ops
@click.pass_obj
def update(which: DaemonChoice, number: int, text: str, status: str | None, tell: tuple[str, ...], preview: bool, as_json: bool) -> None:  # fmt: skip
    """More words about an entry.

    \b
    Examples:
      ops public update 1 'It is the cache.' --status identified
    """
    body = {"text": text, "status": status, "tell": tell, "preview": preview}
    _step(which, number, "update", body, "is updated", preview=preview, as_json=as_json)


@public.command()
@click.argument("number", type=int, shell_complete=entry_numbers)
@click.argument("text")
@click.option(
    "--reason", default="", help="Why it is over although a component is still in trouble; not published."
)
@_tell
@_preview
@as_json
@reaches_ops
@click.pass_obj
def resolve(which: DaemonChoice, number: int, text: str, reason: str, tell: tuple[str, ...], preview: bool, as_json: bool) -> None:  # fmt: skip
    """Say that it is over.

    \b
    Examples:
      ops public resolve 1 'Everything is well again.' --reason 'seen by hand'
    """
    body = {"text": text, "reason": reason, "tell": tell, "preview": preview}
    _step(which, number, "resolve", body, "is resolved", preview=preview, as_json=as_json)


@public.command()
@click.argument("number", type=int, shell_complete=entry_numbers)
@click.argument("place", metavar="URL")
@click.argument("text")
@as_json
@reaches_ops
@click.pass_obj
def postmortem(which: DaemonChoice, number: int, place: str, text: str, as_json: bool) -> None:
    """Say where it can be read what happened.

    \b
    Examples:
      ops public postmortem 1 https://example.com/why 'What we change.'
    """
    _step(which, number, "postmortem", {"text": text, "url": place}, "has its post-mortem", as_json=as_json)


@public.command()
@click.argument("number", type=int, shell_complete=entry_numbers)
@click.argument("text")
@click.option(
    "--update",
    "update_",
    default="",
    metavar="ID",
    shell_complete=update_ids,
    help="Which update (see show); the latest otherwise.",
)
@_tell
@_preview
@as_json
@reaches_ops
@click.pass_obj
def correct(which: DaemonChoice, number: int, text: str, update_: str, tell: tuple[str, ...], preview: bool, as_json: bool) -> None:  # fmt: skip
    """Change published words. What they said before stays readable on the page.

    Whoever was sent the wrong words keeps them unless --tell names the audience again.

    \b
    Examples:
      ops public correct 1 'It is the database, not the cache.'
    """
    body = {"text": text, "update": update_, "tell": tell, "preview": preview}
    _step(which, number, "correct", body, "is corrected", as_json=as_json, preview=preview)


def _step(which: DaemonChoice, number: int, verb: str, body: Mapping[str, object], done: str, *, as_json: bool, preview: bool = False) -> None:  # fmt: skip
    client, path = client_of(which), f"/v1/public/{number}/{verb}"
    if preview:
        _say_preview(client.preview_public(path, body), as_json=as_json)
        return
    _say(client.publish(path, body), done, as_json=as_json)


def _say_preview(shown: dict[str, str], *, as_json: bool) -> None:
    say_json(shown) if as_json else say_preview(shown["subject"], shown["body"])


def _say(entry: PublicIncidentView, done: str, *, as_json: bool) -> None:
    if as_json:
        say_json(entry)
        return
    say(f"public {entry.id} {done}: {entry.url}", str(entry.id))


COMMANDS = {"public": public}
