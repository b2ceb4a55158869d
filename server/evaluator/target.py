"""What is scraped: where, how often, with which labels and limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from alerts.duration import DurationError, parse_duration_ms
from alerts.whole_number import parse_whole_number
from alerts.yaml_document import YamlError, read_yaml


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


class TargetFile(NamedTuple):
    """What a file of scrape configs comes to."""

    targets: tuple[ScrapeTarget, ...]
    faults: tuple[str, ...]
    """What is wrong with jobs that are left out, or with the file as a whole."""


def read_target_file(
    text: str, *, interval_ms: int, timeout_ms: int, read: Callable[[str], str]
) -> TargetFile:
    """The targets of a file with Prometheus' ``scrape_configs`` (static ones); ``read`` gives a file's text.

    A job that makes no sense, or whose secret cannot be read, takes no other with it.
    """
    try:
        document = read_yaml(text)
    except YamlError as error:
        return TargetFile((), (str(error),))
    configs = document.get("scrape_configs") if isinstance(document, dict) else document
    if not isinstance(configs, list):
        return TargetFile((), ("no list of scrape_configs",))
    targets: list[ScrapeTarget] = []
    faults: list[str] = []
    for raw in configs:
        try:
            targets += _job(raw, interval_ms, timeout_ms, read)
        except (TargetError, OSError) as error:
            faults.append(str(error))
    return TargetFile(tuple(targets), tuple(faults))


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
    token = _token(_mapping(raw, "authorization", job), read)
    scheme, path = raw.get("scheme") or "http", raw.get("metrics_path") or "/metrics"
    if scheme not in ("http", "https"):
        raise TargetError(f"{job}: scheme is {scheme!r}; write http or https")
    common = ScrapeTarget(
        job=job,
        url="",
        instance="",
        interval_ms=own_interval,
        timeout_ms=own_timeout,
        token=token,
        honor_labels=_flag(raw, "honor_labels", job),
        limits=_limits(raw, job),
    )
    made = []
    for group in _list(raw, "static_configs", job):
        if not isinstance(group, dict):
            raise TargetError(f"{job}: static_configs: {group!r} is no mapping with targets")
        labels = {name: str(value or "") for name, value in _mapping(group, "labels", job).items()}
        for address in _list(group, "targets", job):
            made.append(_target(common, scheme, path, str(address), labels))
    return made


def _list(raw: Mapping[str, Any], name: str, job: str) -> list[Any]:
    found = raw.get(name) or []
    if not isinstance(found, list):
        raise TargetError(f"{job}: {name} is no list")
    return found


def _mapping(raw: Mapping[str, Any], name: str, job: str) -> dict[str, Any]:
    found = raw.get(name) or {}
    if not isinstance(found, dict):
        raise TargetError(f"{job}: {name} is no mapping")
    return found


def _flag(raw: Mapping[str, Any], name: str, job: str) -> bool:
    word = str(raw.get(name) or "false")
    if word.lower() not in ("true", "false", "yes", "no", "on", "off"):
        raise TargetError(f"{job}: {name} is {word!r}; write true or false")
    return word.lower() in ("true", "yes", "on")


def _count(raw: Mapping[str, Any], name: str, job: str, default: int) -> int:
    """A limit; 0 and nothing mean the evaluator's own."""
    word = str(raw.get(name) or 0)
    count = parse_whole_number(word)
    if count is None:
        raise TargetError(f"{job}: {name} is {word!r}; write a whole number")
    return count or default


def _target(
    common: ScrapeTarget, scheme: str, path: str, address: str, labels: Mapping[str, str]
) -> ScrapeTarget:
    own = {name: value for name, value in labels.items() if name != "instance"}
    instance = labels.get("instance") or address
    return replace(common, url=f"{scheme}://{address}{path}", instance=instance, labels=own)


def _limits(raw: Mapping[str, Any], job: str) -> Limits:
    usual = Limits()
    return Limits(
        body_bytes=_size(raw.get("body_size_limit"), job, usual.body_bytes),
        samples=_count(raw, "sample_limit", job, usual.samples),
        labels=_count(raw, "label_limit", job, usual.labels),
        label_name_length=_count(raw, "label_name_length_limit", job, usual.label_name_length),
        label_value_length=_count(raw, "label_value_length_limit", job, usual.label_value_length),
    )


def _token(authorization: Mapping[str, Any], read: Callable[[str], str]) -> str:
    if "credentials_file" in authorization:
        return read(str(authorization["credentials_file"])).strip()
    return str(authorization.get("credentials", ""))


def _size(text: object, job: str, default: int) -> int:
    if not text:
        return default
    word = str(text).upper().removesuffix("B").removesuffix("I")
    factor = {"K": 1024, "M": 1024**2, "G": 1024**3}.get(word[-1:], 1)
    try:
        return int(word.rstrip("KMG")) * factor
    except ValueError as error:
        raise TargetError(f"{job}: body_size_limit: {text!r} is no size; write for instance 16MB") from error


def _duration(raw: Mapping[str, Any], name: str, default_ms: int) -> int:
    try:
        return parse_duration_ms(str(raw[name])) if raw.get(name) else default_ms
    except DurationError as error:
        raise TargetError(f"{name}: {error}") from error
