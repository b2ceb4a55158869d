"""The value and the unit of an object that holds both: {value: 3.2, unit: kg} for ``weight``."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.figure.measured import Measure, as_whole, measures_of, units
from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.evidence.exactness import inexact
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_VALUES = frozenset({"value", "amount", "number", "quantity", "magnitude"})
_DIMENSIONS = {
    "weight": ("mass",), "mass": ("mass",), "dose": ("mass", "volume"), "dosage": ("mass", "volume"), "strength": ("mass",), "length": ("length",), "distance": ("length",),
    "height": ("length",), "width": ("length",), "depth": ("length",), "temperature": ("temperature",), "duration": ("time",), "volume": ("volume",), "speed": ("speed",),
    "area": ("area",), "size": ("area", "data"), "power": ("power",), "energy": ("energy",), "consumption": ("energy",), "capacity": ("volume", "data", "charge"),
}  # fmt: skip
"""What the name of such an object says that it measures, as kinds of units."""


def valued_units(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The values of such objects, and their units where they are no choice, of the one measure that may be meant."""
    for leaf in leaves:
        if len(leaf.path) < 2 or leaf.path[-1].lower() not in _VALUES:
            continue
        if not set(leaf.node.types) & {"integer", "number"}:
            continue
        unit = next((one for one in leaves if one.path == (*leaf.path[:-1], "unit")), None)
        kinds = next(
            (_DIMENSIONS[word] for word in reversed(words_of(leaf.path[-2])) if word in _DIMENSIONS), ()
        )
        told = [(s, m) for s in passage.sentences for m in measures_of(s.tokens) if _is_of(m, kinds)]
        if not kinds or len(told) != 1 or not _is_sure(*told[0], passage):
            continue
        sentence, measure = told[0]
        first, last = sentence.tokens[measure.first], sentence.tokens[measure.end - 1]
        yield leaf, Cued(Value(as_whole(measure.value)), first.start, last.end)
        written = first.mention.unit if first.mention is not None and first.mention.kind == "quantity" else ""
        if unit is not None and written.lower() in units():
            # The unit has its own place beside the figure.
            yield unit, Cued(Value(written), last.end - len(written), last.end)


def _is_of(measure: Measure, kinds: Sequence[str]) -> bool:
    return measure.unit.kind.partition("-")[0] in kinds


def _is_sure(sentence: Sentence, measure: Measure, passage: Passage) -> bool:
    tokens = sentence.tokens
    first, last = tokens[measure.first], tokens[measure.end - 1]
    near = [mention for mention in passage.named if first.start <= mention.start < last.end]
    behind = {token.word for token in tokens[measure.end : measure.end + 3]}
    return (
        not sentence.is_taken_back
        and behind.isdisjoint({"per", "each", "limit", "costs", "water", "milk", "juice"})
        and first.start not in inexact(passage.text, near)
        and is_certain(sentence, measure.first, measure.end)
    )
