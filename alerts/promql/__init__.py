"""PromQL over samples in memory: parse, check, evaluate, with Prometheus' results."""

from alerts.promql.error import PromQLError
from alerts.promql.query import instant_query, range_query
from alerts.promql.tsdb.sample_store import SampleStore

__all__ = ["PromQLError", "SampleStore", "instant_query", "range_query"]
