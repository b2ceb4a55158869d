"""The two queries of Prometheus' HTTP API, over samples in memory."""

import numpy as np

from alerts.promql.engine import result
from alerts.promql.engine.evaluation import DEFAULT_SUBQUERY_STEP_MS, MAX_POINTS, Evaluation
from alerts.promql.engine.frame import Frame
from alerts.promql.engine.result import Data
from alerts.promql.engine.window import Check, Reach, nothing
from alerts.promql.error import PromQLError
from alerts.promql.labels import Labels, whole_characters
from alerts.promql.parser.parser import parse
from alerts.promql.parser.syntax import Expr, String, Type, unwrap
from alerts.promql.parser.types import type_of
from alerts.promql.tsdb.sample_store import SampleStore


def instant_query(
    store: SampleStore,
    expr: str,
    at_ms: int,
    *,
    compat: int = 3,
    subquery_step_ms: int = DEFAULT_SUBQUERY_STEP_MS,
    max_points: int = MAX_POINTS,
    check: Check = nothing,
) -> Data:
    """The ``data`` object of ``/api/v1/query``. ``compat`` is Prometheus' major version, 2 or 3; ``check`` is called
    again and again and may raise ``QueryStoppedError``.

    Raises ``PromQLError``.
    """
    tree = parse(expr, compat=compat)
    run = _evaluation(store, at_ms, at_ms, 1, compat, subquery_step_ms, max_points, check)
    inner = unwrap(tree)
    match type_of(tree):
        case Type.STRING:
            return result.string(whole_characters(inner.value) if isinstance(inner, String) else "", at_ms)
        case Type.MATRIX:
            refs, range_ms = run.range_refs(inner)
            return result.raw_matrix(run.range_series(inner), int(refs[0]), Reach(range_ms, run.v3))
        case _:
            value = run.evaluate(tree)
    if isinstance(value, Frame):
        return result.vector(value, at_ms)
    return result.scalar(float(value[0]), at_ms)


def range_query(
    store: SampleStore,
    expr: str,
    start_ms: int,
    end_ms: int,
    step_ms: int,
    *,
    compat: int = 3,
    subquery_step_ms: int = DEFAULT_SUBQUERY_STEP_MS,
    max_points: int = MAX_POINTS,
    check: Check = nothing,
) -> Data:
    """The ``data`` object of ``/api/v1/query_range``; both ends belong to it. Raises ``PromQLError``."""
    tree = parse(expr, compat=compat)
    kind = type_of(tree)
    if kind not in (Type.SCALAR, Type.VECTOR):
        raise PromQLError(
            f"invalid expression type {kind.value!r} for range query, must be Scalar or instant Vector"
        )
    run = _evaluation(store, start_ms, end_ms, step_ms, compat, subquery_step_ms, max_points, check)
    value = run.evaluate(tree)
    frame = value if isinstance(value, Frame) else Frame.single((), value)
    return result.matrix(frame, run.steps)


def evaluate_vector(
    store: SampleStore,
    tree: Expr,
    at_ms: int,
    *,
    compat: int = 3,
    subquery_step_ms: int = DEFAULT_SUBQUERY_STEP_MS,
) -> list[tuple[Labels, float]]:
    """What a rule needs: the samples of a parsed expression at one time, a scalar being one without labels."""
    run = _evaluation(store, at_ms, at_ms, 1, compat, subquery_step_ms)
    value = run.evaluate(tree)
    return result.samples(value if isinstance(value, Frame) else Frame.single((), value))


def _evaluation(
    store: SampleStore,
    start_ms: int,
    end_ms: int,
    step_ms: int,
    compat: int,
    subquery_step_ms: int,
    max_points: int = MAX_POINTS,
    check: Check = nothing,
) -> Evaluation:
    if compat not in (2, 3):
        raise PromQLError(f"compat is 2 or 3, not {compat}")
    if step_ms <= 0:
        raise PromQLError(
            "zero or negative query resolution step widths are not accepted. Try a positive integer"
        )
    if end_ms < start_ms:
        raise PromQLError("end timestamp must not be before start time")
    steps = np.arange(start_ms, end_ms + 1, step_ms, dtype=np.int64)
    return Evaluation(store, steps, start_ms, end_ms, compat >= 3, subquery_step_ms, max_points, check)
