"""Operations between two vectors: which samples meet, and which labels the result has."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from alerts.promql.engine.element import ARITHMETIC, COMPARISON
from alerts.promql.engine.frame import Frame, Mask, Values, joined, merged
from alerts.promql.error import PromQLError
from alerts.promql.labels import NAME, Labels, get, having, only, to_text, without
from alerts.promql.parser.syntax import Binary, Matching

JoinKey = Callable[[Labels], Labels]


def _signature(matching: Matching) -> JoinKey:
    names = frozenset(matching.labels)
    if matching.on:
        return lambda labels: only(labels, names)
    ignored = names | {NAME}
    return lambda labels: without(labels, ignored)


def set_operation(node: Binary, lhs: Frame, rhs: Frame) -> Frame:
    """``and``, ``or`` and ``unless``."""
    sign = _signature(node.matching)
    if node.op == "or":
        return joined(lhs, rhs.where(~_present_by_signature(rhs, lhs, sign)))
    found = _present_by_signature(lhs, rhs, sign)
    return lhs.where(found if node.op == "and" else ~found)


def _present_by_signature(frame: Frame, other: Frame, sign: JoinKey) -> Mask:
    """For each row of ``frame``, where the other side has a sample with the row's signature."""
    masks: dict[Labels, Mask] = {}
    for row, labels in enumerate(other.labels):
        key = sign(labels)
        masks[key] = masks[key] | other.present[row] if key in masks else other.present[row]
    nowhere = np.zeros(frame.steps, dtype=bool)
    if not frame.labels:
        return np.zeros((0, frame.steps), dtype=bool)
    return np.stack([masks.get(sign(labels), nowhere) for labels in frame.labels])


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Row numbers of the many side and the one side that meet, and the signature each pair has."""

    many: list[int]
    one: list[int]
    keys: list[Labels]


def vector_operation(node: Binary, lhs: Frame, rhs: Frame, *, v3: bool) -> Frame:
    """Arithmetic and comparison. Raises ``PromQLError`` where a sample has more than one partner."""
    swapped = node.matching.card == "one-to-many"
    many, one = (rhs, lhs) if swapped else (lhs, rhs)
    sign = _signature(node.matching)
    _refuse_twins(many, one, sign, side="left" if swapped else "right")
    pairs = _pairs(many, one, sign)
    many_values, one_values = many.values[pairs.many], one.values[pairs.one]
    left, right = (one_values, many_values) if swapped else (many_values, one_values)
    values, kept = operate(node, left, right)
    met = many.present[pairs.many] & one.present[pairs.one]
    present = met & kept
    drops = drops_name(node, v3=v3)
    labels = [
        _result_labels(node, many.labels[m], one.labels[o], drops=drops)
        for m, o in zip(pairs.many, pairs.one, strict=True)
    ]
    # Prometheus 3 refuses an ambiguous comparison also where its filter happens to hide that.
    _refuse_many(
        node.matching, pairs.keys, labels, met if v3 and node.matching.card == "one-to-one" else present
    )
    return merged(Frame(labels, values, present))


def operate(node: Binary, left: Values, right: Values) -> tuple[Values, Mask]:
    """The values of an operation and where it has any; a comparison keeps its left value or, with bool, says 0 or 1."""
    if node.op in ARITHMETIC:
        return ARITHMETIC[node.op](left, right), np.ones(np.broadcast(left, right).shape, dtype=bool)
    holds = COMPARISON[node.op](left, right)
    if node.bool_:
        return holds.astype(np.float64), np.ones_like(holds)
    return np.broadcast_to(left, holds.shape), holds


def drops_name(node: Binary, *, v3: bool) -> bool:
    """Whether an operation's result is no longer the metric it came from (``atan2`` forgot that before version 3)."""
    return node.bool_ or (node.op in ARITHMETIC and (v3 or node.op != "atan2"))


def _refuse_twins(many: Frame, one: Frame, sign: JoinKey, *, side: str) -> None:
    """Raises where the one side has two samples of a signature in a step in which the many side has any."""
    first: dict[Labels, int] = {}
    counts: dict[Labels, Values] = {}
    asked = many.present.any(axis=0)
    for row, labels in enumerate(one.labels):
        key = sign(labels)
        if key not in first:
            first[key] = row
            continue
        count = counts.setdefault(key, one.present[first[key]].astype(np.float64))
        count += one.present[row]
        if np.any((count > 1) & asked):
            raise PromQLError(
                f"found duplicate series for the match group {to_text(key)} on the {side} hand-side of the operation: "
                f"[{to_text(labels)}, {to_text(one.labels[first[key]])}];"
                "many-to-many matching not allowed: matching labels must be unique on one side"
            )


def _pairs(many: Frame, one: Frame, sign: JoinKey) -> _Pairs:
    partners: dict[Labels, list[int]] = {}
    for row, labels in enumerate(one.labels):
        partners.setdefault(sign(labels), []).append(row)
    pairs = _Pairs([], [], [])
    for row, labels in enumerate(many.labels):
        key = sign(labels)
        for partner in partners.get(key, ()):
            pairs.many.append(row)
            pairs.one.append(partner)
            pairs.keys.append(key)
    return pairs


def _result_labels(node: Binary, many: Labels, one: Labels, *, drops: bool) -> Labels:
    matching = node.matching
    labels = without(many, (NAME,)) if drops else many
    if matching.card == "one-to-one":
        return only(labels, matching.labels) if matching.on else without(labels, matching.labels)
    if not matching.include:
        return labels
    return having(labels, {name: get(one, name) for name in matching.include})


def _refuse_many(matching: Matching, keys: list[Labels], labels: list[Labels], present: Mask) -> None:
    """Raises where one partner meets several samples that the result cannot tell apart."""
    simple = matching.card == "one-to-one"
    marks = [(key, () if simple else own) for key, own in zip(keys, labels, strict=True)]
    if len(set(marks)) == len(marks):
        return
    rows: dict[tuple[Labels, Labels], list[int]] = {}
    for row, mark in enumerate(marks):
        rows.setdefault(mark, []).append(row)
    for index in rows.values():
        if len(index) > 1 and np.any(present[index].sum(axis=0) > 1):
            how = (
                "many-to-one matching must be explicit (group_left/group_right)"
                if simple
                else "grouping labels must ensure unique matches"
            )
            raise PromQLError(f"multiple matches for labels: {how}")
