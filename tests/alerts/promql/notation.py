"""promtool's notation of samples, and stores written in it."""

import re
from collections.abc import Iterator

from alerts.promql import SampleStore, instant_query, range_query
from alerts.promql.number import parse_value
from alerts.promql.parser.parser import parse
from alerts.promql.parser.syntax import Selector
from alerts.promql.tsdb.series import STALE

_REPEAT = re.compile(r"(?P<start>-?[^x+-]+?)(?:(?P<step>[+-][^x]+))?x(?P<count>\d+)")


def values(notation: str) -> Iterator[float | None]:
    """``1+2x3`` is 1 3 5 7, ``_`` no sample, ``stale`` a staleness marker."""
    for word in notation.split():
        repeat = _REPEAT.fullmatch(word)
        if word.startswith("_"):
            yield from [None] * (int(word.removeprefix("_x")) if "x" in word else 1)
        elif word == "stale":
            yield STALE
        elif repeat is None:
            yield parse_value(word)
        else:
            start, step = parse_value(repeat["start"]), parse_value(repeat["step"] or "0")
            # Repeated gaps count exactly, repeated values once more than they say.
            yield from (start + step * index for index in range(int(repeat["count"]) + 1))


def loaded(step_s: float, lines: dict[str, str]) -> SampleStore:
    """A store with series as selectors (``x{a="b"}``) and their samples, ``step_s`` apart from 0 on."""
    store = SampleStore()
    for text, notation in lines.items():
        selector = parse(text)
        assert isinstance(selector, Selector)
        labels = {matcher.name: matcher.value for matcher in selector.matchers}
        for index, value in enumerate(values(notation)):
            if value is not None:
                store.append(labels, round(index * step_s * 1000), value)
    return store


def at(store: SampleStore, expr: str, seconds: float, *, compat: int = 3) -> dict[str, str]:
    """An instant vector as ``{labels: value}``, in order; a scalar under ``scalar``."""
    data = instant_query(store, expr, round(seconds * 1000), compat=compat)
    if data["resultType"] == "scalar":
        return {"scalar": data["result"][1]}
    return {_series(row["metric"]): row["value"][1] for row in data["result"]}


def over(
    store: SampleStore, expr: str, start: int, end: int, step: int, *, compat: int = 3
) -> dict[str, str]:
    """A range query from, to and by whole seconds, as ``{labels: "v v _ v"}``."""
    data = range_query(store, expr, start * 1000, end * 1000, step * 1000, compat=compat)
    found = {}
    for row in data["result"]:
        points = {int(t): value for t, value in row["values"]}
        found[_series(row["metric"])] = " ".join(points.get(t, "_") for t in range(start, end + 1, step))
    return found


def _series(metric: dict[str, str]) -> str:
    labels = {name: value for name, value in metric.items() if name != "__name__"}
    braces = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return metric.get("__name__", "") + (f"{{{braces}}}" if braces or "__name__" not in metric else "")
