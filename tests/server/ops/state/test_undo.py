"""Any decision that raises, at any point, leaves the state as it was: its tables, their order, and all its indices."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.alert import read_posted
from alerts.incident import Verb, acknowledge, move
from alerts.matcher import Matcher
from alerts.silence import Silence
from alerts.wire import PostableAlert
from server.ops.alerting.intake import forget_old, pass_time, take_alerts
from server.ops.state import large_table
from server.ops.state.events import SilenceSet
from server.ops.state.ledger import DAEMON, Transaction
from server.ops.state.snapshot import Capturing, pieces, restored
from server.ops.state.state import FACTS, TABLES, State
from server.ops.state.undo import UndoLog, UndoTable
from server.runner.execution import (
    Execution,
    ExecutionFinished,
    ExecutionIntended,
    ExecutionLost,
)
from server.store.chain import Head
from tests.server.ops.state.captures import captured

BEGIN = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
_NAMES = st.sampled_from(["APIDown", "HighLatencyP95", "RedisDown"])
_ORDERED = ("executions", "incidents", "receipts", "approvals", "temporary")
_SEVERITIES = st.sampled_from(["critical", "warning", "none"])
_BATCH = st.lists(st.tuples(_NAMES, st.sampled_from("ab"), _SEVERITIES, st.integers(-2, 9)), max_size=6)


def rows(state: State) -> dict[str, Any]:
    """Everything that the state holds, in its order where that is asked for."""
    tables: dict[str, Any] = {name: dict(getattr(state, name)) for name in TABLES}
    tables |= {f"{name} in order": list(getattr(state, name)) for name in _ORDERED}
    return {**tables, **{name: getattr(state, name) for name in FACTS}}


def derived(state: State) -> dict[str, Any]:
    """Everything that follows from it and is asked for; what is looked at too often does no harm, so no agendas."""
    index = state.index
    names = {alert.alertname for alert in state.alerts.values()}
    return {
        "firing": state.firing_names,
        "named": {name: set(index.named(name)) for name in names},
        "unconfirmed": set(index.unconfirmed),
        "by_state": {key: count for key, count in index.by_state.items() if count},
        "members": {i: set(index.members(i)) for i in state.incidents},
        "active": {i: index.active_in(i) for i in state.incidents},
        "open": [incident.id for incident in state.open_incidents()],
        "incidents": {key: count for key, count in state.count_incidents().items() if count},
        "running": {execution.execution_id for execution in state.running},
        "unsettled": {i: set(state.unsettled_changes(i)) for i in state.incidents},
        "silenced": {f: set(state.silences_on(a.labels, BEGIN)) for f, a in state.alerts.items()},
    }


def looked_for(state: State) -> dict[str, Any]:
    """The same, found by looking at every row."""
    alerts, incidents = state.alerts.values(), state.incidents.values()
    of = {
        i.id: [a for f, a in state.alerts.items() if state.incident_by_alert.get(f) == i.id]
        for i in incidents
    }
    names = {alert.alertname for alert in alerts}
    running = [e for e in state.executions.values() if e.state == "running"]
    unsettled = [
        e for e in state.executions.values() if e.kind != "read" and e.state in ("running", "unknown")
    ]
    return {
        "firing": frozenset(a.alertname for a in alerts if a.state == "firing"),
        "named": {name: {a.fingerprint for a in alerts if a.alertname == name} for name in names},
        "unconfirmed": {a.fingerprint for a in alerts if a.state in ("pending", "stale")},
        "by_state": counted((a.state, a.severity) for a in alerts),
        "members": {
            i: {f for f, other in state.incident_by_alert.items() if other == i} for i in state.incidents
        },
        "active": {i: sum(a.active for a in mine) for i, mine in of.items()},
        "open": sorted(i.id for i in incidents if i.is_open),
        "incidents": counted((i.state, i.severity) for i in incidents),
        "running": {e.execution_id for e in running},
        "unsettled": {i: {e.execution_id for e in unsettled if e.incident_id == i} for i in state.incidents},
        "silenced": {
            a.fingerprint: {s.id for s in state.silences.values() if s.mutes(a.labels, BEGIN)} for a in alerts
        },
    }


def counted(keys: Any) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for key in keys:
        found[key] = found.get(key, 0) + 1
    return found


class _StopError(Exception):
    """The decision is given up here."""


class Failing(Transaction):
    """A decision that is given up before its n-th change."""

    def __init__(self, state: State, head: Head, now: datetime, steps: int) -> None:
        super().__init__(state, head, now)
        self.steps = steps

    def _step(self) -> None:
        if self.steps == 0:
            raise _StopError
        self.steps -= 1

    def record(self, *given: Any, **named: Any) -> Any:
        self._step()
        return super().record(*given, **named)

    def touch(self, alert: Any) -> None:
        self._step()
        super().touch(alert)

    def forget(self, fingerprint: str) -> None:
        self._step()
        super().forget(fingerprint)


class Decisions(RuleBasedStateMachine):
    """Decisions of every kind, some of which are given up half-way, and commits that fail."""

    @initialize()
    def begin(self) -> None:
        self.state, self.head, self.now = State(), Head(), BEGIN
        self.executions = 0
        self.begun: tuple[Capturing, Iterator[None], State] | None = None
        self.rows_in_a_part, large_table._ROWS = large_table._ROWS, 1

    def teardown(self) -> None:
        if hasattr(self, "rows_in_a_part"):
            large_table._ROWS = self.rows_in_a_part

    def decide(self, decide: Any, steps: int) -> None:
        """Gives it up before its ``steps``-th change; where it has fewer, it is made, and perhaps not committed."""
        self.now += timedelta(seconds=20)
        before, head = rows(self.state), self.head
        self.state.undo.take()
        transaction = Failing(self.state, self.head, self.now, steps)
        try:
            decide(transaction)
        except _StopError:
            self.state.undo.go_back(0)
            assert rows(self.state) == before
            return
        if steps % 3 == 0:
            self.state.undo.go_back(0)
            assert rows(self.state) == before
            self.head = head
            return
        self.head = transaction.head

    @rule(batch=_BATCH, steps=st.integers(0, 12))
    def post(self, batch: list[tuple[str, str, str, int]], steps: int) -> None:
        def decide(tx: Transaction) -> None:
            said = [
                read_posted(
                    PostableAlert(
                        labels={
                            "alertname": name,
                            "service": "api",
                            "instance": instance,
                            "severity": severity,
                        },
                        endsAt=tx.now + timedelta(minutes=minutes),
                    ),
                    tx.now,
                    "prometheus",
                )
                for name, instance, severity, minutes in batch
            ]
            take_alerts(tx, said, DAEMON)

        self.decide(decide, steps)

    @rule(minutes=st.integers(0, 40), steps=st.integers(0, 12))
    def wait(self, minutes: int, steps: int) -> None:
        self.now += timedelta(minutes=minutes)

        def decide(tx: Transaction) -> None:
            while pass_time(tx, timedelta(minutes=15), BEGIN):
                pass
            forget_old(tx)

        self.decide(decide, steps)

    @rule(
        n=st.integers(1, 4), verb=st.sampled_from([Verb.RESOLVE, Verb.REOPEN, None]), steps=st.integers(0, 3)
    )
    def handle(self, n: int, verb: Verb | None, steps: int) -> None:
        def decide(tx: Transaction) -> None:
            incident = tx.state.incidents.get(n)
            if incident is None:
                return
            try:
                event = acknowledge(incident, tx.now) if verb is None else move(incident, verb)
            except Exception:  # noqa: BLE001 - not possible from where it is: then nothing is done
                return
            tx.record(event, DAEMON, str(n))

        self.decide(decide, steps)

    @rule(name=_NAMES, regex=st.booleans(), steps=st.integers(0, 2))
    def silence(self, name: str, regex: bool, steps: int) -> None:
        silence = Silence(
            id=f"silence {name}",
            matchers=(Matcher(name="alertname", value=f"{name}.*" if regex else name, is_regex=regex),),
            starts_at=BEGIN,
            ends_at=self.now + timedelta(hours=1),
            created_by="ana",
            comment="",
            updated_at=self.now,
        )
        self.decide(lambda tx: tx.record(SilenceSet(silence=silence), DAEMON, silence.id), steps)

    @rule(
        incident=st.sampled_from([None, 1, 2]),
        end=st.sampled_from(["succeeded", "unknown"]),
        steps=st.integers(0, 3),
    )
    def run(self, incident: int | None, end: str, steps: int) -> None:
        self.executions += 1
        execution_id = f"run-{self.executions}"

        def decide(tx: Transaction) -> None:
            execution = Execution(
                execution_id=execution_id, kind="change", title="", actor="ana", argv=(), digest="", object="api",
                requested_at=tx.now, timeout_s=1, boot_id="b", locks=(f"lock {execution_id}",), incident_id=incident,
            )  # fmt: skip
            tx.record(ExecutionIntended(execution=execution), DAEMON, execution_id)
            if end == "unknown":
                tx.record(ExecutionLost(execution_id=execution_id, reason="?"), DAEMON, execution_id)
            else:
                finished = ExecutionFinished(execution_id=execution_id, state="succeeded", finished_at=tx.now)
                tx.record(finished, DAEMON, execution_id)

        self.decide(decide, steps)

    @rule()
    def start_again(self) -> None:
        """A snapshot is the same state, and its indices are."""
        again = restored(pieces(captured(self.state, self.head)))
        assert again == self.state
        self.state = again
        self.begun = None

    @rule()
    def begin_a_snapshot(self) -> None:
        capturing = Capturing(self.state, self.head)
        self.begun = capturing, capturing.steps(), restored(pieces(captured(self.state, self.head)))

    @rule(parts=st.integers(1, 8))
    def copy_some_of_it(self, parts: int) -> None:
        """The state went on meanwhile; the snapshot is of the moment in which it was begun."""
        if self.begun is None:
            return
        capturing, steps, then = self.begun
        if len(list(islice(steps, parts))) < parts:
            assert restored(pieces(capturing.captured)) == then
            self.begun = None

    @invariant()
    def what_follows_is_what_would_be_found_by_looking(self) -> None:
        if hasattr(self, "state"):
            assert derived(self.state) == looked_for(self.state)

    @invariant()
    def every_row_is_in_one_part(self) -> None:
        if hasattr(self, "state"):
            for table in (self.state.alerts, self.state.incident_by_alert):
                assert sorted(chain.from_iterable(table.parts()), key=str) == sorted(table.items(), key=str)


TestDecisions = Decisions.TestCase
TestDecisions.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_a_row_that_comes_back_stands_where_it_stood() -> None:
    log = UndoLog()
    table: UndoTable[str, int] = UndoTable(log, order=lambda value: value)
    table.load({"a": 1, "b": 2, "c": 3})
    del table["a"]
    table["d"] = 4
    log.go_back(0)
    assert list(table.items()) == [("a", 1), ("b", 2), ("c", 3)]


@pytest.mark.parametrize("change", ["clear", "popitem", "update", "setdefault"])
def test_a_table_changes_in_no_way_that_could_not_be_taken_back(change: str) -> None:
    table: UndoTable[str, int] = UndoTable(UndoLog())
    with pytest.raises(TypeError):
        getattr(table, change)()


def test_a_change_is_told_to_the_indices_and_so_is_its_taking_back() -> None:
    log, told = UndoLog(), []

    def changed(key: str, before: int | None, after: int | None) -> None:
        told.append((key, before, after))

    table: UndoTable[str, int] = UndoTable(log, changed)
    table["a"] = 1
    log.go_back(0)
    assert told == [("a", None, 1), ("a", 1, None)]
