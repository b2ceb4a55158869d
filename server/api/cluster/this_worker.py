"""This worker among the others: how many there are, and whether it runs the release that is marked."""

from pathlib import Path

from server.api.auth.rate_limit import Limiter
from server.api.release.release import marked
from server.api.release.version import VERSION
from server.api.telemetry.metrics import ApiMetrics


class ThisWorker:
    """Tells the parts that must know it, and the metrics."""

    def __init__(self, metrics: ApiMetrics, limiter: Limiter, releases: Path | None) -> None:
        self._metrics = metrics
        self._limiter = limiter
        self._releases = releases
        self.workers: int | None = None
        """How many share the port; None outside a master's service."""

    def stand(self, workers: int) -> None:
        """We accept connections, one worker of so many."""
        self.workers = workers
        self._limiter.processes = workers
        self._metrics.workers.set(1)

    def leave(self) -> None:
        """We accept no more."""
        self._metrics.workers.set(0)
        self._metrics.workers_outdated.set(0)

    def look(self) -> None:
        """Compare our code with the mark; called every second."""
        mark = None if self._releases is None else marked(self._releases)
        outdated = self.workers is not None and mark is not None and mark.version != VERSION
        self._metrics.workers_outdated.set(outdated)
