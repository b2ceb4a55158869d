"""Expressions made at random from everything that is supported, most of which have results."""

import random

_SELECTORS = (
    "requests_total",
    'requests_total{job="api"}',
    'requests_total{code=~"4..|5.."}',
    'requests_total{code!="200",instance!~"c|d"}',
    '{__name__=~"temp.*|limit"}',
    "temperature",
    "limit",
    'temperature{job!="db"}',
    "latency_bucket",
    "strange",
    'strange{kind="mixed"}',
    "constant",
    "sparse",
    "ended",
    "job_info",
)
_LABELS = ("job", "instance", "code", "zone", "missing", "__name__")
_RANGE_FUNCTIONS = [
    "rate",
    "irate",
    "increase",
    "delta",
    "idelta",
    "deriv",
    "changes",
    "resets",
    "avg_over_time",
    "min_over_time",
    "max_over_time",
    "sum_over_time",
    "count_over_time",
    "last_over_time",
    "present_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "absent_over_time",
]
_VECTOR_FUNCTIONS = [
    "abs",
    "ceil",
    "floor",
    "exp",
    "ln",
    "log2",
    "log10",
    "sqrt",
    "sgn",
    "sort",
    "sort_desc",
    "absent",
    "timestamp",
    "round",
]
_REDUCTIONS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
_ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"]
_COMPARISONS = ["==", "!=", ">", "<", ">=", "<="]
_RANGES = ("30s", "1m", "2m30s", "5m", "17m", "40m")


class Expressions:
    """A source of expressions; the same seed gives the same ones."""

    def __init__(self, seed: int, *, ranked: bool = True) -> None:
        self._dice = random.Random(seed)
        self._ranked_too = ranked

    def vector(self, depth: int = 3) -> str:
        """An instant vector."""
        if depth == 0 or self._dice.random() < 0.08:
            return self._selector()
        forms = (
            self._over_range,
            self._over_range,
            self._reduced,
            self._reduced,
            self._function,
            self._with_scalar,
            self._matched,
            self._set,
            self._ranked,
            self._quantile,
            self._relabelled,
            self._subquery,
        )
        return self._dice.choice(forms)(depth - 1)

    def _pick(self, *words: str) -> str:
        return self._dice.choice(words)

    def _selector(self) -> str:
        modifier = self._pick(
            "", "", "", "", " offset 3m", " offset -90s", " @ 1700009000", " @ end()", " @ start()"
        )
        return self._pick(*_SELECTORS) + modifier

    def _scalar(self) -> str:
        return self._pick(
            "2",
            "0.5",
            "-3",
            "0",
            "Inf",
            "NaN",
            "time()",
            "scalar(constant)",
            "scalar(temperature)",
            "1e3",
            "0x10",
        )

    def _over_range(self, depth: int) -> str:
        del depth
        modifier = self._pick("", "", "", " offset 7m", " offset -1m", " @ 1700010000")
        window = f"{self._pick(*_SELECTORS)}[{self._pick(*_RANGES)}]{modifier}"
        kind = self._dice.random()
        if kind < 0.12:
            return f"quantile_over_time({self._pick('0', '0.3', '0.95', '1', '-1', '2')}, {window})"
        if kind < 0.2:
            return f"predict_linear({self._pick(*_SELECTORS)}[5m], {self._pick('60', '3600', '-600')})"
        if kind < 0.26:
            return f"holt_winters({window}, {self._pick('0.1', '0.5', '0.99')}, {self._pick('0.3', '0.9')})"
        return f"{self._pick(*_RANGE_FUNCTIONS)}({window})"

    def _grouping(self) -> str:
        labels = ", ".join(self._dice.sample(_LABELS, self._dice.randrange(3)))
        return self._pick("", f" by ({labels})", f" by ({labels})", f" without ({labels})")

    def _reduced(self, depth: int) -> str:
        return f"{self._pick(*_REDUCTIONS)}{self._grouping()} ({self.vector(depth)})"

    def _ranked(self, depth: int) -> str:
        op = self._pick("quantile", "count_values", *(("topk", "bottomk") if self._ranked_too else ()))
        param = {"quantile": self._pick("0.5", "0.99", "-1", "0"), "count_values": '"value"'}.get(
            op, self._pick("1", "2", "5", "0", "-1")
        )
        # The value becomes text, where a last bit would count.
        inner = (
            f"round(clamp({self.vector(depth)}, -1e4, 1e4))" if op == "count_values" else self.vector(depth)
        )
        return f"{op}{self._grouping()} ({param}, {inner})"

    def _function(self, depth: int) -> str:
        inner = self.vector(depth)
        if self._dice.random() < 0.3:
            return self._pick(
                f"clamp({inner}, -5, 30)",
                f"clamp_min({inner}, {self._scalar()})",
                f"clamp_max({inner}, {self._scalar()})",
                f"round({inner}, {self._pick('5', '0.1', '-2')})",
                f"vector({self._scalar()})",
                f"{self._pick('hour', 'minute', 'day_of_week', 'month', 'days_in_month')}(vector(time()))",
                f"vector(scalar({inner}))",
            )
        return f"{self._pick(*_VECTOR_FUNCTIONS)}({inner})"

    def _with_scalar(self, depth: int) -> str:
        inner, scalar = self.vector(depth), self._scalar()
        op = self._pick(*_ARITHMETIC, *_COMPARISONS, *(f"{op} bool" for op in _COMPARISONS))
        return f"({inner} {op} {scalar})" if self._dice.random() < 0.6 else f"({scalar} {op} {inner})"

    def _matched(self, depth: int) -> str:
        op = self._pick(*_ARITHMETIC, *_COMPARISONS, *(f"{op} bool" for op in _COMPARISONS))
        kind = self._dice.randrange(5)
        if kind == 0:
            inner = self.vector(depth)
            return f"({inner} {op} {inner})"
        if kind == 1:
            return f"(temperature {op} on (job, instance) limit)"
        if kind == 2:
            return f"(requests_total {op} on (job, instance) group_left ({self._pick('', 'zone')}) limit)"
        if kind == 3:
            return (
                f"(job_info {op} on (job) group_right (owner) rate(requests_total[{self._pick(*_RANGES)}]))"
            )
        left, right = self.vector(depth), self.vector(depth)
        return f"({left} {op} {self._pick('', 'on (job)', 'ignoring (code)', 'on ()')} {right})"

    def _set(self, depth: int) -> str:
        how = self._pick("", "", "on (job)", "ignoring (instance)", "on ()")
        return f"({self.vector(depth)} {self._pick('and', 'or', 'unless')} {how} {self.vector(depth)})"

    def _quantile(self, depth: int) -> str:
        del depth
        window = self._pick(*_RANGES)
        phi = self._pick("0", "0.5", "0.95", "1", "-0.5", "1.5", "NaN")
        inner = self._pick(
            "latency_bucket",
            f"rate(latency_bucket[{window}])",
            f"sum by (le) (rate(latency_bucket[{window}]))",
        )
        return f"histogram_quantile({phi}, {inner})"

    def _relabelled(self, depth: int) -> str:
        inner = self.vector(depth)
        return self._pick(
            f'label_replace({inner}, "job", "x-$1", "job", "(.*)")',
            f'label_replace({inner}, "new", "${{1}}_$2", "instance", "(a|b)(.*)")',
            f'label_replace({inner}, "instance", "", "instance", ".*")',
            f'label_join({inner}, "both", "/", "job", "instance")',
        )

    def _subquery(self, depth: int) -> str:
        name = self._pick(
            "max_over_time", "avg_over_time", "rate", "count_over_time", "sum_over_time", "deriv"
        )
        step = self._pick("", "30s", "17s", "1m")
        modifier = self._pick("", "", " offset 2m", " @ 1700010000")
        return f"{name}({self.vector(min(depth, 1))}[{self._pick('2m', '5m', '11m')}:{step}]{modifier})"
