"""A line of a log in its parts, however its service writes it: JSON, Python, PostgreSQL or Redis; and many in order."""

import heapq
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from console.text.plain import one_line

LEVELS = ("debug", "info", "warning", "error", "critical")
"""From the least to the worst."""
_MEANT = {
    "trace": "debug", "debug1": "debug", "debug2": "debug", "debug3": "debug", "debug4": "debug", "debug5": "debug", ".": "debug", "-": "debug",
    "log": "info", "notice": "info", "statement": "info", "detail": "info", "hint": "info", "context": "info", "*": "info",
    "warn": "warning", "#": "warning", "err": "error", "fatal": "critical", "panic": "critical", "crit": "critical",
}  # fmt: skip
"""Levels as others write them, and which of ours each is."""
_STAMPED = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[,.](\d{1,6}))?\d*(Z| UTC)? (?:\[(\d+)\] )?(.*)", re.DOTALL)  # fmt: skip
"""Python's logging, supervisord's, and PostgreSQL's with its process in brackets."""
_LEVELLED = re.compile(r"([A-Za-z]+\d?):? +(.*)", re.DOTALL)
_REDIS = re.compile(r"(\d+:[A-Z]) (\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d)\.(\d{3}) ([.\-*#]) (.*)", re.DOTALL)  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class ServiceLine(NamedTuple):
    """One line of one service."""

    service: str
    raw: str
    at: datetime | None
    """When it was written, in UTC; of a line that does not say, when the one before it was."""
    level: str
    """One of ``LEVELS``; of a line that does not say, that of the one before it."""
    level_word: str
    """The level as the service writes it, or for Redis' marks what they mean; empty where the line does not say."""
    logger: str
    request_id: str
    message: str
    goes_on: bool = False
    """Whether it is part of the line before it: its time and level are that one's."""

    @property
    def message_alone(self) -> str:
        """The message without the request that stands in a column beside it."""
        return (
            self.message.replace(f"request_id: {self.request_id} ", "") if self.request_id else self.message
        )

    def is_at_least(self, level: str) -> bool:
        """Whether the line is as bad as ``level``, or worse."""
        return LEVELS.index(self.level) >= LEVELS.index(level)


class _Json(msgspec.Struct):
    timestamp: object = ""
    level: object = ""
    logger: object = ""
    request_id: object = ""
    message: object = ""


def read_lines(service: str, lines: Iterable[str], *, is_here: bool = False) -> Iterator[ServiceLine]:
    """The lines of one log, each in its parts; a line that has no time of its own belongs to the one before it.

    Redis, supervisord and Python write the time of their machine's zone without naming it: of a log that ``is_here``
    it is this machine's, of any other it is taken for UTC.
    """
    at, level = None, "info"
    for raw in lines:
        line = _of_json(service, raw) or _of_text(service, raw, is_here=is_here)
        if line is None:
            yield ServiceLine(service, raw, at, level, "", "", "", raw, goes_on=True)
            continue
        at, level = line.at or at, line.level
        yield line._replace(at=at)


def in_order(logs: Iterable[Iterable[ServiceLine]]) -> Iterator[ServiceLine]:
    """The lines of several logs by their time; those of one log stay in its order."""
    begin = datetime.min.replace(tzinfo=UTC)
    return heapq.merge(*map(_climbing, logs), key=lambda line: line.at or begin)


def _climbing(lines: Iterable[ServiceLine]) -> Iterator[ServiceLine]:
    """The lines with times that never go back, as two processes that write into one log may make them."""
    latest: datetime | None = None
    for line in lines:
        if latest is not None and line.at is not None and line.at < latest:
            line = line._replace(at=latest)
        latest = line.at or latest
        yield line


def _of_json(service: str, raw: str) -> ServiceLine | None:
    if not raw.startswith("{"):
        return None
    try:
        found = msgspec.json.decode(raw, type=_Json)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    message = one_line(str(found.message or "")) or raw
    word = str(found.level or "")
    # Ours begins with its level, for whoever reads it raw; the column says it already.
    shown = message.removeprefix(f"{word} ") if word else message
    return ServiceLine(
        service, raw, _iso(str(found.timestamp or "")), _level(word), one_line(word),
        one_line(str(found.logger or "")), one_line(str(found.request_id or "")), shown,
    )  # fmt: skip


def _of_text(service: str, raw: str, *, is_here: bool) -> ServiceLine | None:
    if match := _STAMPED.fullmatch(raw):
        time, fraction, zone, pid, rest = match.groups()
        at = _iso(f"{time}.{fraction or 0}", is_here=is_here and not zone)
        levelled = _LEVELLED.fullmatch(rest)
        if levelled is None or not _is_level(levelled[1]):
            return ServiceLine(service, raw, at, "info", "", pid or "", "", rest)
        word, rest = levelled.groups()
        logger, blank, message = rest.partition(" ")
        is_named = pid is None and blank and re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)*", logger)
        name, text = (logger, message) if is_named else (pid or "", rest)
        return ServiceLine(service, raw, at, _level(word), word, name, "", text)
    if match := _REDIS.fullmatch(raw):
        name, day, millis, mark, text = match.groups()
        at, level = _english(day, millis, is_here=is_here), _level(mark)
        return ServiceLine(service, raw, at, level, level.upper(), name, "", text)
    return None


def _is_level(word: str) -> bool:
    return word.lower() in LEVELS or word.lower() in _MEANT


def _level(word: str) -> str:
    word = word.lower()
    word = _MEANT.get(word, word)
    return word if word in LEVELS else "info"


def _iso(text: str, *, is_here: bool = False) -> datetime | None:
    """A time; without a zone it is UTC, as our services write it, or of this machine's zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None and not is_here else at.astimezone(UTC)


def _english(text: str, millis: str, *, is_here: bool) -> datetime | None:
    day, month, year, clock = text.split()
    if month not in _MONTHS:
        return None
    return _iso(f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02} {clock}.{millis}", is_here=is_here)
