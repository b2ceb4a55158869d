"""An alert episode: what a sender's word, a poll or silence makes of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

import msgspec

from alerts.event import JournalEvent
from alerts.fingerprint import fingerprint
from alerts.severity import DEFAULT as DEFAULT_SEVERITIES
from alerts.severity import UNKNOWN, SeverityMap
from alerts.wire import BaseState, PostableAlert, Severity

RESOLVE_TIMEOUT = timedelta(minutes=5)
"""How long an alert without an end of its own stays confirmed (Alertmanager's ``resolve_timeout``)."""
KEPT_RESOLVED = timedelta(minutes=15)
WEBHOOK_TIMEOUT = timedelta(hours=4, minutes=10)
"""How long an alert holds that an Alertmanager told us of: it repeats every four hours (``repeat_interval``)."""
CLOCK_SKEW = timedelta(seconds=10)
"""How far a sender's clock may be ahead of ours: an end that lies less than this ahead may have come already."""
FLAP_WINDOW = timedelta(minutes=30)
FLAP_CHANGES = 3
POLL = "poll"
"""Source of what was read rather than sent; whoever sends an alert is its source from then on."""
_ZERO_TIME_YEAR = 1
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""The last time that a sender may name; days and years can still be added to it."""


class EpisodeSignal(Enum):
    """What may happen to an episode."""

    PENDING = auto()
    """A poll says that its condition holds, but not yet for long enough."""
    FIRING = auto()
    RESOLVED = auto()
    VANISHED = auto()
    """A pending alert that a poll no longer has."""
    EXPIRED = auto()
    """No source has confirmed it for longer than its own end."""
    ABSENT = auto()
    """Two good polls of a source that is not fresh from a start did not have it."""


TRANSITIONS: Mapping[tuple[BaseState | None, EpisodeSignal], BaseState | None] = {
    (None, EpisodeSignal.PENDING): "pending",
    (None, EpisodeSignal.FIRING): "firing",
    (None, EpisodeSignal.RESOLVED): "resolved",
    ("pending", EpisodeSignal.FIRING): "firing",
    ("pending", EpisodeSignal.RESOLVED): None,
    ("pending", EpisodeSignal.VANISHED): None,
    ("firing", EpisodeSignal.RESOLVED): "resolved",
    ("firing", EpisodeSignal.EXPIRED): "stale",
    ("stale", EpisodeSignal.FIRING): "firing",
    ("stale", EpisodeSignal.RESOLVED): "resolved",
    ("stale", EpisodeSignal.ABSENT): "resolved",
    ("resolved", EpisodeSignal.FIRING): "firing",
    ("resolved", EpisodeSignal.PENDING): "pending",
}
"""Every change of state; a signal that is not here changes nothing. None is an alert that we do not have."""


class Alert(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One episode of one alert."""

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str]
    state: BaseState
    started_at: datetime
    seen_at: datetime
    """When a source last confirmed it."""
    ends_at: datetime
    """Until when that confirmation holds; of a resolved one, when it ended."""
    changed_at: tuple[datetime, ...] = ()
    """Its changes of the last 30 minutes: into firing, out of it, and into and out of pending where a poll saw that."""
    source: str = ""
    generator_url: str = ""
    revision: int = 0
    polled: bool = False
    """Whether a poll of the source has shown it: only then does its absence from a poll say anything."""
    stale_because: str = ""
    """Why nobody confirms it, of a stale one whose source has given a reason."""
    held_back: bool = False
    """Whether it was muted as a symptom when it began to fire, so that no incident is about it yet."""
    mapped: Severity | None = None
    """What the severity map in force made of its label when it began to fire; None while the map we come with says it."""

    @property
    def alertname(self) -> str:
        """The label ``alertname``."""
        return self.labels.get("alertname", "")

    @property
    def service(self) -> str:
        """The label ``service``, else ``job``."""
        return self.labels.get("service") or self.labels.get("job") or ""

    @property
    def severity(self) -> Severity:
        """What the label ``severity`` means; anything unknown is a warning, so that it is not overlooked."""
        return self.mapped or DEFAULT_SEVERITIES.meaning(self.labels.get("severity", "")) or UNKNOWN

    @property
    def active(self) -> bool:
        """Whether the alert's condition is not known to have ended."""
        return self.state in ("firing", "stale")


class AlertFired(JournalEvent, frozen=True, kw_only=True, tag="alert.fired"):
    """A new episode, or a resolved one that goes on."""

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str]
    started_at: datetime
    ends_at: datetime
    source: str = ""
    generator_url: str = ""
    inhibited_by: tuple[str, ...] = ()
    """Names of the causes of which it was a symptom at that time."""
    mapped: Severity | None = None
    """What a severity map of people's own made of its label."""


class AlertResolved(JournalEvent, frozen=True, kw_only=True, tag="alert.resolved"):
    """The end of an episode."""

    fingerprint: str
    ended_at: datetime
    how: str = "said"
    """``said`` by its source or ``absent`` from it."""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    """Only of an alert that was not known before."""
    started_at: datetime | None = None


class AlertStale(JournalEvent, frozen=True, kw_only=True, tag="alert.stale"):
    """No source confirms it any more; it is not known to have ended."""

    fingerprint: str
    because: str = ""
    """The reason, where its source has given one."""


class AlertConfirmed(JournalEvent, frozen=True, kw_only=True, tag="alert.confirmed"):
    """A stale alert that a source has confirmed again."""

    fingerprint: str
    ends_at: datetime


AlertEvent = AlertFired | AlertResolved | AlertStale | AlertConfirmed


def read_posted(posted: PostableAlert, now: datetime, source: str) -> Alert:
    """A sender's alert as an episode of its own."""
    return said_alert(
        fingerprint(posted.labels),
        {name: value for name, value in posted.labels.items() if value},
        posted.annotations,
        posted.startsAt,
        posted.endsAt,
        now=now,
        source=source,
        generator_url=posted.generatorURL,
    )


def said_alert(
    fingerprint: str,
    labels: dict[str, str],
    annotations: dict[str, str],
    starts_at: datetime | None,
    ends_at: datetime | None,
    *,
    now: datetime,
    source: str,
    generator_url: str,
    resolved: bool | None = None,
) -> Alert:
    """What is said of an alert as an episode of its own: a start that is missing is now, a past end is resolved.

    ``resolved`` is the sender's own word on that, where it has one (a webhook's ``status``): then no clock is asked.
    """
    started_at = starts_at if starts_at is not None and _is_set(starts_at) else now
    ends_at = bounded(ends_at) if ends_at is not None and _is_set(ends_at) else None
    if resolved:
        ends_at = min(ends_at or now, now)
    elif resolved is not None:
        ends_at = now + WEBHOOK_TIMEOUT
    else:
        resolved = ends_at is not None and ends_at <= now
    return Alert(
        fingerprint=fingerprint,
        labels=labels,
        annotations=annotations,
        state="resolved" if resolved else "firing",
        started_at=min(started_at, ends_at if ends_at is not None and resolved else now),
        seen_at=now,
        ends_at=ends_at or now + RESOLVE_TIMEOUT,
        source=source,
        generator_url=generator_url,
        polled=source == POLL,
    )


def with_severity(said: Alert, severities: SeverityMap) -> Alert:
    """What was said, its severity read by the map in force."""
    if severities is DEFAULT_SEVERITIES:
        return said
    return msgspec.structs.replace(
        said, mapped=severities.meaning(said.labels.get("severity", "")) or UNKNOWN
    )


def bounded(at: datetime) -> datetime:
    """A time from outside to which every period that we know can be added: at most the year 9000."""
    return at if at.year < LATEST.year else LATEST


def _is_set(at: datetime | None) -> bool:
    return at is not None and at.year > _ZERO_TIME_YEAR


def receive(
    known: Alert | None, said: Alert, now: datetime, skew: timedelta = CLOCK_SKEW
) -> tuple[Alert | None, AlertEvent | None]:
    """What a sender's word makes of the episode: its new form, and the event where its state changes.

    Merged as Alertmanager does (``types.Alert.Merge``): of one episode the earliest start, the newest annotations
    and of two ends the later one; ranges that do not overlap are two episodes, and the end of an older one is no
    end of a newer. ``skew`` is how far the sender's clock may be ahead of ours.
    """
    if said.state == "firing" and said.ends_at < now + skew and _has_ended(known, said, skew):
        said = msgspec.structs.replace(said, state="resolved", ends_at=now)
        if known is not None and known.state == "resolved":
            return _ended_again(known, said), None
    signal = EpisodeSignal.RESOLVED if said.state == "resolved" else EpisodeSignal.FIRING
    before = known.state if known else None
    if known is not None and signal is EpisodeSignal.RESOLVED and _is_older(said, known):
        return known, None
    if (before, signal) not in TRANSITIONS:
        return _merged(known, said) if known else None, None
    if signal is EpisodeSignal.RESOLVED:
        return (None, None) if before == "pending" else (said, _resolved(known, said))
    if known is not None and before == "stale":
        merged = _merged(known, said)
        return merged, AlertConfirmed(fingerprint=said.fingerprint, ends_at=merged.ends_at)
    return said, _fired(known, said)


def _has_ended(known: Alert | None, said: Alert, skew: timedelta) -> bool:
    """Whether an end that is almost there is one: clocks differ, and no cure may open an incident.

    It is where nothing fires for us, or where the end moved back; one that stays ahead changes nothing, for that is a
    second sender, a late retry or a shorter interval. The end of a resolution stands still: one that was taken for
    such and goes on moving is of a sender that promises a few seconds at a time, and fires.
    """
    if known is not None and known.state == "resolved" and said.started_at <= known.ends_at:
        return said.ends_at < known.ends_at + skew
    return known is None or not known.active or said.ends_at < known.ends_at


def _ended_again(known: Alert, said: Alert) -> Alert:
    """A resolved alert after another end that is almost there: of the same episode the first one stays."""
    if said.started_at <= known.ends_at:
        return known
    return msgspec.structs.replace(known, started_at=said.started_at, ends_at=said.ends_at)


def _is_older(said: Alert, known: Alert) -> bool:
    """Whether the end is that of an earlier range than the one that fires now; without a start of its own it is not."""
    return known.active and said.started_at < said.ends_at < known.started_at


def _fired(known: Alert | None, said: Alert) -> AlertFired:
    started_at = said.started_at
    # Its condition holds for as long as it was pending, which a poll has shown; a sender names only when it fired.
    if known is not None and (known.state == "pending" or said.started_at < known.ends_at):
        started_at = min(known.started_at, started_at)
    return AlertFired(
        fingerprint=said.fingerprint,
        labels=said.labels,
        annotations=said.annotations,
        started_at=started_at,
        ends_at=said.ends_at,
        source=said.source,
        generator_url=said.generator_url,
        mapped=said.mapped,
    )


def _resolved(known: Alert | None, said: Alert) -> AlertResolved:
    if known is None:
        return AlertResolved(
            fingerprint=said.fingerprint,
            ended_at=said.ends_at,
            labels=said.labels,
            started_at=said.started_at,
        )
    return AlertResolved(fingerprint=said.fingerprint, ended_at=max(said.ends_at, known.started_at))


def _merged(known: Alert, said: Alert) -> Alert:
    """The known episode, refreshed by a word that does not change its state."""
    if known.state == "resolved":
        return msgspec.structs.replace(known, ends_at=max(known.ends_at, said.ends_at))
    return msgspec.structs.replace(
        known,
        annotations=said.annotations,
        started_at=min(known.started_at, said.started_at),
        seen_at=max(known.seen_at, said.seen_at),
        ends_at=max(known.ends_at, said.ends_at),
        source=known.source if said.source == POLL else said.source,
        polled=known.polled or said.polled,
        generator_url=said.generator_url or known.generator_url,
    )


def expire(alert: Alert, now: datetime, up_since: datetime) -> AlertStale | None:
    """Stale, where its confirmation has run out; within one resolve timeout of our own start nothing has."""
    confirmed_until = max(alert.ends_at, up_since + RESOLVE_TIMEOUT)
    if (alert.state, EpisodeSignal.EXPIRED) in TRANSITIONS and now > confirmed_until:
        return AlertStale(fingerprint=alert.fingerprint)
    return None


def leave_unconfirmed(alert: Alert, because: str) -> AlertStale | None:
    """Stale with a reason that a source gives; None where that is known already, or the alert is not active."""
    if not alert.active or (alert.state == "stale" and alert.stale_because == because):
        return None
    return AlertStale(fingerprint=alert.fingerprint, because=because)


def next_look(alert: Alert, up_since: datetime) -> datetime | None:
    """When the clock alone may change it next: it goes stale, or is forgotten; None for never."""
    if alert.state == "firing":
        return max(alert.ends_at, up_since + RESOLVE_TIMEOUT)
    return alert.seen_at + KEPT_RESOLVED if alert.state == "resolved" else None


def found_absent(alert: Alert, now: datetime) -> AlertResolved | None:
    """Resolved, where it is stale and the source that showed it in a poll, in good health, no longer has it."""
    if alert.polled and (alert.state, EpisodeSignal.ABSENT) in TRANSITIONS:
        return AlertResolved(fingerprint=alert.fingerprint, ended_at=now, how="absent")
    return None


def apply_alert_event(known: Alert | None, event: AlertEvent, at: datetime) -> Alert | None:
    """The episode after an event of the journal; pure, and all that is needed to rebuild it."""
    match event:
        case AlertFired():
            return Alert(
                fingerprint=event.fingerprint,
                labels=event.labels,
                annotations=event.annotations,
                state="firing",
                started_at=event.started_at,
                seen_at=at,
                ends_at=event.ends_at,
                changed_at=_changes(known, at),
                source=event.source,
                generator_url=event.generator_url,
                polled=event.source == POLL,
                held_back=bool(event.inhibited_by),
                mapped=event.mapped,
            )
        case AlertResolved():
            return _ended(known, event, at)
        case AlertStale():
            return (
                msgspec.structs.replace(known, state="stale", stale_because=event.because) if known else None
            )
        case AlertConfirmed():
            if known is None:
                return None
            return msgspec.structs.replace(
                known, state="firing", seen_at=at, ends_at=event.ends_at, stale_because=""
            )


def _ended(known: Alert | None, event: AlertResolved, at: datetime) -> Alert:
    if known is None:
        return Alert(
            fingerprint=event.fingerprint,
            labels=event.labels,
            annotations={},
            state="resolved",
            started_at=event.started_at or event.ended_at,
            seen_at=at,
            ends_at=event.ended_at,
        )
    return msgspec.structs.replace(
        known,
        state="resolved",
        seen_at=at,
        ends_at=event.ended_at,
        changed_at=_changes(known, at),
        held_back=False,
        stale_because="",
    )


def _changes(known: Alert | None, at: datetime) -> tuple[datetime, ...]:
    return (*recent_changes(known.changed_at if known else (), at), at)


def recent_changes(changed_at: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """Those of an alert's changes that still count."""
    return tuple(change for change in changed_at if change > now - FLAP_WINDOW)


def flapping(alert: Alert, now: datetime) -> int:
    """Changes in the last 30 minutes, 0 while there are fewer than three."""
    recent = len(recent_changes(alert.changed_at, now))
    return recent if recent >= FLAP_CHANGES else 0


def is_forgotten(alert: Alert, now: datetime) -> bool:
    """Whether an alert was resolved so long ago that nobody is shown it any more."""
    return alert.state == "resolved" and now - alert.seen_at > KEPT_RESOLVED
