"""The text that targets expose, 0.0.4 and OpenMetrics, to samples and metadata."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isinf, isnan, nan

from alerts.promql.engine.histogram import Bucket, bucket_quantile
from alerts.promql.number import parse_value

_SAMPLE = re.compile(
    r"(?P<series>(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r"(?:[ \t]*(?P<labels>\{(?:[^\"}]|\"(?:[^\"\\]|\\.)*\")*\})[ \t]*|[ \t]+))"
    r"(?P<value>[^\s{}]+)(?:[ \t]+(?P<time>[-+.0-9eE]+))?"
)
_OPENMETRICS = re.compile(
    r"(?P<series>[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[^\"}]|\"(?:[^\"\\]|\\.)*\")*\})?)"
    r" (?P<value>[^\s{}]+)(?: (?P<time>[-+.0-9eE]+))?(?: (?P<exemplar># .*))?"
)
_PAIR = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|$)')
_META = re.compile(r"#[ \t]+(HELP|TYPE|UNIT)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]+((?:[^ \t].*)?))?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MAX_TIME_MS = 2**63 - 1
_TYPES = {
    "counter",
    "gauge",
    "histogram",
    "summary",
    "untyped",
    "unknown",
    "info",
    "stateset",
    "gaugehistogram",
}


class ExpositionError(ValueError):
    """A text that is no exposition; says which line is wrong."""


@dataclass(frozen=True, slots=True)
class ExposedSample:
    """One line: the series as it was written, its value, and its own time where it has one."""

    series: str
    value: float
    at_ms: int | None


@dataclass(slots=True)
class Metadata:
    """What a target says about a metric family."""

    type: str = "unknown"
    help: str = ""
    unit: str = ""


@dataclass(slots=True)
class Exposition:
    """One scrape's text, parsed."""

    samples: list[ExposedSample] = field(default_factory=list)
    metadata: dict[str, Metadata] = field(default_factory=dict)


def parse_exposition(text: str, *, openmetrics: bool = False) -> Exposition:
    """All samples of a text. Raises ``ExpositionError``: as in Prometheus, one bad line spoils the scrape."""
    found = Exposition()
    ended = False
    for number, line in enumerate(text.split("\n"), 1):
        if ended and line:
            raise ExpositionError(f"line {number}: text after # EOF")
        if line.startswith("#"):
            ended = openmetrics and line == "# EOF"
            _comment(line, found.metadata, number)
        elif line.strip():
            found.samples.append(_sample(line, number, openmetrics))
    if openmetrics and not ended:
        raise ExpositionError("the text does not end with # EOF")
    return found


def _comment(line: str, metadata: dict[str, Metadata], number: int) -> None:
    match = _META.fullmatch(line)
    if match is None:
        return
    kind, name, text = match.groups()
    entry = metadata.setdefault(name, Metadata())
    if kind == "TYPE":
        if (text or "").strip() not in _TYPES:
            raise ExpositionError(f"line {number}: invalid metric type {text!r}")
        entry.type = "unknown" if text.strip() == "untyped" else text.strip()
    elif kind == "HELP":
        entry.help = unescape(text or "")
    else:
        entry.unit = text or ""


def _sample(line: str, number: int, openmetrics: bool) -> ExposedSample:
    match = _OPENMETRICS.fullmatch(line) if openmetrics else _SAMPLE.fullmatch(line.rstrip(" \t"))
    if match is None:
        raise ExpositionError(f"line {number}: no sample: {line[:80]!r}")
    try:
        value = _value(match.group("value"))
        at_ms = _time_ms(match.group("time"), openmetrics)
    except (ValueError, OverflowError) as error:
        raise ExpositionError(f"line {number}: {error}") from error
    return ExposedSample(match.group("series").rstrip(" \t"), value, at_ms)


def _value(text: str) -> float:
    """A decimal float, ``Inf`` or ``NaN``. Raises ``ValueError``: too large a number is none, as in Go."""
    value = parse_value(text)
    if "x" in text.lower():
        raise ValueError(f"{text!r} is not a decimal number")
    if isinf(value) and not text.lower().lstrip("+-").startswith("inf"):
        raise ValueError(f"{text!r} is out of range")
    return value


def _time_ms(text: str | None, openmetrics: bool) -> int | None:
    """A sample's own time. Raises ``ValueError``."""
    if text is None:
        return None
    if not openmetrics and not text.isdecimal():
        raise ValueError(f"{text!r} is no time in ms")
    at_ms = round(float(text) * 1000) if openmetrics else int(text)
    if not -_MAX_TIME_MS <= at_ms <= _MAX_TIME_MS:
        raise ValueError(f"time {text} is out of range")
    return at_ms


def parse_series(series: str) -> dict[str, str]:
    """The labels of a series as written, its name as ``__name__``. Raises ``ExpositionError``."""
    name, brace, rest = series.partition("{")
    labels = {"__name__": name.rstrip(" \t")}
    if not brace:
        return labels
    for key, value in _pairs(rest.rstrip(" \t").removesuffix("}"), series):
        if key in labels:
            raise ExpositionError(f"label {key!r} is there twice: {series[:80]!r}")
        labels[key] = unescape(value)
    return labels


def _pairs(body: str, series: str) -> Iterator[tuple[str, str]]:
    position = 0
    while body[position:].strip(" \t"):
        pair = _PAIR.match(body, position)
        if pair is None:
            raise ExpositionError(f"bad labels: {series[:80]!r}")
        yield pair.group(1), pair.group(2)
        position = pair.end()


def quoted(text: str) -> str:
    """A label's value as it stands in an exposition."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def unescape(text: str) -> str:
    r"""``\\``, ``\n`` and ``\"`` resolved; any other backslash stays."""
    if "\\" not in text:
        return text
    known: Mapping[str, str] = {"n": "\n", "\\": "\\", '"': '"'}
    return _ESCAPE.sub(lambda m: known.get(m.group(1), m.group()), text)


LabelledValue = tuple[dict[str, str], float]


def samples_of(text: str, name: str) -> list[LabelledValue]:
    """Every sample of one metric, as labels without the name and value; lines that are none are passed over."""
    found = []
    for line in text.splitlines():
        if line.startswith(name) and line[len(name) : len(name) + 1] in ("{", " ", "\t"):
            try:
                sample = _sample(line, 0, openmetrics=False)
                labels = parse_series(sample.series)
            except ExpositionError:
                continue
            del labels["__name__"]
            found.append((labels, sample.value))
    return found


def quantile(share: float, buckets: Sequence[Bucket]) -> float | None:
    """The ``share`` quantile from upper bounds with cumulative counts, as PromQL's ``histogram_quantile`` has it.

    None where nothing was observed.
    """
    value = bucket_quantile(share, buckets) if buckets else nan
    return None if isnan(value) else value
