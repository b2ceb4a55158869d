"""What templates compute with, and how Go would name, test and print it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.promql.number import format_general

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """One result of a query within a template."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class RuleData:
    """The dot of a rule's template."""

    labels: Mapping[str, str]
    external_labels: Mapping[str, str]
    external_url: str
    value: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, in Unix ms, as ``toTime`` gives it."""

    at_ms: int

    @property
    def datetime(self) -> datetime:
        """The time in UTC. Raises ``OverflowError`` outside the years 1 to 9999."""
        return _EPOCH + timedelta(milliseconds=self.at_ms)


class Arguments(dict[str, object]):
    """What ``args`` gives: values by ``arg0``, ``arg1``."""


Value = object
"""str, bool, int, float, complex, None (Go's nil), a mapping, a sequence of samples, a sample, or a time."""

_NAMES: Sequence[tuple[type, str]] = (
    (str, "string"),
    (bool, "bool"),
    (int, "int"),
    (float, "float64"),
    (complex, "complex128"),
    (Arguments, "map[string]interface {}"),
    (Mapping, "map[string]string"),
    (Sample, "*template.sample"),
    (Moment, "*time.Time"),
    (Sequence, "template.queryResult"),
    (
        RuleData,
        "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value float64 }",
    ),
)


def type_name(value: Value) -> str:
    """The value's type as Go names it; ``<nil>`` for nil."""
    return next((name for kind, name in _NAMES if isinstance(value, kind)), "<nil>")


def truth(value: Value) -> bool:
    """Whether ``if`` takes the value for true: neither zero nor empty. NaN is true."""
    if isinstance(value, (str, Mapping, Sequence)):
        return len(value) > 0
    return isinstance(value, (Sample, RuleData, Moment)) or bool(value)


def shown(value: Value, *, inner: bool = False) -> str:
    """The value as ``%v`` prints it; ``inner`` is True within a list or a map."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return format_general(value)
        case complex():
            return f"({_signless(value.real)}{_signed(value.imag)}i)"
        case None:
            return "<nil>"
        case Moment():
            return moment(value.at_ms)
    return _shown_whole(value, inner=inner)


def _shown_whole(value: Value, *, inner: bool) -> str:
    match value:
        case Mapping():
            return f"map[{' '.join(f'{key}:{shown(value[key], inner=True)}' for key in sorted(value))}]"
        case Sample():
            text = f"{{{shown(value.labels)} {shown(value.value)}}}"
            # Go prints the address of a sample within a list, which says nothing; its content does.
            return f"&{text}" if not inner else text
        case RuleData():
            parts = (value.labels, value.external_labels, value.external_url, value.value)
            return f"{{{' '.join(shown(part) for part in parts)}}}"
        case Sequence():
            return f"[{' '.join(shown(one, inner=True) for one in value)}]"
    return str(value)


def _signless(part: float) -> str:
    return format_general(part)


def _signed(part: float) -> str:
    return format_general(part) if part < 0 else f"+{format_general(part)}"


def moment(at_ms: int) -> str:
    """A Unix time in ms as Go prints it: ``2015-06-30 20:10:51 +0000 UTC``. Raises ``OverflowError``."""
    at = Moment(at_ms).datetime
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    return f"{at.year:04d}-{at:%m-%d %H:%M:%S}{fraction} +0000 UTC"
