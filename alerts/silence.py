"""A silence: matchers over labels and a stretch of time in which what they match pages nobody."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec


class MatcherError(ValueError):
    """A matcher that cannot be used; the message says why."""


class Matcher(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One condition on one label, with Alertmanager's four operators."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the label fits; a missing label is empty, a regular expression must match the whole value."""
        value = labels.get(self.name, "")
        fits = re.fullmatch(self.value, value) is not None if self.is_regex else value == self.value
        return fits is self.is_equal

    @property
    def matches_everything(self) -> bool:
        """Whether it fits alerts that do not have the label at all."""
        return self.matches({})


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """One silence, ``[starts_at, ends_at)``."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    updated_at: datetime

    def state(self, now: datetime) -> Literal["pending", "active", "expired"]:
        """Alertmanager's word for where it stands."""
        if now < self.starts_at:
            return "pending"
        return "active" if now < self.ends_at else "expired"

    def mutes(self, labels: Mapping[str, str], now: datetime) -> bool:
        """Whether an alert with these labels is silenced now."""
        return self.state(now) == "active" and all(matcher.matches(labels) for matcher in self.matchers)


def check_matchers(matchers: Iterable[Matcher]) -> None:
    """Raises ``MatcherError`` for an expression that is none, and for matchers that would fit everything."""
    matchers = tuple(matchers)
    if not matchers:
        raise MatcherError("a silence needs at least one matcher")
    for matcher in matchers:
        try:
            re.compile(matcher.value if matcher.is_regex else "")
        except re.error as error:
            raise MatcherError(
                f"{matcher.name}: {matcher.value!r} is no regular expression: {error}"
            ) from error
    if all(matcher.matches_everything for matcher in matchers):
        raise MatcherError("these matchers would fit every alert; name at least one label that must be there")


def silenced_by(silences: Iterable[Silence], labels: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """Ids of the silences in force on an alert."""
    return tuple(silence.id for silence in silences if silence.mutes(labels, now))
