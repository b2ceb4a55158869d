"""Values as the ``data`` object of Prometheus' HTTP API."""

from typing import Any

import numpy as np

from alerts.promql.engine.frame import Frame
from alerts.promql.engine.window import Reach, Steps
from alerts.promql.labels import Labels
from alerts.promql.number import format_sample, format_value
from alerts.promql.tsdb.sample_store import Series

Data = dict[str, Any]


def seconds(t_ms: int) -> float | int:
    """A time as Prometheus writes it: seconds, with a fraction only where there is one."""
    return t_ms // 1000 if t_ms % 1000 == 0 else t_ms / 1000


def samples(frame: Frame) -> list[tuple[Labels, float]]:
    """The series and values of a frame's only step."""
    column = zip(frame.labels, frame.values[:, 0].tolist(), frame.present[:, 0].tolist(), strict=True)
    return [(labels, value) for labels, value, present in column if present]


def vector(frame: Frame, at_ms: int) -> Data:
    """An instant vector."""
    at = seconds(at_ms)
    result = [{"metric": dict(labels), "value": [at, format_sample(v)]} for labels, v in samples(frame)]
    return {"resultType": "vector", "result": result}


def scalar(value: float, at_ms: int) -> Data:
    """A scalar."""
    return {"resultType": "scalar", "result": [seconds(at_ms), format_value(value)]}


def string(value: str, at_ms: int) -> Data:
    """A string."""
    return {"resultType": "string", "result": [seconds(at_ms), value]}


def matrix(frame: Frame, steps: Steps) -> Data:
    """A vector at each step, series in the order of their labels; series without a value are left out."""
    times = [seconds(t) for t in steps.tolist()]
    rows = sorted(range(len(frame.labels)), key=frame.labels.__getitem__)
    result = []
    for row in rows:
        places = np.flatnonzero(frame.present[row])
        if len(places):
            values = frame.values[row][places].tolist()
            pairs = [[times[i], format_sample(v)] for i, v in zip(places.tolist(), values, strict=True)]
            result.append({"metric": dict(frame.labels[row]), "values": pairs})
    return {"resultType": "matrix", "result": result}


def raw_matrix(series: list[Series], at_ms: int, reach: Reach) -> Data:
    """The samples themselves, for an instant query of a range."""
    result = []
    for one in series:
        times, values = one.samples.between(reach.after(at_ms), at_ms)
        if times:
            pairs = [[seconds(t), format_sample(v)] for t, v in zip(times, values, strict=True)]
            result.append({"metric": dict(one.labels), "values": pairs})
    return {"resultType": "matrix", "result": result}
