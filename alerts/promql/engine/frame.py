"""Instant vectors over many steps at once: a row for each series, a column for each step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alerts.promql.error import PromQLError
from alerts.promql.labels import Labels, to_text, without_name

Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Frame:
    """Values with the mask that says which of them are there; a value that is not there means nothing."""

    labels: list[Labels]
    values: Values
    present: Mask

    @property
    def steps(self) -> int:
        return int(self.values.shape[1])

    @classmethod
    def empty(cls, steps: int) -> "Frame":
        return cls([], np.empty((0, steps)), np.empty((0, steps), dtype=bool))

    @classmethod
    def single(cls, labels: Labels, values: Values, present: Mask | None = None) -> "Frame":
        """One series."""
        mask = np.ones(len(values), dtype=bool) if present is None else present
        return cls([labels], values.reshape(1, -1), mask.reshape(1, -1))

    @classmethod
    def rows(cls, rows: Sequence[tuple[Labels, Values, Mask]], steps: int) -> "Frame":
        """A frame of rows computed one by one."""
        if not rows:
            return cls.empty(steps)
        return cls(
            [row[0] for row in rows], np.stack([row[1] for row in rows]), np.stack([row[2] for row in rows])
        )

    def with_values(self, values: Values) -> "Frame":
        return Frame(self.labels, values, self.present)

    def where(self, mask: Mask) -> "Frame":
        """Only the values for which the mask holds."""
        return Frame(self.labels, self.values, self.present & mask)

    def relabelled(self, change: Callable[[Labels], Labels]) -> "Frame":
        """The same values under other labels. Raises ``PromQLError`` where two series become one."""
        return merged(Frame([change(labels) for labels in self.labels], self.values, self.present))

    def unnamed(self) -> "Frame":
        return self.relabelled(without_name)

    def take(self, indexes: Sequence[int]) -> "Frame":
        """Some of the rows, in this order."""
        index = np.asarray(indexes, dtype=np.intp)
        return Frame([self.labels[i] for i in indexes], self.values[index], self.present[index])


def anywhere(present: Mask) -> Mask:
    """The steps at which at least one row has a value."""
    result: Mask = np.logical_or.reduce(present, axis=0)
    return result


def merged(frame: Frame) -> Frame:
    """Rows with equal labels become one. Raises ``PromQLError`` where they meet in a step."""
    if len(set(frame.labels)) == len(frame.labels):
        return frame
    places: dict[Labels, int] = {}
    for labels in frame.labels:
        places.setdefault(labels, len(places))
    values = np.zeros((len(places), frame.steps))
    present = np.zeros((len(places), frame.steps), dtype=bool)
    for row, labels in enumerate(frame.labels):
        place, mask = places[labels], frame.present[row]
        if np.any(present[place] & mask):
            raise PromQLError(f"vector cannot contain metrics with the same labelset: {to_text(labels)}")
        values[place] = np.where(mask, frame.values[row], values[place])
        present[place] |= mask
    return Frame(list(places), values, present)


def joined(first: Frame, second: Frame) -> Frame:
    """The rows of both."""
    return merged(
        Frame(
            first.labels + second.labels,
            np.concatenate([first.values, second.values]),
            np.concatenate([first.present, second.present]),
        )
    )
