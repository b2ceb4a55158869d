"""The secrets of a local stack, one a file that only its owner can read."""

import os
import secrets
from pathlib import Path

NAMES = ("admin", "ingest", "metrics", "api-admin")
STORE_PASSWORDS = ("postgres-write", "postgres-read", "redis-write", "redis-read")
"""Of the users of the stores, each in a file beside the tokens."""


def ensure_tokens(folder: Path) -> None:
    """Make the tokens that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in (*NAMES, *STORE_PASSWORDS):
        if not (folder / name).exists():
            write_token(folder / name, f"ops_{secrets.token_hex(24)}")


def write_token(path: Path, token: str) -> None:
    """Put one token into its file, mode 0600 from the first byte."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(token + "\n")


def read_token(path: Path) -> str:
    """The token in a file."""
    return path.read_text().strip()
