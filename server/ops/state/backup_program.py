"""Backup and restore of the daemon's state as a program: `python -m server.ops.state.backup_program back-up|restore`."""

import os
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import click

from server.ops.state.backup import StateBackupError, anchor_state, back_up, prune, restore
from server.runner.process import boot_id
from server.stack.local.lifecycle import working_state
from server.stack.unjournalled import note_unjournalled
from server.store.anchor import (
    Anchor,
    AnchorKeyError,
    MarkError,
    key_file,
    read_key,
    read_mark,
    take_key,
)
from server.store.journal import JournalCorruptError, JournalFullError, JournalUnavailableError

_TROUBLE = (StateBackupError, JournalCorruptError, JournalFullError, JournalUnavailableError, OSError)


@click.group()
@click.option(
    "--state",
    type=click.Path(path_type=Path, readable=False),
    default=working_state,
    help="The daemon's state folder.",
)
@click.pass_context
def main(context: click.Context, state: Path) -> None:
    """The ops daemon's own state: its journal, the outputs of steps, its tokens."""
    context.obj = state


@main.command("back-up")
@click.option(
    "--to", "into", type=click.Path(path_type=Path), help="Folder; STATE/backups where none is named."
)
@click.option("--prune", "pruned", is_flag=True, help="Then remove old months and outputs that it holds.")
@click.option("--keep-months", type=click.IntRange(0, 1200), default=13, show_default=True)
@click.option("--keep-outputs", type=click.IntRange(1, 36_500), default=30, show_default=True, metavar="DAYS")
@click.pass_obj
def back_up_(state: Path, into: Path | None, pruned: bool, keep_months: int, keep_outputs: int) -> None:
    """Write a backup and read it back; the daemon may run."""
    now = datetime.now(UTC)
    try:
        anchor = _anchor(state)
        ours = version("structured-prompt-service")
        path, manifest = back_up(state, into or state / "backups", now, ours, anchor)
    except _TROUBLE as error:
        _fail(str(error))
    size = path.stat().st_size / 2**20
    click.echo(f"{path}: {size:.1f} MB, {len(manifest.files)} files, the journal up to event {manifest.seq}")
    if manifest.unsound:
        _fail(f"the journal was not sound when it was copied: {manifest.unsound}; nothing is removed")
    if pruned:
        _prune(state, now, keep_months, timedelta(days=keep_outputs), anchor)


def _anchor(state: Path) -> Anchor | None:
    """The anchor of the journal there; None where it never had a key. Raises ``AnchorKeyError``."""
    key = read_key(key_file(os.environ, state))
    return Anchor(key, boot_id()) if key is not None else None


def _prune(state: Path, now: datetime, months: int, outputs: timedelta, anchor: Anchor | None) -> None:
    try:
        removed = prune(state, now, months=months, outputs=outputs, anchor=anchor)
    except _TROUBLE as error:
        _fail(str(error))
    if removed:
        note_unjournalled(state, actor="ops backup-state", action="prune-state", obj="journal", exit_code=0)
    click.echo("\n".join(f"removed {name}" for name in removed) or "nothing is old enough to be removed")


@main.command("restore")
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Move the state that is there aside.")
@click.pass_obj
def restore_(state: Path, archive: Path, replace: bool) -> None:
    """Put a backup in place; the daemon must not run."""
    try:
        manifest = restore(archive, state, datetime.now(UTC), replace=replace)
        note_unjournalled(
            state, actor="ops restore-state", action="restore-state", obj="journal", exit_code=0
        )
    except _TROUBLE as error:
        _fail(str(error))
    click.echo(
        f"the state of {manifest.made_at:%Y-%m-%d %H:%M} UTC is in {state}, its journal up to event {manifest.seq}; "
        "start the daemon, and ops audit verify says that it is sound"
    )
    try:
        anchor = _anchor(state)
        read_mark(state / "ops", anchor.key if anchor is not None else None)
    except (MarkError, AnchorKeyError) as error:
        anchor = None
        click.echo(f"note: {error}")
    if anchor is None:
        click.echo("its journal has no anchor here yet: before the start, ops audit anchor --reason WHY")


@main.command("anchor")
@click.option(
    "--reason", required=True, help="What you have looked at, and why the journal is to be believed."
)
@click.pass_obj
def anchor_(state: Path, reason: str) -> None:
    """Sign the journal as it is; the daemon must not run."""
    try:
        key = take_key(key_file(os.environ, state))
        head = anchor_state(state, Anchor(key, boot_id()))
        note_unjournalled(
            state, actor="ops audit anchor", action="anchor-journal", obj=reason[:200], exit_code=0
        )
    except _TROUBLE as error:
        _fail(str(error))
    click.echo(f"anchored with {key.file} at event {head.seq} {head.hash.hex()[:16]}; start the daemon")


def _fail(message: str) -> NoReturn:
    click.echo(f"ops: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main(prog_name="python -m server.ops.state.backup_program")
