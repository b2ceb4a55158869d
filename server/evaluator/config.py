"""The evaluator's settings, read once from the environment and the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.config import EnvironmentReader, duration_ms, label_pairs, number, port, whole_number
from server.evaluator.target import ScrapeTarget, TargetError, read_target_file, target_of_url
from server.http.host_guard import host_names
from server.paths import RULES
from server.plain_file import read_plain


class EvaluatorConfigError(ValueError):
    """Settings that make no sense: every fault in one message."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """An ops daemon or Alertmanager that alerts are sent to."""

    url: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class EvaluatorConfig:
    """Everything that the evaluator's process depends on; times in ms."""

    bind: str
    port: int
    allowed_hosts: tuple[str, ...]
    rules_dir: Path
    targets: tuple[ScrapeTarget, ...]
    scrape_faults: tuple[str, ...]
    """What is wrong with the scrape file; whatever of it makes sense is scraped all the same."""
    database_url: str
    redis_url: str
    receivers: tuple[Receiver, ...]
    state_dir: Path
    scrape_interval_ms: int
    scrape_timeout_ms: int
    evaluation_interval_ms: int
    resend_ms: int
    retention_ms: int
    max_series: int
    speedup: float
    compat: int
    external_labels: Mapping[str, str]
    external_url: str

    @classmethod
    def from_env(
        cls, env: Mapping[str, str], *, compat: int | None = None, targets: Sequence[str] = ()
    ) -> "EvaluatorConfig":
        """Raises ``EvaluatorConfigError``, naming every fault."""
        reader = _Reader(env)
        env = reader.env
        interval = reader.read("SCRAPE_INTERVAL", duration_ms, 5_000)
        timeout = reader.read("SCRAPE_TIMEOUT", duration_ms, 0) or min(interval * 4 // 5, 10_000)
        evaluation = reader.read("EVALUATION_INTERVAL", duration_ms, 5_000)
        listens_on = reader.read(reader.first("EVALUATOR_PORT", "PORT"), port, 9090)
        config = cls(
            bind=env.get("EVALUATOR_BIND", "127.0.0.1"),
            port=listens_on,
            allowed_hosts=reader.read("ALLOWED_HOSTS", host_names, ()),
            rules_dir=Path(env.get("RULES_DIR") or RULES),
            targets=reader.targets(targets, interval, timeout),
            scrape_faults=tuple(reader.scrape_faults),
            database_url=env.get("DATABASE_URL", ""),
            redis_url=env.get("REDIS_URL", ""),
            receivers=reader.receivers(),
            state_dir=Path(env.get("EVALUATOR_STATE", "var/evaluator")),
            scrape_interval_ms=interval,
            scrape_timeout_ms=timeout,
            evaluation_interval_ms=evaluation,
            resend_ms=reader.read("ALERT_RESEND_DELAY", duration_ms, 0) or evaluation,
            retention_ms=reader.read("RETENTION", duration_ms, 86_400_000),
            max_series=reader.read("MAX_SERIES", whole_number(1, 10**9), 50_000),
            speedup=reader.read("RULES_SPEEDUP", number(1, 10_000), 1.0),
            compat=compat or reader.read("PROMQL_COMPAT", whole_number(2, 3), 3),
            external_labels=reader.read("EXTERNAL_LABELS", label_pairs, {}),
            external_url=env.get("EXTERNAL_URL") or f"http://127.0.0.1:{listens_on}",
        )
        reader.stop_at_faults(EvaluatorConfigError)
        return config


def _text(path: str) -> str:
    """A file's text. Raises ``TargetError`` where it is no UTF-8, and ``OSError``."""
    try:
        return read_plain(Path(path)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TargetError(f"{path}: byte {error.start} is no UTF-8") from error


class _Reader(EnvironmentReader):
    """Reads what only the evaluator has: targets and receivers."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(env)
        self.scrape_faults: list[str] = []

    def receivers(self) -> tuple[Receiver, ...]:
        ops = self.env.get("OPS_URL", "http://127.0.0.1:8001")
        found = [Receiver(ops.rstrip("/"), self.secret("OPS_INGEST_TOKEN"))] if ops else []
        others = [url.strip() for url in self.env.get("ALERTMANAGER_URLS", "").split(",")]
        return (*found, *(Receiver(url.rstrip("/")) for url in others if url))

    def targets(self, given: Sequence[str], interval_ms: int, timeout_ms: int) -> tuple[ScrapeTarget, ...]:
        """Those of the command line and the file, or else the house's own processes."""
        path = self.env.get("SCRAPE_TARGETS_FILE", "")
        try:
            from_line = tuple(self._given(text, interval_ms, timeout_ms) for text in given)
            found = (*from_line, *(self._in_file(path, interval_ms, timeout_ms) if path else ()))
            is_said = bool(found) or (path and not self.scrape_faults)
            return found if is_said else self._house(interval_ms, timeout_ms)
        except TargetError as error:
            self.faults.append(f"targets: {error}")
            return ()

    def _in_file(self, path: str, interval_ms: int, timeout_ms: int) -> tuple[ScrapeTarget, ...]:
        """The targets of the scrape file that make sense; what does not is kept to be shown, and ends no start."""
        try:
            text = _text(path)
        except (TargetError, OSError) as error:
            self.scrape_faults.append(f"{path}: {error}")
            return ()
        found = read_target_file(text, interval_ms=interval_ms, timeout_ms=timeout_ms, read=_text)
        self.scrape_faults += [f"{path}: {fault}" for fault in found.faults]
        return found.targets

    @staticmethod
    def _given(text: str, interval_ms: int, timeout_ms: int) -> ScrapeTarget:
        job, _, url = text.partition("=")
        return target_of_url(job, url, interval_ms=interval_ms, timeout_ms=timeout_ms, path="/metrics")

    def _house(self, interval_ms: int, timeout_ms: int) -> tuple[ScrapeTarget, ...]:
        found = []
        for job, name, default in (
            ("api", "API_URL", 8000),
            ("ops", "OPS_URL", 8001),
            ("status", "STATUS_URL", 8080),
        ):
            url = self.env.get(name, f"http://127.0.0.1:{default}")
            if url:
                path = "/healthz" if job == "status" else "/v1/metrics"
                target = target_of_url(job, url, interval_ms=interval_ms, timeout_ms=timeout_ms, path=path)
                found.append(self._with_secret(target))
        return tuple(found)

    def _with_secret(self, target: ScrapeTarget) -> ScrapeTarget:
        token = {"api": "API_METRICS_TOKEN", "ops": "OPS_METRICS_TOKEN"}.get(target.job)
        return ScrapeTarget(
            job=target.job,
            url=target.url,
            instance=target.instance,
            interval_ms=target.interval_ms,
            timeout_ms=target.timeout_ms,
            token=self.secret(token) if token else "",
            probe_only=target.job == "status",
        )
