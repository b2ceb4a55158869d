"""What is scraped: where, how often, with which labels and limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import yaml

from alerts.duration import DurationError, parse_duration_ms


class TargetError(ValueError):
    """A target or a target file that makes no sense."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one scrape may bring; more makes it fail as a whole."""

    body_bytes: int = 16 * 1024 * 1024
    samples: int = 50_000
    labels: int = 64
    label_name_length: int = 256
    label_value_length: int = 4_096


@dataclass(frozen=True, slots=True)
class ScrapeTarget:
    """One endpoint and the labels that its series get."""

    job: str
    url: str
    instance: str
    interval_ms: int
    timeout_ms: int
    labels: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    """Bearer token, empty for none."""
    honor_labels: bool = False
    probe_only: bool = False
    """True where only an answer counts and its body is not read (``probe_success``)."""
    limits: Limits = Limits()

    @property
    def all_labels(self) -> dict[str, str]:
        """The labels of every series of the target."""
        return {**self.labels, "job": self.job, "instance": self.instance}


def target_of_url(
    job: str, url: str, *, interval_ms: int, timeout_ms: int, token: str = "", path: str = ""
) -> ScrapeTarget:
    """A target at a URL; ``path`` where the URL has none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetError(f"{job}: {url!r} is no http(s) URL")
    if parts.path in ("", "/") and path:
        url = f"{parts.scheme}://{parts.netloc}{path}"
    return ScrapeTarget(job, url, parts.netloc.rpartition("@")[2], interval_ms, timeout_ms, token=token)


def parse_targets(
    text: str, *, interval_ms: int, timeout_ms: int, read: Callable[[str], str]
) -> tuple[ScrapeTarget, ...]:
    """The targets of a file with Prometheus' ``scrape_configs`` (static ones); ``read`` gives a file's text.

    Raises ``TargetError``, and whatever ``read`` does.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise TargetError(str(error)) from error
    configs = document.get("scrape_configs") if isinstance(document, dict) else document
    if not isinstance(configs, list):
        raise TargetError("no list of scrape_configs")
    return tuple(target for raw in configs for target in _job(raw, interval_ms, timeout_ms, read))


_JOB_FIELDS = {
    "job_name",
    "metrics_path",
    "scheme",
    "scrape_interval",
    "scrape_timeout",
    "honor_labels",
    "authorization",
    "static_configs",
    "body_size_limit",
    "sample_limit",
    "label_limit",
    "label_name_length_limit",
    "label_value_length_limit",
}


def _job(raw: object, interval_ms: int, timeout_ms: int, read: Callable[[str], str]) -> list[ScrapeTarget]:
    if not isinstance(raw, dict) or not raw.get("job_name"):
        raise TargetError("a scrape config has no job_name")
    job = str(raw["job_name"])
    unknown = sorted(set(raw) - _JOB_FIELDS)
    if unknown:
        raise TargetError(f"{job}: {unknown[0]!r} is not supported")
    own_interval = _duration(raw, "scrape_interval", interval_ms)
    own_timeout = _duration(raw, "scrape_timeout", min(timeout_ms, own_interval))
    if own_timeout > own_interval:
        raise TargetError(f"{job}: scrape_timeout is longer than scrape_interval")
    token = _token(raw.get("authorization") or {}, read)
    made = []
    for group in raw.get("static_configs") or []:
        labels = {str(k): str(v) for k, v in (group.get("labels") or {}).items()}
        for address in group.get("targets") or []:
            made.append(_target(raw, job, str(address), dict(labels), own_interval, own_timeout, token))
    return made


def _target(
    raw: Mapping[str, Any],
    job: str,
    address: str,
    labels: dict[str, str],
    interval_ms: int,
    timeout_ms: int,
    token: str,
) -> ScrapeTarget:
    scheme, path = raw.get("scheme", "http"), raw.get("metrics_path", "/metrics")
    return ScrapeTarget(
        job=job,
        url=f"{scheme}://{address}{path}",
        instance=labels.pop("instance", address),
        interval_ms=interval_ms,
        timeout_ms=timeout_ms,
        labels=labels,
        token=token,
        honor_labels=bool(raw.get("honor_labels", False)),
        limits=Limits(
            body_bytes=_size(raw.get("body_size_limit"), Limits().body_bytes),
            samples=int(raw.get("sample_limit") or Limits().samples),
            labels=int(raw.get("label_limit") or Limits().labels),
            label_name_length=int(raw.get("label_name_length_limit") or Limits().label_name_length),
            label_value_length=int(raw.get("label_value_length_limit") or Limits().label_value_length),
        ),
    )


def _token(authorization: Mapping[str, Any], read: Callable[[str], str]) -> str:
    if "credentials_file" in authorization:
        return read(str(authorization["credentials_file"])).strip()
    return str(authorization.get("credentials", ""))


def _size(text: object, default: int) -> int:
    if not text:
        return default
    word = str(text).upper().removesuffix("B").removesuffix("I")
    factor = {"K": 1024, "M": 1024**2, "G": 1024**3}.get(word[-1:], 1)
    try:
        return int(word.rstrip("KMG")) * factor
    except ValueError as error:
        raise TargetError(f"{text!r} is no size") from error


def _duration(raw: Mapping[str, Any], name: str, default_ms: int) -> int:
    try:
        return parse_duration_ms(str(raw[name])) if name in raw else default_ms
    except DurationError as error:
        raise TargetError(f"{name}: {error}") from error
