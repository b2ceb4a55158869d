"""How far back the rule of each alert looks, as the source itself says: a symptom stays muted for so long."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from alerts.duration import DurationError, parse_duration_ms
from alerts.promql.error import PromQLError
from alerts.promql.parser.parser import parse
from alerts.rule import RecordingRule, Rule, longest_range_ms
from server.ops.prometheus import PrometheusClient, PrometheusUnreachableError
from server.periodic import Periodic

_EVERY = timedelta(seconds=30)
_SLACK = timedelta(seconds=10)
"""For the scrape that saw the end and for the way to us."""
Windows = Mapping[str, timedelta]


class RuleWindows:
    """Asks the source for its rules; what it said last holds while it does not answer."""

    def __init__(self, source: PrometheusClient, told: Callable[[Windows], object]) -> None:
        self._source = source
        self._told = told
        self._windows: Windows = {}
        self.loop = Periodic("rule windows", _EVERY, self.look)

    async def look(self) -> None:
        """Asks once, and tells where something is different from the last time."""
        try:
            groups = (await self._source.data("rules"))["groups"]
            found = windows_of(groups)
        except (PrometheusUnreachableError, LookupError, TypeError, AttributeError, ValueError):
            return
        if found != self._windows:
            self._windows = found
            self._told(found)


def windows_of(groups: Iterable[Mapping[str, Any]]) -> dict[str, timedelta]:
    """By alert name the time for which the past may keep its rule true, through the recording rules it reads.

    It is the rule's longest range with its offsets, ``keep_firing_for``, and two evaluations for each rule on the way.
    ``groups`` are those of ``/api/v1/rules``. A rule that we cannot read is left out.
    """
    rules = [(rule, _seconds(group.get("interval"))) for group in groups for rule in group["rules"]]
    recorded: dict[str, Rule] = {}
    for rule, _ in rules:
        if rule.get("type") == "recording":
            expr = _parsed(rule)
            if expr is not None:
                recorded[str(rule["name"])] = RecordingRule(str(rule["name"]), expr, {})
    found: dict[str, timedelta] = {}
    for rule, interval_s in rules:
        expr = _parsed(rule) if rule.get("type") == "alerting" else None
        if expr is None:
            continue
        name = str(rule["name"])
        past = timedelta(milliseconds=longest_range_ms(RecordingRule(name, expr, {}), recorded))
        kept = timedelta(seconds=_seconds(rule.get("keepFiringFor")))
        window = past + kept + timedelta(seconds=4 * interval_s) + _SLACK
        found[name] = max(window, found.get(name, window))
    return found


def _parsed(rule: Mapping[str, Any]) -> Any:
    try:
        return parse(str(rule["query"]), compat=3)
    except (PromQLError, RecursionError):
        return None


def _seconds(value: object) -> float:
    """Prometheus gives seconds; what is written as a duration is read as one."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return parse_duration_ms(str(value)) / 1000 if value else 0.0
    except DurationError:
        return 0.0
