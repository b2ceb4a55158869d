"""One group of rules, evaluated in order at one time: series recorded, alerts moved on, problems kept visible."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.promql.error import PromQLError
from alerts.promql.labels import NAME, Labels, from_mapping
from alerts.promql.parser.idleness import activity_in
from alerts.promql.parser.parser import parse
from alerts.promql.parser.syntax import Expr, Selector, Type
from alerts.promql.parser.types import type_of
from alerts.promql.query import evaluate_vector
from alerts.promql.tsdb.sample_store import SampleStore
from alerts.promql.tsdb.series import STALE, OutOfOrderError
from alerts.rule import AlertRule, RecordingRule, Rule, RuleGroup, longest_range_ms
from alerts.rule_state import AlertState, RuleAlert, SameLabelsError, step
from alerts.template import Sample, TemplateError
from server.evaluator.clock import Clock
from server.evaluator.coverage import Unseen, raw_selectors

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RuleStatus:
    """How one rule stands, as ``/api/v1/rules`` shows it."""

    rule: Rule
    refill_ms: int
    """How long after the start an alert of the rule may not resolve."""
    reads: tuple[Selector, ...] = ()
    """What it reads of its targets."""
    activity: Expr | None = None
    """What is zero while it holds, where that is its condition."""
    alerts: dict[Labels, RuleAlert] = field(default_factory=dict)
    written: set[Labels] = field(default_factory=set)
    """The series of the last evaluation; what is gone in the next one becomes stale."""
    health: str = "unknown"
    last_error: str = ""
    last_ms: int = 0
    duration_s: float = 0.0


def _nothing_unseen(read: tuple[Selector, ...], labels: Labels, at_ms: int) -> str:
    return ""


class GroupRunner:
    """A group, its rules' states, and the evaluation of all of them."""

    def __init__(
        self,
        group: RuleGroup,
        store: SampleStore,
        clock: Clock,
        *,
        interval_ms: int,
        scrape_interval_ms: int,
        compat: int,
        external: Mapping[str, str],
        recorded: Mapping[str, Rule],
        external_url: str = "",
        unseen: Unseen = _nothing_unseen,
    ) -> None:
        self.group = group
        self.interval_ms = group.interval_ms or interval_ms
        # A rule without a range still needs a scrape or two before an absence means anything.
        least = 2 * scrape_interval_ms + self.interval_ms
        self.rules = [
            RuleStatus(
                rule,
                max(least, longest_range_ms(rule, recorded)),
                raw_selectors(rule.expr, recorded),
                activity_in(rule.expr),
            )
            for rule in group.rules
        ]
        self._unseen = unseen
        self.last_ms = 0
        self.duration_s = 0.0
        self.failures = 0
        self._store = store
        self._clock = clock
        self._compat = compat
        self._external = external
        self._external_url = external_url
        self._started_ms = clock.now_ms()

    def restore(self, name: str, alerts: Iterable[RuleAlert]) -> None:
        """Takes up the alerts of a rule that an earlier process left; a rule that is no more has none."""
        for status in self.rules:
            if isinstance(status.rule, AlertRule) and status.rule.name == name:
                fitting = [a for a in alerts if _fits(status.rule, a)]
                status.alerts.update({alert.labels: alert for alert in fitting})

    def evaluate(self, at_ms: int) -> None:
        """Evaluates every rule; one that fails stops no other."""
        started = self._clock.monotonic()
        for status in self.rules:
            begun = self._clock.monotonic()
            self._evaluate_rule(status, at_ms)
            status.duration_s, status.last_ms = self._clock.monotonic() - begun, at_ms
        self.duration_s, self.last_ms = self._clock.monotonic() - started, at_ms

    def _evaluate_rule(self, status: RuleStatus, at_ms: int) -> None:
        rule, query_ms = status.rule, at_ms - self.group.offset_ms
        try:
            samples = self._samples(rule.expr, query_ms)
            self._refuse_excess(samples)
            if isinstance(rule, AlertRule):
                series = self._alert(status, rule, samples, at_ms)
            else:
                series = _recorded(rule, samples)
        except (PromQLError, SameLabelsError, TooManyResultsError) as error:
            self.failures += 1
            self._write(status, {}, query_ms)
            _note(status, str(error))
            return
        self._write(status, series, query_ms)
        # An alert whose text cannot be rendered is sent all the same, and the rule says what is wrong with it.
        _note(status, next((alert.fault for alert in _holding(status) if alert.fault), ""))

    def _samples(self, expr: Expr, at_ms: int) -> list[tuple[Labels, float]]:
        try:
            return evaluate_vector(
                self._store, expr, at_ms, compat=self._compat, subquery_step_ms=self.interval_ms
            )
        except RecursionError as error:
            raise PromQLError("the expression has too many operations within each other") from error

    def _query(self, expr: str, at_ms: int) -> list[Sample]:
        """What a template asks for. Raises ``TemplateError``."""
        try:
            tree = parse(expr, compat=self._compat)
            if type_of(tree) not in (Type.VECTOR, Type.SCALAR):
                raise TemplateError("query result is not a vector or scalar")
            return [Sample(dict(labels), value) for labels, value in self._samples(tree, at_ms)]
        except PromQLError as error:
            raise TemplateError(str(error)) from error

    def _refuse_excess(self, samples: Sequence[tuple[Labels, float]]) -> None:
        if self.group.limit and len(samples) > self.group.limit:
            raise TooManyResultsError(f"exceeded limit of {self.group.limit} with {len(samples)} results")

    def _alert(
        self, status: RuleStatus, rule: AlertRule, samples: Sequence[tuple[Labels, float]], at_ms: int
    ) -> dict[Labels, float]:
        refilled = at_ms - self._started_ms >= status.refill_ms
        before = status.alerts
        query_ms = at_ms - self.group.offset_ms
        status.alerts = step(
            rule,
            before,
            samples,
            at_ms,
            external=self._external,
            external_url=self._external_url,
            query=lambda expr: self._query(expr, query_ms),
            may_resolve=refilled,
            disproven=lambda labels: self._is_active(status, labels, query_ms),
            unseen=lambda labels: self._unseen(status.reads, labels, at_ms),
        )
        _log_changes(before, status.alerts)
        series: dict[Labels, float] = {}
        for alert in status.alerts.values():
            if alert.state is not AlertState.RESOLVED:
                state = {NAME: "ALERTS", "alertstate": alert.state.value}
                series[from_mapping({**dict(alert.labels), **state})] = 1.0
                series[from_mapping({**dict(alert.labels), NAME: "ALERTS_FOR_STATE"})] = (
                    alert.active_ms // 1000
                )
        return series

    def _is_active(self, status: RuleStatus, labels: Labels, at_ms: int) -> bool:
        """Whether something has happened of which the alert says that it does not."""
        if status.activity is None:
            return False
        own = dict(labels)
        return any(
            value > 0 and all(own.get(name, text) == text for name, text in sample)
            for sample, value in self._samples(status.activity, at_ms)
        )

    def _write(self, status: RuleStatus, series: Mapping[Labels, float], at_ms: int) -> None:
        gone = dict.fromkeys(status.written - series.keys(), STALE)
        for labels, value in {**series, **gone}.items():
            try:
                self._store.series(labels).samples.append(at_ms, value)
            except OutOfOrderError:
                log.warning("rule %s: a sample is older than the last one", status.rule.name)
        status.written = set(series)


def _holding(status: RuleStatus) -> Iterable[RuleAlert]:
    return (alert for alert in status.alerts.values() if alert.state is not AlertState.RESOLVED)


def _note(status: RuleStatus, error: str) -> None:
    if error and status.health != "err":
        log.error("rule %s: %s", status.rule.name, error)
    status.health, status.last_error = ("err" if error else "ok"), error


class TooManyResultsError(ValueError):
    """A rule gave more than its group's limit."""


def _fits(rule: AlertRule, alert: RuleAlert) -> bool:
    """Whether a saved alert has the rule's fixed labels; a changed rule begins anew."""
    own = dict(alert.labels)
    fixed = {k: v for k, v in rule.source["labels"].items() if "{{" not in v and v}
    return all(own.get(name) == value for name, value in fixed.items())


def _recorded(rule: RecordingRule, samples: Sequence[tuple[Labels, float]]) -> dict[Labels, float]:
    found: dict[Labels, float] = {}
    for labels, value in samples:
        named = from_mapping({**dict(labels), **rule.labels, NAME: rule.name})
        if named in found:
            raise SameLabelsError("vector contains metrics with the same labelset after applying rule labels")
        found[named] = value
    return found


def _log_changes(before: Mapping[Labels, RuleAlert], after: Mapping[Labels, RuleAlert]) -> None:
    for labels, alert in after.items():
        old = before.get(labels)
        if old is None or old.state is not alert.state:
            log.info("alert %s is %s", dict(labels), alert.state.value)
