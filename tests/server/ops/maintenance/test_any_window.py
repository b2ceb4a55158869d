"""Any interleaving of people, alerts, restarts and clocks: who is muted is muted by somebody who is there."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.alert import read_posted
from alerts.contacts import parse_contacts
from alerts.escalation import is_called_for, is_overdue
from alerts.incident import IncidentBreached
from alerts.maintenance import OwnerCalled, StaleWindowError, WindowTransitionError, due_duties
from alerts.notification import PageDecided
from alerts.wire import PostableAlert
from server.http.call import BadRequestError
from server.ops.alerting.intake import pass_time, take_alerts
from server.ops.executions.admission import RefusedError
from server.ops.maintenance.duty import call_owners
from server.ops.maintenance.windows import WindowDesk, WindowPlan
from server.ops.paging.escalations import MAINTENANCE, look_at_all, page_what_is_due, why_muted
from server.ops.state.ledger import DAEMON, Actor, Transaction
from server.ops.state.snapshot import pieces, restored
from server.ops.state.state import State
from server.store.chain import Head
from tests.server.ops.state.captures import captured
from web.components import DEFAULT

BEGIN = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ANA = Actor("ana", "token")
CONTACTS = parse_contacts(
    "people: {ana: {channels: [file:a]}, bo: {channels: [file:b]}}\nlevels: {L1: bo}\n"
    "audiences: {announcements: [file:c], customers: [file:d]}\n"
)
_NAMES = st.sampled_from(["APIDown", "DatabaseDown"])
_VERBS = st.sampled_from(
    ["announce", "check-in", "update", "no-change", "extend", "verify", "complete", "cancel", "reschedule"]
)


class Upkeep(RuleBasedStateMachine):
    """The state as the daemon has it, looked at after every step as it looks every second."""

    @initialize()
    def begin(self) -> None:
        self.state, self.head, self.now = State(), Head(), BEGIN
        self.state.contacts = CONTACTS
        self.desk = WindowDesk(lambda: DEFAULT, "https://status.example")
        self.called: set[tuple[int, str]] = set()

    def transaction(self) -> Transaction:
        self.state.undo.take()
        return Transaction(self.state, self.head, self.now)

    def turn(self) -> None:
        for look in (lambda tx: pass_time(tx, timedelta(minutes=15), BEGIN), page_what_is_due, _call):
            more = True
            while more:
                tx = self.transaction()
                more = bool(look(tx))
                self.head = tx.head
                for _, event in tx.recorded:
                    self._look_at(event)

    def _look_at(self, event: object) -> None:
        if isinstance(event, PageDecided) and event.page.kind == "page":
            incident = self.state.incidents[event.page.incident_id or 0]
            # Of what comes and goes this very page is what holds back the next one.
            flaps = event.due is not None and event.due.flapping
            muted = "" if flaps else why_muted(self.state, incident, self.now)
            assert not muted, "nobody is called for what is muted"
        if isinstance(event, IncidentBreached):
            incident = self.state.incidents[event.id]
            muted = why_muted(self.state, incident, self.now)
            assert not muted.startswith(MAINTENANCE), "no target is missed in a window"
        if isinstance(event, OwnerCalled):
            assert (event.id, event.keys[0]) not in self.called, "an owner is called once for one thing"
            self.called |= {(event.id, key) for key in event.keys}

    @rule(name=_NAMES, ahead=st.integers(0, 40), lasts=st.integers(5, 90))
    def schedule(self, name: str, ahead: int, lasts: int) -> None:
        if len(self.state.open_windows()) >= 3:
            return
        starts_at = self.now + timedelta(minutes=ahead)
        wanted = WindowPlan(
            title="work",
            body="",
            reason="why",
            matchers=(f'alertname="{name}"',),
            components=("Analyze API",),
            owner="ana",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=lasts),
            runbooks=(),
        )
        tx = self.transaction()
        self.desk.schedule(tx, ANA, wanted)
        self.head = tx.head
        self.turn()

    @rule(which=st.integers(0, 20), verb=_VERBS)
    def step(self, which: int, verb: str) -> None:
        windows = list(self.state.maintenances.values())
        if not windows:
            return
        window = windows[which % len(windows)]
        tx, desk = self.transaction(), self.desk
        mark = self.state.undo.mark
        later = (self.now + timedelta(minutes=20), self.now + timedelta(minutes=50))
        ends_at = max(window.ends_at, self.now) + timedelta(minutes=15)
        steps = {
            "announce": lambda: desk.announce(tx, ANA, window, None),
            "check-in": lambda: desk.check_in(tx, ANA, window, "", "a test"),
            "update": lambda: desk.update(tx, ANA, window, "on it"),
            "no-change": lambda: desk.update(tx, ANA, window, None),
            "extend": lambda: desk.extend(tx, ANA, window, ends_at, ""),
            "verify": lambda: desk.verify(tx, ANA, window, ""),
            "complete": lambda: desk.complete(tx, ANA, window, "", "a test"),
            "cancel": lambda: desk.cancel(tx, ANA, window, "a test", ""),
            "reschedule": lambda: desk.reschedule(tx, ANA, window, later, ""),
        }
        try:
            steps[verb]()
        except (RefusedError, BadRequestError, WindowTransitionError, StaleWindowError):
            assert not tx.recorded, "what is refused changes nothing"
            self.state.undo.go_back(mark)
            return
        self.head = tx.head
        self.turn()

    @rule(name=_NAMES, minutes=st.integers(1, 90), severity=st.sampled_from(["critical", "warning"]))
    def fire(self, name: str, minutes: int, severity: str) -> None:
        self._post(name, severity, self.now + timedelta(minutes=minutes))

    @rule(name=_NAMES)
    def clear(self, name: str) -> None:
        self._post(name, "critical", self.now)
        self._post(name, "warning", self.now)

    def _post(self, name: str, severity: str, ends_at: datetime) -> None:
        tx = self.transaction()
        labels = {"alertname": name, "service": "api", "severity": severity}
        posted = PostableAlert(labels=labels, annotations={"mttr_target": "5m"}, endsAt=ends_at)
        take_alerts(tx, [read_posted(posted, self.now, "test")], DAEMON)
        self.head = tx.head
        self.turn()

    @rule(seconds=st.sampled_from([1, 30, 60, 300, 720, 900, 1_800, 3_600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.turn()

    @rule(minutes=st.integers(1, 60))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)
        look_at_all(self.transaction())
        self.turn()

    @rule()
    def start_again(self) -> None:
        self.state = restored(pieces(captured(self.state, self.head)))
        self.state.contacts = CONTACTS
        self.turn()

    @invariant()
    def muted_is_only_where_somebody_is_there(self) -> None:
        if not hasattr(self, "state"):
            return
        for name in ("APIDown", "DatabaseDown"):
            muting = set(self.state.windows_on({"alertname": name}, self.now))
            expected = {
                w.id
                for w in self.state.maintenances.values()
                if w.is_on and w.checked_in_at and w.checked_in_at <= self.now < w.ends_at
                and w.matchers[0].value == name
            }  # fmt: skip
            assert muting == expected

    @invariant()
    def nobody_is_forgotten(self) -> None:
        if not hasattr(self, "state"):
            return
        for window in self.state.open_windows():
            assert due_duties(window, self.now) == []
        for incident in self.state.open_incidents():
            escalation = self.state.escalations.get(incident.id)
            if is_called_for(incident) and not why_muted(self.state, incident, self.now):
                assert escalation is not None
                assert not is_overdue(escalation, incident, self.now)
                assert escalation.maintained_since is None


def _call(tx: Transaction) -> None:
    call_owners(tx)


TestAnyWindow = Upkeep.TestCase
TestAnyWindow.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
