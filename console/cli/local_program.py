"""The local stack's own program, which the command line starts and never imports."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from console.cli.options import is_quiet
from console.ops_api.errors import UnreachableError
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


def become_local(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> NoReturn:
    """Turn this process into it: the terminal, signals and exit code are its own."""
    if module == MODULE:
        must_be_local(which, args)
    argv = argv_of(which, args, module)
    sys.stdout.flush()
    if is_quiet():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(argv[0], argv)  # noqa: S606  (our own interpreter, argv as a list)


def must_be_local(which: DaemonChoice, args: Sequence[str]) -> None:
    """Raises ``UnreachableError`` where the services are not of a local stack, nor named by TARGET."""
    if not which.is_local and os.environ.get("TARGET", "local") == "local":
        raise UnreachableError(
            f"this works on a local stack only ({' '.join(args)}); leave out --url (and unset OPS_URL), or set TARGET on the host of the services"
        )
