"""The one reader of environments: every process names all that is wrong with its settings in one message."""

import math
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from alerts.duration import DurationError, parse_duration_ms
from alerts.whole_number import parse_whole_number
from server.secret_files import SecretFileError, read_secret_file, with_secret_files

T = TypeVar("T")
D = TypeVar("D")

_SECRET_WORDS = (
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "CREDENTIAL",
)
_NOT_SECRET = frozenset({"PWD", "OLDPWD"})
_SECRET_ENDS = ("_KEY", "_PASS", "_DSN", "_PWD")


class EnvironmentReader:
    """Reads variables and collects what is wrong with them; a variable that is empty counts as missing."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.faults: list[str] = []
        """One sentence for each variable that is wrong, its name first."""
        try:
            self.env: Mapping[str, str] = with_secret_files(env)
            """The environment, secrets that are given as files included."""
        except SecretFileError as error:
            self.faults.append(str(error))
            self.env = env

    def read(self, name: str, parse: Callable[[str], T], default: D) -> T | D:
        """The variable as ``parse`` understands it; the default where it is missing or wrong.

        ``parse`` raises ``ValueError`` with what would be right; that becomes a fault.
        """
        text = self.env.get(name, "")
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.faults.append(f"{name}={text!r}: {error}")
            return default

    def text(self, name: str, default: str = "") -> str:
        """The variable as it stands."""
        return self.env.get(name) or default

    def first(self, *names: str) -> str:
        """The first of these names that is set, the last one where none is."""
        return next((name for name in names if self.env.get(name)), names[-1])

    def secret(self, name: str) -> str:
        """A secret from NAME, or from the file that NAME_FILE names, without the white space around it."""
        path = self.env.get(f"{name}_FILE", "")
        if self.env.get(name) or not path:
            return self.env.get(name, "")
        try:
            return read_secret_file(f"{name}_FILE", path)
        except SecretFileError as error:
            self.faults.append(str(error))
            return ""

    def stop_at_faults(self, kind: type[ValueError]) -> None:
        """Raises ``kind`` with every fault in one message."""
        if self.faults:
            raise kind("; ".join(self.faults))


def port(text: str) -> int:
    """A TCP port, 0 for any that is free."""
    return whole_number(0, 65_535, "port")(text)


def whole_number(low: int, high: int, what: str = "whole number") -> Callable[[str], int]:
    """A parser of whole numbers within bounds, both included."""

    def parse(text: str) -> int:
        number = parse_whole_number(text)
        if number is None or not low <= number <= high:
            raise ValueError(f"is no {what} from {low} to {high}")
        return number

    return parse


def number(low: float, high: float) -> Callable[[str], float]:
    """A parser of finite numbers within bounds, both included."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ValueError(f"is no number from {low:g} to {high:g}")
        return value

    return parse


def url(text: str) -> str:
    """An address without the slash at its end."""
    if not text.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return text.rstrip("/")


def one_of(*words: str) -> Callable[[str], str]:
    """A parser that takes these words only."""

    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return parse


def duration(text: str) -> timedelta:
    """A Prometheus duration such as ``1m30s``, or a number of seconds."""
    return timedelta(milliseconds=duration_ms(text))


def duration_ms(text: str) -> int:
    """Milliseconds of a Prometheus duration such as ``1m30s``, or of a number of seconds."""
    try:
        return parse_duration_ms(text)
    except DurationError:
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return round(float(text) * 1000)
        raise


def time_of_day(text: str) -> time | None:
    """A time such as ``09:30``, UTC; None for ``off``."""
    if text == "off":
        return None
    try:
        return datetime.strptime(text, "%H:%M").time()
    except ValueError:
        raise ValueError("is no time of day such as 09:30 (UTC), nor off") from None


def argument_list(text: str) -> tuple[str, ...]:
    """A program and its words, quoted as a shell would have them; no shell ever sees them.

    Raises ``ValueError``.
    """
    try:
        found = tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"cannot be split into words: {error}") from error
    if not found:
        raise ValueError("names no program; write for instance rsync -a --delete")
    return found


def label_pairs(text: str) -> dict[str, str]:
    """``a=b,c=d`` as labels."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not key.strip() or not mark for key, mark, _ in pairs):
        raise ValueError("write a=b,c=d")
    return {key.strip(): value.strip() for key, _, value in pairs}


def secret_values(env: Mapping[str, str]) -> Iterator[str]:
    """What must never be shown: passwords in URLs, and every variable whose name says that it is secret."""
    for name, value in env.items():
        if is_secret_name(name) and not _is_path(value):
            yield value
    for value in env.values():
        yield from _passwords_in(value)


def is_secret_name(name: str) -> bool:
    """Whether a variable's name says that its value is secret."""
    name = name.upper()
    if name.endswith(("_FILE", "_DIR", "_PATH")) or name in _NOT_SECRET:
        return False
    return name.endswith(_SECRET_ENDS) or any(word in name for word in _SECRET_WORDS)


def _is_path(value: str) -> bool:
    """Whether a value only says where something lies; a secret may begin with a slash as well."""
    try:
        return value.startswith("/") and Path(value).exists()
    except (OSError, ValueError):
        return False


def _passwords_in(value: str) -> Iterator[str]:
    """The passwords of every URL in a value, and of a list of ``name=value`` as libpq takes it, as written and as used.

    A password with an ``@`` or a slash of its own should be escaped, and is found where it is not.
    """
    for part in value.split("://")[1:]:
        word = part.split(maxsplit=1)[0] if part.strip() else ""
        authority = word.partition("/")[0]
        for info in {word.partition("@")[0], word.rpartition("@")[0], authority.rpartition("@")[0]}:
            user, _, password = info.partition(":")
            if "@" in word and password and password != user:
                yield password
                yield unquote(password)
    for word in value.split():
        name, _, password = word.partition("=")
        if name.lower() == "password" and password:
            yield password.strip("'\"")
