"""promtool's unit-test files, run by this evaluator: series notation, ticks, and what is expected when."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from alerts.duration import parse_duration_ms
from alerts.promql import SampleStore, instant_query
from alerts.rule import RuleGroup, parse_rules, recordings
from server.evaluator.rule_runner import GroupRunner
from server.exposition import parse_series
from tests.alerts.promql.notation import values
from tests.server.evaluator.fake_clock import FakeClock


@cache
def rule_groups(path: Path) -> tuple[RuleGroup, ...]:
    """The groups of a rule file, read once."""
    return tuple(parse_rules(path.read_text(), path.name))


@cache
def document_of(file: Path) -> Any:
    """What stands in a file of unit tests, read once."""
    return yaml.safe_load(file.read_text())


class UnitTest:
    """One test of a file: its samples, its rules, its expectations."""

    def __init__(self, file: Path, document: dict[str, Any], test: dict[str, Any]) -> None:
        self.name = test["name"]
        self._test = test
        self._interval_ms = parse_duration_ms(test["interval"])
        self._tick_ms = parse_duration_ms(document["evaluation_interval"])
        paths = [(file.parent / name).resolve() for name in document["rule_files"]]
        groups = [group for path in paths for group in rule_groups(path)]
        self._store, self._clock = SampleStore(), FakeClock(-10_000_000)
        self._runners = [
            GroupRunner(
                group,
                self._store,
                self._clock,
                interval_ms=self._tick_ms,
                scrape_interval_ms=0,
                compat=3,
                external={},
                recorded=recordings(groups),
            )
            for group in groups
        ]

    def failures(self) -> list[str]:
        """Runs the rules tick by tick and says which expectations do not hold."""
        pending = sorted(self._expectations(), key=lambda one: one[0])
        series = [
            (parse_series(one["series"]), list(values(one["values"]))) for one in self._test["input_series"]
        ]
        found = []
        last = max((at for at, _, _ in pending), default=0)
        for tick in range(0, last + 1, self._tick_ms):
            self._load(series, tick)
            for runner in self._runners:
                runner.evaluate(tick)
            while pending and pending[0][0] < tick + self._tick_ms:
                found += self._check(*pending.pop(0))
        return found

    def _load(self, series: list[tuple[dict[str, str], list[float | None]]], tick: int) -> None:
        first = max(0, tick - self._tick_ms + 1)
        for labels, points in series:
            for index in range(-(-first // self._interval_ms), tick // self._interval_ms + 1):
                value = points[index] if index < len(points) else None
                if value is not None:
                    self._store.append(labels, index * self._interval_ms, value)

    def _expectations(self) -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
        for one in self._test["promql_expr_test"]:
            yield parse_duration_ms(str(one["eval_time"])), one["expr"], one["exp_samples"]

    def _check(self, at_ms: int, expr: str, expected: list[dict[str, Any]]) -> list[str]:
        wanted = {(frozenset(_labels(one["labels"]).items()), float(one["value"])) for one in expected}
        data = instant_query(self._store, expr, at_ms)["result"]
        real = {(frozenset(row["metric"].items()), float(row["value"][1])) for row in data}
        return [] if wanted == real else [f"{self.name}: {expr} at {at_ms} ms is {real}, not {wanted}"]


def _labels(text: str) -> dict[str, str]:
    labels = parse_series(text)
    return {name: value for name, value in labels.items() if value}


def unit_tests(file: Path) -> list[UnitTest]:
    """The tests of one file."""
    document = document_of(file)
    return [UnitTest(file, document, test) for test in document["tests"]]
