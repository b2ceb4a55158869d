"""Compensated sums and running moments, in the order and with the operations that Prometheus uses."""

from collections.abc import Iterable, Sequence
from math import inf, isinf, sqrt

import numpy as np
import numpy.typing as npt

_FEW_COLUMNS = 4


def add(increment: float, total: float, correction: float) -> tuple[float, float]:
    """One step of Neumaier's sum."""
    new = total + increment
    if new in (inf, -inf):
        return new, 0.0
    if abs(total) >= abs(increment):
        return new, correction + ((total - new) + increment)
    return new, correction + ((increment - new) + total)


def total(values: Iterable[float]) -> float:
    """The compensated sum."""
    result = correction = 0.0
    for value in values:
        new = result + value
        if new in (inf, -inf):
            correction = 0.0
        elif abs(result) >= abs(value):
            correction += (result - new) + value
        else:
            correction += (value - new) + result
        result = new
    return result if isinf(result) else result + correction


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; where the sum overflows, the running mean from there on."""
    result, correction, count = values[0], 0.0, 1
    for count, value in enumerate(values[1:], start=2):
        new, new_correction = add(value, result, correction)
        if isinf(new):
            return _running_mean(values, count, result / (count - 1), correction / (count - 1))
        result, correction = new, new_correction
    return result / count + correction / count


def _running_mean(values: Sequence[float], start: int, result: float, correction: float) -> float:
    for count, value in enumerate(values[start - 1 :], start=start):
        share = (count - 1) / count
        result, correction = add(value / count, share * result, share * correction)
    return result + correction


def variance(values: Iterable[float]) -> float:
    """The population variance by Welford's method."""
    count = 0
    centre = centre_c = square = square_c = 0.0
    for value in values:
        count += 1
        delta = value - (centre + centre_c)
        centre, centre_c = add(delta / count, centre, centre_c)
        square, square_c = add(delta * (value - (centre + centre_c)), square, square_c)
    return (square + square_c) / count


def deviation(values: Iterable[float]) -> float:
    """The population standard deviation."""
    found = variance(values)
    return sqrt(found) if found >= 0 else found


def column_totals(values: npt.NDArray[np.float64], present: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The compensated sum of each column's present values."""
    if values.shape[1] <= _FEW_COLUMNS:
        columns = zip(values.T, present.T, strict=True)
        return np.array([total(column[mask].tolist()) for column, mask in columns])
    result, correction = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for row in np.where(present, values, 0.0):
        new = result + row
        lost = np.where(np.abs(result) >= np.abs(row), (result - new) + row, (row - new) + result)
        correction = np.where(np.isinf(new), 0.0, correction + lost)
        result = new
    return np.where(np.isinf(result), result, result + correction)
