"""Everything the API counts, under the names that the alert rules read."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from server.api.telemetry.multiprocess import locked
from server.api.telemetry.tally import BulkHistogram, CounterTally, HistogramTally

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_PROVIDER_BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120)
_OVERHEAD_BUCKETS = (0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.05, 0.1, 0.5, 1)


def _know_the_process_once() -> None:
    """A worker never forks: asking for the process id at every count would be a twentieth of a request."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        pid = os.getpid()
        values.ValueClass = values.MultiProcessValue(lambda: pid)  # type: ignore[no-untyped-call]  # no types here


class ApiMetrics:
    """The counters of one process; with several workers their sum is shown."""

    def __init__(
        self,
        *,
        version: str,
        environment: str,
        in_flight: Callable[[], int] = int,
        lines_lost: Callable[[], int] = int,
    ) -> None:
        self._count_in_flight = in_flight
        self._count_lines_lost = lines_lost
        self._lines_lost = 0
        _know_the_process_once()
        self.registry = r = CollectorRegistry()
        self._requests = Counter(
            "http_requests", "Requests answered.", ("method", "handler", "status"), registry=r
        )
        self._durations = BulkHistogram(
            "http_request_duration_seconds",
            "Time from the request's head to its answer.",
            ("method", "handler"),
            buckets=_REQUEST_BUCKETS,
            registry=r,
        )
        self._in_flight = Gauge(
            "http_requests_in_flight", "Requests being worked on.", registry=r, multiprocess_mode="livesum"
        )
        self.cache_hits = CounterTally(
            Counter("cache_hits", "Analyze answers taken from the cache.", registry=r)
        )
        self.cache_misses = Counter(
            "cache_misses", "Analyze calls that the cache could not answer.", registry=r
        )
        self.cache_entries = Gauge(
            "cache_entries", "Keys under cache:* in Redis.", registry=r, multiprocess_mode="livemostrecent"
        )
        self.rate_limit_exceeded = Counter(
            "rate_limit_exceeded", "Requests refused for the hourly limit.", registry=r
        )
        self.auth_failures = Counter(
            "auth_failures", "Requests refused for their key.", ("reason",), registry=r
        )
        self.llm_requests = Counter(
            "llm_requests", "Calls to providers.", ("provider", "outcome"), registry=r
        )
        self.llm_durations = Histogram(
            "llm_request_duration_seconds",
            "Time of one provider call, retries apart.",
            ("provider",),
            buckets=_PROVIDER_BUCKETS,
            registry=r,
        )
        self.llm_breaker = Gauge(
            "llm_breaker_open",
            "1 while a provider's breaker is open.",
            ("provider",),
            registry=r,
            multiprocess_mode="livemax",
        )
        self.llm_key_refused = Gauge(
            "llm_key_refused",
            "1 while a provider does not accept our key.",
            ("provider",),
            registry=r,
            multiprocess_mode="livemax",
        )
        self._llm_tokens = Counter(
            "llm_tokens",
            "Tokens that providers reported, failed calls included.",
            ("provider", "direction"),
            registry=r,
        )
        self._usage_clamped = Counter(
            "llm_usage_clamped",
            "Reports of tokens that could not be true and were cut down.",
            ("provider",),
            registry=r,
        )
        overhead = BulkHistogram(
            "gateway_overhead_seconds",
            "Time of an analyze call that no provider spent.",
            buckets=_OVERHEAD_BUCKETS,
            registry=r,
        )
        self.overhead = HistogramTally(overhead, _OVERHEAD_BUCKETS)
        self.loop_lag = Gauge(
            "event_loop_lag_seconds",
            "How late the loop ran a timer.",
            registry=r,
            multiprocess_mode="livemax",
        )
        self.loop_failures = Counter(
            "background_loop_failures", "Steps of background loops that failed.", ("loop",), registry=r
        )
        self.log_depth = Gauge(
            "request_log_queue_depth", "Rows waiting to be written.", registry=r, multiprocess_mode="livesum"
        )
        self.log_dropped = Counter("request_log_dropped", "Rows lost because the queue was full.", registry=r)
        self.log_written = Counter("request_log_written", "Rows written.", registry=r)
        self._log_lines_dropped = Counter(
            "log_lines_dropped", "Lines of the log lost because nobody took them in time.", registry=r
        )
        self.cache_default_ttl = Gauge(
            "cache_default_ttl_seconds",
            "How long answers stay in the cache unless the request says.",
            registry=r,
            multiprocess_mode="livemostrecent",
        )
        self.default_rate_limit = Gauge(
            "default_rate_limit_per_hour",
            "Requests an hour for keys without a limit of their own.",
            registry=r,
            multiprocess_mode="livemostrecent",
        )
        self.blocked_clients = Gauge(
            "blocked_clients",
            "Keys whose every request is refused.",
            registry=r,
            multiprocess_mode="livemostrecent",
        )
        self.dependency_up = Gauge(
            "dependency_up",
            "1 while the dependency answers the probe.",
            ("dependency",),
            registry=r,
            multiprocess_mode="livemin",
        )
        self.worker_cpu = Gauge(
            "api_worker_cpu_ratio",
            "Share of one processor that the busiest worker used in the last second.",
            registry=r,
            multiprocess_mode="livemax",
        )
        self.workers = Gauge(
            "api_workers", "Workers that accept connections.", registry=r, multiprocess_mode="livesum"
        )
        self.workers_outdated = Gauge(
            "api_workers_outdated",
            "Workers that accept connections and run another release than the marked one.",
            registry=r,
            multiprocess_mode="livesum",
        )
        build = Gauge(
            "build_info", "Always 1.", ("version", "environment"), registry=r, multiprocess_mode="livemax"
        )
        build.labels(version, environment).set(1)
        for reason in ("missing", "malformed", "unknown", "expired", "inactive", "admin", "blocked"):
            self.auth_failures.labels(reason)
        self._children: dict[tuple[str, str, int], tuple[CounterTally, HistogramTally]] = {}

    def request(self, method: str, handler: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        children = self._children.get((method, handler, status))
        if children is None:
            children = self._children[method, handler, status] = (
                CounterTally(self._requests.labels(method, handler, str(status))),
                HistogramTally(self._durations.labels(method, handler), _REQUEST_BUCKETS),
            )
        children[0].count += 1
        children[1].observe(seconds)

    def tokens(self, provider: str, input: int, output: int, clamped: int) -> None:
        """Count what one call of a provider used."""
        if input or output:
            self._llm_tokens.labels(provider, "input").inc(input)
            self._llm_tokens.labels(provider, "output").inc(output)
        if clamped:
            self._usage_clamped.labels(provider).inc(clamped)

    def flush(self) -> None:
        """Add what was counted lately to the metrics that are shown; called four times a second."""
        self._in_flight.set(self._count_in_flight())
        lost = self._count_lines_lost()
        self._log_lines_dropped.inc(lost - self._lines_lost)
        self._lines_lost = lost
        self.cache_hits.flush()
        self.overhead.flush()
        for requests, durations in self._children.values():
            requests.flush()
            durations.flush()

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format."""
        self.flush()
        with self._steady():
            return generate_latest(self._together())

    def totals(self, *names: str) -> list[float]:
        """The sums of these samples over every worker."""
        self.flush()
        found = dict.fromkeys(names, 0.0)
        with self._steady():
            families = list(self._together().collect())
        for sample in (sample for family in families for sample in family.samples):
            if sample.name in found:
                found[sample.name] += sample.value
        return [found[name] for name in names]

    def _steady(self) -> AbstractContextManager[None]:
        """While no worker's file is being added to the sums."""
        directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        return nullcontext() if directory is None else locked(Path(directory), exclusive=False)

    def _together(self) -> CollectorRegistry:
        directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if directory is None:
            return self.registry
        together = CollectorRegistry()
        MultiProcessCollector(together, path=str(Path(directory)))  # type: ignore[no-untyped-call]  # prometheus_client has no types here
        return together
