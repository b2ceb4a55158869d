"""The local stack's own program, which the command line starts and never imports."""

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click
import msgspec

from console.cli.options import is_quiet
from console.ops_api.errors import CallRefusedError, InvalidRequestError, OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice

MODULE = "server.stack"
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ProgramInterrupt(KeyboardInterrupt):
    """Somebody wanted an end while a program of ours ran; it was told, and has ended with ``code``."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


def argv_of(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> list[str]:
    """The program with its arguments, for this state folder."""
    return [sys.executable, "-m", module, "--state", str(which.state), *args]


def run_local(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> int:
    """Run it and return its exit code. Raises ``UnreachableError`` for a remote daemon.

    Ctrl-C, TERM and HUP are the program's to act upon: it is told and waited for, however long that takes, and never
    killed in the middle. Raises ``ProgramInterrupt`` after it.
    """
    must_be_local(which, args)
    # Imported when a program is started: most commands ask the daemon alone.
    import subprocess

    said = subprocess.DEVNULL if is_quiet() else None
    asked: list[int] = []

    def pass_on(number: int, _: object) -> None:
        asked.append(number)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    # Held back until the program listens: it would end in the middle of its imports otherwise.
    held = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    # What is ignored, as by nohup or behind a shell's &, is neither our business nor the program's.
    heard = [number for number in _ENDS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in heard}
    try:
        # In a session of its own: Ctrl-C reaches us alone, and the program once.
        process = subprocess.Popen(argv_of(which, args, module), stdout=said, start_new_session=True)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        code = process.wait()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        for number, handler in before.items():
            signal.signal(number, handler)
    if asked:
        raise ProgramInterrupt(code)
    return code


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
