"""A silence: matchers over labels and a stretch of time in which what they match is muted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from alerts.matcher import Matcher


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


def set_silence(
    before: Silence | None, wanted: Silence, *, new_id: str, now: datetime
) -> tuple[Silence, ...]:
    """What setting ``wanted`` in the place of ``before`` changes: the silences to store, the one that counts last.

    Only the end of one in force and both times of a pending one can change in place. Anything else ends the old one
    and makes a new one under ``new_id``, so that what a silence muted stays on record as it was. Source: Alertmanager
    0.25, ``Silences.Set`` and ``canUpdate``.
    """
    if before is not None and _may_change(before, wanted, now):
        starts_at = before.starts_at if before.state(now) == "active" else wanted.starts_at
        return (msgspec.structs.replace(wanted, id=before.id, starts_at=starts_at, updated_at=now),)
    new = msgspec.structs.replace(wanted, id=new_id, starts_at=max(wanted.starts_at, now), updated_at=now)
    if before is None or before.state(now) == "expired":
        return (new,)
    return expired(before, now), new


def _may_change(before: Silence, wanted: Silence, now: datetime) -> bool:
    if before.matchers != wanted.matchers:
        return False
    state = before.state(now)
    if state == "active":
        return int(before.starts_at.timestamp()) == int(wanted.starts_at.timestamp())
    return state == "pending" and wanted.starts_at >= now


def expired(silence: Silence, now: datetime) -> Silence:
    """The silence, ended now."""
    return msgspec.structs.replace(
        silence, ends_at=now, starts_at=min(silence.starts_at, now), updated_at=now
    )


def silenced_by(silences: Iterable[Silence], labels: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """Ids of the silences in force on an alert."""
    return tuple(silence.id for silence in silences if silence.mutes(labels, now))
