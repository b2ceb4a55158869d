"""How many workers are wanted: what the configuration says, until somebody asks for another number."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

MOST = 32
WorkerCount = Annotated[int, msgspec.Meta(ge=1, le=MOST)]


class WantedWorkers(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; it outlives a restart."""

    workers: WorkerCount | None = None
    """For good; None: what the configuration says."""
    temporary: WorkerCount | None = None
    until_at: datetime | None = None
    """When the temporary number ends."""

    def at(self, now: datetime, configured: int) -> int:
        """The number of workers at ``now``."""
        if self.temporary is not None and self.until_at is not None and now < self.until_at:
            return self.temporary
        return self.workers if self.workers is not None else configured


class WorkerCountError(Exception):
    """The file is not what it should be."""


def recall(path: Path) -> WantedWorkers:
    """What the file says, nothing where there is none. Raises ``WorkerCountError``."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=WantedWorkers)
    except FileNotFoundError:
        return WantedWorkers()
    except (OSError, msgspec.DecodeError) as error:
        raise WorkerCountError(f"{path}: {error}") from error


def keep(path: Path, wanted: WantedWorkers) -> None:
    """Write it, whole or not at all."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(msgspec.json.encode(wanted))
    part.replace(path)
