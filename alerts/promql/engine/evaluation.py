"""A syntax tree and a store of samples to values, at all steps of a query at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from alerts.matcher import Matcher
from alerts.promql.engine import calendar, label_functions
from alerts.promql.engine.aggregation import aggregate, count_values, extremes, grouped
from alerts.promql.engine.element import MATH, clamp, go_max, go_min, round_to
from alerts.promql.engine.frame import Frame, anywhere
from alerts.promql.engine.histogram import histogram_quantile
from alerts.promql.engine.vector_join import drops_name, operate, set_operation, vector_operation
from alerts.promql.engine.window import Check, RangeCall, Reach, Steps, latest_values, nothing
from alerts.promql.error import PromQLError
from alerts.promql.labels import NAME, Labels, from_mapping
from alerts.promql.parser.syntax import (
    COMPARISONS,
    SET_OPERATORS,
    Aggregate,
    AtTime,
    Binary,
    Expr,
    FunctionCall,
    Matrix,
    Number,
    Paren,
    Selector,
    String,
    Subquery,
    Type,
    Unary,
    unwrap,
)
from alerts.promql.parser.types import type_of
from alerts.promql.tsdb.sample_store import SampleStore, Series
from alerts.promql.tsdb.series import Samples

Scalar = npt.NDArray[np.float64]
Value = Frame | Scalar

MAX_POINTS = 50_000_000
"""How many values one selector may give over all steps (Prometheus: ``query.max-samples``)."""
DEFAULT_SUBQUERY_STEP_MS = 60_000
"""The global evaluation interval that a subquery without a step uses."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One query: the store, the steps, and what ``@ start()`` and ``@ end()`` mean."""

    store: SampleStore
    steps: Steps
    start_ms: int
    end_ms: int
    v3: bool
    subquery_step_ms: int = DEFAULT_SUBQUERY_STEP_MS
    max_points: int = MAX_POINTS
    check: Check = nothing
    """Called again and again; raises ``QueryStoppedError`` where the query is to end."""

    def evaluate(self, node: Expr) -> Value:
        """A frame for a vector, one number a step for a scalar. Raises ``PromQLError``."""
        self.check()
        match node:
            case Number():
                return np.full(len(self.steps), node.value)
            case Paren():
                return self.evaluate(node.expr)
            case Unary():
                return self._unary(node)
            case Selector():
                refs = self._refs(node.at, node.offset_ms)
                return latest_values(self._select(node), refs, v3=self.v3, check=self.check)
            case Binary():
                return self._binary(node)
            case Aggregate():
                return self._aggregate(node)
            case FunctionCall():
                return self._call(node)
            case Matrix() | Subquery() | String():
                raise PromQLError(f"a {type_of(node).value} has no value of its own here", node.position)

    def vector(self, node: Expr) -> Frame:
        """The value of an expression that is an instant vector."""
        value = self.evaluate(node)
        if not isinstance(value, Frame):
            raise PromQLError("expected an instant vector", node.position)
        return value

    def scalar(self, node: Expr) -> Scalar:
        """The value of an expression that is a scalar."""
        value = self.evaluate(node)
        if isinstance(value, Frame):
            raise PromQLError("expected a scalar", node.position)
        return value

    def range_series(self, node: Expr) -> list[Series]:
        """The series under a range: those of the store, or those that a subquery's expression gives."""
        inner = unwrap(node)
        if isinstance(inner, Matrix):
            return self._select(inner.selector)
        if isinstance(inner, Subquery):
            return self._subquery(inner)
        raise PromQLError("expected a range vector", node.position)

    def range_refs(self, node: Expr) -> tuple[Steps, int]:
        """Where the windows of a range end, and how long they are in ms."""
        inner = unwrap(node)
        if isinstance(inner, Matrix):
            return self._refs(inner.selector.at, inner.selector.offset_ms), inner.range_ms
        if isinstance(inner, Subquery):
            return self._refs(inner.at, inner.offset_ms), inner.range_ms
        raise PromQLError("expected a range vector", node.position)

    def _refs(self, at: AtTime, offset_ms: int) -> Steps:
        if at is None:
            return self.steps - offset_ms
        fixed = at if isinstance(at, int) else self.start_ms if at == "start" else self.end_ms
        return np.full(len(self.steps), fixed - offset_ms, dtype=np.int64)

    def _select(self, node: Selector) -> list[Series]:
        found = self.store.select(node.matchers, v3=self.v3)
        self._refuse_excess(len(found) * len(self.steps))
        return found

    def _refuse_excess(self, points: int) -> None:
        if points > self.max_points:
            raise PromQLError("query processing would load too many samples into memory in query execution")

    def _subquery(self, node: Subquery) -> list[Series]:
        step = node.step_ms or self.subquery_step_ms
        refs = self._refs(node.at, node.offset_ms)
        first, last = int(refs[0]) - node.range_ms, int(refs[-1])
        begin = -(-first // step) * step
        if self.v3 and begin == first:
            begin += step
        if begin > last:
            return []
        self._refuse_excess((last - begin) // step + 1)
        steps = np.arange(begin, last + 1, step, dtype=np.int64)
        frame = replace(self, steps=steps).vector(node.expr)
        found = []
        for labels, values, present in zip(frame.labels, frame.values, frame.present, strict=True):
            if present.any():
                samples = Samples.of(steps[present], values[present])
                found.append(Series(labels, tuple(p for p in labels if p[0] != NAME), samples))
        return found

    def _unary(self, node: Unary) -> Value:
        value = self.evaluate(node.expr)
        if node.op == "+":
            return value
        if isinstance(value, Frame):
            return value.with_values(-value.values).unnamed()
        return -value

    def _binary(self, node: Binary) -> Value:
        lhs, rhs = self.evaluate(node.lhs), self.evaluate(node.rhs)
        with np.errstate(all="ignore"):
            if isinstance(lhs, Frame) and isinstance(rhs, Frame):
                if node.op in SET_OPERATORS:
                    return set_operation(node, lhs, rhs)
                return vector_operation(node, lhs, rhs, v3=self.v3)
            if isinstance(lhs, Frame) or isinstance(rhs, Frame):
                return self._with_scalar(node, lhs, rhs)
            return operate(node, lhs, rhs)[0]

    def _with_scalar(self, node: Binary, lhs: Value, rhs: Value) -> Frame:
        """A vector and a scalar; a comparison keeps the vector's value on whichever side it stands."""
        if isinstance(lhs, Frame):
            frame, values_of = (
                lhs,
                operate(node, lhs.values, rhs if not isinstance(rhs, Frame) else rhs.values),
            )
        elif isinstance(rhs, Frame):
            frame, values_of = rhs, operate(node, np.broadcast_to(lhs, rhs.values.shape), rhs.values)
        values, kept = values_of
        filters = node.op in COMPARISONS and not node.bool_
        result = Frame(frame.labels, frame.values if filters else values, frame.present & kept)
        return result.unnamed() if drops_name(node, v3=self.v3) else result

    def _aggregate(self, node: Aggregate) -> Frame:
        frame = self.vector(node.expr)
        groups = grouped(frame.labels, node.labels, is_without=node.without)
        if node.op == "count_values" and isinstance(label := unwrap(node.param or node.expr), String):
            label_functions.check_name(label.value, "count_values", v3=self.v3)
            return count_values(frame, groups, label.value)
        param = self.scalar(node.param) if node.param is not None else np.full(len(self.steps), np.nan)
        if node.op in ("topk", "bottomk"):
            return extremes(frame, groups, param, largest=node.op == "topk", v3=self.v3)
        with np.errstate(all="ignore"):
            return aggregate(node.op, frame, groups, param, v3=self.v3)

    def _call(self, node: FunctionCall) -> Value:
        if node.args and any(type_of(arg) is Type.MATRIX for arg in node.args):
            return self._range_call(node)
        with np.errstate(all="ignore"):
            return self._vector_call(node)

    def _range_call(self, node: FunctionCall) -> Frame:
        ranged = next(arg for arg in node.args if type_of(arg) is Type.MATRIX)
        scalars = [arg for arg in node.args if arg is not ranged]
        refs, range_ms = self.range_refs(ranged)
        series = self.range_series(ranged)
        none = np.full(len(refs), np.nan)
        first, second, *_ = (*map(self.scalar, scalars), none, none)
        name = "present_over_time" if node.name == "absent_over_time" else node.name
        reach = Reach(range_ms, self.v3)
        frame = RangeCall(name, refs, self.steps, reach, first, second, self.check).over(series)
        if node.name == "absent_over_time":
            return _absence(frame, ranged)
        return frame if node.name == "last_over_time" else frame.unnamed()

    def _vector_call(self, node: FunctionCall) -> Value:
        args = node.args
        match node.name:
            case "time":
                return self.steps / 1000
            case "pi":
                return np.full(len(self.steps), np.pi)
            case "vector":
                return Frame.single((), self.scalar(args[0]))
            case "scalar":
                return _only_value(self.vector(args[0]))
            case "absent":
                return _absence(self.vector(args[0]), args[0])
            case "timestamp":
                return self._timestamps(unwrap(args[0]))
            case "histogram_quantile":
                return histogram_quantile(self.scalar(args[0]), self.vector(args[1]), v3=self.v3)
            case name if name.startswith("histogram_"):
                # These read native histograms alone, and of those the store has none.
                self.vector(args[-1])
                return Frame.empty(len(self.steps))
            case "sort" | "sort_desc":
                return self._sorted(self.vector(args[0]), descending=node.name == "sort_desc")
            case "label_replace" | "label_join":
                words = [word.value for arg in args[1:] if isinstance(word := unwrap(arg), String)]
                run = (
                    label_functions.label_replace
                    if node.name == "label_replace"
                    else label_functions.label_join
                )
                return run(self.vector(args[0]), words, v3=self.v3)
            case name if name in MATH:
                frame = self.vector(args[0])
                return frame.with_values(MATH[name](frame.values)).unnamed()
            case name if name in calendar.PARTS:
                frame = self.vector(args[0]) if args else Frame.single((), self.steps / 1000)
                return frame.with_values(calendar.part(name, frame.values)).unnamed()
            case _:
                return self._bounded(node)

    def _bounded(self, node: FunctionCall) -> Frame:
        frame = self.vector(node.args[0])
        limits = [self.scalar(arg) for arg in node.args[1:]]
        match node.name:
            case "round":
                return frame.with_values(
                    round_to(frame.values, limits[0] if limits else np.ones(1))
                ).unnamed()
            case "clamp":
                within = frame.with_values(clamp(frame.values, limits[0], limits[1]))
                return within.where(~(limits[0] > limits[1])).unnamed()
            case "clamp_min":
                return frame.with_values(go_max(limits[0], frame.values)).unnamed()
            case "clamp_max":
                return frame.with_values(go_min(limits[0], frame.values)).unnamed()
            case name:
                raise PromQLError(f"unknown or unsupported function {name!r}", node.position)

    def _timestamps(self, node: Expr) -> Frame:
        """The time of each sample for a selector, of the evaluation for anything else."""
        if isinstance(node, Selector):
            refs = self._refs(node.at, node.offset_ms)
            return latest_values(self._select(node), refs, v3=self.v3, times=True, check=self.check).unnamed()
        frame = self.vector(node)
        return frame.with_values(np.broadcast_to(self.steps / 1000, frame.values.shape)).unnamed()

    def _sorted(self, frame: Frame, *, descending: bool) -> Frame:
        """By value, NaN last; an order has a meaning only at a single step."""
        if len(self.steps) > 1:
            return frame
        column = frame.values[:, 0].tolist()
        sign = -1 if descending else 1
        ranks = [(value != value, 0.0 if value != value else sign * value) for value in column]
        return frame.take(sorted(range(len(ranks)), key=ranks.__getitem__))


def _only_value(frame: Frame) -> Scalar:
    """The value of each step that has exactly one, else NaN."""
    single = frame.present.sum(axis=0) == 1
    total = np.where(frame.present, frame.values, 0.0).sum(axis=0)
    return np.where(single, total, np.nan)


def _absence(frame: Frame, node: Expr) -> Frame:
    """1 at the steps without any value, with the labels that the selector demands."""
    inner = unwrap(node)
    selector = inner.selector if isinstance(inner, Matrix) else inner
    labels = _demanded(selector.matchers) if isinstance(selector, Selector) else ()
    return Frame.single(labels, np.ones(frame.steps), ~anywhere(frame.present))


def _demanded(matchers: Sequence[Matcher]) -> Labels:
    """The labels that are matched for equality, once."""
    wanted: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in matchers:
        if matcher.name == NAME:
            continue
        first = matcher.op == "=" and matcher.name not in seen
        wanted[matcher.name] = matcher.value if first else ""
        seen.update({matcher.name} if matcher.op == "=" else ())
    return from_mapping(wanted)
