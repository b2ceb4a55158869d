"""The state machine of an execution: whatever order things become known in, it runs at most once and holds its locks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from runbooks.engine.plan import Plan
from runbooks.wire import ExecutionRequest, ExecutionState
from server.ops.executions.admission import (
    LockedError,
    OtherRequestError,
    already_known,
    check_locks,
    request_sha256,
)
from server.ops.state.fold import fold
from server.ops.state.ledger import Actor, Transaction
from server.ops.state.state import State
from server.ops.users import Caller
from server.runner.execution import (
    HOLDS_LOCKS,
    TRANSITIONS,
    Execution,
    ExecutionCleared,
    ExecutionFinished,
    ExecutionIntended,
    ExecutionLost,
    ExecutionStarted,
    IllegalSignError,
    Sign,
    apply_execution_event,
)
from server.runner.process import ProcessId
from server.store.chain import Head

NOW = datetime(2026, 3, 14, tzinfo=UTC)
LOCKS = ("service:api", "service:redis", "service:postgres")


def plan(locks: tuple[str, ...]) -> Plan:
    return Plan(
        title="t",
        kind="change",
        argv=("true",),
        env={},
        locks=locks,
        object="o",
        timeout_s=1.0,
        digest="d",
        action="a",
    )


def execution(execution_id: str = "run-1", **fields: Any) -> Execution:
    values: dict[str, Any] = {
        "execution_id": execution_id,
        "kind": "change",
        "title": "t",
        "actor": "ana",
        "argv": ("true",),
        "digest": "d",
        "requested_at": NOW,
        "object": "o",
        "timeout_s": 1.0,
        "boot_id": "b",
    }
    return Execution(**(values | fields))


def finished(execution_id: str, state: ExecutionState = "succeeded") -> ExecutionFinished:
    return ExecutionFinished(execution_id=execution_id, state=state, finished_at=NOW)


@pytest.mark.parametrize("end", ["succeeded", "failed", "timed_out", "cancelled"])
def test_nothing_leads_back_from_an_end(end: ExecutionState) -> None:
    assert not any(source == end for source, _ in TRANSITIONS)
    ended = execution(state=end)
    for event in (
        ExecutionIntended(execution=execution()),
        ExecutionStarted(execution_id="run-1", shim=ProcessId(1, 1, "b"), pid=2, pgid=2, started_at=NOW),
        finished("run-1"),
        ExecutionLost(execution_id="run-1", reason="?"),
    ):
        with pytest.raises(IllegalSignError):
            apply_execution_event(ended, event, NOW, "daemon")


def test_unknown_is_left_only_by_a_person() -> None:
    assert [(sign, to) for (source, sign), to in TRANSITIONS.items() if source == "unknown"] == [
        (Sign.CLEARED, "failed")
    ]


class Runs(RuleBasedStateMachine):
    """Clients that post, a daemon that dies between any two events, shims that end or vanish."""

    ids = Bundle("ids")

    @initialize()
    def begin(self) -> None:
        self.state = State()
        self.head = Head()
        self.journal: list[tuple[Any, Any]] = []
        self.processes: dict[str, int] = {}
        self.clock = NOW

    def decide(self, decide: Any) -> Any:
        self.clock += timedelta(seconds=1)
        transaction = Transaction(self.state, self.head, self.clock)
        try:
            answer = decide(transaction)
        except Exception:
            self.state.undo.go_back(0)
            raise
        self.state.undo.take()
        self.head = transaction.head
        self.journal += transaction.recorded
        return answer

    @rule(target=ids, n=st.integers(0, 5), locks=st.sets(st.sampled_from(LOCKS)), body=st.sampled_from("ab"))
    def post(self, n: int, locks: set[str], body: str) -> str:
        request = ExecutionRequest(execution_id=f"run-{n}", action=body)
        wanted = plan(tuple(sorted(locks)))

        def intend(tx: Transaction) -> bool:
            if already_known(tx.state, request):
                return False
            check_locks(tx.state, wanted, tx.now)
            intended = execution(
                request.execution_id,
                locks=wanted.locks,
                requested_at=tx.now,
                request_sha256=request_sha256(request),
            )
            tx.record(ExecutionIntended(execution=intended), Actor("ana", "token"), request.execution_id)
            return True

        before = dict(self.state.locks)
        try:
            if self.decide(intend):
                self.processes[request.execution_id] = 0
                assert not set(before) & locks
        except LockedError as refused:
            assert refused.key in before
        except OtherRequestError:
            assert request.execution_id in self.state.executions
        return request.execution_id

    def record(self, event: Any, execution_id: str, actor: str = "daemon") -> bool:
        if execution_id not in self.state.executions:
            return False
        try:
            self.decide(lambda tx: tx.record(event, Actor(actor, "daemon"), execution_id))
        except IllegalSignError:
            return False
        return True

    @rule(execution_id=ids)
    def start(self, execution_id: str) -> None:
        """The one place that starts a process: right after the intent, and only by who recorded it."""
        if self.processes.get(execution_id) == 0 and self.state.executions[execution_id].state == "running":
            self.processes[execution_id] += 1
            shim = ProcessId(1, 1, "b")
            event = ExecutionStarted(
                execution_id=execution_id, shim=shim, pid=2, pgid=2, started_at=self.clock
            )
            assert self.record(event, execution_id)

    @rule(execution_id=ids, state=st.sampled_from(["succeeded", "failed", "timed_out", "cancelled"]))
    def finish(self, execution_id: str, state: ExecutionState) -> None:
        was = self.state.executions[execution_id].state if execution_id in self.state.executions else None
        assert self.record(finished(execution_id, state), execution_id) is (was == "running")

    @rule(execution_id=ids)
    def lose(self, execution_id: str) -> None:
        self.record(ExecutionLost(execution_id=execution_id, reason="?"), execution_id)

    @rule(execution_id=consumes(ids))
    def clear(self, execution_id: str) -> None:
        was = self.state.executions[execution_id].state if execution_id in self.state.executions else None
        cleared = self.record(
            ExecutionCleared(execution_id=execution_id, reason="looked"), execution_id, "ana"
        )
        assert cleared is (was == "unknown")

    @rule(kept=st.floats(0, 1))
    def die_and_recover(self, kept: float) -> None:
        """Everything that was committed folds to the same state; half of it to a state that was true once."""
        rebuilt = State()
        for entry, event in self.journal:
            fold(rebuilt, event, entry)
        assert rebuilt == self.state
        earlier = State()
        for entry, event in self.journal[: int(kept * len(self.journal))]:
            fold(earlier, event, entry)
        assert set(earlier.executions) <= set(self.state.executions)

    @invariant()
    def nothing_ran_twice(self) -> None:
        if hasattr(self, "processes"):
            assert all(count <= 1 for count in self.processes.values())

    @invariant()
    def exactly_the_unsettled_hold_their_locks(self) -> None:
        if hasattr(self, "state"):
            held = {
                lock: e.execution_id
                for e in self.state.executions.values()
                if e.state in HOLDS_LOCKS
                for lock in e.locks
            }
            assert self.state.locks == held


TestRuns = Runs.TestCase
TestRuns.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_a_caller_is_a_person_only_with_a_token_of_their_own() -> None:
    assert Caller("ana", "approver").is_person
    assert not Caller("admin", "admin").is_person
    assert not Caller("ana", "viewer", execution_id="run-1").is_person
