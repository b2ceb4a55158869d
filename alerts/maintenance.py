"""A maintenance window: which steps it may take, what it mutes, and what its owner is called for. Pure; the time is passed in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal, get_args

import msgspec

from alerts.event import JournalEvent
from alerts.matcher import Matcher, MatcherError, check_matchers
from alerts.public_update import PublicUpdate, corrected
from alerts.silence import Silence
from alerts.wire import Moment

MaintenanceState = Literal["scheduled", "in_progress", "verifying", "completed", "cancelled"]
PreCheckName = Literal["backup", "rollback", "monitoring"]
PRE_CHECKS: tuple[PreCheckName, ...] = get_args(PreCheckName)
ANNOUNCED_AHEAD = timedelta(hours=24)
"""Announced later than that before its start, it is marked as short notice."""
CALLED_AHEAD = timedelta(minutes=15)
UPDATE_EVERY = timedelta(minutes=15)
WARNED_AFTER = timedelta(minutes=12)
OVERRUN_AGAIN = timedelta(minutes=15)
"""How often the owner is called while it runs past its planned end."""
LONGEST = timedelta(days=7)
_TOLD_KEPT = 200
_STEPS_KEPT = 200
NO_CHANGE = "Work is going on as planned. There is nothing new."
"""What ``no-change`` publishes."""
_PROBES = ("Zq7", "a-b.c/d:1 e", "0")
"""Values that no window can mean: matchers that take each of them take whatever comes."""


class WindowVerb(Enum):
    """What may be done to a window."""

    ANNOUNCE = "announce"
    CHECK = "check"
    CHECK_IN = "check-in"
    UPDATE = "update"
    EXTEND = "extend"
    VERIFY = "verify"
    COMPLETE = "complete"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"


WINDOW_TRANSITIONS: Mapping[tuple[MaintenanceState, WindowVerb], MaintenanceState] = {
    ("scheduled", WindowVerb.ANNOUNCE): "scheduled",
    ("scheduled", WindowVerb.CHECK): "scheduled",
    ("scheduled", WindowVerb.UPDATE): "scheduled",
    ("scheduled", WindowVerb.RESCHEDULE): "scheduled",
    ("scheduled", WindowVerb.CANCEL): "cancelled",
    ("scheduled", WindowVerb.CHECK_IN): "in_progress",
    ("in_progress", WindowVerb.CHECK): "in_progress",
    ("in_progress", WindowVerb.UPDATE): "in_progress",
    ("in_progress", WindowVerb.EXTEND): "in_progress",
    ("in_progress", WindowVerb.VERIFY): "verifying",
    ("verifying", WindowVerb.UPDATE): "verifying",
    ("verifying", WindowVerb.EXTEND): "verifying",
    ("verifying", WindowVerb.VERIFY): "verifying",
    ("verifying", WindowVerb.COMPLETE): "completed",
}
"""Every step; the clock alone takes none of them."""
ON_STATES: frozenset[MaintenanceState] = frozenset({"in_progress", "verifying"})
OVER_STATES: frozenset[MaintenanceState] = frozenset({"completed", "cancelled"})


class WindowTransitionError(Exception):
    """A window cannot take this step from where it is."""

    def __init__(self, window: "Maintenance", verb: WindowVerb) -> None:
        self.window = window
        possible = [v.value for (state, v) in WINDOW_TRANSITIONS if state == window.state]
        then = f"; there {'are' if len(possible) > 1 else 'is'} {', '.join(possible)}" if possible else ""
        super().__init__(
            f"maintenance {window.id} is {window.state}; {verb.value} is not possible from there{then}"
        )


class StaleWindowError(Exception):
    """Somebody else has changed the window since."""

    def __init__(self, window: "Maintenance", version: int) -> None:
        self.window = window
        super().__init__(
            f"maintenance {window.id} is {window.state} at version {window.version}, not {version}: "
            "it has changed since"
        )


class PreCheck(msgspec.Struct, frozen=True, kw_only=True):
    """That something was looked after before the work begins, and by what that is seen."""

    name: PreCheckName
    evidence: str
    """In words: which step said so, or what somebody saw."""
    execution_id: str = ""
    by: str
    at: Moment


class WindowStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was run for the window."""

    execution_id: str
    title: str
    state: str = "running"
    verdict: str = ""
    by: str
    at: Moment
    is_smoke_test: bool = False
    """Whether it asks the service as a caller would."""

    @property
    def is_well(self) -> bool:
        """Whether the step came to its end and says that nothing is wrong."""
        return self.state == "succeeded" and self.verdict in ("", "healthy")


class MaintenanceFields(msgspec.Struct, frozen=True, kw_only=True):
    """What a window is, in the daemon's state and on the wire alike."""

    id: int
    """A short number that can be typed."""
    public_id: str
    """12 lower-case letters and digits: its name on the public page."""
    title: str
    body: str = ""
    """What the public is told about it, Markdown; a person's words."""
    reason: str
    """Why, for ourselves."""
    matchers: tuple[Matcher, ...]
    """Alerts for which nobody is called while it is on."""
    components: tuple[str, ...]
    """Ids of the public page's components that it touches."""
    owner: str
    """Who is called about it: a person of the contacts."""
    created_by: str
    created_at: Moment
    starts_at: Moment
    ends_at: Moment
    """Planned; ``extend`` moves it."""
    runbooks: tuple[str, ...] = ()
    state: MaintenanceState = "scheduled"
    version: int = 1
    announced_at: Moment | None = None
    short_notice: bool = False
    checks: tuple[PreCheck, ...] = ()
    checked_in_at: Moment | None = None
    checked_in_by: str = ""
    without_checks: str = ""
    """Why it began although not all was looked after."""
    updated_at: Moment | None = None
    """When the public was last told something while it is on."""
    steps: tuple[WindowStep, ...] = ()
    verifying_since: Moment | None = None
    finished_at: Moment | None = None
    """When it was completed or cancelled."""
    updates: tuple[PublicUpdate, ...] = ()
    """The earliest first."""
    told: tuple[str, ...] = ()
    """What its owner was called for, see ``Duty.key``."""
    silence_id: str = ""
    """Of the silence that stands for it in an Alertmanager beside us."""


class Maintenance(MaintenanceFields, frozen=True, kw_only=True):
    """One window, ``[starts_at, ends_at)``; it begins when somebody checks in."""

    @property
    def is_on(self) -> bool:
        """Whether somebody works on it."""
        return self.state in ON_STATES

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in OVER_STATES

    def is_delayed(self, now: datetime) -> bool:
        """Whether the start has passed and nobody has checked in."""
        return self.state == "scheduled" and now >= self.starts_at

    def overruns(self, now: datetime) -> bool:
        """Whether somebody works on past the planned end."""
        return self.is_on and now >= self.ends_at

    @property
    def next_update_by(self) -> datetime | None:
        """When the public is to be told something next, None while it is not on."""
        return self.updated_at + UPDATE_EVERY if self.is_on and self.updated_at is not None else None

    def is_update_overdue(self, now: datetime) -> bool:
        """Whether the public waits for an update."""
        return self.next_update_by is not None and now >= self.next_update_by

    @property
    def muting(self) -> Silence | None:
        """What is muted, as a silence: from the check-in to the planned end, or to the real one where that is earlier."""
        if self.checked_in_at is None:
            return None
        ends_at = self.ends_at if self.finished_at is None else min(self.ends_at, self.finished_at)
        return Silence(
            id=str(self.id),
            matchers=self.matchers,
            starts_at=self.checked_in_at,
            ends_at=max(ends_at, self.checked_in_at),
            created_by=self.checked_in_by,
            comment=f"maintenance {self.id}: {self.title}",
            updated_at=self.checked_in_at,
        )

    @property
    def missing_checks(self) -> tuple[PreCheckName, ...]:
        """What is to be looked after before the work begins, and was not."""
        done = {check.name for check in self.checks}
        return tuple(name for name in PRE_CHECKS if name not in done)

    @property
    def is_verified(self) -> bool:
        """Whether, since its verification began, the latest smoke test of it went well."""
        since = self.verifying_since
        if since is None:
            return False
        tests = [step for step in self.steps if step.is_smoke_test and step.at >= since]
        return bool(tests) and tests[-1].is_well


class MaintenanceView(MaintenanceFields, frozen=True, kw_only=True):
    """One window as the ops API shows it."""

    delayed: bool = False
    """Its start has passed and nobody has checked in."""
    overruns: bool = False
    """It is on past its planned end."""
    next_update_by: Moment | None = None
    update_overdue: bool = False
    muting: bool = False
    """Whether it mutes anybody now."""
    missing_checks: tuple[PreCheckName, ...] = ()
    verified: bool = False
    public_url: str = ""
    """Where the public reads of it; empty before it is announced."""


class MaintenanceScheduled(JournalEvent, frozen=True, kw_only=True, tag="maintenance.scheduled"):
    """A window was planned; the public knows nothing of it yet."""

    maintenance: Maintenance


class MaintenanceAnnounced(JournalEvent, frozen=True, kw_only=True, tag="maintenance.announced"):
    """The public was told of a window."""

    id: int
    update: PublicUpdate
    short_notice: bool


class PreCheckMade(JournalEvent, frozen=True, kw_only=True, tag="maintenance.checked"):
    """One of the things to look after before the work was looked after."""

    id: int
    check: PreCheck


class MaintenanceCheckedIn(JournalEvent, frozen=True, kw_only=True, tag="maintenance.checked_in"):
    """Somebody is there and begins: from now on its alerts are muted."""

    id: int
    update: PublicUpdate
    without_checks: str = ""
    """Why it begins although not all was looked after."""


class MaintenanceUpdated(JournalEvent, frozen=True, kw_only=True, tag="maintenance.updated"):
    """The public was told how it goes."""

    id: int
    update: PublicUpdate


class MaintenanceExtended(JournalEvent, frozen=True, kw_only=True, tag="maintenance.extended"):
    """The planned end of a window is later."""

    id: int
    ends_at: datetime
    update: PublicUpdate


class MaintenanceVerifying(JournalEvent, frozen=True, kw_only=True, tag="maintenance.verifying"):
    """The work is done; whether it went well is being looked at."""

    id: int
    update: PublicUpdate


class MaintenanceCompleted(JournalEvent, frozen=True, kw_only=True, tag="maintenance.completed"):
    """A window is over."""

    id: int
    update: PublicUpdate
    unverified: str = ""
    """Why it is over although no verification went well, or something of it still fires."""


class MaintenanceCancelled(JournalEvent, frozen=True, kw_only=True, tag="maintenance.cancelled"):
    """A window does not take place."""

    id: int
    reason: str
    update: PublicUpdate | None
    """None where the public had never heard of it."""


class MaintenanceRescheduled(JournalEvent, frozen=True, kw_only=True, tag="maintenance.rescheduled"):
    """A window takes place at another time."""

    id: int
    starts_at: datetime
    ends_at: datetime
    short_notice: bool
    update: PublicUpdate | None


class MaintenanceCorrected(JournalEvent, frozen=True, kw_only=True, tag="maintenance.corrected"):
    """Published words were changed; the page shows both."""

    id: int
    update_id: str
    body: str


class OwnerCalled(JournalEvent, frozen=True, kw_only=True, tag="maintenance.owner_called"):
    """The owner was called; journalled together with the page."""

    id: int
    keys: tuple[str, ...]


class MaintenanceMirrored(JournalEvent, frozen=True, kw_only=True, tag="maintenance.mirrored"):
    """An Alertmanager beside us has a silence for it."""

    id: int
    silence_id: str


MaintenanceEvent = (
    MaintenanceScheduled
    | MaintenanceAnnounced
    | PreCheckMade
    | MaintenanceCheckedIn
    | MaintenanceUpdated
    | MaintenanceExtended
    | MaintenanceVerifying
    | MaintenanceCompleted
    | MaintenanceCancelled
    | MaintenanceRescheduled
    | MaintenanceCorrected
    | OwnerCalled
    | MaintenanceMirrored
)


def step_to(window: Maintenance, verb: WindowVerb, version: int | None = None) -> MaintenanceState:
    """The state after a step. Raises ``StaleWindowError`` and ``WindowTransitionError``."""
    if version is not None and version != window.version:
        raise StaleWindowError(window, version)
    to = WINDOW_TRANSITIONS.get((window.state, verb))
    if to is None:
        raise WindowTransitionError(window, verb)
    return to


def check_window_matchers(matchers: Iterable[Matcher]) -> None:
    """Raises ``MatcherError`` for matchers that cannot be used, or that fit whatever fires.

    More is refused than of a silence: ``alertname=~".+"`` names every alert there is, and so does ``service!="x"``.
    """
    matchers = tuple(matchers)
    check_matchers(matchers)
    for probe in _PROBES:
        labels = {matcher.name: probe for matcher in matchers}
        if not all(matcher.matches(labels) for matcher in matchers):
            return
    raise MatcherError('these matchers fit whatever fires; name what is worked on, service="postgres"')


def is_short_notice(starts_at: datetime, now: datetime) -> bool:
    """Whether the public hears of it less than a day before."""
    return starts_at - now < ANNOUNCED_AHEAD


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the owner is called for now."""

    key: str
    text: str
    settles: tuple[str, ...] = ()
    """Keys of duties that need no call of their own after this one."""


def due_duties(window: Maintenance, now: datetime) -> Sequence[Duty]:
    """What the owner is to be called for and was not yet; of several of one kind only the gravest, as after a downtime."""
    if window.state == "scheduled":
        found = _before(window, now)
    elif window.is_on:
        found = [*_about_updates(window, now), *_past_the_end(window, now)]
    else:
        found = []
    return [duty for duty in found if duty.key not in window.told]


def _before(window: Maintenance, now: datetime) -> list[Duty]:
    number, start = window.id, f"{window.starts_at.isoformat()}"
    ahead, late, missed = f"ahead {start}", f"delayed {start}", f"missed {window.ends_at.isoformat()}"
    if now >= window.ends_at:
        text = f"maintenance {number} ({window.title}): its planned time is over and nobody has checked in; type: ops maintenance cancel {number} or reschedule {number}"
        return [Duty(key=missed, text=text, settles=(ahead, late))]
    if now >= window.starts_at:
        text = f"maintenance {number} ({window.title}) was to begin at {window.starts_at:%H:%M} UTC and nobody has checked in; nothing is muted; type: ops maintenance check-in {number}"
        return [Duty(key=late, text=text, settles=(ahead,))]
    if now >= window.starts_at - CALLED_AHEAD:
        text = f"maintenance {number} ({window.title}) begins at {window.starts_at:%H:%M} UTC; it begins when you type: ops maintenance check-in {number}"
        return [Duty(key=ahead, text=text)]
    return []


def _about_updates(window: Maintenance, now: datetime) -> list[Duty]:
    if window.updated_at is None:
        return []
    number, since = window.id, window.updated_at.isoformat()
    warned, overdue = f"update due {since}", f"update overdue {since}"
    if now >= window.updated_at + UPDATE_EVERY:
        text = f"maintenance {number} ({window.title}): the public update is overdue and the page says so; type: ops maintenance update {number} TEXT, or no-change {number}"
        return [Duty(key=overdue, text=text, settles=(warned,))]
    if now >= window.updated_at + WARNED_AFTER:
        by = window.updated_at + UPDATE_EVERY
        text = f"maintenance {number} ({window.title}): the public was promised an update by {by:%H:%M} UTC; type: ops maintenance update {number} TEXT, or no-change {number}"
        return [Duty(key=warned, text=text)]
    return []


def _past_the_end(window: Maintenance, now: datetime) -> list[Duty]:
    """Called at its end and every quarter of an hour after it; of those that were missed only the latest."""
    if now < window.ends_at:
        return []
    times = (now - window.ends_at) // OVERRUN_AGAIN
    end = window.ends_at.isoformat()
    text = f"maintenance {window.id} ({window.title}) is past its planned end of {window.ends_at:%H:%M} UTC; nothing is muted any more; type: ops maintenance extend {window.id} --for 30m, or verify {window.id} and complete {window.id}"
    earlier = tuple(f"past end {end} {n}" for n in range(max(0, times - 20), times))
    return [Duty(key=f"past end {end} {times}", text=text, settles=earlier)]


def apply_maintenance_event(
    known: Maintenance | None, event: MaintenanceEvent, at: datetime, actor: str
) -> Maintenance | None:
    """The window after an event of the journal; None where there is none."""
    if isinstance(event, MaintenanceScheduled):
        return event.maintenance
    if known is None:
        return None
    replace = msgspec.structs.replace
    if isinstance(event, OwnerCalled):
        told = (*known.told, *(key for key in event.keys if key not in known.told))
        return replace(known, told=told[-_TOLD_KEPT:])
    if isinstance(event, MaintenanceMirrored):
        return replace(known, silence_id=event.silence_id)
    changed = replace(known, version=known.version + 1)
    match event:
        case MaintenanceAnnounced():
            return replace(
                _with_update(changed, event.update), announced_at=at, short_notice=event.short_notice
            )
        case PreCheckMade():
            return replace(changed, checks=_with_check(known.checks, event.check))
        case MaintenanceCheckedIn():
            begun = replace(changed, state="in_progress", checked_in_at=at, checked_in_by=actor)
            begun = replace(begun, without_checks=event.without_checks)
            if known.announced_at is None:
                short = is_short_notice(known.starts_at, at)
                begun = replace(begun, announced_at=at, short_notice=short)
            return _with_update(begun, event.update)
        case MaintenanceUpdated():
            return _with_update(changed, event.update)
        case MaintenanceExtended():
            return _with_update(replace(changed, ends_at=event.ends_at), event.update)
        case MaintenanceVerifying():
            return _with_update(replace(changed, state="verifying", verifying_since=at), event.update)
        case MaintenanceCompleted():
            return _with_update(replace(changed, state="completed", finished_at=at), event.update)
        case MaintenanceCancelled():
            return _with_update(replace(changed, state="cancelled", finished_at=at), event.update)
        case MaintenanceRescheduled():
            moved = replace(
                changed, starts_at=event.starts_at, ends_at=event.ends_at, short_notice=event.short_notice
            )
            return _with_update(moved, event.update)
        case MaintenanceCorrected():
            updates = corrected(known.updates, event.update_id, event.body, at, actor)
            return replace(changed, updates=updates)


def _with_update(window: Maintenance, update: PublicUpdate | None) -> Maintenance:
    if update is None:
        return window
    return msgspec.structs.replace(window, updates=(*window.updates, update), updated_at=update.at)


def _with_check(checks: tuple[PreCheck, ...], made: PreCheck) -> tuple[PreCheck, ...]:
    return (*(check for check in checks if check.name != made.name), made)


def with_step(
    window: Maintenance, step: WindowStep, evidence: PreCheckName | None, at: datetime
) -> Maintenance:
    """The window with a step that was run for it; where that went well it may be ``evidence`` of a pre-check."""
    others = tuple(other for other in window.steps if other.execution_id != step.execution_id)
    after = msgspec.structs.replace(window, steps=(*others, step)[-_STEPS_KEPT:])
    if evidence is None or not step.is_well:
        return after
    made = PreCheck(name=evidence, evidence=step.title, execution_id=step.execution_id, by=step.by, at=at)
    return msgspec.structs.replace(after, checks=_with_check(window.checks, made))
