"""What the source of metrics answers, in the form of Prometheus' HTTP API."""

from typing import Literal, TypeVar

import msgspec

from alerts.wire import MetricSeries
from console.ops_api.errors import OpsError

T = TypeVar("T")


class QueryResult(msgspec.Struct, frozen=True, kw_only=True):
    """The ``data`` of a query's answer (Prometheus' HTTP API)."""

    resultType: Literal["matrix", "vector", "scalar", "string"] = "vector"
    result: msgspec.Raw = msgspec.Raw(b"[]")

    @property
    def series(self) -> tuple[MetricSeries, ...]:
        """The series of a vector or matrix; none of a scalar or string. Raises ``OpsError``."""
        if self.resultType in ("scalar", "string"):
            return ()
        return _part_of(self.result, tuple[MetricSeries, ...])

    @property
    def text(self) -> str:
        """The value of a scalar or string. Raises ``OpsError``."""
        return _part_of(self.result, tuple[float, str])[1]


def _part_of(raw: msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError as error:
        raise OpsError(
            f"the source of metrics answered something else than Prometheus would: {error}"
        ) from error


class QueryAnswer(msgspec.Struct):
    """The answer to a query."""

    data: QueryResult = QueryResult()


class PrometheusRule(msgspec.Struct, frozen=True):
    """A rule as whoever evaluates it shows it (Prometheus' HTTP API)."""

    name: str = ""
    type: str = ""
    """``alerting`` or ``recording``."""
    health: str = ""
    lastError: str = ""


class _RuleGroup(msgspec.Struct):
    rules: tuple[PrometheusRule, ...] = ()


class _RuleGroups(msgspec.Struct):
    groups: tuple[_RuleGroup, ...] = ()


class RulesAnswer(msgspec.Struct):
    """The answer of ``/api/v1/rules``."""

    data: _RuleGroups = msgspec.field(default_factory=_RuleGroups)
