"""Any interleaving of alerts, people, silences, edits, restarts and clocks: nobody is forgotten, nobody is called twice."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.alert import read_posted
from alerts.contacts import Contacts, parse_contacts
from alerts.escalation import EscalationBegan, EscalationResumed, is_called_for, is_overdue
from alerts.incident import IllegalTransitionError, Verb, acknowledge, move
from alerts.incident_record import SeveritySet
from alerts.matcher import Matcher
from alerts.notification import PageDecided
from alerts.silence import Silence
from alerts.wire import PostableAlert, Severity
from server.ops.alerting.intake import pass_time, take_alerts
from server.ops.incidents.merge import unmerge
from server.ops.paging.escalations import look_at_all, page_what_is_due, why_muted
from server.ops.state.events import SilenceSet
from server.ops.state.ledger import DAEMON, Actor, Transaction
from server.ops.state.snapshot import pieces, restored
from server.ops.state.state import State
from server.store.chain import Head
from tests.server.ops.state.captures import captured

ANA = Actor("ana", "token")
BEGIN = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
_NAMES = st.sampled_from(["APIDown", "HighLatencyP95", "DatabaseDown", "Other"])
_EDITS = [
    parse_contacts(
        "people: {ana: {channels: [file:a]}, bo: {channels: [file:b]}}\nlevels: {L1: ana, L2: bo}\n"
    ),
    parse_contacts("people: {bo: {channels: [file:b]}}\nlevels: {L3: bo}\n"),
    Contacts(people={}, levels={}),
]


class Night(RuleBasedStateMachine):
    """The state as the daemon has it; time passes by ticks of up to an hour, and sometimes backwards."""

    @initialize()
    def begin(self) -> None:
        self.state, self.head, self.now = State(), Head(), BEGIN
        self.state.contacts = _EDITS[0]
        self.settled: set[tuple[int, int, int | datetime]] = set()
        self.ladders: dict[int, int] = {}
        self.silences = 0
        self.is_awake = False

    def transaction(self) -> Transaction:
        self.state.undo.take()
        return Transaction(self.state, self.head, self.now)

    def turn(self) -> None:
        """What the daemon does every second."""
        more = True
        while more:
            tx = self.transaction()
            more = pass_time(tx, timedelta(minutes=15), BEGIN)
            self.head = tx.head
        more = True
        while more:
            tx = self.transaction()
            more = page_what_is_due(tx)
            self.head = tx.head
            for _, event in tx.recorded:
                if isinstance(event, EscalationBegan):
                    self._count_ladder(event.escalation.incident_id)
                if isinstance(event, EscalationResumed):
                    self._count_ladder(event.id)
                if isinstance(event, PageDecided) and event.page.kind == "page":
                    self._look_at(event)

    def _count_ladder(self, incident_id: int) -> None:
        self.ladders[incident_id] = self.ladders.get(incident_id, 0) + 1

    def _look_at(self, event: PageDecided) -> None:
        assert event.page.incident_id is not None and event.due is not None
        incident = self.state.incidents[event.page.incident_id]
        assert is_called_for(incident), "nobody is called for what is watched or over"
        # This very page is what holds back the next one of what comes and goes.
        muted = "" if event.due.flapping else why_muted(self.state, incident, self.now)
        assert not muted, "nobody is called for what is muted"
        assert not self.is_awake or self.now - event.due.due_at <= timedelta(seconds=60), "in time"
        ladder = self.ladders[incident.id]
        repeated = [event.due.due_at] if event.due.level == "all" else []
        which: tuple[int | datetime, ...] = (*event.due.done, *repeated)
        settles = {(incident.id, ladder, one) for one in which}
        assert settles and not settles & self.settled, "one deadline of a ladder is one page"
        self.settled |= settles

    @rule(name=_NAMES, severity=st.sampled_from(["critical", "warning"]), minutes=st.integers(1, 90))
    def fire(self, name: str, severity: str, minutes: int) -> None:
        self._post(name, severity, self.now + timedelta(minutes=minutes))

    @rule(name=_NAMES)
    def clear(self, name: str) -> None:
        self._post(name, "critical", self.now)
        self._post(name, "warning", self.now)

    def _post(self, name: str, severity: str, ends_at: datetime) -> None:
        tx = self.transaction()
        posted = PostableAlert(
            labels={"alertname": name, "service": "api", "severity": severity}, endsAt=ends_at
        )
        take_alerts(tx, [read_posted(posted, self.now, "test")], DAEMON)
        self.head = tx.head
        self.turn()

    @rule(chance=st.integers(0, 50), verb=st.sampled_from(["ack", *Verb]))
    def step(self, chance: int, verb: str | Verb) -> None:
        if not self.state.incidents or verb in (
            Verb.MERGE,
            Verb.LAPSE,
            Verb.CLEAR,
            Verb.REFIRE,
            Verb.RELAPSE,
        ):
            return
        incident = list(self.state.incidents.values())[chance % len(self.state.incidents)]
        tx = self.transaction()
        try:
            event = acknowledge(incident, self.now) if isinstance(verb, str) else move(incident, verb)
        except IllegalTransitionError:
            return
        tx.record(event, DAEMON, str(incident.id))
        self.head = tx.head
        self.turn()

    @rule(name=_NAMES, minutes=st.integers(1, 60))
    def silence(self, name: str, minutes: int) -> None:
        self.silences += 1
        silence = Silence(
            id=f"s{self.silences}",
            matchers=(Matcher(name="alertname", value=name),),
            starts_at=self.now,
            ends_at=self.now + timedelta(minutes=minutes),
            updated_at=self.now,
            created_by="ana",
            comment="",
        )
        tx = self.transaction()
        tx.record(SilenceSet(silence=silence), DAEMON, silence.id)
        self.head = tx.head
        self.turn()

    @rule(seconds=st.sampled_from([1, 5, 30, 60, 120, 600, 1_800, 3_600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.turn()

    @rule(minutes=st.integers(1, 12))
    def a_while_passes(self, minutes: int) -> None:
        """With a daemon that is awake all the time, so that nothing may be late."""
        self.turn()
        self.is_awake = True
        for _ in range(minutes * 2):
            self.now += timedelta(seconds=30)
            self.turn()
        self.is_awake = False

    @rule(minutes=st.integers(1, 180))
    def the_daemon_is_down(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.start_again()

    @rule(chance=st.integers(0, 50))
    def somebody_takes_a_symptom_out(self, chance: int) -> None:
        merged = [i for i in self.state.incidents.values() if i.merged_into is not None]
        if not merged:
            return
        tx = self.transaction()
        unmerge(tx, merged[chance % len(merged)], ANA)
        self.head = tx.head
        self.turn()

    @rule(chance=st.integers(0, 50), severity=st.sampled_from(["critical", "warning", "info"]))
    def somebody_judges_it_otherwise(self, chance: int, severity: Severity) -> None:
        if not self.state.incidents:
            return
        incident = list(self.state.incidents.values())[chance % len(self.state.incidents)]
        tx = self.transaction()
        tx.record(SeveritySet(id=incident.id, severity=severity), ANA, str(incident.id))
        self.head = tx.head
        self.turn()

    @rule(minutes=st.integers(1, 60))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)
        look_at_all(self.transaction())
        self.turn()

    @rule(edit=st.sampled_from(_EDITS))
    def somebody_edits_the_contacts(self, edit: object) -> None:
        self.state.contacts = edit  # type: ignore[assignment]  # one of the three
        self.turn()

    @rule()
    def start_again(self) -> None:
        contacts, inhibition = self.state.contacts, self.state.inhibition
        self.state = restored(pieces(captured(self.state, self.head)))
        self.state.contacts = contacts
        self.state.inhibition.configure(inhibition.table, inhibition.windows, self.state.alerts.values())
        self.turn()

    @invariant()
    def nobody_is_forgotten(self) -> None:
        if not hasattr(self, "state"):
            return
        for incident in self.state.open_incidents():
            escalation = self.state.escalations.get(incident.id)
            if is_called_for(incident) and not why_muted(self.state, incident, self.now):
                assert escalation is not None
                assert not is_overdue(escalation, incident, self.now)
                # What a person has judged to be only information calls nobody, and says so.
                is_called = incident.severity in ("critical", "warning")
                assert incident.state != "open" or not is_called or not escalation.paused
            if incident.absorbed:
                assert incident.merged_into in self.state.incidents


TestAnyNight = Night.TestCase
TestAnyNight.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
