"""The one measure of a passage in a unit, for the one property that asks for it: 13 km for ``distance_km``, 318 GB for ``size_gb``."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued, lines_of
from server.api.providers.local.cue.figure.measured import Measure, Unit, converted, measures_of, units
from server.api.providers.local.cue.figure.measures import measure_asked
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.stems import stem_of
from server.api.providers.local.evidence.exactness import inexact, is_loose
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf

_BEFORE = 4
_BEHIND = 3
_BOUNDS = frozenset({"min", "max", "minimum", "maximum", "least", "most", "limit", "from", "to"})
_FILL = frozenset(
    "total overall estimated approx approximate actual the of in value planned current measured".split()  # noqa: SIM905  # one list, one line
)
_SHARING = frozenset({"each", "every", "apiece", "respectively", "both"})
_TIME_BEFORE = frozenset(
    "for takes take took taking lasts last lasted lasting runs ran allow allows duration length time needs need needed required requires :".split()  # noqa: SIM905  # as above
)
_TIME_BEHIND = frozenset(
    "ago late later before after early earlier away from delay delayed old every left notice until".split()  # noqa: SIM905  # as above
)
_SMALL = frozenset({"about", "a", "an", "only", "just", "exactly", "the", "roughly"})
_LIMITS = frozenset(
    {"limit", "limits", "allowance", "max", "maximum", "min", "minimum", "up", "most", "least"}
)
_METRIC = frozenset({"km", "km/h", "cm", "mm", "m", "kg", "hpa", "mbar"})
_WARMEST = 50
"""Degrees above which a bare degree is no degree Celsius of the weather or of a room."""


class _Asking(NamedTuple):
    leaf: Leaf
    base: tuple[str, ...]
    unit: Unit


class _Standing(NamedTuple):
    sentence: Sentence
    measure: Measure


def lone_measures(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The properties that alone ask for a unit of which a passage has one measure, with it."""
    asking = [one for leaf in leaves if (one := _asking(leaf)) is not None]
    if not asking:
        return
    long_ones = [leaf for leaf in leaves if "duration" in leaf.asked.words]
    told = [
        _Standing(sentence, measure)
        for sentence in passage.sentences
        for measure in [*measures_of(sentence.tokens), *_degrees(sentence.tokens, passage)]
    ]
    for one in asking:
        rivals = [other for other in asking if other.unit.kind == one.unit.kind]
        same = [standing for standing in told if standing.measure.unit.kind == one.unit.kind]
        if len(rivals) > 1 or len(same) > 1:
            rivals = [other for other in rivals if other.unit == one.unit]
            same = [standing for standing in same if standing.measure.unit == one.unit]
        if one.unit.kind.startswith("time") and any(leaf is not one.leaf for leaf in long_ones):
            continue
        if len(rivals) == 1 and len(same) == 1 and not _goes_on(same[0]):
            answer = _answer(one, same[0], passage)
            if answer is not None:
                yield one.leaf, answer


def _asking(leaf: Leaf) -> _Asking | None:
    """What a property asks that has a unit and is no bound, and no measure for each of something."""
    if not set(leaf.node.types) & {"integer", "number"} or leaf.asked.kind == "money":
        return None
    base, unit, per = measure_asked(leaf)
    if unit is None or per or set(leaf.asked.words[:-1] or base) & _BOUNDS:
        return None
    return _Asking(leaf, tuple(word for word in base if word not in _FILL), unit)


def _degrees(tokens: Sequence[PassageToken], passage: Passage) -> Iterator[Measure]:
    """Degrees without their scale where the passage measures in metric units: «17 degrees, wind at 25 km/h»."""
    for at, token in enumerate(tokens):
        mention = token.mention
        is_bare = mention is not None and mention.kind == "quantity" and mention.unit in ("degrees", "°")
        behind = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if not is_bare or mention is None or behind in ("celsius", "fahrenheit", "c", "f"):
            continue
        metric = any(named.unit.lower() in _METRIC for named in passage.named if named.kind == "quantity")
        if metric and isinstance(mention.value, int | float) and mention.value < _WARMEST:
            yield Measure(mention.value, units()["°c"], at, at + 1)


def _answer(one: _Asking, standing: _Standing, passage: Passage) -> Cued | None:
    sentence, measure = standing
    tokens = sentence.tokens
    value = converted(measure, one.unit)
    if sentence.is_taken_back or value is None or _is_shared(tokens, measure):
        return None
    if not _is_meant(one, sentence, measure):
        return None
    allowed = frozenset(one.leaf.asked.words) | ({"half"} if measure.is_put_together else set())
    first, last = tokens[measure.first], tokens[measure.end - 1]
    if not is_certain(sentence, measure.first, measure.end, allowed):
        return None
    near = [mention for mention in passage.named if first.start <= mention.start < last.end]
    loose = inexact(passage.text, near) if not measure.is_put_together else frozenset()
    if first.start in loose or (first.mention is None and is_loose(passage.text, first.start)):
        return None
    return Cued(Value(value), first.start, last.end)


def _goes_on(standing: _Standing) -> bool:
    """Whether another measure stands right behind, which is a part of the same: «5 kg 300 g»."""
    end = standing.measure.end
    return any(other.first == end for other in measures_of(standing.sentence.tokens))


def _is_shared(tokens: Sequence[PassageToken], measure: Measure) -> bool:
    near = {token.word for token in tokens[max(0, measure.first - 12) : measure.end + 3]}
    return not near.isdisjoint(_SHARING)


def _is_meant(one: _Asking, sentence: Sentence, measure: Measure) -> bool:
    """Whether the measure may be what the name asks: by its own word in the sentence, or where the name says only the dimension."""
    tokens = sentence.tokens
    dimension = one.unit.kind.partition("-")[0]
    before = [token.word for token in tokens[max(0, measure.first - _BEFORE) : measure.first]]
    behind = [token.word for token in _behind(tokens, measure)]
    if behind[:1] in (["per"], ["/"], ["a"], ["an"]) and len(behind) > 1 and dimension in ("time", "mass"):
        return False
    if {"costs", "cost"} & set(behind) or behind[:1] in (["before"], ["until"]):
        return False
    if not one.base and dimension != "time":
        return False
    if not one.base or set(one.base) <= _plain(dimension):
        if dimension == "time":
            return _is_length_of_time(tokens, measure, before, behind)
        return _others(dimension).isdisjoint({*before, *behind}) and not (
            dimension in ("mass", "volume") and behind[:1] == ["of"]
        )
    if dimension == "time" and not _TIME_BEHIND.isdisjoint(set(behind[:1]) - set(one.base)):
        return False
    if not _LIMITS.isdisjoint({*before, *behind} - set(one.base)):
        return False
    stems = {stem_of(token.word) for token in _around(tokens, measure) if token.is_word}
    return all(stem_of(word) in stems for word in one.base if word not in _plain(dimension))


def _behind(tokens: Sequence[PassageToken], measure: Measure) -> Sequence[PassageToken]:
    """The few tokens behind a measure up to what is said beside it: «with 400 m of ascent»."""
    stop = measure.end
    while stop < min(measure.end + _BEHIND, len(tokens)) and tokens[stop].word not in ("with", "but", "and"):
        stop += 1
    return tokens[measure.end : stop]


def _around(tokens: Sequence[PassageToken], measure: Measure) -> Sequence[PassageToken]:
    """The tokens before and behind a measure up to a mark or another figure."""
    start, stop = measure.first, measure.end
    while start > 0 and not _parts(tokens[start - 1]):
        start -= 1
    while stop < len(tokens) and not _parts(tokens[stop]):
        stop += 1
    return tokens[start:stop]


def _parts(token: PassageToken) -> bool:
    is_figure = token.mention is not None and token.mention.kind not in ("code", "date", "time")
    return token.text in ",;:()\n" or token.word in ("and", "but", "while") or is_figure


def _is_length_of_time(
    tokens: Sequence[PassageToken], measure: Measure, before: Sequence[str], behind: Sequence[str]
) -> bool:
    """Whether a length of time is how long what the passage speaks of takes: «for 52 minutes», «ran 8 km in 46 minutes»."""
    if not _TIME_BEHIND.isdisjoint(behind[:2]):
        return False
    lead = next((word for word in reversed(before) if word not in _SMALL), "")
    if not _WAITING.isdisjoint(token.word for token in tokens[: measure.first]):
        return False
    if lead in ("takes", "take", "took") and not _CARRIERS.isdisjoint(
        token.word for token in tokens[: measure.first]
    ):
        return False
    if lead in _TIME_BEFORE or behind[:1] == ["long"]:
        return True
    done = any(token.word in _DONE for token in tokens[: measure.first])
    return lead == "in" and done


_WAITING = frozenset("waiting waited wait been since trying open closed".split())  # noqa: SIM905
_CARRIERS = frozenset("bus train ferry flight taxi tram metro plane drive walk trip journey".split())  # noqa: SIM905
_DONE = frozenset(
    [
        "ran",
        "run",
        "rode",
        "swam",
        "walked",
        "hiked",
        "did",
        "cycled",
        "finished",
        "completed",
        "done",
        "biked",
        "jogged",
        "wrote",
        "copied",
        "processed",
        "built",
        "ended",
        "succeeded",
        "deployed",
    ]
)


@cache
def _plain(dimension: str) -> frozenset[str]:
    """Words of names that say only what is measured: distance, weight."""
    return frozenset(
        word for name, kind, words in _rows() if name == dimension and kind == "plain" for word in words
    )


@cache
def _others(dimension: str) -> frozenset[str]:
    """Words beside a measure with which it is that of something else: «5 km from the station», «holds 10 kg»."""
    return frozenset(
        word for name, kind, words in _rows() if name == dimension and kind == "other" for word in words
    )


@cache
def _rows() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    rows = (line.split("\t") for line in lines_of("dimensions"))
    return tuple((name, kind, tuple(words.split())) for name, kind, words in rows)
