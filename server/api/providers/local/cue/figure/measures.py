"""Measures of a property whose name has its unit: «weighs 3.4 kg», «a three-year warranty», «nine years of experience»."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued, lines_of
from server.api.providers.local.cue.figure.bounds import BOUND_WORDS, BOUNDS
from server.api.providers.local.cue.figure.measured import (
    Measure,
    Unit,
    as_whole,
    converted,
    measures_of,
    units,
)
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_BEFORE = 5
"""Tokens before a measure among which its cue may stand."""
_BEHIND = 4
"""Tokens behind it."""
_FILL = frozenset(
    [
        "of",
        "in",
        "the",
        "a",
        "an",
        "per",
        "total",
        "approx",
        "approximate",
        "number",
        "value",
        "avg",
        "average",
        "overall",
        "for",
        "to",
        "from",
        "and",
    ]
)
_TAILS = frozenset(
    [
        "length",
        "size",
        "capacity",
        "weight",
        "time",
        "duration",
        "period",
        "rate",
        "level",
        "life",
        "amount",
        "distance",
        "height",
        "width",
        "depth",
        "term",
        "percent",
        "percentage",
    ]
)
"""Words that say only that a thing is measured; what is measured stands before them."""
_BOUNDS = frozenset({"min", "max", "minimum", "maximum", "least", "most"})
_PLACES = frozenset(
    [
        "garden",
        "gardens",
        "terrace",
        "balcony",
        "balconies",
        "plot",
        "lot",
        "yard",
        "patio",
        "roof",
        "garage",
        "basement",
        "cellar",
        "kitchen",
        "bedroom",
        "loft",
        "office",
        "shop",
    ]
)
"""Parts of a home, whose area is not its own."""
_SHARING = frozenset({"each", "every", "apiece", "respectively"})


_LENGTHS = ("length", "length-inch", "length-mile", "length-yard")
_DIMENSIONS = {
    "weight": ("mass", "mass-lb", "mass-oz"), "height": _LENGTHS, "width": _LENGTHS, "length": _LENGTHS, "depth": _LENGTHS, "distance": _LENGTHS,
    "mileage": _LENGTHS, "odometer": _LENGTHS, "odometer reading": _LENGTHS, "screen size": _LENGTHS, "temperature": ("temperature-c", "temperature-f"),
    "heart rate": ("beat",), "top speed": ("speed-kmh", "speed-mph"), "horsepower": ("power-hp",), "battery capacity": ("charge",),
}  # fmt: skip
"""What a name measures that has no unit, and the kinds of units in which that is told."""


_DRIVEN = frozenset({"mileage", "odometer", "reading"})
_MUCH_DRIVEN = 1_000


def measures_beside(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The measures that a cue gives to a property with a unit in its name or its description."""
    base, unit, per = measure_asked(leaf)
    kinds = _DIMENSIONS.get(" ".join(base), ()) if unit is None else (unit.kind,)
    bound = next((end for end in ("min", "max") if {end, end + "imum"} & set(base)), "")
    base = tuple(word for word in base if word not in _BOUNDS)
    if not kinds:
        return
    whole, parts = _cues(base)
    for sentence in passage.sentences:
        if sentence.is_taken_back:
            continue
        measures = measures_of(sentence.tokens)
        for measure in measures:
            value = as_whole(measure.value) if unit is None else converted(measure, unit)
            if measure.unit.kind not in kinds or value is None or not _is_per(sentence.tokens, measure, per):
                continue
            if not (
                _names_it(sentence, measure, measures, whole, parts)
                or (not base and bool(per))
                or (bool(base) and set(base) <= _DRIVEN and measure.value >= _MUCH_DRIVEN)
                or (unit is not None and _is_area(base, unit) and not _is_of_a_part(sentence.tokens, measure))
            ):
                continue
            if _is_of_another(sentence.tokens, measure, measures) or _is_a_limit(
                sentence.tokens, measure, base
            ):
                continue
            allowed = frozenset(leaf.asked.words) | ({"half"} if measure.is_put_together else set())
            if bound:
                before = {token.word for token in sentence.tokens[max(0, measure.first - 3) : measure.first]}
                if not before & BOUNDS[bound]:
                    continue
                allowed |= BOUND_WORDS
            words = {token.word for token in sentence.tokens[max(0, measure.first - 12) : measure.end + 3]}
            if words.isdisjoint(_SHARING) and is_certain(sentence, measure.first, measure.end, allowed):
                first, last = sentence.tokens[measure.first], sentence.tokens[measure.end - 1]
                mention = None if measure.is_put_together else first.mention
                yield Cued(Value(value, mention), first.start, last.end)


def _is_of_another(tokens: Sequence[PassageToken], measure: Measure, measures: Sequence[Measure]) -> bool:
    """Whether the sentence gives the same measure of another thing: «the box is 40 cm long and the desk 120 cm»."""
    for other in measures:
        if other is measure or other.unit.kind != measure.unit.kind:
            continue
        first, second = sorted((measure, other), key=lambda one: one.first)
        between = [token.word for token in tokens[first.end : second.first]]
        turn = next((at for at, word in enumerate(between) if word in ("and", "but", ",", "while")), None)
        if (
            turn is not None
            and between[turn + 1 : turn + 2]
            and between[turn + 1] in _DETERMINERS
            and len(between) < 8
            and not set(between) & {"with", "has", "of"}
        ):
            return True
    return False


_DETERMINERS = frozenset({"the", "my", "our", "his", "her", "their", "this", "that", "another"})
_LIMITS = frozenset(
    {"limit", "limits", "limited", "allowance", "allowed", "max", "maximum", "minimum", "load"}
)


def _is_a_limit(tokens: Sequence[PassageToken], measure: Measure, base: tuple[str, ...]) -> bool:
    """Whether a measure is only what is allowed, or what was so before something."""
    before = {token.word for token in tokens[max(0, measure.first - 4) : measure.first]}
    behind = [token.word for token in tokens[measure.end : measure.end + 3]]
    return (
        bool(before & _LIMITS - set(base))
        or behind[:1] in (["before"], ["until"])
        or bool({"costs", "cost"} & set(behind))
    )


def measure_asked(leaf: Leaf) -> tuple[tuple[str, ...], Unit | None, str]:
    """What is measured, in which unit, and for each of what: hours per week."""
    words = list(leaf.asked.words)
    per = ""
    if "per" in words[1:-1]:
        place = words.index("per")
        per, words = words[place + 1], words[:place]
    for length in (3, 2, 1):
        for begin in (len(words) - length, 0):
            written = words[begin : begin + length]
            if (
                begin < 0
                or len(written) < length
                or (begin == 0 < len(words) - length and length == 1 and len(written[0]) < 3)
            ):
                continue
            unit = units().get(" ".join(written)) or units().get("".join(written))
            if unit is not None:
                rest = words[:begin] + words[begin + length :]
                return tuple(word for word in rest if word not in _FILL), unit, per
    return (
        tuple(word for word in words if word not in _FILL),
        _described(leaf) or (units()["%"] if leaf.asked.kind == "percentage" else None),
        per,
    )


def _described(leaf: Leaf) -> Unit | None:
    """The one unit that the description of a property has."""
    said = words_of(str(leaf.node.schema.get("description", ""))[:200])
    found = {
        units()[word]
        for word in said
        if word in units() and (len(word) > 2 or word in ("kg", "km", "cm", "mm"))
    }
    return found.pop() if len(found) == 1 else None


def _cues(base: tuple[str, ...]) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """The words of which one tells what is measured, or groups of them of which each has to."""
    told = _words().get(" ".join(base))
    if told is not None:
        return told, ()
    parts = [word for word in base if word not in _TAILS] or list(base)
    groups = tuple(_words().get(word, frozenset()) | _bent(word) for word in parts)
    return (groups[0], ()) if len(groups) == 1 else (frozenset(), groups)


def _bent(word: str) -> frozenset[str]:
    return frozenset({word, word + "s", word + "es", word.removesuffix("s"), word.removesuffix("ing")})


_TURNS = frozenset({"with", "but", "by", "has", "plus", "including"})
"""Words behind a measure with which something else begins."""


def _names_it(
    sentence: Sentence,
    measure: Measure,
    measures: Sequence[Measure],
    whole: frozenset[str],
    parts: Sequence[frozenset[str]],
) -> bool:
    """Whether the cues of a property stand beside a measure, nearer to it than to another of its kind."""
    tokens = sentence.tokens
    inside = {at for other in measures if other is not measure for at in range(other.first, other.end)}
    behind: list[str] = []
    for at in range(measure.end, min(measure.end + _BEHIND, len(tokens))):
        token = tokens[at]
        if at in inside or token.word in _TURNS or not (token.is_word or token.text in ("-", "'", "’")):
            break
        behind.append(token.word)
    aside = {
        tokens[at].word
        for at in range(max(0, measure.first - 1 - _BEFORE), measure.first)
        if _stands_aside(tokens, at)
    }
    before: list[str] = []
    for at in range(measure.first - 1, max(-1, measure.first - 1 - _BEFORE), -1):
        token = tokens[at]
        if at in inside or token.unsettles or not (token.is_word or token.text in (":", "=", "(")):
            break
        before.append(token.word)
    before = [word for word in before if word not in aside]
    if parts:
        near = {*before, *behind}
        return all(near & group for group in parts)
    if whole & set(before[:1]) | whole & set(behind[:2]):
        return True
    if "and" in before and whole & set(before):
        before = before[: before.index("and")]
    if behind and "and" in behind:
        behind = behind[: behind.index("and")]
    return bool(whole & set(before)) or bool(whole & set(behind))


def _stands_aside(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a noun is only that beside which something stands: «the tree next to the house»."""
    before = at - 1 - (at > 0 and tokens[at - 1].word in ("the", "a", "my", "our"))
    return before >= 0 and tokens[before].word in (
        "to",
        "near",
        "beside",
        "behind",
        "from",
        "in",
        "at",
        "on",
        "under",
        "by",
        "opposite",
    )


def _is_per(tokens: Sequence[PassageToken], measure: Measure, per: str) -> bool:
    """Whether «a week» stands behind a measure where it is asked for by the week, and does not where it is not."""
    behind = [token.word for token in tokens[measure.end : measure.end + 2]]
    said = (
        len(behind) == 2 and behind[0] in ("a", "an", "per", "each", "/", "every") and behind[1] in _PERIODS
    )
    adverb = _ADVERBS.get(behind[0]) if behind else None
    if not per:
        return not measure.unit.kind.startswith("time") or (not said and adverb is None)
    return (said and behind[1] == per) or adverb == per


_PERIODS = frozenset({"day", "week", "month", "year", "night", "hour", "minute", "second", "person"})
_ADVERBS = {"weekly": "week", "daily": "day", "monthly": "month", "yearly": "year", "annually": "year"}


def _is_area(base: tuple[str, ...], unit: Unit) -> bool:
    words = {
        "area",
        "living",
        "size",
        "floor",
        "surface",
        "space",
        "property",
        "apartment",
        "flat",
        "home",
        "house",
        "usable",
        "square",
    }
    return unit.kind.startswith("area") and set(base) <= words


def _is_of_a_part(tokens: Sequence[PassageToken], measure: Measure) -> bool:
    before = tokens[measure.first - 1].word if measure.first else ""
    if before in _PLACES or tokens[max(0, measure.first - 2)].word in _PLACES:
        return True
    for token in tokens[measure.end : measure.end + 4]:
        if not (token.is_word or token.text == "-") or token.word == "with":
            return False
        if token.word in _PLACES:
            return True
    return False


@cache
def _words() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for names, words in (line.split("\t") for line in lines_of("measure_words")):
        for name in names.split(","):
            found[name] = found.get(name, frozenset()) | frozenset(words.split())
    return found
