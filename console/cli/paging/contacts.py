"""`ops contacts`: who can be called and how, whether the contacts file is sound, and a test page."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.answer import folded, say
from console.cli.columns import shown_table, tabular
from console.cli.completions import person_names
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice
from console.plain_file import read_plain
from console.text.call_list import PEOPLE_HEAD, ladder_lines, people_rows, trouble_lines

if TYPE_CHECKING:
    from alerts.contacts import Contacts


@click.group(cls=NounGroup, alone="show")
def contacts() -> None:
    """Who can be called, and how each person is reached.

    \b
    Examples:
      ops contacts show
      ops contacts check
    """


@contacts.command()
@tabular
@as_json
@reaches_ops
@click.pass_obj
def show(which: DaemonChoice, as_json: bool) -> None:
    """Everybody of the contacts file, with their channels.

    \b
    Examples:
      ops contacts show
    """
    view = client_of(which).contacts()
    if as_json:
        say_json(view)
        return
    people = shown_table(PEOPLE_HEAD, people_rows(view)) if view.people else "there is nobody in the contacts"
    say(
        "\n".join([people, *map(folded, trouble_lines(view)), "", *map(folded, ladder_lines(view))]),
        *(one.id for one in view.people),
    )


@contacts.command()
@as_json
@reaches_ops
@click.pass_obj
def check(which: DaemonChoice, as_json: bool) -> None:
    """Read the contacts file on this machine and name its faults, with line and what would be right.

    Exit code 1 where anything is wrong. Without a file that is said, and it is no fault.

    \b
    Examples:
      ops contacts check
    """
    # Imported for this alone: whoever shows them does without YAML and patterns.
    from alerts.checked_document import DocumentError, Fault
    from alerts.contacts import parse_contacts
    from web.configuration_files import decode_file

    path = Path(os.environ.get("OPS_CONTACTS") or which.state / "contacts.yml")
    found: Contacts | None = None
    faults: tuple[Fault, ...] = ()
    try:
        found = parse_contacts(decode_file(read_plain(path)))
    except FileNotFoundError:
        _say_none(path, as_json=as_json)
        return
    except DocumentError as error:
        faults = error.faults
    except (OSError, ValueError) as error:
        raise InvalidRequestError(f"{path}: {error}") from error
    if as_json:
        say_json({"file": str(path), "faults": [{"line": f.line, "message": f.message} for f in faults]})
    elif faults:
        say("\n".join(f"!!  {path.name}  {fault}" for fault in faults), path.name)
    if found is not None and not as_json:
        _say(path, found)
    sys.exit(1 if faults else 0)


def _say_none(path: Path, *, as_json: bool) -> None:
    if as_json:
        say_json({"file": None, "faults": []})
        return
    say(
        folded(f"there is no {path}: the local user is called, in notifications.log of the state folder.")
        + f"\nTo begin one: ops config show contacts.yml --default > {path}"
    )


def _say(path: Path, found: "Contacts") -> None:
    empty = (
        f"!   nobody is at {level}: the next level is called in its place" for level in found.empty_levels
    )
    say("\n".join([f"ok  {path.name}  {len(found.people)} people", *empty]))


@contacts.command()
@click.argument("person", shell_complete=person_names)
@as_json
@reaches_ops
@click.pass_obj
def test(which: DaemonChoice, person: str, as_json: bool) -> None:
    """Send PERSON a test page over the first channel that takes it; `ops pages` shows what became of it.

    \b
    Examples:
      ops contacts test ana
    """
    sent = client_of(which).test_contact(person)
    say_json(sent) if as_json else say(
        f"page {sent.id} is on its way to {person}; see ops pages", str(sent.id)
    )


COMMANDS = {"contacts": contacts}
