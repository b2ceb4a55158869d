"""What people do with maintenance windows, as decisions: each is checked, journalled, and told to whom it concerns."""

import hashlib
import secrets
import string
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from alerts.maintenance import (
    CALLED_AHEAD,
    LONGEST,
    NO_CHANGE,
    Maintenance,
    MaintenanceAnnounced,
    MaintenanceCancelled,
    MaintenanceCheckedIn,
    MaintenanceCompleted,
    MaintenanceCorrected,
    MaintenanceExtended,
    MaintenanceFields,
    MaintenanceRescheduled,
    MaintenanceScheduled,
    MaintenanceUpdated,
    MaintenanceVerifying,
    MaintenanceView,
    PreCheck,
    PreCheckMade,
    PreCheckName,
    WindowVerb,
    check_window_matchers,
    is_short_notice,
    step_to,
)
from alerts.matcher import MatcherError, parse_matcher
from alerts.public_update import PublicUpdate
from runbooks.wire import ExecutionState
from server.http.call import BadRequestError, NotFoundError
from server.ops.executions.admission import RefusedError
from server.ops.paging.escalations import decide_page
from server.ops.paging.on_call import AUDIENCE
from server.ops.state.ledger import Actor, Transaction
from server.ops.state.state import State
from web.announcement import (
    SUBJECTS,
    TOLD,
    Announcement,
    announce_window,
    reschedule_window,
    tell_of_window,
)
from web.components import ComponentMap

_ID_CHARACTERS = string.ascii_lowercase + string.digits
_MOST_OPEN = 100
_SOUND: frozenset[ExecutionState] = frozenset({"succeeded"})
_LOOKED_AT = 20
"""Alerts of each incident that are looked at before a window ends."""
_NAMED = 5
_EVIDENCE_AGE = timedelta(hours=24)
"""How old the run of a step may be that is to show that something was looked after."""


class WindowPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A window as somebody asks for it, its texts clean."""

    title: str
    body: str
    reason: str
    matchers: tuple[str, ...]
    """Each as amtool writes it."""
    components: tuple[str, ...]
    """Ids or names of the page's components."""
    owner: str
    starts_at: datetime
    ends_at: datetime
    runbooks: tuple[str, ...]


def new_public_id() -> str:
    """An id as Statuspage has them: 12 lower-case letters and digits."""
    return "".join(secrets.choice(_ID_CHARACTERS) for _ in range(12))


class WindowDesk:
    """Decisions about windows. Each function takes the transaction, the caller, and what is asked for."""

    def __init__(self, components: Callable[[], ComponentMap], page_url: str) -> None:
        self._components = components
        self.page_url = page_url.rstrip("/")

    def schedule(self, tx: Transaction, actor: Actor, wanted: WindowPlan) -> Maintenance:
        """Plans a window. Raises ``BadRequestError`` and ``RefusedError``."""
        _check_times(wanted.starts_at, wanted.ends_at, tx.now)
        if len(tx.state.open_windows()) >= _MOST_OPEN:
            raise RefusedError(f"{_MOST_OPEN} windows are planned already; cancel some")
        try:
            matchers = tuple(parse_matcher(text) for text in wanted.matchers)
            check_window_matchers(matchers)
        except MatcherError as error:
            raise BadRequestError(str(error), "matchers") from error
        window = Maintenance(
            id=tx.state.last_maintenance + 1,
            public_id=new_public_id(),
            title=wanted.title,
            body=wanted.body,
            reason=wanted.reason,
            matchers=matchers,
            components=tuple(dict.fromkeys(self._component(name) for name in wanted.components)),
            owner=_owner(tx.state, wanted.owner, actor, tx.now),
            created_by=actor.name,
            created_at=tx.now,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            runbooks=wanted.runbooks,
        )
        tx.record(MaintenanceScheduled(maintenance=window), actor, f"maintenance-{window.id}")
        return tx.state.maintenances[window.id]

    def preview(self, window: Maintenance, now: datetime) -> Announcement:
        """What announcing it would publish now."""
        return announce_window(window, self.names, self.page_url, now)

    def as_announced(self, window: Maintenance, now: datetime) -> Maintenance:
        """The window as it will be when it is announced, for a preview; nothing of it is kept."""
        update = PublicUpdate(
            id="0" * 12, status="scheduled", body=self.preview(window, now).body, at=now, by=window.owner
        )
        short = is_short_notice(window.starts_at, now)
        return msgspec.structs.replace(window, announced_at=now, updates=(update,), short_notice=short)

    def announce(self, tx: Transaction, actor: Actor, window: Maintenance, digest: str | None) -> Maintenance:
        """Tells the public, on page, feeds, chat and mail at once; ``digest`` is of the preview that was agreed to."""
        check_announceable(window, tx.now)
        said = self.preview(window, tx.now)
        if digest is not None and digest != digest_of(said):
            raise RefusedError("what would be published has changed since it was shown; look at it again")
        event = MaintenanceAnnounced(
            id=window.id,
            update=_update("scheduled", said.body, tx.now, actor),
            short_notice=is_short_notice(window.starts_at, tx.now),
        )
        return self._record(tx, actor, window, event, "announce", said)

    def check(
        self, tx: Transaction, actor: Actor, window: Maintenance, name: PreCheckName, run: str, words: str
    ) -> Maintenance:
        """Puts down that something was looked after, by the run of a step or by what somebody saw."""
        step_to(window, WindowVerb.CHECK)
        if not run and not words:
            raise BadRequestError("name the run that shows it (--run last), or say what was seen", "evidence")
        if run:
            words = _evidence(tx, name, run) + (f"; {words}" if words else "")
        made = PreCheck(name=name, evidence=words, execution_id=run, by=actor.name, at=tx.now)
        tx.record(PreCheckMade(id=window.id, check=made), actor, f"maintenance-{window.id}")
        return tx.state.maintenances[window.id]

    def check_in(
        self, tx: Transaction, actor: Actor, window: Maintenance, words: str, reason: str
    ) -> Maintenance:
        """Begins: from now on its alerts are muted. One that nobody announced is announced with it."""
        step_to(window, WindowVerb.CHECK_IN)
        if tx.now < window.starts_at - CALLED_AHEAD:
            raise RefusedError(
                f"maintenance {window.id} begins at {window.starts_at:%Y-%m-%d %H:%M} UTC; check in at most "
                "15 minutes before, or reschedule it"
            )
        if tx.now >= window.ends_at:
            raise RefusedError(f"the planned time of maintenance {window.id} is over; reschedule it")
        missing = window.missing_checks
        if missing and not reason:
            raise RefusedError(
                f"not looked after yet: {', '.join(missing)}; put each down with ops maintenance check "
                f"{window.id} {missing[0]} --run EXECUTION, or say why it begins without: --reason"
            )
        said = tell_of_window("check-in", window, words, tx.now)
        if window.announced_at is None:
            planned = self.preview(window, tx.now)
            said = Announcement(subject=planned.subject, body=f"{planned.body}\n\n{said.body}")
        event = MaintenanceCheckedIn(
            id=window.id,
            update=_update("in_progress", said.body, tx.now, actor),
            without_checks=reason if missing else "",
        )
        verb = "check-in" if window.announced_at is not None else "announce"
        return self._record(tx, actor, window, event, verb, said)

    def update(self, tx: Transaction, actor: Actor, window: Maintenance, words: str | None) -> Maintenance:
        """Publishes how it goes; without ``words`` that nothing is new."""
        step_to(window, WindowVerb.UPDATE)
        if window.announced_at is None:
            raise RefusedError(f"maintenance {window.id} is not announced: the public knows nothing of it")
        if words is None and not window.is_on:
            raise RefusedError(f"maintenance {window.id} is {window.state}: nobody waits for an update")
        event = MaintenanceUpdated(
            id=window.id, update=_update(window.state, words or NO_CHANGE, tx.now, actor)
        )
        return self._record(tx, actor, window, event, "update", None)

    def extend(
        self, tx: Transaction, actor: Actor, window: Maintenance, ends_at: datetime, words: str
    ) -> Maintenance:
        """Moves its planned end; alerts are muted until then."""
        state = step_to(window, WindowVerb.EXTEND)
        if ends_at <= max(tx.now, window.ends_at):
            raise BadRequestError(
                f"the new end has to be later than now and than {window.ends_at:%Y-%m-%d %H:%M} UTC",
                "ends_at",
            )
        if ends_at - window.starts_at > LONGEST:
            raise BadRequestError("a window lasts at most 7 days", "ends_at")
        said = tell_of_window("extend", msgspec.structs.replace(window, ends_at=ends_at), words, tx.now)
        event = MaintenanceExtended(
            id=window.id, ends_at=ends_at, update=_update(state, said.body, tx.now, actor)
        )
        return self._record(tx, actor, window, event, "extend", said)

    def verify(self, tx: Transaction, actor: Actor, window: Maintenance, words: str) -> Maintenance:
        """The work is done: what is run for it from now on shows whether it went well."""
        step_to(window, WindowVerb.VERIFY)
        said = tell_of_window("verify", window, words, tx.now)
        event = MaintenanceVerifying(id=window.id, update=_update("verifying", said.body, tx.now, actor))
        return self._record(tx, actor, window, event, "verify", None)

    def complete(
        self, tx: Transaction, actor: Actor, window: Maintenance, words: str, reason: str
    ) -> Maintenance:
        """Ends it. Refused where no smoke test of its verification went well, or what it mutes fires, but for a ``reason``."""
        step_to(window, WindowVerb.COMPLETE)
        firing = _still_muted(tx, window)
        _check_complete(window, firing, reason)
        said = tell_of_window("complete", window, words, tx.now)
        event = MaintenanceCompleted(
            id=window.id,
            update=_update("completed", said.body, tx.now, actor),
            unverified="" if window.is_verified and not firing else reason,
        )
        return self._record(tx, actor, window, event, "complete", said)

    def cancel(
        self, tx: Transaction, actor: Actor, window: Maintenance, reason: str, words: str
    ) -> Maintenance:
        """Calls a window off; whoever was told of it is told that."""
        step_to(window, WindowVerb.CANCEL)
        if not reason:
            raise BadRequestError("say why it is cancelled", "reason")
        said = tell_of_window("cancel", window, words, tx.now)
        is_public = window.announced_at is not None
        event = MaintenanceCancelled(
            id=window.id,
            reason=reason,
            update=_update("completed", said.body, tx.now, actor) if is_public else None,
        )
        return self._record(tx, actor, window, event, "cancel", said if is_public else None)

    def reschedule(
        self,
        tx: Transaction,
        actor: Actor,
        window: Maintenance,
        times: tuple[datetime, datetime],
        words: str,
    ) -> Maintenance:
        """Another time; approvals that were given for the old one are void."""
        step_to(window, WindowVerb.RESCHEDULE)
        starts_at, ends_at = times
        _check_times(starts_at, ends_at, tx.now)
        moved = msgspec.structs.replace(window, starts_at=starts_at, ends_at=ends_at)
        said = reschedule_window(moved, words, self.names, self.page_url, tx.now)
        is_public = window.announced_at is not None
        event = MaintenanceRescheduled(
            id=window.id,
            starts_at=starts_at,
            ends_at=ends_at,
            short_notice=is_public and is_short_notice(starts_at, tx.now),
            update=_update("scheduled", said.body, tx.now, actor) if is_public else None,
        )
        return self._record(tx, actor, window, event, "reschedule", said if is_public else None)

    def correct(
        self, tx: Transaction, actor: Actor, window: Maintenance, update_id: str, words: str
    ) -> Maintenance:
        """Other words for what was published, the latest where no ``update_id`` is given; the page shows both."""
        if not window.updates:
            raise RefusedError(f"nothing was published about maintenance {window.id}")
        wanted = update_id or window.updates[-1].id
        if wanted not in {update.id for update in window.updates}:
            raise NotFoundError(f"maintenance {window.id} has no update {wanted}")
        event = MaintenanceCorrected(id=window.id, update_id=wanted, body=words)
        said = Announcement(subject=f"{SUBJECTS['correct']}: {window.title}", body=words)
        return self._record(tx, actor, window, event, "correct", said)

    @property
    def names(self) -> Mapping[str, str]:
        """Names of the page's components by id."""
        return {component.id: component.name for component in self._components().components}

    def view(self, window: Maintenance, now: datetime) -> MaintenanceView:
        """A window as it is shown."""
        fields = {name: getattr(window, name) for name in MaintenanceFields.__struct_fields__}
        muting = window.muting
        return MaintenanceView(
            **fields,
            delayed=window.is_delayed(now),
            overruns=window.overruns(now),
            next_update_by=window.next_update_by,
            update_overdue=window.is_update_overdue(now),
            muting=muting is not None and muting.state(now) == "active",
            missing_checks=() if window.is_over else window.missing_checks,
            verified=window.is_verified,
            public_url=f"{self.page_url}/maintenance/{window.public_id}" if window.updates else "",
        )

    def _component(self, name: str) -> str:
        for component in self._components().components:
            if name in (component.id, component.name):
                return component.id
        known = ", ".join(component.name for component in self._components().components)
        raise BadRequestError(f"there is no component {name[:60]!r}; there are {known}", "components")

    def _record(
        self,
        tx: Transaction,
        actor: Actor,
        window: Maintenance,
        event: MaintenanceAnnounced
        | MaintenanceCheckedIn
        | MaintenanceUpdated
        | MaintenanceExtended
        | MaintenanceVerifying
        | MaintenanceCompleted
        | MaintenanceCancelled
        | MaintenanceRescheduled
        | MaintenanceCorrected,
        verb: str,
        said: Announcement | None,
    ) -> Maintenance:
        tx.record(event, actor, f"maintenance-{window.id}")
        if said is not None:
            tell_audiences(tx, TOLD.get(verb, ()), said, actor.name)
        return tx.state.maintenances[window.id]


def tell_audiences(tx: Transaction, names: tuple[str, ...], said: Announcement, by: str) -> tuple[str, ...]:
    """Has the same text sent to each of these audiences that the contacts know; those that are told."""
    known = tuple(name for name in names if tx.state.contacts.audiences.get(name))
    if known:
        decide_page(tx, "announcement", tuple(f"{AUDIENCE}{name}" for name in known), text=said.text, by=by)
    return known


def digest_of(said: Announcement) -> str:
    """Tells whether a preview is still what would be published."""
    return hashlib.sha256(said.text.encode()).hexdigest()


def check_announceable(window: Maintenance, now: datetime) -> None:
    """Raises ``RefusedError`` where a window cannot be announced, or not any more."""
    step_to(window, WindowVerb.ANNOUNCE)
    if window.announced_at is not None:
        raise RefusedError(
            f"maintenance {window.id} was announced at {window.announced_at:%Y-%m-%d %H:%M} UTC; "
            f"to change its words: ops maintenance correct {window.id} TEXT"
        )
    if now >= window.starts_at:
        raise RefusedError(
            f"maintenance {window.id} was to begin before now; its check-in announces it, or reschedule it"
        )


def _check_complete(window: Maintenance, firing: tuple[str, ...], reason: str) -> None:
    """Everything that speaks against its end is said at once, so that a reason is one for all of it."""
    against = []
    if not window.is_verified:
        against.append(
            f"no smoke test has gone well since its verification began: run ops maintenance verify {window.id} once more"
        )
    if firing:
        verb = "fires" if len(firing) == 1 else "fire"
        against.append(
            f"{', '.join(firing)} still {verb}, and people are called for it as soon as this ends: wait"
        )
    if against and not reason:
        raise RefusedError(f"{'; '.join(against)}; or say why it is over all the same: --reason")


def _still_muted(tx: Transaction, window: Maintenance) -> tuple[str, ...]:
    """Names of alerts for which nobody is called only because the window is on; a few of each incident are looked at."""
    muting = window.muting
    if muting is None or muting.state(tx.now) != "active":
        return ()
    found = [
        alert
        for incident in tx.state.open_incidents()
        if tx.state.index.active_in(incident.id)
        for fingerprint in islice(tx.state.index.members(incident.id), _LOOKED_AT)
        if (alert := tx.state.alerts.get(fingerprint)) is not None
    ]
    names = {alert.alertname for alert in found if alert.active and muting.mutes(alert.labels, tx.now)}
    return tuple(sorted(names)[:_NAMED])


def find_window(state: State, number: int) -> Maintenance:
    """The window of a number. Raises ``NotFoundError``."""
    window = state.maintenances.get(number)
    if window is None:
        raise NotFoundError(f"there is no maintenance {number}; ops maintenance list shows them")
    return window


def _update(status: str, body: str, at: datetime, actor: Actor) -> PublicUpdate:
    return PublicUpdate(id=new_public_id(), status=status, body=body, at=at, by=actor.name)


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if starts_at < now:
        raise BadRequestError("it begins in the past; name a time to come", "starts_at")
    if ends_at <= starts_at:
        raise BadRequestError("it ends before it begins", "ends_at")
    if ends_at - starts_at > LONGEST:
        raise BadRequestError("a window lasts at most 7 days", "ends_at")
    if starts_at - now > timedelta(days=366):
        raise BadRequestError("a window is planned at most a year ahead", "starts_at")


def _owner(state: State, wanted: str, actor: Actor, now: datetime) -> str:
    """Whoever is named, and can be called; without a name whoever asks, else who is on call first."""
    people = state.contacts.people
    by_user = {person.user: person.id for person in people.values()}
    if wanted:
        if wanted in people or wanted in by_user:
            return wanted if wanted in people else by_user[wanted]
        raise BadRequestError(
            f"{wanted[:40]!r} is not among the contacts, so nobody could be called; there are {', '.join(people)}",
            "owner",
        )
    if actor.name in people or actor.name in by_user:
        return actor.name if actor.name in people else by_user[actor.name]
    on_call = state.contacts.on_call("L1", now)
    return on_call[0] if on_call else actor.name


def _evidence(tx: Transaction, name: PreCheckName, run: str) -> str:
    execution = tx.state.executions.get(run)
    if execution is None:
        raise BadRequestError(f"there is no execution {run[:64]!r}; ops executions lists them", "run")
    if execution.state not in _SOUND or execution.verdict == "unhealthy":
        verdict = f", {execution.verdict}" if execution.verdict else ""
        raise RefusedError(f"{execution.title} ({run}) is {execution.state}{verdict}: it shows nothing good")
    ended_at = execution.finished_at or execution.requested_at
    if tx.now - ended_at > _EVIDENCE_AGE:
        raise RefusedError(f"{execution.title} ({run}) ended more than 24 hours ago; run it once more")
    if name == "backup" and (execution.action != "backup" or execution.dry_run):
        raise RefusedError(
            f"{execution.title} ({run}) is no backup; ops act backup makes one and restores it once"
        )
    return f"{execution.title} by {execution.actor} at {ended_at:%Y-%m-%d %H:%M} UTC"
