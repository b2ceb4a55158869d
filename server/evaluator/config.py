"""The evaluator's settings, read once from the environment and the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from alerts.duration import DurationError, parse_duration_ms
from server.evaluator.target import ScrapeTarget, TargetError, parse_targets, target_of_url
from server.paths import RULES
from server.secret_files import SecretFileError, with_secret_files


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
    rules_dir: Path
    targets: tuple[ScrapeTarget, ...]
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
        faults = []
        try:
            env = with_secret_files(env)
        except SecretFileError as error:
            faults.append(str(error))
        reader = _Reader(env, faults)
        interval = reader.duration("SCRAPE_INTERVAL", "5s")
        timeout = reader.duration("SCRAPE_TIMEOUT", "0") or min(interval * 4 // 5, 10_000)
        evaluation = reader.duration("EVALUATION_INTERVAL", "5s")
        port = reader.integer("EVALUATOR_PORT", env.get("PORT") or "9090")
        config = cls(
            bind=env.get("EVALUATOR_BIND", "127.0.0.1"),
            port=port,
            rules_dir=Path(env.get("RULES_DIR") or RULES),
            targets=reader.targets(targets, interval, timeout),
            database_url=env.get("DATABASE_URL", ""),
            redis_url=env.get("REDIS_URL", ""),
            receivers=reader.receivers(),
            state_dir=Path(env.get("EVALUATOR_STATE", "var/evaluator")),
            scrape_interval_ms=interval,
            scrape_timeout_ms=timeout,
            evaluation_interval_ms=evaluation,
            resend_ms=reader.duration("ALERT_RESEND_DELAY", "0") or evaluation,
            retention_ms=reader.duration("RETENTION", "24h"),
            max_series=reader.integer("MAX_SERIES", "50000"),
            speedup=reader.factor("RULES_SPEEDUP"),
            compat=compat or reader.integer("PROMQL_COMPAT", "3"),
            external_labels=reader.labels("EXTERNAL_LABELS"),
            external_url=env.get("EXTERNAL_URL") or f"http://127.0.0.1:{port}",
        )
        if config.compat not in (2, 3):
            reader.faults.append(f"PROMQL_COMPAT is 2 or 3, not {config.compat}")
        if reader.faults:
            raise EvaluatorConfigError("; ".join(reader.faults))
        return config


class _Reader:
    """Reads settings and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str], faults: list[str]) -> None:
        self._env = env
        self.faults = faults

    def duration(self, name: str, default: str) -> int:
        try:
            return parse_duration_ms(self._env.get(name) or default)
        except DurationError as error:
            self.faults.append(f"{name}: {error}")
            return 0

    def integer(self, name: str, default: str) -> int:
        text = self._env.get(name) or default
        if not text.isdecimal():
            self.faults.append(f"{name}: {text!r} is no whole number")
            return 0
        return int(text)

    def factor(self, name: str) -> float:
        text = self._env.get(name) or "1"
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 1 <= value <= 10_000:
            self.faults.append(f"{name}: {text!r} is no number from 1 to 10000")
            return 1.0
        return value

    def labels(self, name: str) -> dict[str, str]:
        pairs = [part.partition("=") for part in self._env.get(name, "").split(",") if part.strip()]
        if any(not key.strip() or not mark for key, mark, _ in pairs):
            self.faults.append(f"{name}: write a=b,c=d")
        return {key.strip(): value.strip() for key, _, value in pairs}

    def secret(self, name: str) -> str:
        """A token from NAME, or from the file that NAME_FILE names."""
        path = self._env.get(f"{name}_FILE", "")
        if self._env.get(name) or not path:
            return self._env.get(name, "")
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            self.faults.append(f"{name}_FILE: {error}")
            return ""

    def receivers(self) -> tuple[Receiver, ...]:
        ops = self._env.get("OPS_URL", "http://127.0.0.1:8001")
        found = [Receiver(ops.rstrip("/"), self.secret("OPS_INGEST_TOKEN"))] if ops else []
        others = [url.strip() for url in self._env.get("ALERTMANAGER_URLS", "").split(",")]
        return (*found, *(Receiver(url.rstrip("/")) for url in others if url))

    def targets(self, given: Sequence[str], interval_ms: int, timeout_ms: int) -> tuple[ScrapeTarget, ...]:
        """Those of the command line and the file, or else the house's own processes."""
        try:
            from_line = [self._given(text, interval_ms, timeout_ms) for text in given]
            path = self._env.get("SCRAPE_TARGETS_FILE", "")
            if path:
                text = Path(path).read_text()
                from_line += parse_targets(
                    text,
                    interval_ms=interval_ms,
                    timeout_ms=timeout_ms,
                    read=lambda name: Path(name).read_text(),
                )
            return tuple(from_line) if from_line or path else self._house(interval_ms, timeout_ms)
        except (TargetError, OSError) as error:
            self.faults.append(f"targets: {error}")
            return ()

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
            url = self._env.get(name, f"http://127.0.0.1:{default}")
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
