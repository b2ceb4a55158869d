"""The local stack's own program, which the command line starts and never imports."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

from console.ops_api.errors import UnreachableError
from console.ops_api.which_daemon import DaemonChoice

MODULE = "server.stack"


def argv_of(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> list[str]:
    """The program with its arguments, for this state folder."""
    return [sys.executable, "-m", module, "--state", str(which.state), *args]


def run_local(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> int:
    """Run it and return its exit code. Raises ``UnreachableError`` for a remote daemon."""
    _must_be_local(which, args)
    return subprocess.run(argv_of(which, args, module), check=False).returncode


def become_local(which: DaemonChoice, args: Sequence[str], module: str = MODULE) -> NoReturn:
    """Turn this process into it: the terminal, signals and exit code are its own."""
    if module == MODULE:
        _must_be_local(which, args)
    argv = argv_of(which, args, module)
    sys.stdout.flush()
    os.execv(argv[0], argv)  # noqa: S606  (our own interpreter, argv as a list)


def _must_be_local(which: DaemonChoice, args: Sequence[str]) -> None:
    if not which.is_local and os.environ.get("TARGET", "local") == "local":
        raise UnreachableError(
            f"this works on a local stack only ({' '.join(args)}); leave out --url (and unset OPS_URL), or set TARGET on the host of the services"
        )
