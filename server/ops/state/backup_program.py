"""Backup and restore of the daemon's state as a program: `python -m server.ops.state.backup_program back-up|restore`."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn, TypeVar

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

F = TypeVar("F", bound=Callable[..., Any])
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


def _as_json(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document, for scripts.")(command)


def _say_json(value: dict[str, object]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@main.command("back-up")
@click.option(
    "--to", "into", type=click.Path(path_type=Path), help="Folder; STATE/backups where none is named."
)
@click.option("--prune", "pruned", is_flag=True, help="Then remove old months and outputs that it holds.")
@click.option("--keep-months", type=click.IntRange(0, 1200), default=13, show_default=True)
@click.option("--keep-outputs", type=click.IntRange(1, 36_500), default=30, show_default=True, metavar="DAYS")
@_as_json
@click.pass_obj
def back_up_(
    state: Path, into: Path | None, pruned: bool, keep_months: int, keep_outputs: int, as_json: bool
) -> None:
    """Write a backup and read it back; the daemon may run."""
    now = datetime.now(UTC)
    try:
        anchor = _anchor(state)
        ours = version("structured-prompt-service")
        path, manifest = back_up(state, into or state / "backups", now, ours, anchor)
    except _TROUBLE as error:
        _fail(error)
    size = path.stat().st_size
    if not as_json:
        click.echo(
            f"{path}: {size / 2**20:.1f} MB, {len(manifest.files)} files, the journal up to event {manifest.seq}"
        )
    if manifest.unsound:
        _fail(f"the journal was not sound when it was copied: {manifest.unsound}; nothing is removed")
    removed = _prune(state, now, keep_months, timedelta(days=keep_outputs), anchor) if pruned else []
    if as_json:
        _say_json(
            {
                "archive": str(path),
                "bytes": size,
                "files": len(manifest.files),
                "seq": manifest.seq,
                "removed": removed,
            }
        )
    elif pruned:
        click.echo("\n".join(f"removed {name}" for name in removed) or "nothing is old enough to be removed")


def _anchor(state: Path) -> Anchor | None:
    """The anchor of the journal there; None where it never had a key. Raises ``AnchorKeyError``."""
    key = read_key(key_file(os.environ, state))
    return Anchor(key, boot_id()) if key is not None else None


def _prune(state: Path, now: datetime, months: int, outputs: timedelta, anchor: Anchor | None) -> list[str]:
    try:
        removed = prune(state, now, months=months, outputs=outputs, anchor=anchor)
    except _TROUBLE as error:
        _fail(error)
    if removed:
        note_unjournalled(state, actor="ops backup-state", action="prune-state", obj="journal", exit_code=0)
    return [str(name) for name in removed]


@main.command("restore")
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Move the state that is there aside.")
@_as_json
@click.pass_obj
def restore_(state: Path, archive: Path, replace: bool, as_json: bool) -> None:
    """Put a backup in place; the daemon must not run."""
    if not archive.is_file():
        _fail(f"there is no archive {archive}", 2)
    try:
        manifest = restore(archive, state, datetime.now(UTC), replace=replace)
        note_unjournalled(
            state, actor="ops restore-state", action="restore-state", obj="journal", exit_code=0
        )
    except _TROUBLE as error:
        _fail(error)
    anchored, note = _anchored(state)
    if as_json:
        _say_json(
            {
                "state": str(state),
                "made_at": f"{manifest.made_at:%Y-%m-%dT%H:%M:%SZ}",
                "seq": manifest.seq,
                "anchored": anchored,
            }
        )
        return
    click.echo(
        f"the state of {manifest.made_at:%Y-%m-%d %H:%M} UTC is in {state}, its journal up to event {manifest.seq}; "
        "start the daemon, and ops audit verify says that it is sound"
    )
    if note:
        click.echo(f"note: {note}")
    if not anchored:
        click.echo("its journal has no anchor here yet: before the start, ops audit anchor --reason WHY")


def _anchored(state: Path) -> tuple[bool, str]:
    """Whether the journal there has an anchor that holds, and what is wrong with it."""
    try:
        anchor = _anchor(state)
        read_mark(state / "ops", anchor.key if anchor is not None else None)
    except (MarkError, AnchorKeyError) as error:
        return False, str(error)
    return anchor is not None, ""


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
        _fail(error)
    click.echo(f"anchored with {key.file} at event {head.seq} {head.hash.hex()[:16]}; start the daemon")


def _fail(why: str | Exception, code: int = 1) -> NoReturn:
    words = f"{why.filename}: {why.strerror}" if isinstance(why, OSError) and why.filename else str(why)
    click.echo(f"ops: {words}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main(prog_name="python -m server.ops.state.backup_program")
