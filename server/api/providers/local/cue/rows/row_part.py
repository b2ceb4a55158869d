"""One part of a run of parts, read to its last word as the members of an object."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.passage import Passage, PassageToken, number_of
from server.api.providers.local.cue.rows.row_shape import Member, Shape
from server.api.providers.local.cue.text.shapes import is_glued
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of

_LINKS = frozenset({"at", "@", "for", "(", ")", ":", "-", "–", "—", "=", "on", "is", "are", "costs", "cost", "with", ",", "of", "each", "apiece", "was", "has", "then", "|", ".", "x", "×", "a", "about", "apart"})  # fmt: skip
_EACH = frozenset({"at", "@", "each", "apiece", "per", "costs", "cost"})
_ENDS = frozenset(
    "x × this these between at for on is are was were has have had with without to from in by and or but if that which who it they we i he she you each apiece per costs cost then as not no except "  # noqa: SIM905  # one list, one line
    "apart long wide tall high deep old left total more away ago please until before after via under over both my our your his her their when where".split()
)
_LEAD = 3
_LONGEST_THING = 6
_LEADS_ON = frozenset({"x", "×", "of", "pcs", "pieces", "piece", "units"})
_NO_LEAD = frozenset({"about", "around", "roughly", "another", "either", "remaining"})


class _Part:
    """The tokens of a part, and what has been read of them."""

    def __init__(self, tokens: Sequence[PassageToken], shape: Shape, passage: Passage) -> None:
        self.tokens = [token for token in tokens if token.text != "\n"]
        while self.tokens and self.tokens[-1].text in (".", "!", ",", ";"):
            self.tokens.pop()
        self.shape = shape
        self.passage = passage
        self.found: dict[str, Any] = {}
        self.is_each = False
        self.at = 0

    def put(self, name: str, value: Any) -> bool:
        """Whether a member that had no value has this one now."""
        if not name or name in self.found:
            return False
        member = self.shape.members[name]
        whole = value if isinstance(value, Value) else Value(value)
        if coerced(whole, member.asked, member.node) is NOTHING:
            return False
        self.found[name] = value
        return True


def read_part(tokens: Sequence[PassageToken], shape: Shape, passage: Passage) -> dict[str, Any] | None:
    """The members that a part tells; None where a word of it tells none."""
    part = _Part(tokens, shape, passage)
    if (
        not part.tokens
        or len(part.tokens) > 30
        or any(token.unsettles and token.word != "up" for token in part.tokens)
    ):
        return None
    if not _count(part):
        return None
    while part.at < len(part.tokens):
        if not _step(part):
            return None
    is_priced = shape.price in part.found and shape.number in part.found
    if is_priced and not part.is_each and part.found[shape.number] != 1:
        return None
    return part.found if shape.thing in part.found else None


def _count(part: _Part) -> bool:
    """Reads how many or how much of its thing a part begins with."""
    shape = part.shape
    if not (shape.number or any(one.asked.unit for one in shape.measures)):
        return True
    at = next((at for at, token in enumerate(part.tokens[: _LEAD + 1]) if _is_figure(token)), None)
    if at is None or (at and not _is_lead(part.tokens[:at])):
        return True
    figure = part.tokens[at]
    if at and not shape.number:
        return True
    behind = part.tokens[at + 1] if at + 1 < len(part.tokens) else None
    if behind is None or not (behind.is_word or behind.text in ("x", "×", "-")):
        return True
    if figure.mention is not None and figure.mention.kind == "quantity":
        part.at = at
        return _measure(part, figure)
    count = number_of(figure) if figure.word not in ("a", "an") else 1
    if count is None or not shape.number:
        return True
    end = at + 1
    is_half = figure.word == "half" and behind.word in ("a", "an")
    unit = part.tokens[end].word if end < len(part.tokens) else ""
    if unit in _measures() and end + 1 < len(part.tokens) and part.tokens[end + 1].is_word:
        if not shape.unit or not part.put(shape.unit, part.tokens[end].text):
            return False
        end += 1
    elif figure.word in ("a", "an") and at:
        return True
    while end < len(part.tokens) and part.tokens[end].word in _LEADS_ON:
        end += 1
    part.at = end
    return not is_half and part.put(shape.number, count)


def _is_figure(token: PassageToken) -> bool:
    if token.mention is not None:
        return token.mention.kind in ("number", "quantity") and isinstance(token.mention.value, int | float)
    return number_of(token) is not None or token.word in ("a", "an")


def _is_lead(tokens: Sequence[PassageToken]) -> bool:
    """Whether words only lead up to a figure: «whisk in», «then add»."""
    return all(
        token.is_word and token.word not in _NO_LEAD and (not token.is_capital or not at)
        for at, token in enumerate(tokens)
    )


def _measure(part: _Part, token: PassageToken) -> bool:
    """Reads a figure with its unit."""
    shape, mention = part.shape, token.mention
    assert mention is not None
    part.at += 1
    own = [one for one in shape.measures if one.asked.unit and one.asked.unit == mention.unit.lower()]
    if len(own) == 1:
        return part.put(own[0].name, Value(mention.value, mention))
    found = pattern(r"[^\p{N}\s.,+-][^\p{N}]*$").search(mention.text.strip())
    written = found[0] if found is not None else ""
    if not shape.number or not shape.unit or not written or not part.put(shape.unit, written):
        return False
    while part.at < len(part.tokens) and part.tokens[part.at].word == "of":
        part.at += 1
    return part.put(shape.number, mention.value)


def _step(part: _Part) -> bool:
    """Reads what stands next in a part."""
    token = part.tokens[part.at]
    if _routed(part):
        return True
    if token.mention is not None and token.mention.kind in (
        "date",
        "datetime",
        "time",
        "email",
        "phone",
        "url",
        "ipv4",
    ):
        kind = "date" if token.mention.kind == "datetime" else token.mention.kind
        value = token.mention.value if token.mention.value is not None else token.mention.text
        part.at += 1
        return part.put(part.shape.kinds.get(kind, ""), Value(value, token.mention))
    if token.mention is not None and token.mention.kind == "money":
        part.at += 1
        before = part.tokens[part.at - 2].word if part.at > 1 else ""
        behind = part.tokens[part.at].word if part.at < len(part.tokens) else ""
        part.is_each = part.is_each or before in _EACH or behind in _EACH
        return part.put(part.shape.price, Value(token.mention.value, token.mention))
    if token.mention is not None and token.mention.kind == "quantity" and part.shape.thing in part.found:
        return _measure(part, token)
    if _labelled(part) or _figure(part) or _chosen(part) or _thing(part) or _text(part):
        return True
    if token.word in _LINKS:
        part.is_each = part.is_each or token.word in _EACH
        part.at += 1
        return True
    return False


def _routed(part: _Part) -> bool:
    """Reads «from A to B»."""
    shape, tokens = part.shape, part.tokens
    if not shape.origin or tokens[part.at].word != "from":
        return False
    to = next((at for at in range(part.at + 1, len(tokens)) if tokens[at].word == "to"), 0)
    if not to or to + 1 >= len(tokens) or to == part.at + 1:
        return False
    end = to + 1
    while end < len(tokens) and tokens[end].is_capital:
        end += 1
    if end == to + 1 or not all(token.is_capital for token in tokens[part.at + 1 : to]):
        return False
    origin = part.passage.written(tokens[part.at + 1], tokens[to - 1])
    target = part.passage.written(tokens[to + 1], tokens[end - 1])
    part.at = end
    return part.put(shape.origin, _text_value(origin)) and part.put(shape.target, _text_value(target))


def _labelled(part: _Part) -> bool:
    """Reads a value beside the name of its member: «6 credits», «size 9», «age: 7»."""
    tokens, at = part.tokens, part.at
    for member in (*part.shape.measures, *part.shape.texts):
        words = member.spoken.split(" ")
        if member.name in part.found or [token.word for token in tokens[at : at + len(words)]] != words:
            continue
        end = at + len(words)
        end += end < len(tokens) and tokens[end].text in (":", "=")
        if end >= len(tokens):
            return False
        value = _bare_value(part, member, end)
        if value is not None and part.put(member.name, value):
            part.at = end + 1
            return True
    return False


def _bare_value(part: _Part, member: Member, at: int) -> Any:
    token = part.tokens[at]
    number = number_of(token)
    if set(member.node.types) & {"integer", "number"}:
        return number
    last = at + 1 >= len(part.tokens) or part.tokens[at + 1].text in "),;"
    return _text_value(token.text) if last and token.text[:1].isalnum() else None


def _figure(part: _Part) -> bool:
    """Reads a number for the only member that it can be, or for that which the noun behind it names."""
    token = part.tokens[part.at]
    number = number_of(token)
    shape = part.shape
    if number is None or shape.thing not in part.found:
        return False
    behind = part.tokens[part.at + 1].word if part.at + 1 < len(part.tokens) else ""
    named = [
        one for one in shape.measures if behind and _singular(behind) in map(_singular, one.spoken.split(" "))
    ]
    if len(named) == 1 and part.put(named[0].name, number):
        part.at += 2
        return True
    if behind and behind not in _LINKS:
        return False
    before = part.tokens[part.at - 1].word if part.at else ""
    if before in ("x", "×") and shape.number:
        part.at += 1
        return part.put(shape.number, number)
    if before in _EACH and shape.price:
        part.at += 1
        part.is_each = True
        return part.put(shape.price, number)
    free = [one for one in shape.measures if one.name not in part.found]
    if (
        len(free) == 1 == len(shape.measures)
        and not shape.number
        and not shape.price
        and not free[0].asked.unit
    ):
        part.at += 1
        return part.put(free[0].name, number)
    return False


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _chosen(part: _Part) -> bool:
    """Reads one of the listed values of a member."""
    for member in part.shape.choices:
        for value in member.node.schema["enum"] if member.name not in part.found else ():
            words = words_of(value) if isinstance(value, str) else []
            end = part.at + len(words)
            if (
                words
                and [token.word for token in part.tokens[part.at : end]] == words
                and end <= len(part.tokens)
            ):
                part.found[member.name] = value
                part.at = end
                return True
    return False


def _thing(part: _Part) -> bool:
    """Reads the thing that the object is of."""
    shape, tokens = part.shape, part.tokens
    if shape.thing in part.found:
        return False
    first = end = part.at
    if tokens[first].word in ("the", "a", "an") and first + 1 < len(tokens):
        first = end = first + 1
    while end < len(tokens) and end - first < _LONGEST_THING:
        token = tokens[end]
        is_joined = token.text in "-/'" and end > first and is_glued(tokens, end)
        is_of = token.word == "of" and end > first and end + 1 < len(tokens) and tokens[end + 1].is_word
        is_up = token.word in ("up", "in", "on", "off", "by") and end > first and tokens[end - 1].text == "-"
        is_code = token.mention is not None and token.mention.kind in ("code", "person", "name")
        is_number = end > first and tokens[end - 1].text.isupper() and token.text.isdecimal()
        if not (is_joined or is_of or is_up or is_code or is_number) and (
            not token.is_word or token.word in _ENDS
        ):
            break
        end += 1
    last = end
    if (
        end - first > 1
        and _is_done(tokens[end - 1])
        and end < len(tokens)
        and number_of(tokens[end]) is not None
    ):
        # «the red team scored 14»
        last -= 1
        own = shape.members[shape.thing].spoken.split(" ")[-1]
        last -= last - first > 1 and tokens[last - 1].word == own
    if last == first or _is_done(tokens[last - 1]):
        return False
    text = part.passage.written(tokens[first], tokens[last - 1])
    part.at = end
    return part.put(shape.thing, _text_value(text))


def _is_done(token: PassageToken) -> bool:
    """Whether a word may be a verb that tells what a thing did: «the red team scored»."""
    return (
        token.is_word
        and not token.is_capital
        and len(token.word) > _LONGEST_BED
        and token.word.endswith("ed")
    )


_LONGEST_BED = 4
"""Letters of nouns that end in «ed»: bed, shed."""


def _text(part: _Part) -> bool:
    """Reads a text in brackets or behind a comma for the only member that it can be."""
    tokens, at = part.tokens, part.at
    free = [one for one in part.shape.texts if one.name not in part.found]
    is_apart = at > 0 and tokens[at - 1].text in "(,:–—-|"
    if len(free) != 1 or len(part.shape.texts) != 1 or not is_apart or not tokens[at].is_word:
        return False
    end = at
    while end < len(tokens) and tokens[end].is_word and tokens[end].word not in _ENDS:
        end += 1
    if end == at or (end < len(tokens) and tokens[end].text not in "),"):
        return False
    part.at = end
    return part.put(free[0].name, _text_value(part.passage.written(tokens[at], tokens[end - 1])))


def _text_value(text: str) -> Value:
    return Value(text, Mention("text", 0, 0, text))


@cache
def _measures() -> frozenset[str]:
    """Words with which things are measured out."""
    return frozenset(
        "pinch pinches clove cloves cup cups slice slices can cans tin tins jar jars bunch bunches tablespoon tablespoons teaspoon teaspoons tbsp tsp kilo kilos handful handfuls stick sticks dash "  # noqa: SIM905  # as above
        "sprig sprigs bottle bottles bag bags box boxes pack packs packet packets piece pieces litre litres liter liters gram grams kilogram kilograms pound pounds ounce ounces sheet sheets roll rolls loaf loaves head heads".split()
    )
