"""The metric files of workers: of those that ended only the sums are kept, so that counters never fall."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

_LOCK = "lock"
_DEAD = "0"
"""Stands for the process id in the names of the files that hold the sums of all who ended."""


def clean(directory: Path) -> None:
    """Begin with no files: these counters start at zero with the master."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)


def bury(directory: Path, pid: int) -> None:
    """Add what the ended worker counted to the sums, and remove its files."""
    with locked(directory, exclusive=True):
        for kind in ("counter", "histogram"):
            ended = directory / f"{kind}_{pid}.db"
            if ended.exists():
                _add(ended, directory / f"{kind}_{_DEAD}.db")
        for file in directory.glob(f"*_{pid}.db"):
            file.unlink()


@contextmanager
def locked(directory: Path, *, exclusive: bool) -> Iterator[None]:
    """Reading excludes burying: nobody sees a count twice or not at all."""
    with (directory / _LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield


def _add(ended: Path, sums: Path) -> None:
    total = MmapedDict(str(sums))  # type: ignore[no-untyped-call]  # prometheus_client has no types here
    try:
        rows = MmapedDict.read_all_values_from_file(str(ended))  # type: ignore[no-untyped-call]  # as above
        for key, value, stamp, _ in rows:
            before, _ = total.read_value(key)  # type: ignore[no-untyped-call]  # as above
            total.write_value(key, before + value, stamp)  # type: ignore[no-untyped-call]  # as above
    finally:
        total.close()  # type: ignore[no-untyped-call]  # as above
