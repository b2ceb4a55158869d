"""Reading what people put into folders: a file, and nothing that is never read to its end."""

import errno
from pathlib import Path


def read_plain(path: Path) -> bytes:
    """The bytes of a file. Raises ``OSError``, also where it is a pipe, a device or a folder."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "is no file", str(path))
    return path.read_bytes()
