"""One daemon for one state directory: a second one would be a second truth."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class AnotherDaemonError(OSError):
    """The state directory is in use."""


@contextlib.contextmanager
def single_instance(folder: Path) -> Iterator[None]:
    """Holds the folder until the block is left or the process dies; raises ``AnotherDaemonError``."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "?"
            raise AnotherDaemonError(
                f"another ops daemon (pid {owner}) runs on {folder}; stop it, or give this one an OPS_STATE of its own"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        with contextlib.suppress(OSError):
            file.flush()
        yield
