"""Which transitions an alert of a rule may make, and when: Prometheus' life cycle as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from alerts.promql.labels import NAME, Labels, from_mapping
from alerts.rule import AlertRule
from alerts.template import Facts, Query, Template, TemplateError, no_query

RESOLVED_RETENTION_MS = 15 * 60_000
"""How long a resolved alert is kept and sent again."""


class AlertState(Enum):
    """Where an alert of a rule stands; one that is none of these is not there."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class EvaluationSignal(Enum):
    """What an evaluation says about one alert."""

    HOLDS = "the expression holds, not yet for long enough"
    HELD = "the expression has held for the rule's `for`"
    KEPT = "the expression does not hold, but the alert must stay a while"
    GONE = "the expression does not hold"
    EXPIRED = "resolved for longer than anyone needs to know"


TRANSITIONS: Mapping[tuple[AlertState | None, EvaluationSignal], AlertState | None] = {
    (None, EvaluationSignal.HOLDS): AlertState.PENDING,
    (None, EvaluationSignal.HELD): AlertState.FIRING,
    (AlertState.PENDING, EvaluationSignal.HOLDS): AlertState.PENDING,
    (AlertState.PENDING, EvaluationSignal.HELD): AlertState.FIRING,
    (AlertState.PENDING, EvaluationSignal.KEPT): AlertState.PENDING,
    (AlertState.PENDING, EvaluationSignal.GONE): None,
    (AlertState.FIRING, EvaluationSignal.HOLDS): AlertState.FIRING,
    (AlertState.FIRING, EvaluationSignal.HELD): AlertState.FIRING,
    (AlertState.FIRING, EvaluationSignal.KEPT): AlertState.FIRING,
    (AlertState.FIRING, EvaluationSignal.GONE): AlertState.RESOLVED,
    (AlertState.RESOLVED, EvaluationSignal.HOLDS): AlertState.PENDING,
    (AlertState.RESOLVED, EvaluationSignal.HELD): AlertState.FIRING,
    (AlertState.RESOLVED, EvaluationSignal.KEPT): AlertState.RESOLVED,
    (AlertState.RESOLVED, EvaluationSignal.GONE): AlertState.RESOLVED,
    (AlertState.RESOLVED, EvaluationSignal.EXPIRED): None,
}


@dataclass(frozen=True, slots=True)
class RuleAlert:
    """One alert of one rule; times are Unix ms."""

    labels: Labels
    annotations: Mapping[str, str]
    state: AlertState
    value: float
    active_ms: int
    """Since when the expression holds."""
    fired_ms: int | None = None
    resolved_ms: int | None = None
    absent_ms: int | None = None
    """Since when the expression no longer holds while the alert is kept."""
    unconfirmed: str = ""
    """Why it fires on although the expression does not hold: what would show its end does not answer."""
    fault: str = ""
    """Why a label or annotation could not be rendered; such a text says so in its place."""


Alerts = Mapping[Labels, RuleAlert]


Unseen = Callable[[Labels], str]
"""Why an absence says nothing of the alert with these labels; empty where it says that the alert has ended."""


Disproven = Callable[[Labels], bool]
"""Whether a part of the window is enough to say that the alert with these labels has ended."""


def never_disproven(_: Labels) -> bool:
    """Only a full window says anything."""
    return False


def always_seen(_: Labels) -> str:
    """Nothing stands in the way of an absence."""
    return ""


class SameLabelsError(ValueError):
    """Two samples of a rule became one alert."""


def step(
    rule: AlertRule,
    alerts: Alerts,
    samples: Sequence[tuple[Labels, float]],
    at_ms: int,
    *,
    external: Mapping[str, str],
    external_url: str = "",
    query: Query = no_query,
    may_resolve: bool = True,
    disproven: Disproven = never_disproven,
    unseen: Unseen = always_seen,
) -> dict[Labels, RuleAlert]:
    """The rule's alerts after an evaluation.

    ``external_url`` and ``query`` are for the templates. ``may_resolve`` is False while the rule's windows fill again
    after a start: then nothing that is absent ends, unless what is there has ``disproven`` it. A firing alert whose
    absence is ``unseen`` goes on unconfirmed. Raises ``SameLabelsError``.
    """
    found = _rendered(
        rule, [Facts(value, dict(labels), external, external_url, query) for labels, value in samples], at_ms
    )
    after: dict[Labels, RuleAlert] = {}
    for labels in {**alerts, **found}:
        before, now = alerts.get(labels), found.get(labels)
        changed = (
            _present(rule, before, now, at_ms)
            if now
            else _absent(rule, before, at_ms, lambda gone: may_resolve or disproven(gone), unseen)
        )
        if changed is not None:
            after[labels] = changed
    return after


def _present(rule: AlertRule, before: RuleAlert | None, now: RuleAlert, at_ms: int) -> RuleAlert | None:
    active = before is not None and before.state is not AlertState.RESOLVED
    active_ms = before.active_ms if before is not None and active else at_ms
    if before is not None and before.state is AlertState.PENDING and before.absent_ms is not None:
        # Kept while windows were refilled: what nobody saw does not count towards ``for``.
        active_ms += at_ms - before.absent_ms
    signal = EvaluationSignal.HELD if at_ms - active_ms >= rule.for_ms else EvaluationSignal.HOLDS
    state = TRANSITIONS[before.state if before else None, signal]
    if state is None:
        return None
    fired_ms = before.fired_ms if before is not None and active else None
    if state is AlertState.FIRING and fired_ms is None:
        fired_ms = at_ms
    return replace(now, state=state, active_ms=active_ms, fired_ms=fired_ms)


def _absent(
    rule: AlertRule,
    before: RuleAlert | None,
    at_ms: int,
    may_end: Disproven,
    unseen: Unseen,
) -> RuleAlert | None:
    if before is None:
        return None
    reason = unseen(before.labels) if before.state is AlertState.FIRING else ""
    if reason:
        return replace(before, unconfirmed=reason)
    before = replace(before, unconfirmed="") if before.unconfirmed else before
    absent_ms = at_ms if before.absent_ms is None else before.absent_ms
    ends = before.state is AlertState.RESOLVED or may_end(before.labels)
    state = TRANSITIONS[before.state, _absence(rule, before, absent_ms, at_ms, ends)]
    if state is None:
        return None
    if state is AlertState.RESOLVED:
        return replace(before, state=state, resolved_ms=before.resolved_ms or at_ms, absent_ms=None)
    return replace(before, state=state, absent_ms=absent_ms)


def _absence(
    rule: AlertRule, before: RuleAlert, absent_ms: int, at_ms: int, may_resolve: bool
) -> EvaluationSignal:
    if before.state is AlertState.RESOLVED:
        expired = at_ms - (before.resolved_ms or at_ms) > RESOLVED_RETENTION_MS
        return EvaluationSignal.EXPIRED if expired else EvaluationSignal.GONE
    if not may_resolve:
        return EvaluationSignal.KEPT
    kept = before.state is AlertState.FIRING and at_ms - absent_ms < rule.keep_firing_ms
    return EvaluationSignal.KEPT if kept else EvaluationSignal.GONE


def _rendered(rule: AlertRule, samples: Sequence[Facts], at_ms: int) -> dict[Labels, RuleAlert]:
    found: dict[Labels, RuleAlert] = {}
    for facts in samples:
        own, faults = _texts(rule.labels, facts, "label")
        base = {name: text for name, text in facts.labels.items() if name != NAME}
        labels = from_mapping({**base, **own, "alertname": rule.name})
        if labels in found:
            raise SameLabelsError(
                "vector contains metrics with the same labelset after applying alert labels"
            )
        annotations, more = _texts(rule.annotations, facts, "annotation")
        fault = "; ".join((*faults, *more))
        found[labels] = RuleAlert(labels, annotations, AlertState.PENDING, facts.value, at_ms, fault=fault)
    return found


def _texts(
    templates: Mapping[str, Template], facts: Facts, kind: str
) -> tuple[dict[str, str], Sequence[str]]:
    """The rendered texts by name, and what could not be rendered."""
    texts, faults = {}, []
    for name, template in templates.items():
        try:
            texts[name] = template.render(facts)
        except TemplateError as error:
            texts[name] = f"<error expanding template: {error}>"
            faults.append(f"{kind} {name!r}: error expanding template: {error}")
    return texts, faults
