"""The evaluator's own metrics, under the names that Prometheus gives them."""

import os
from collections.abc import Iterator

import psutil

from server.evaluator.pool import ScrapePool
from server.evaluator.rule_groups import RuleGroups
from server.exposition import quoted
from server.periodic import Loops

METRICS = {
    "prometheus_tsdb_head_series": ("gauge", "Series in memory."),
    "prometheus_notifications_queue_length": ("gauge", "Alerts that wait to be sent."),
    "prometheus_notifications_sent_total": ("counter", "Alerts sent."),
    "prometheus_notifications_dropped_total": ("counter", "Alerts dropped: no room, or not accepted."),
    "prometheus_notifications_errors_total": ("counter", "Batches that could not be sent."),
    "prometheus_rule_group_last_duration_seconds": ("gauge", "Duration of the last evaluation."),
    "prometheus_rule_group_last_evaluation_timestamp_seconds": ("gauge", "Time of the last evaluation."),
    "prometheus_rule_group_iterations_missed_total": ("counter", "Evaluations left out for lack of time."),
    "prometheus_config_last_reload_successful": (
        "gauge",
        "1 where every rule file and the scrape file could be used.",
    ),
    "prometheus_rule_evaluation_failures_total": ("counter", "Evaluations of rules that failed."),
    "prometheus_target_scrapes_failed_total": ("counter", "Scrapes that failed."),
    "prometheus_target_scrapes_sample_out_of_order_total": ("counter", "Samples older than their series."),
    "prometheus_target_scrapes_sample_out_of_bounds_total": ("counter", "Samples from too far a time."),
    "prometheus_target_scrapes_sample_duplicate_timestamp_total": ("counter", "Samples there already."),
    "evaluator_loop_failures_total": ("counter", "Steps of background loops that failed."),
    "process_resident_memory_bytes": ("gauge", "Resident memory."),
    "process_cpu_seconds_total": ("counter", "CPU time used."),
}

Line = tuple[str, str, float]


def exposition(pool: ScrapePool, alerting: RuleGroups, loops: Loops) -> str:
    """The metrics as text, format 0.0.4."""
    by_name: dict[str, list[str]] = {name: [] for name in METRICS}
    for name, labels, value in _lines(pool, alerting, loops):
        by_name[name].append(f"{name}{{{labels}}} {value!r}" if labels else f"{name} {value!r}")
    parts = []
    for name, (kind, text) in METRICS.items():
        parts += [f"# HELP {name} {text}", f"# TYPE {name} {kind}", *by_name[name]]
    return "\n".join(parts) + "\n"


def _lines(pool: ScrapePool, alerting: RuleGroups, loops: Loops) -> Iterator[Line]:
    yield "prometheus_tsdb_head_series", "", pool.series
    for box in alerting.outboxes:
        labels = f"alertmanager={quoted(box.receiver.url)}"
        yield "prometheus_notifications_queue_length", labels, len(box)
        yield "prometheus_notifications_sent_total", labels, box.counts.sent
        yield "prometheus_notifications_dropped_total", labels, box.counts.dropped
        yield "prometheus_notifications_errors_total", labels, box.counts.errors
    for runner in alerting.runners:
        labels = f"rule_group={quoted(runner.group.name)}"
        yield "prometheus_rule_group_last_duration_seconds", labels, runner.duration_s
        yield "prometheus_rule_group_last_evaluation_timestamp_seconds", labels, runner.last_ms / 1000
        yield "prometheus_rule_evaluation_failures_total", labels, runner.failures
    yield "prometheus_config_last_reload_successful", "", float(alerting.is_configured_well)
    yield "prometheus_rule_group_iterations_missed_total", "", alerting.missed
    for state in pool.states:
        labels = f"scrape_job={quoted(state.target.job)}"
        yield "prometheus_target_scrapes_failed_total", labels, state.failures
        yield "prometheus_target_scrapes_sample_out_of_order_total", labels, state.recorder.out_of_order
        yield "prometheus_target_scrapes_sample_out_of_bounds_total", labels, state.recorder.out_of_bounds
        yield "prometheus_target_scrapes_sample_duplicate_timestamp_total", labels, state.recorder.duplicates
    for name, health in loops.health.items():
        yield "evaluator_loop_failures_total", f"loop={quoted(name)}", health.failures
    process = psutil.Process(os.getpid())
    yield "process_resident_memory_bytes", "", process.memory_info().rss
    times = process.cpu_times()
    yield "process_cpu_seconds_total", "", times.user + times.system
