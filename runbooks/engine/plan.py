"""What exactly would run: a step or an action resolved to one argv, its locks, and the digest a person confirms."""

import hashlib
import re
import shlex
from collections.abc import Mapping

import msgspec

from runbooks.engine.action import Action, Verify
from runbooks.engine.params import ParameterError, bind_params
from runbooks.wire import RunbookView, StepKind, StepView

_WORD = re.compile(r"\{([a-z_][A-Za-z0-9_]*)\}")


class UnavailableHereError(Exception):
    """The target has no way of doing this."""

    def __init__(self, action: str, target: str) -> None:
        super().__init__(f"{action} is unavailable here: the target {target} has no command for it")


class UnknownStepError(Exception):
    """No such step, or none that may run."""


class UnknownActionError(Exception):
    """No action of that name."""

    def __init__(self, name: str, known: Mapping[str, Action]) -> None:
        near = [action for action in known if name.split("-")[0] in action][:5]
        super().__init__(
            f"no action {name}; {'perhaps ' + ', '.join(near) if near else 'see ops act --list'}"
        )


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to run, wholly resolved."""

    title: str
    kind: StepKind
    argv: tuple[str, ...]
    env: Mapping[str, str]
    """Parameters of a read step, added to the allow-listed environment."""
    locks: tuple[str, ...]
    object: str
    timeout_s: float
    digest: str
    action: str | None = None
    runbook: str | None = None
    step: str | None = None
    params: Mapping[str, str] = {}
    for_s: int | None = None
    people: int = 1
    unverified: bool = False
    """Whether this target's argv was never seen to run."""
    precheck: tuple[str, ...] | None = None
    verify: Verify | None = None
    rollback: str | None = None


def plan_action(
    action: Action,
    params: Mapping[str, str],
    *,
    target: str,
    words: Mapping[str, str],
    for_s: int | None = None,
    runbook: RunbookView | None = None,
    step: StepView | None = None,
) -> Plan:
    """The plan of an action on a target.

    ``words`` are what the target puts in the place of ``{python}`` and the like; a parameter never overrides one.
    Raises ``ParameterError`` and ``UnavailableHereError``.
    """
    if target not in action.argv:
        raise UnavailableHereError(action.name, target)
    if for_s is not None and not action.temporary:
        raise ParameterError("for", f"{action.name} is not a temporary change")
    if for_s is not None and not any("{for}" in word for word in action.argv[target]):
        raise ParameterError("for", f"on the target {target} {action.name} has no end of its own")
    bound = bind_params(action.params, params)
    known = {**bound, "for": f"{for_s}s" if for_s else "", **words}
    if _filled(action.argv[target][0], known) is None:
        raise UnavailableHereError(action.name, target)
    quoted = {name: shlex.quote(value) for name, value in known.items()}
    acted_on = _filled(action.object, known) or action.object
    plan = Plan(
        title=action.title,
        kind=action.kind,
        argv=_argv(action.argv[target], known),
        env={},
        locks=tuple(sorted({_filled(lock, known) or lock for lock in action.locks}))
        if action.kind != "read"
        else (),
        object=acted_on,
        timeout_s=action.timeout_s,
        digest="",
        action=action.name,
        runbook=runbook.id if runbook else None,
        step=step.name if step else None,
        params=bound,
        for_s=for_s,
        people=action.people,
        unverified=target in action.unverified,
        precheck=_argv(action.precheck[target], known) if target in action.precheck else None,
        verify=_verify(action.verify, known),
        rollback=(_filled(action.rollback, quoted) or action.rollback) if action.rollback else None,
    )
    return _digested(plan, runbook, target)


def _argv(words: tuple[str, ...], known: Mapping[str, str]) -> tuple[str, ...]:
    """The words filled in, without those that are only about a parameter that was not given."""
    return tuple(word for word in (_filled(word, known) for word in words) if word is not None)


def _filled(template: str, known: Mapping[str, str]) -> str | None:
    """The template with its words replaced; None when it is only about a word that has no value."""
    names = _WORD.findall(template)
    if any(known.get(name, "") == "" for name in names):
        return None
    return _WORD.sub(lambda match: known[match[1]], template)


def _verify(verify: Verify | None, known: Mapping[str, str]) -> Verify | None:
    """What is measured, with the parameters in what is expected of it: never in the query."""
    if verify is None:
        return None
    return msgspec.structs.replace(verify, expect=_filled(verify.expect, known) or verify.expect)


def plan_step(
    runbook: RunbookView,
    step_name: str,
    params: Mapping[str, str],
    *,
    actions: Mapping[str, Action],
    target: str,
    words: Mapping[str, str],
    for_s: int | None = None,
) -> Plan:
    """The plan of a runbook's step: bash on the pinned text for a read step, its one action for a change.

    Raises ``UnknownStepError``, ``UnknownActionError``, ``ParameterError`` and ``UnavailableHereError``.
    """
    step = next((step for step in runbook.steps if step.name == step_name), None)
    if step is None:
        known = ", ".join(step.name for step in runbook.steps) or "none"
        raise UnknownStepError(f"{runbook.id} has no step {step_name}; its steps: {known}")
    if step.kind != "read":
        return _plan_change(runbook, step, params, actions=actions, target=target, words=words, for_s=for_s)
    bound = bind_params(step.inputs, params)
    plan = Plan(
        title=step.title or step.name,
        kind="read",
        argv=("bash", "-euo", "pipefail", "-c", step.command),
        env=bound,
        locks=(),
        object=runbook.id,
        timeout_s=step.timeout_s,
        digest="",
        runbook=runbook.id,
        step=step.name,
        params=bound,
    )
    return _digested(plan, runbook, target)


def _plan_change(
    runbook: RunbookView,
    step: StepView,
    params: Mapping[str, str],
    *,
    actions: Mapping[str, Action],
    target: str,
    words: Mapping[str, str],
    for_s: int | None,
) -> Plan:
    action = actions.get(step.action or "")
    if action is None:
        raise UnknownActionError(step.action or "?", actions)
    inputs = bind_params(step.inputs, {k: v for k, v in params.items() if k in {i.name for i in step.inputs}})
    for name in params:
        if name not in inputs:
            raise ParameterError(name, "this step takes only what its own line leaves open")
    resolved = {}
    for name, value in step.params.items():
        if value.startswith("$"):
            value = inputs.get(value[1:].strip("{}"), "")
        resolved[name] = value
    written_for = resolved.pop("for", None)
    if written_for is not None and for_s is None:
        for_s = int(written_for)
    return plan_action(action, resolved, target=target, words=words, for_s=for_s, runbook=runbook, step=step)


def _digested(plan: Plan, runbook: RunbookView | None, target: str) -> Plan:
    pinned = [
        runbook.digest if runbook else None,
        plan.step,
        plan.action,
        list(plan.argv),
        dict(sorted(plan.params.items())),
        plan.for_s,
        plan.object,
        target,
    ]
    digest = hashlib.sha256(msgspec.json.encode(pinned)).hexdigest()
    return msgspec.structs.replace(plan, digest=digest)
