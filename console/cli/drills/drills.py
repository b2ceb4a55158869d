"""`ops drills`: the drills there are, and how the last one of each went."""

import subprocess
import sys
from datetime import UTC, datetime

import click
import msgspec

from console.cli.answer import say
from console.cli.columns import listed, tabular
from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.errors import OpsError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import since
from runbooks.wire import ProofView


class Drill(msgspec.Struct, frozen=True):
    """A drill by its alert, with how the latest that the daemon knows of went."""

    name: str
    drilled: ProofView | None = None


@click.command()
@tabular
@as_json
@reaches_ops
@click.pass_obj
def drills(which: DaemonChoice, as_json: bool) -> None:
    """The drills there are, and how the last one of each went; `ops drill NAME` begins one.

    \b
    Examples:
      ops drills
    """
    proofs = {book.id: book.drilled for book in client_of(which).shelf()[0]}
    found = [Drill(name, proofs.get(name)) for name in drill_scenarios()]
    if as_json:
        say_json(found)
        return
    now = datetime.now(UTC)
    rows = ((one.name, *_cells(one.drilled, now)) for one in found)
    names = [one.name for one in found]
    text = listed(
        ("DRILL", "LAST", "RESULT", "BY", "WHAT"), rows, names=names, empty="there is no drill here"
    )
    say(text, *names)


def drill_scenarios() -> tuple[str, ...]:
    """Names of the drills, asked of their own program. Raises ``OpsError``."""
    argv = [sys.executable, "-m", "server.stack.drill", "--list", "--json"]
    done = subprocess.run(argv, capture_output=True, check=False)
    try:
        return msgspec.json.decode(done.stdout, type=tuple[str, ...])
    except msgspec.MsgspecError as error:
        raise OpsError("the drills cannot be listed here: their program is not installed") from error


def _cells(proof: ProofView | None, now: datetime) -> tuple[str, str, str, str]:
    if proof is None:
        return "never", "", "", ""
    changed = ", changed since" if proof.changed_since else ""
    return (
        f"{since(proof.at, now)} ago", ("passed" if proof.passed else "FAILED") + changed, proof.by, proof.text
    )  # fmt: skip


COMMANDS = {"drills": drills}
