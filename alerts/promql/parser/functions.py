"""Which functions there are, what they take and what they give."""

from dataclasses import dataclass

from alerts.promql.parser.syntax import Type

S, T, V, M = Type.SCALAR, Type.STRING, Type.VECTOR, Type.MATRIX


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """A function's face."""

    args: tuple[Type, ...]
    gives: Type = V
    optional: int = 0
    """How many of the last arguments may be left out; -1: the last may be repeated or left out."""

    @property
    def least(self) -> int:
        """The smallest number of arguments."""
        return len(self.args) - (1 if self.optional < 0 else self.optional)

    def type_at(self, index: int) -> Type:
        """The type of an argument, the last one repeating."""
        return self.args[min(index, len(self.args) - 1)]


_OVER_TIME = ("avg", "min", "max", "sum", "count", "last", "present", "absent", "stddev", "stdvar")
_OVER_RANGE = ("rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets")
_TRIGONOMETRIC = (
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "deg",
    "rad",
)
_OF_VECTOR = ("abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "sort", "sort_desc")
_OF_TIME = ("minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year")

GONE_IN_V3 = frozenset({"holt_winters"})
"""Functions of Prometheus 2 that Prometheus 3 has no more, or only as an experiment under another name."""

SIGNATURES: dict[str, FunctionSignature] = {
    **{name: FunctionSignature((M,)) for name in _OVER_RANGE},
    **{f"{name}_over_time": FunctionSignature((M,)) for name in _OVER_TIME},
    **{name: FunctionSignature((V,)) for name in (*_OF_VECTOR, *_TRIGONOMETRIC)},
    **{name: FunctionSignature((V,), optional=1) for name in _OF_TIME},
    "quantile_over_time": FunctionSignature((S, M)),
    "predict_linear": FunctionSignature((M, S)),
    "holt_winters": FunctionSignature((M, S, S)),
    "histogram_quantile": FunctionSignature((S, V)),
    **{f"histogram_{what}": FunctionSignature((V,)) for what in ("count", "sum", "avg", "stddev", "stdvar")},
    "histogram_fraction": FunctionSignature((S, S, V)),
    "absent": FunctionSignature((V,)),
    "clamp": FunctionSignature((V, S, S)),
    "clamp_min": FunctionSignature((V, S)),
    "clamp_max": FunctionSignature((V, S)),
    "round": FunctionSignature((V, S), optional=1),
    "label_replace": FunctionSignature((V, T, T, T, T)),
    "label_join": FunctionSignature((V, T, T, T), optional=-1),
    "time": FunctionSignature((), S),
    "pi": FunctionSignature((), S),
    "vector": FunctionSignature((S,)),
    "scalar": FunctionSignature((V,), S),
    "timestamp": FunctionSignature((V,)),
}
