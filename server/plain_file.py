"""Reading what people put into folders: a file, and nothing that is never read to its end."""

import errno
import os
import stat
from pathlib import Path


def read_plain(path: Path, *, at_most: int = -1) -> bytes:
    """The bytes of a file, or its first ``at_most``. Raises ``OSError``, also where it is a pipe, a device or a folder.

    A pipe in the place of a file would hold whoever opens it until somebody writes into it.
    """
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "is no file", str(path))
    with os.fdopen(number, "rb") as file:
        return file.read(at_most)
