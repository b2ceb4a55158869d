"""Files that are nobody else's: in a folder of the user's own, readable by the user alone."""

import os
import tempfile
from functools import cache
from pathlib import Path


def private_file(name: str, text: str) -> Path:
    """Put a text into the user's file of that name, in the place of what it had. Raises ``OSError``.

    It is made anew and then moved there: a link that somebody laid down, or a file of theirs, is never written to.
    """
    folder = _folder()
    descriptor, draft = tempfile.mkstemp(prefix=f".{name}-", dir=folder)
    try:
        with os.fdopen(descriptor, "w", errors="backslashreplace") as out:
            out.write(text)
        Path(draft).replace(folder / name)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
    return folder / name


def _folder() -> Path:
    # Imported when something is written: a console that opens does without.
    from platformdirs import user_state_path

    folder = user_state_path("structured-prompt")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return _folder_of_this_run()
    return folder if os.access(folder, os.W_OK | os.X_OK) else _folder_of_this_run()


@cache
def _folder_of_this_run() -> Path:
    """One for a person whose home cannot be written."""
    return Path(tempfile.mkdtemp(prefix="ops-"))
