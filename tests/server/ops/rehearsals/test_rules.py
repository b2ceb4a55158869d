"""Facts about rehearsals: when they run, what they find, what they leave alone, and what stays of them."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.wire import DrillReport
from server.ops.config import OpsConfig, OpsConfigError
from server.ops.rehearsals.rules import next_at
from server.ops.state.events import Event, RehearsalBegan, RunbookDrilled, RunbookRehearsed
from server.ops.state.fold import fold
from server.ops.state.ledger import DAEMON, Transaction
from server.ops.state.snapshot import pieces, restored
from server.ops.state.state import KEPT_REHEARSALS, Rehearsal, State, StateImage
from server.runner.execution import Execution
from server.store.chain import Head
from tests.server.ops.conftest import NOON, House, Metrics, Start
from tests.server.ops.state.captures import captured

QUIET = """---
alert: APIDown
severity: critical
mttr_target: 5m
owner: platform
---
# APIDown

## Diagnosis
```bash {"name":"look","kind":"read","timeout":"20s","healthy":"fine","unhealthy":"broken","then":"greet"}
echo fine
```
```bash {"name":"ask","kind":"read","timeout":"20s","params":{"KEY":{"required":true}}}
echo "$KEY"
```

## Resolution
```bash {"name":"greet","kind":"change","timeout":"20s"}
ops act greet --param word=there
```
"""


def with_step(name: str, command: str, *, kind: str = "read", more: str = "") -> str:
    step = f'```bash {{"name":"{name}","kind":"{kind}","timeout":"20s"{more}}}\n{command}\n```\n'
    return QUIET.replace("## Resolution\n", f"## Resolution\n{step}")


@pytest.fixture
async def calm(start: Start, metrics: tuple[Metrics, str]) -> AsyncIterator[House]:
    """A daemon that hears its evaluator, with nothing amiss, and a daily rehearsal at eleven."""
    async with start(prometheus_url=metrics[1], rehearsal_at=dt.time(11)) as house:
        (house.config.runbooks / "APIDown.md").write_text(QUIET)
        await hear(house)
        yield house


async def hear(house: House) -> None:
    await house.fire("Watchdog", severity="none")
    await house.built.timers.poll()
    assert house.built.timers.evaluator == "ok"


async def tomorrow(house: House, **at: float) -> None:
    house.clock.forward(**(at or {"hours": 24}))
    await hear(house)


async def rehearsed(house: House) -> Any:
    view = await house.get("/v1/rehearsals?wait=30&seen=1000")
    assert view["state"] in ("done", "stopped")
    return view


async def by_hand(house: House, text: str | None = None) -> dict[str, Any]:
    if text is not None:
        (house.config.runbooks / "APIDown.md").write_text(text)
    await house.post("/v1/rehearsals", {"runbook": "APIDown"})
    return {step["step"]: step for step in (await rehearsed(house))["steps"]}


async def shown(house: House) -> Any:
    return await house.get("/v1/runbooks/APIDown")


async def test_a_read_step_is_run_a_change_is_only_resolved_and_what_needs_a_value_is_skipped(
    calm: House,
) -> None:
    steps = await by_hand(calm)
    assert {name: step["outcome"] for name, step in steps.items()} == {
        "look": "ran",
        "ask": "skipped",
        "greet": "planned",
    }
    assert steps["look"]["verdict"] == "healthy"
    proof = (await shown(calm))["rehearsed"]
    assert (proof["passed"], proof["findings"], proof["by"]) == (True, [], "admin")
    assert proof["text"] == "1 run, 1 planned, 1 skipped"


async def test_a_rehearsal_runs_as_a_viewer_of_its_own_and_is_shown_only_to_who_asks(calm: House) -> None:
    await by_hand(calm)
    assert (await calm.get("/v1/executions"))["executions"] == []
    assert "rehearsal-" not in await calm.get("/v1/snapshot")
    [run] = (await calm.get("/v1/executions?rehearsals=only"))["executions"]
    assert (run["actor"], run["rehearsal"], run["step"]) == ("rehearsal", True, "look")
    intents = [e for e in (await calm.get("/v1/audit"))["entries"] if e["kind"] == "execution.intended"]
    assert [(e["actor"], e["auth"]) for e in intents] == [("rehearsal", "daemon")]


@pytest.mark.parametrize(
    ("text", "step", "words"),
    [
        (with_step("bad", "echo now; exit 3"), "bad", "failed with exit code 3"),
        (with_step("gone", "no-such-program --please"), "gone", "failed with exit code 127"),
        (QUIET.replace("echo fine", "echo broken"), "look", "says unhealthy while nothing fires"),
        (with_step("try", "ops act no-such-action", kind="change"), "try", "no action no-such-action"),
        (with_step("try", "ops act greet --param wrd=x", kind="change"), "try", "parameter wrd: unknown"),
        (with_step("try", "ops act guarded", kind="change"), "try", "pre-check failed"),
        (with_step("slow", "sleep 60").replace('"20s"}\nsleep', '"1s"}\nsleep'), "slow", "timed_out"),
    ],
)
async def test_what_cannot_run_or_contradicts_the_quiet_is_a_finding(
    calm: House, text: str, step: str, words: str
) -> None:
    found = (await by_hand(calm, text))[step]
    assert (found["finding"], words in found["text"]) == (True, True), found
    proof = (await shown(calm))["rehearsed"]
    assert (proof["passed"], [f.partition(":")[0] for f in proof["findings"]]) == (False, [step])
    assert 'ops_rehearsal_findings{runbook="APIDown"} 1.0' in await calm.get("/v1/metrics")


async def test_a_destructive_steps_pre_check_is_tried_though_a_viewer_might_not_run_the_step(
    calm: House,
) -> None:
    tried = (await by_hand(calm, with_step("try", "ops act raze", kind="destructive")))["try"]
    assert (tried["finding"], tried["text"]) == (False, "resolves to raze on all; pre-check passed")
    assert not (calm.config.state / "razed").exists()


async def test_a_block_that_could_not_be_read_is_a_finding(calm: House) -> None:
    await by_hand(calm, with_step("odd", "echo", kind="sideways"))
    assert "kind is 'sideways'" in (await shown(calm))["rehearsed"]["findings"][0]


async def test_a_value_that_only_a_person_has_is_no_finding(calm: House) -> None:
    asks = ',"params":{"WORD":{"required":true}}'
    odd = "odd: {title: Odd, kind: change, object: api, params: {word: {pattern: '[0-9]{8}', required: true}}, targets: {local: [echo, '{word}']}}"
    actions = calm.config.runbooks / "actions.yml"
    actions.write_text(actions.read_text() + odd + "\n")
    steps = await by_hand(calm, with_step("odd", "ops act odd --param word=$WORD", kind="change", more=asks))
    assert (steps["odd"]["outcome"], steps["odd"]["text"]) == ("skipped", "needs WORD")


async def test_what_this_target_lacks_is_said_and_is_no_finding(calm: House) -> None:
    steps = await by_hand(calm, with_step("far", "ops act elsewhere", kind="change"))
    assert (steps["far"]["outcome"], steps["far"]["finding"]) == ("skipped", False)
    assert "unavailable here" in steps["far"]["text"]


async def test_unhealthy_while_an_alert_fires_is_no_finding(calm: House) -> None:
    await calm.fire()
    await calm.post("/v1/incidents/1/ack")
    steps = await by_hand(calm, QUIET.replace("echo fine", "echo broken"))
    assert (steps["look"]["finding"], steps["look"]["text"]) == (False, "unhealthy while APIDown fires")


async def test_the_daily_one_runs_once_a_day(calm: House) -> None:
    await calm.built.rehearsals.turn()
    assert (await calm.get("/v1/rehearsals"))["state"] == "idle", "the journal is younger than today's eleven"
    await tomorrow(calm)
    await calm.built.rehearsals.turn()
    assert (await rehearsed(calm))["by"] == "rehearsal"
    await calm.built.rehearsals.turn()
    began = [e for e in (await calm.get("/v1/audit"))["entries"] if e["kind"] == "rehearsal.began"]
    assert len(began) == 1


async def test_one_that_was_missed_runs_once_at_the_next_chance(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    settings = {"prometheus_url": metrics[1], "rehearsal_at": dt.time(11)}
    async with start(**settings):
        pass
    async with start(**settings) as house:
        await tomorrow(house, hours=76)
        await house.built.rehearsals.turn()
        await rehearsed(house)
        await house.built.rehearsals.turn()
        began = [e for e in (await house.get("/v1/audit"))["entries"] if e["kind"] == "rehearsal.began"]
        assert len(began) == 1


async def test_it_waits_while_an_incident_has_nobody_and_says_so(calm: House) -> None:
    await tomorrow(calm)
    await calm.fire()
    await calm.built.rehearsals.turn()
    view = await calm.get("/v1/rehearsals")
    assert (view["state"], view["postponed"]) == (
        "idle",
        "incident 1 (APIDown) is open and nobody has acknowledged it",
    )
    assert "ops_rehearsal_postponed 1.0" in await calm.get("/v1/metrics")
    status, answer = await calm.ask("POST", "/v1/rehearsals", {})
    assert (status, answer["error"]["message"].startswith("postponed: incident 1")) == (409, True)
    await calm.post("/v1/incidents/1/ack")
    await calm.built.rehearsals.turn()
    assert (await rehearsed(calm))["state"] == "done"


async def test_it_stops_when_an_incident_opens_and_goes_on_with_the_rest_later(calm: House) -> None:
    (calm.config.runbooks / "Slow.md").write_text(with_step("wait", "sleep 20"))
    await tomorrow(calm)
    await calm.built.rehearsals.turn()
    await until_running(calm)
    await calm.fire()
    view = await rehearsed(calm)
    assert (view["state"], view["remaining"]) == ("stopped", ["Slow"])
    assert "incident 1" in view["why"]
    [cancelled] = [
        e for e in (await calm.get("/v1/executions?rehearsals=only"))["executions"] if e["step"] == "wait"
    ]
    assert (await calm.settled(cancelled["execution_id"]))["state"] == "cancelled"
    (calm.config.runbooks / "Slow.md").write_text(QUIET)
    await calm.post("/v1/incidents/1/ack")
    await calm.built.rehearsals.turn()
    view = await rehearsed(calm)
    assert (view["state"], {step["runbook"] for step in view["steps"]}) == ("done", {"Slow"})


async def until_running(house: House) -> None:
    async with asyncio.timeout(20):
        while not any(
            e["step"] == "wait" and e["state"] == "running"
            for e in (await house.get("/v1/executions?rehearsals=only"))["executions"]
        ):
            await asyncio.sleep(0.02)


async def test_it_waits_while_somebody_changes_something(calm: House) -> None:
    await calm.post(
        "/v1/executions", {"execution_id": "run-00000001", "action": "hold-api", "confirm": "hold-api"}
    )
    assert (await calm.get("/v1/rehearsals"))["postponed"] == "admin runs Hold the api"
    await calm.post("/v1/executions/run-00000001/cancel")
    await calm.settled("run-00000001")


async def test_nobody_can_take_its_name_or_its_ids(calm: House) -> None:
    assert (await calm.ask("POST", "/v1/users", {"name": "rehearsal", "role": "viewer"}))[0] == 409
    request = {"execution_id": "rehearsal-0001", "runbook": "APIDown", "step": "look"}
    assert (await calm.ask("POST", "/v1/executions", request))[0] == 400


async def test_a_runbook_changed_since_it_was_proven_says_so(calm: House) -> None:
    await by_hand(calm)
    assert (await shown(calm))["rehearsed"]["changed_since"] is False
    (calm.config.runbooks / "APIDown.md").write_text(QUIET + "\nMore words.\n")
    assert (await shown(calm))["rehearsed"]["changed_since"] is True


async def test_the_result_of_a_drill_is_kept_over_a_restart_and_shown_with_the_runbook(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    report = {"alert": "APIDown", "runbook": "APIDown", "digest": "0" * 64, "passed": True, "resolved_s": 12.3, "mttr_target_s": 300}  # fmt: skip
    async with start() as house:
        viewer, responder = await house.user("vi", "viewer"), await house.user("ana", "responder")
        assert (await house.ask("POST", "/v1/drills", report, token=viewer))[0] == 403
        await house.post("/v1/drills", report, token=responder)
        assert (await house.ask("POST", "/v1/drills", {**report, "runbook": "Nothing"}))[0] == 400
    async with start() as house:
        proof = (await house.get("/v1/runbooks"))["runbooks"][0]["drilled"]
        assert (proof["by"], proof["passed"], proof["changed_since"]) == ("ana", True, True)
        assert proof["text"] == "cured by its steps in 12 s of 300 s"
        assert 'ops_drill_passed{runbook="APIDown"} 1.0' in await house.get("/v1/metrics")


def test_only_the_latest_rehearsals_are_remembered_and_they_displace_nothing_that_a_person_ran() -> None:
    def run(n: int, *, rehearsal: bool) -> Execution:
        return Execution(
            execution_id=f"{'rehearsal' if rehearsal else 'run'}-{n:08}", kind="read", title="", actor="", argv=(),
            digest="", requested_at=NOON, object="", timeout_s=1, boot_id="", state="succeeded", rehearsal=rehearsal,
        )  # fmt: skip

    runs = [run(0, rehearsal=False), *(run(n, rehearsal=True) for n in range(1_500))]
    state = State(StateImage(executions={e.execution_id: e for e in runs}))
    state.prune(NOON)
    assert len(state.executions) == 1 + KEPT_REHEARSALS
    assert "run-00000000" in state.executions
    assert f"rehearsal-{1499:08}" in state.executions


_NAMES = st.sampled_from(["APIDown", "RedisDown", "maintenance/BackupRestore"])
_TEXTS = st.lists(st.text(max_size=8), max_size=2).map(tuple)
_EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(RehearsalBegan, runbooks=st.lists(_NAMES, unique=True).map(tuple)),
    st.builds(
        RunbookRehearsed,
        runbook=_NAMES,
        digest=st.sampled_from(["", "a", "b"]),
        ran=st.integers(0, 9),
        planned=st.integers(0, 9),
        skipped=st.integers(0, 9),
        findings=_TEXTS,
    ),
    st.builds(
        RunbookDrilled,
        report=st.builds(
            DrillReport,
            alert=_NAMES,
            runbook=_NAMES,
            digest=st.just("a"),
            passed=st.booleans(),
            resolved_s=st.none() | st.floats(0, 1e6),
        ),
    ),
)


@given(st.lists(_EVENTS, max_size=12), st.integers(0, 12))
def test_proofs_fold_to_the_same_with_a_snapshot_anywhere_in_between(events: list[Event], at: int) -> None:
    whole, resumed, head = State(), State(), Head()
    for n, event in enumerate(events):
        if n == at:
            resumed = restored(pieces(captured(resumed, head)))
        transaction = Transaction(whole, head, NOON + timedelta(seconds=n))
        entry = transaction.record(event, DAEMON, "it")
        head = transaction.head
        fold(resumed, event, entry)
    assert resumed == whole
    drilled = {e.report.runbook: e.report.passed for e in events if isinstance(e, RunbookDrilled)}
    kept = {key[6:]: proof.passed for key, proof in whole.proofs.items() if key.startswith("drill ")}
    assert kept == drilled
    if whole.rehearsal is not None:
        began = max(n for n, e in enumerate(events) if isinstance(e, RehearsalBegan))
        done = {e.runbook for e in events[began:] if isinstance(e, RunbookRehearsed)}
        assert not done & set(whole.rehearsal.remaining)


@given(st.integers(-200, 200), st.integers(0, 200), st.times())
def test_a_daily_rehearsal_is_owed_at_most_once_for_each_day(born_h: int, now_h: int, at: dt.time) -> None:
    state = State(StateImage(first_at=NOON + timedelta(hours=min(born_h, now_h))))
    now = NOON + timedelta(hours=now_h)
    due_at = next_at(state, now, at)
    assert due_at is not None
    assert due_at.time() == at
    if due_at <= now:
        assert due_at >= state.first_at
        state.rehearsal = Rehearsal(began_at=now, remaining=())
        again = next_at(state, now, at)
        assert again is not None
        assert again > now


def test_the_time_of_day_is_read_and_can_be_switched_off() -> None:
    assert OpsConfig.from_env({}).rehearsal_at == dt.time(9, 30)
    assert OpsConfig.from_env({"REHEARSAL_AT": "23:05"}).rehearsal_at == dt.time(23, 5)
    assert OpsConfig.from_env({"REHEARSAL_AT": "off"}).rehearsal_at is None
    with pytest.raises(OpsConfigError, match="REHEARSAL_AT='25:00'"):
        OpsConfig.from_env({"REHEARSAL_AT": "25:00"})
