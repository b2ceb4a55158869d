"""Secrets that an environment names as files: where ``NAME`` is not set, ``NAME_FILE`` says which file holds it."""

from collections.abc import Mapping
from pathlib import Path

SECRETS = (
    "DATABASE_URL",
    "REDIS_URL",
    "DATABASE_READ_URL",
    "REDIS_READ_URL",
    "ADMIN_TOKEN",
    "METRICS_TOKEN",
    "DRILL_TOKEN",
)
"""The variables that may be given as files; a provider's key may too, whatever it is called (``…_API_KEY``)."""


class SecretFileError(ValueError):
    """Files that an environment names as secrets and that cannot be read: every one of them, in one message."""


def with_secret_files(env: Mapping[str, str]) -> dict[str, str]:
    """The environment with the content of each ``NAME_FILE`` as ``NAME``. A value that is given directly wins.

    Raises ``SecretFileError``. A file that is empty is as good as none: what it should hold would silently be missing.
    """
    filled, faults = dict(env), []
    for variable, path in env.items():
        name = variable.removesuffix("_FILE")
        if name == variable or not path or env.get(name) or not _is_secret(name):
            continue
        try:
            filled[name] = read_secret_file(variable, path)
        except SecretFileError as error:
            faults.append(str(error))
    if faults:
        raise SecretFileError("; ".join(faults))
    return filled


def read_secret_file(variable: str, path: str) -> str:
    """What the file holds, without the line's end. Raises ``SecretFileError`` with the variable that named it."""
    try:
        text = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SecretFileError(f"{variable}: {path} cannot be read: {why}") from error
    if not text:
        raise SecretFileError(f"{variable}: {path} is empty")
    return text


def _is_secret(name: str) -> bool:
    return name in SECRETS or name.endswith("_API_KEY")
