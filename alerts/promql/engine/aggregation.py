"""Aggregation over series, step by step."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from alerts.promql.engine import kahan
from alerts.promql.engine.frame import Frame, Mask, Values, anywhere, merged
from alerts.promql.engine.range_function import quantile
from alerts.promql.engine.ranked import best
from alerts.promql.error import PromQLError
from alerts.promql.labels import NAME, Labels, having, only, without
from alerts.promql.number import format_value

Groups = dict[Labels, list[int]]
Reduce = Callable[[Values, Mask], Values]


def grouped(labels: Sequence[Labels], names: Sequence[str], *, is_without: bool) -> Groups:
    """The rows that each group of an aggregation has, groups in the order of their first row."""
    groups: Groups = {}
    if not names and not is_without:
        return {(): list(range(len(labels)))} if labels else {}
    dropped = frozenset((*names, NAME))
    kept = frozenset(names)
    for row, one in enumerate(labels):
        key = without(one, dropped) if is_without else only(one, kept)
        groups.setdefault(key, []).append(row)
    return groups


def _by_column(reduce: Callable[[list[float]], float]) -> Reduce:
    def over_columns(values: Values, present: Mask) -> Values:
        columns = zip(values.T, present.T, strict=True)
        return np.array([reduce(column[mask].tolist()) if mask.any() else 0.0 for column, mask in columns])

    return over_columns


def _largest(values: Values, present: Mask) -> Values:
    result: Values = np.fmax.reduce(np.where(present, values, np.nan), axis=0)
    return result


def _smallest(values: Values, present: Mask) -> Values:
    result: Values = np.fmin.reduce(np.where(present, values, np.nan), axis=0)
    return result


def _counts(_: Values, present: Mask) -> Values:
    result: Values = present.sum(axis=0).astype(np.float64)
    return result


def _means(values: Values, present: Mask) -> Values:
    sums, counts = kahan.column_totals(values, present), _counts(values, present)
    if np.isfinite(sums).all():
        return sums / np.maximum(counts, 1)
    return _by_column(kahan.mean)(values, present)


def _ones(_: Values, present: Mask) -> Values:
    return np.ones(present.shape[1])


_REDUCTIONS: dict[str, Reduce] = {
    "sum": kahan.column_totals,
    "avg": _means,
    "min": _smallest,
    "max": _largest,
    "count": _counts,
    "group": _ones,
    "stddev": _by_column(kahan.deviation),
    "stdvar": _by_column(kahan.variance),
}


# Before Prometheus 3 a single value had no spread, were it infinite or no number at all.
_OLD_REDUCTIONS: dict[str, Reduce] = {
    "stddev": _by_column(lambda values: kahan.deviation(values) if len(values) > 1 else 0.0),
    "stdvar": _by_column(lambda values: kahan.variance(values) if len(values) > 1 else 0.0),
}


def aggregate(op: str, frame: Frame, groups: Groups, param: npt.NDArray[np.float64], *, v3: bool) -> Frame:
    """One series for each group; ``param`` is the φ of ``quantile``."""
    rows = []
    reductions = _REDUCTIONS if v3 else {**_REDUCTIONS, **_OLD_REDUCTIONS}
    for labels, index in groups.items():
        values, present = frame.values[index], frame.present[index]
        reduced = _quantiles(values, present, param) if op == "quantile" else reductions[op](values, present)
        rows.append((labels, reduced, anywhere(present)))
    return Frame.rows(rows, frame.steps)


def _quantiles(values: Values, present: Mask, param: npt.NDArray[np.float64]) -> Values:
    columns = zip(values.T, present.T, param.tolist(), strict=True)
    return np.array([quantile(q, column[mask].tolist()) for column, mask, q in columns])


def extremes(
    frame: Frame, groups: Groups, counts: npt.NDArray[np.float64], *, largest: bool, v3: bool
) -> Frame:
    """The ``counts`` largest or smallest values of each group and step, best first."""
    _refuse_uncountable(counts)
    chosen = np.zeros_like(frame.present)
    order: list[int] = []
    for index in groups.values():
        for step, count in enumerate(counts.tolist()):
            column, present = frame.values[index, step].tolist(), frame.present[index, step].tolist()
            items = [(v, row) for v, row, there in zip(column, index, present, strict=True) if there]
            rows = best(items, int(count), largest=largest, v3=v3)
            chosen[rows, step] = True
            order.extend(rows)
    return frame.where(chosen).take(list(dict.fromkeys(order)))


def _refuse_uncountable(counts: npt.NDArray[np.float64]) -> None:
    for count in counts.tolist():
        if not -(2.0**63) <= count < 2.0**63:
            raise PromQLError(f"Scalar value {format_value(count)} overflows int64")


def count_values(frame: Frame, groups: Groups, label: str) -> Frame:
    """How often each value occurs in a group, the value as a label."""
    rows: dict[Labels, Values] = {}
    for labels, index in groups.items():
        for step in range(frame.steps):
            for row in index:
                if frame.present[row, step]:
                    key = having(labels, {label: format_value(float(frame.values[row, step]))})
                    rows.setdefault(key, np.zeros(frame.steps))[step] += 1
    return merged(Frame.rows([(labels, counts, counts > 0) for labels, counts in rows.items()], frame.steps))
