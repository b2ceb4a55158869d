"""Runs the operator's command after each switch of the public site: where each process has its own disk, it copies."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from server.ops.state.item_faults import ItemFaults
from server.periodic import Periodic

_EVERY = timedelta(seconds=1)
TIMEOUT_S = 60.0
_LONGEST_WORDS = 300
_ITEM = "PUBLISH_COMMAND"


class PublishCommandError(Exception):
    """The command did not end well; the text says how."""


class PublishCommand:
    """One run at a time, always with the latest snapshot; a run that fails is tried again until the next one."""

    def __init__(self, argv: Sequence[str], item_faults: ItemFaults, timeout_s: float = TIMEOUT_S) -> None:
        self._argv = tuple(argv)
        self._item_faults = item_faults
        self._timeout_s = timeout_s
        self._latest: Path | None = None
        self._done: Path | None = None
        self.loop = Periodic("publish command", _EVERY, self.run)

    def take(self, folder: Path) -> None:
        """Notes that a snapshot was switched into place."""
        self._latest = folder

    async def run(self) -> None:
        """Runs the command on the latest snapshot where that was not done; a failure is shown in the health."""
        folder = self._latest
        if not self._argv or folder is None or folder == self._done:
            return
        try:
            await self._run(folder)
        except (PublishCommandError, OSError) as error:
            self._item_faults.note("publishing", _ITEM, error)
            return
        self._done = folder
        self._item_faults.well("publishing", _ITEM)

    async def _run(self, folder: Path) -> None:
        # The folder's name is the last word, never part of another: no shell looks at it.
        process = await asyncio.create_subprocess_exec(
            *self._argv,
            str(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                _, said = await process.communicate()
        except TimeoutError as error:
            raise PublishCommandError(f"it did not end within {self._timeout_s:g} s") from error
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if process.returncode != 0:
            words = said.decode(errors="replace").strip()[-_LONGEST_WORDS:]
            raise PublishCommandError(f"it ended with {process.returncode}: {words}")
