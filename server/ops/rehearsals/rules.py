"""Rehearsing runbooks on the live target, as rules: when it is due, when it has to wait, what of a step can be tried."""

import datetime as dt
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from runbooks.engine.action import Action
from runbooks.engine.params import ParameterError
from runbooks.engine.plan import Plan, UnavailableHereError, UnknownActionError, plan_step
from runbooks.wire import ParamView, RehearsedStep, RunbookView, StepView
from server.ops.state.state import State
from server.runner.execution import Execution

FINDINGS_ALERT = "RehearsalFindings"
"""Its incident is about rehearsals, so that it never keeps one waiting."""
_SAMPLES = {"int": "1", "duration": "1h", "bool": "true", "string": "rehearsal"}


def latest_slot(now: datetime, at: dt.time) -> datetime:
    """The latest time of day ``at`` (UTC) that is not after ``now``."""
    today = datetime.combine(now.date(), at, tzinfo=now.tzinfo)
    return today if today <= now else today - timedelta(days=1)


def next_at(state: State, now: datetime, at: dt.time | None) -> datetime | None:
    """When the next daily rehearsal is due; in the past while one is owed, None where they are off."""
    if at is None:
        return None
    slot = latest_slot(now, at)
    is_owed = state.first_at <= slot and (state.rehearsal is None or state.rehearsal.began_at < slot)
    return slot if is_owed else slot + timedelta(days=1)


def why_not_now(state: State, *, label: str, evaluator: str) -> str:
    """Why nothing may be rehearsed just now; empty where it may."""
    if label == "DRILL":
        return "this is a drill stack"
    waiting = [i for i in state.open_incidents() if i.state == "open" and i.alertname != FINDINGS_ALERT]
    if waiting:
        return f"incident {waiting[0].id} ({waiting[0].alertname}) is open and nobody has acknowledged it"
    begun = [w for w in state.open_windows() if w.is_on]
    if begun:
        return f"maintenance {begun[0].id} ({begun[0].title}) is on"
    changing = [e for e in state.running if e.kind != "read" and not e.dry_run]
    if changing:
        return f"{changing[0].actor} runs {changing[0].title}"
    if evaluator != "ok":
        return f"nobody would see an alert: {evaluator}"
    return ""


def needed_values(step: StepView) -> list[str]:
    """Values that only a person can give."""
    return [param.name for param in step.inputs if param.required and param.default is None]


def try_plan(
    runbook: RunbookView,
    step: StepView,
    *,
    actions: Mapping[str, Action],
    target: str,
    words: Mapping[str, str],
    state: State,
    finds: Callable[[str], bool],
) -> tuple[RehearsedStep, Plan | None]:
    """A change step resolved as far as it goes without running: its action, parameters, argv, program and locks.

    Values that a person would give are played by samples. The plan is given where its pre-check can be run as it is.
    """
    samples = {p.name: _sample(p) for p in step.inputs if p.required and p.default is None}
    try:
        plan = plan_step(runbook, step.name, _known(samples), actions=actions, target=target, words=words)
    except UnavailableHereError as error:
        return rehearsed(runbook, step, "skipped", text=str(error)), None
    except ParameterError as error:
        needs = [name for name, sample in samples.items() if sample is None or _is_about(step, name, error)]
        if needs:
            return rehearsed(runbook, step, "skipped", text=f"needs {', '.join(needs)}"), None
        return rehearsed(runbook, step, "failed", text=str(error), finding=True), None
    except UnknownActionError as error:
        return rehearsed(runbook, step, "failed", text=str(error), finding=True), None
    if not finds(plan.argv[0]):
        missing = f"{plan.argv[0]} is not there to be run"
        return rehearsed(runbook, step, "failed", text=missing, finding=True), None
    stuck = [key for key in plan.locks if _is_stuck(state, key)]
    if stuck:
        held = f"{stuck[0]} is kept by {state.locks[stuck[0]]}, which is unknown and has to be cleared"
        return rehearsed(runbook, step, "failed", text=held, finding=True), None
    resolved = f"resolves to {plan.action} on {plan.object}"
    return rehearsed(runbook, step, "planned", text=resolved), None if samples else plan


def judge(runbook: RunbookView, step: StepView, run: Execution, firing: str) -> RehearsedStep:
    """What a step that was run shows. ``firing`` names an alert that fires, which excuses an unhealthy verdict."""
    if run.state != "succeeded":
        code = "" if run.exit_code is None else f" with exit code {run.exit_code}"
        text = f"{run.state}{code}{': ' + run.reason if run.reason else ''}"
        return rehearsed(runbook, step, "failed", run=run, text=text, finding=True)
    if run.verdict != "unhealthy":
        text = "its output meets neither expectation" if run.verdict == "unclear" else ""
        return rehearsed(runbook, step, "ran", run=run, text=text)
    if firing:
        return rehearsed(runbook, step, "ran", run=run, text=f"unhealthy while {firing} fires")
    quiet = "says unhealthy while nothing fires: the expectation is wrong, or something that no alert sees"
    return rehearsed(runbook, step, "ran", run=run, text=quiet, finding=True)


def rehearsed(
    runbook: RunbookView,
    step: StepView,
    outcome: str,
    *,
    run: Execution | None = None,
    text: str = "",
    finding: bool = False,
) -> RehearsedStep:
    """One line of a rehearsal."""
    return RehearsedStep(
        runbook=runbook.id,
        step=step.name,
        kind=step.kind,
        outcome=outcome,  # type: ignore[arg-type]  # the words are this file's own
        verdict=run.verdict if run else None,
        text=text,
        finding=finding,
        execution_id=run.execution_id if run else None,
    )


def firing_now(state: State) -> str:
    """The name of an alert that fires, empty for none."""
    for name in state.firing_names:
        alerts = (state.alerts[fingerprint] for fingerprint in state.index.named(name))
        if any(alert.state == "firing" and alert.severity != "none" for alert in alerts):
            return name
    return ""


def _is_about(step: StepView, value: str, error: ParameterError) -> bool:
    """Whether it is the action that does not take the sample: only a person has a value that it takes."""
    return error.is_value and step.params.get(error.name, "").strip("${}") == value


def _known(samples: Mapping[str, str | None]) -> dict[str, str]:
    return {name: sample for name, sample in samples.items() if sample is not None}


def _sample(param: ParamView) -> str | None:
    """A value of the right type; None where a pattern asks for one that cannot be made up."""
    if param.pattern is not None:
        return None
    if param.type == "choice":
        return param.choices[0]
    if param.type in ("int", "duration") and (param.minimum is not None or param.maximum is not None):
        number = param.minimum if param.minimum is not None else param.maximum
        return f"{number}s" if param.type == "duration" else str(number)
    return _SAMPLES[param.type]


def _is_stuck(state: State, key: str) -> bool:
    holder = state.executions.get(state.locks.get(key, ""))
    return holder is not None and holder.state == "unknown"
