"""The ops daemon's own metrics, made from the state when somebody asks."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from server.ops.state.ledger import Ledger
from server.ops.state.state import State
from server.periodic import Loops


class OpsMetrics:
    """One registry for one daemon."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(
        self,
        ledger: Ledger,
        clients: Callable[[], int],
        evaluator: Callable[[], str],
        postponed: Callable[[], str],
        loops: Loops,
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(ledger, clients, evaluator, postponed, loops))
        ProcessCollector(registry=self._registry)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Collector:
    def __init__(
        self,
        ledger: Ledger,
        clients: Callable[[], int],
        evaluator: Callable[[], str],
        postponed: Callable[[], str],
        loops: Loops,
    ) -> None:
        self._loops = loops
        self._ledger = ledger
        self._clients = clients
        self._evaluator = evaluator
        self._postponed = postponed

    def collect(self) -> Iterable[Metric]:
        state = self._ledger.state
        yield _gauge(
            "ops_alerts",
            "Alerts by state and severity.",
            ("state", "severity"),
            state.index.by_state,
        )
        yield _gauge(
            "ops_incidents",
            "Incidents by state and severity.",
            ("state", "severity"),
            state.count_incidents(),
        )
        yield _gauge(
            "ops_executions",
            "Executions that are remembered, by state and kind.",
            ("state", "kind"),
            Counter((e.state, e.kind) for e in state.executions.values() if not e.rehearsal),
        )
        yield GaugeMetricFamily("ops_locks_held", "Locks that are held.", len(state.locks))
        yield GaugeMetricFamily(
            "ops_temporary_changes",
            "Temporary changes in force.",
            len(state.temporary_in_force(self._ledger.clock())),
        )
        yield CounterMetricFamily("ops_journal_events", "Events in the journal.", self._ledger.head.seq)
        yield GaugeMetricFamily(
            "ops_journal_writable", "Whether the journal can be written.", float(self._ledger.fault is None)
        )
        yield GaugeMetricFamily(
            "ops_evaluator_ok", "Whether the evaluator reaches us.", float(self._evaluator() == "ok")
        )
        yield GaugeMetricFamily("ops_stream_clients", "Clients that follow the stream.", self._clients())
        yield GaugeMetricFamily(
            "ops_quarantined_alerts", "Bad alerts kept to be looked at.", len(state.quarantine)
        )
        yield GaugeMetricFamily(
            "ops_rehearsal_postponed",
            "Whether a rehearsal that is due has to wait.",
            float(bool(self._postponed())),
        )
        yield _loop_failures(self._loops)
        yield from _proofs(state)


def _loop_failures(loops: Loops) -> Metric:
    family = CounterMetricFamily(
        "ops_loop_failures", "Steps of background loops that have failed.", labels=("loop",)
    )
    for name, health in loops.health.items():
        family.add_metric((name,), health.failures)
    return family


def _proofs(state: State) -> Iterable[Metric]:
    """Of each kind, when each runbook was proven last, and how well."""
    findings = GaugeMetricFamily(
        "ops_rehearsal_findings", "Findings of a runbook's latest rehearsal.", labels=("runbook",)
    )
    passed = GaugeMetricFamily(
        "ops_drill_passed", "Whether the latest drill of a runbook's alert passed.", labels=("runbook",)
    )
    at = GaugeMetricFamily(
        "ops_runbook_proof_timestamp_seconds",
        "When a runbook was last drilled or rehearsed, whatever came of it.",
        labels=("runbook", "by"),
    )
    for key, proof in sorted(state.proofs.items()):
        runbook = key.partition(" ")[2]
        at.add_metric((runbook, proof.kind), proof.at.timestamp())
        if proof.kind == "rehearsal":
            findings.add_metric((runbook,), len(proof.findings))
        else:
            passed.add_metric((runbook,), float(proof.passed))
    return findings, passed, at


def _gauge(
    name: str, text: str, labels: tuple[str, ...], counts: Mapping[tuple[str, str], int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, count in sorted(counts.items()):
        if count:
            family.add_metric(values, count)
    return family
