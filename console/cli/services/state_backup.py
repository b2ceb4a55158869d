"""`ops backup-state` and `ops restore-state`: the ops daemon's own state, in an archive and back."""

from typing import NoReturn

import click

from console.cli.local_program import become_document, become_local
from console.cli.options import as_json, reaches_ops
from console.ops_api.errors import OpsError
from console.ops_api.which_daemon import DaemonChoice

_PROGRAM = "server.ops.state.backup_program"


@click.command("backup-state")
@click.option("--to", "into", metavar="DIR", help="Where to; STATE/backups where it is not given.")
@click.option("--prune", is_flag=True, help="Then remove old months and outputs that the archive holds.")
@click.option(
    "--keep-months", type=int, default=13, show_default=True, help="Whole months of the journal that stay."
)
@click.option("--keep-outputs", type=int, default=30, show_default=True, help="Days for which outputs stay.")
@as_json
@reaches_ops
@click.pass_obj
def backup_state(
    which: DaemonChoice, into: str | None, prune: bool, keep_months: int, keep_outputs: int, as_json: bool
) -> None:
    """Back up the ops daemon's state (journal, outputs, tokens) while it runs, on its own host.

    The archive is read back before it counts. With --prune, months of the journal and outputs of steps that it holds
    and that are old enough are removed; nothing ever is without an archive.

    \b
    Examples:
      ops backup-state --to /mnt/backups
      ops backup-state --to /mnt/backups --prune --json
    """
    _must_be_here(which)
    words = [*(["--to", into] if into else []), *(["--prune"] if prune else [])]
    words += ["--keep-months", str(keep_months), "--keep-outputs", str(keep_outputs)]
    _become(which, ["back-up", *words], as_json=as_json)


@click.command("restore-state")
@click.argument("archive")
@click.option("--replace", is_flag=True, help="Move the state that is there aside.")
@as_json
@reaches_ops
@click.pass_obj
def restore_state(which: DaemonChoice, archive: str, replace: bool, as_json: bool) -> None:
    """Put ARCHIVE in place as the ops daemon's state, on its own host, while the daemon does not run.

    \b
    Examples:
      ops restore-state /mnt/backups/ops-state.tar.gz --replace
    """
    _must_be_here(which)
    words = ["restore", *(["--replace"] if replace else [])]
    _become(which, words, archive, as_json=as_json)


def _become(which: DaemonChoice, words: list[str], *names: str, as_json: bool) -> NoReturn:
    # What is named may begin with a dash.
    argv = [*words, *(["--json"] if as_json else []), *(["--", *names] if names else [])]
    if as_json:
        become_document(which, argv, _PROGRAM)
    become_local(which, argv, _PROGRAM)


def _must_be_here(which: DaemonChoice) -> None:
    if not which.is_local:
        raise OpsError("the state is on the daemon's host: run this there, without --url")


COMMANDS = {"backup-state": backup_state, "restore-state": restore_state}
