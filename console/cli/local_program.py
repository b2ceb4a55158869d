"""The local stack's own program, which the command line starts and never imports."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click
import msgspec

from console.cli.options import is_quiet
from console.ops_api.errors import CallRefusedError, InvalidRequestError, OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice

MODULE = "server.stack"


def argv_of(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> list[str]:
    """The program with its arguments, for this state folder."""
    return [sys.executable, "-m", module, "--state", str(which.state), *args]


def run_local(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> int:
    """Run it and return its exit code. Raises ``UnreachableError`` for a remote daemon."""
    must_be_local(which, args)
    # Imported when a program is started: most commands ask the daemon alone.
    import subprocess

    said = subprocess.DEVNULL if is_quiet() else None
    return subprocess.run(argv_of(which, args, module), stdout=said, check=False).returncode


def document_of_local(which: DaemonChoice, args: Sequence[str]) -> dict[str, object]:
    """Run it, and what it printed as parts of a document. Raises ``OpsError`` of the fitting kind where it failed."""
    must_be_local(which, args)
    # Imported when a program is started: most commands ask the daemon alone.
    import subprocess

    done = subprocess.run(argv_of(which, args), capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        said = [*done.stdout.strip().splitlines(), *done.stderr.strip().splitlines()]
        raise failure_of(done.returncode, said[-1] if said else f"it ended with {done.returncode}")
    return {"stdout": done.stdout, "stderr": done.stderr, "exit_code": done.returncode}


def become_local(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> NoReturn:
    """Turn this process into it: the terminal, signals and exit code are its own."""
    if module == MODULE:
        must_be_local(which, args)
    argv = argv_of(which, args, module)
    sys.stdout.flush()
    if is_quiet():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(argv[0], argv)  # noqa: S606  (our own interpreter, argv as a list)


def become_document(which: DaemonChoice, args: Sequence[str], module: str) -> NoReturn:
    """Run it for its one JSON document, and end with its exit code.

    Raises ``OpsError`` of the kind that fits its exit code where it printed none, with what it said last.
    """
    # Imported when a program is started: most commands ask the daemon alone.
    import subprocess

    sys.stdout.flush()
    done = subprocess.run(argv_of(which, args, module), capture_output=True, check=False)
    document = done.stdout.decode(errors="replace").strip()
    said = done.stderr.decode(errors="replace").strip().splitlines()
    is_there = is_document(document)
    for line in said if is_there else said[:-1]:
        click.echo(line, err=True)
    if not is_there:
        raise failure_of(done.returncode, said[-1] if said else f"{module} ended with {done.returncode}")
    click.echo(document)
    sys.exit(done.returncode)


def is_document(text: str) -> bool:
    """Whether the text is one JSON document."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return True


def failure_of(code: int, said: str) -> OpsError:
    """What a program of ours that ended so has to tell, of the kind that ends with the same exit code."""
    kinds = (InvalidRequestError, UnreachableError, CallRefusedError)
    kind = next((one for one in kinds if one.exit_code == code), OpsError)
    return kind(said.removeprefix("ops: ").removeprefix("Error: "))


def must_be_local(which: DaemonChoice, args: Sequence[str]) -> None:
    """Raises ``UnreachableError`` where the services are not of a local stack, nor named by TARGET."""
    if not which.is_local and os.environ.get("TARGET", "local") == "local":
        raise UnreachableError(
            f"this works on a local stack only ({' '.join(args)}); leave out --url (and unset OPS_URL), or set TARGET on the host of the services"
        )
