"""What stands at a place of a prose, as the value of a member of an object."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.passage import Passage, PassageToken, number_of
from server.api.providers.local.cue.prose.slots import Slot, Slots, Turn, truth_words, truths
from server.api.providers.local.cue.text.shapes import is_glued
from server.api.providers.local.evidence.measure import Value, in_unit
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of

_STOPS = frozenset(
    "x × this these between at for on is are was were has have had with without to from in by and or but if that which who it its it's they we i he she you each apiece per costs cost then as not no so while "  # noqa: SIM905  # one list, one line
    "please until before after via under over both all my our your his her their when where there also too only since during because reads read shows showed measures measured weighs sold got scored received".split()
)
_ARTICLES = frozenset({"the", "a", "an", "our", "my"})
_NAME_JOINS = frozenset({"-", "'", "&", "."})
_LONGEST_TEXT = 5
_LONGEST_NAME = 4
_NO_NAMES = frozenset(
    "the a an both all each every we i it they he she this that these those there our my please also but and or for in on at from to with no not only everyone everybody nobody none others".split()  # noqa: SIM905  # as above
)
_WEEKDAYS = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mondays",
        "tuesdays",
        "wednesdays",
        "thursdays",
        "fridays",
        "saturdays",
        "sundays",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "weekdays",
        "weekends",
    ]
)  # as above
_ORIGINS = frozenset(
    {
        "from",
        "origin",
        "from city",
        "from station",
        "from airport",
        "departure city",
        "source",
        "departure station",
        "departure",
        "departure airport",
        "start",
    }
)
_TARGETS = frozenset(
    {
        "to",
        "destination",
        "to city",
        "to station",
        "to airport",
        "arrival city",
        "target",
        "arrival station",
        "arrival",
        "arrival airport",
        "end",
    }
)
_PRICED = frozenset({"costs", "cost", "at", "for", "@", "priced", "owes", "paid", "pays", "charges"})
_YEAR = (1900, 2100)
_DENY = frozenset({"no", "not", "isn't", "aren't", "wasn't", "without", "hasn't", "doesn't", "non"})


class ToldMembers(NamedTuple):
    """Values of members, and where what tells them ends."""

    values: tuple[tuple[str, Any], ...]
    end: int


def told_at(
    tokens: Sequence[PassageToken], at: int, slots: Slots, row: frozenset[str], passage: Passage
) -> Iterator[ToldMembers]:
    """What members stand at a place by their own words, those that no row has yet first and the longest first."""
    found = [*_spans(tokens, at, slots, passage), *_routes(tokens, at, slots, passage)]
    for slot in slots.members.values():
        found += [
            ToldMembers(((slot.name, value),), end)
            for value, end in _of_slot(tokens, at, slot, slots, passage)
        ]
    found.sort(key=lambda told: (any(name in row for name, _ in told.values), -told.end))
    yield from found


def _of_slot(
    tokens: Sequence[PassageToken], at: int, slot: Slot, slots: Slots, passage: Passage
) -> Iterator[tuple[Any, int]]:
    if slot.sort == "choice":
        yield from _choices(tokens, at, slot)
        return
    if slot.sort == "truth":
        yield from _truths(tokens, at, slot)
        return
    if slot.sort in ("email", "phone", "url", "ipv4"):
        mention = tokens[at].mention
        if mention is not None and mention.kind == slot.sort:
            yield Value(mention.value if mention.value is not None else mention.text, mention), at + 1
        return
    if slot.sort == "number" and (measured := _measured(tokens, at, slot, slots)) is not None:
        yield measured, at + 1
    if slot.sort == "day" and _rivals(slots, "day", slot):
        named = slot.turns[:1]
        yield from _turned(tokens, at, slot, named, passage)
        return
    yield from _turned(tokens, at, slot, slot.turns, passage)


def _rivals(slots: Slots, sort: str, slot: Slot) -> bool:
    return any(other.sort == sort and other.name != slot.name for other in slots.members.values())


def _measured(tokens: Sequence[PassageToken], at: int, slot: Slot, slots: Slots) -> Value | None:
    """A figure with the unit of a member, or money for the only member that is some."""
    mention = tokens[at].mention
    if mention is None or not isinstance(mention.value, int | float) or isinstance(mention.value, bool):
        return None
    if mention.kind in ("quantity", "duration") and slot.asked.unit:
        return in_unit(mention, slot.asked.unit)
    if mention.kind == "money" and is_money(slot):
        monies = [other for other in slots.members.values() if other.sort == "number" and is_money(other)]
        return Value(mention.value, mention) if len(monies) == 1 else None
    if mention.kind == "percentage" and slot.spoken.split(" ")[-1] in (
        "percent",
        "percentage",
        "pct",
        "share",
        "rate",
    ):
        return Value(mention.value, mention)
    return None


def is_money(slot: Slot) -> bool:
    """Whether a member is an amount of money."""
    return slot.asked.kind == "money" or slot.spoken.split(" ")[-1] in (
        "price",
        "amount",
        "cost",
        "fee",
        "total",
        "rent",
        "salary",
        "budget",
        "value",
        "sum",
        "eur",
        "usd",
        "gbp",
    )


def _turned(
    tokens: Sequence[PassageToken], at: int, slot: Slot, turns: Sequence[Turn], passage: Passage
) -> Iterator[tuple[Any, int]]:
    for turn in turns:
        for value, end in _follow(tokens, at, turn, slot, passage, None):
            if value is not None and slot.sort == "text" and end > at and _begins_with(value, tokens[at]):
                # No word of the turn stands before it.
                continue
            if value is not None and end > at and _fits(value, slot):
                yield value, end


def _begins_with(value: Any, token: PassageToken) -> bool:
    """Whether a text is all that a turn has read."""
    written = value.value if isinstance(value, Value) else value
    return isinstance(written, str) and written.startswith(token.text)


def _fits(value: Any, slot: Slot) -> bool:
    return coerced(value if isinstance(value, Value) else Value(value), slot.asked, slot.node) is not NOTHING


def _follow(
    tokens: Sequence[PassageToken], at: int, turn: Turn, slot: Slot, passage: Passage, value: Any
) -> Iterator[tuple[Any, int]]:
    """Ways in which a turn can be read from a place on."""
    if not turn:
        yield value, at
        return
    part, rest = turn[0], turn[1:]
    if part in ("{N}", "{M}", "{T}", "{P}", "{C}", "{D}", "{H}"):
        got = _value(tokens, at, part, slot, passage)
        if got is not None:
            yield from _follow(tokens, got[1], rest, slot, passage, got[0])
        return
    words = part.removesuffix("?").split("|")
    if at < len(tokens) and (
        tokens[at].word in words or (tokens[at].mention is None and tokens[at].text in words)
    ):
        yield from _follow(tokens, at + 1, rest, slot, passage, value)
    if part.endswith("?"):
        yield from _follow(tokens, at, rest, slot, passage, value)


def _value(
    tokens: Sequence[PassageToken], at: int, part: str, slot: Slot, passage: Passage
) -> tuple[Any, int] | None:
    if at >= len(tokens):
        return None
    token, mention = tokens[at], tokens[at].mention
    if part == "{N}":
        number = number_of(token)
        if (
            mention is not None
            and mention.kind in ("percentage", "quantity", "money")
            and mention.kind != "money"
        ):
            number = mention.value if mention.kind == "percentage" else None
        if (
            mention is not None
            and mention.kind == "duration"
            and slot.spoken in ("age", "age years")
            and mention.unit == "year"
        ):
            number = mention.value
        ok = (
            isinstance(number, int | float) and not isinstance(number, bool) and token.word not in ("a", "an")
        )
        return (Value(number, mention), at + 1) if ok else None
    if part == "{M}":
        if (
            mention is None
            or mention.kind not in ("money", "number")
            or not isinstance(mention.value, int | float)
        ):
            return None
        is_said = at > 0 and tokens[at - 1].word in _PRICED
        return (Value(mention.value, mention), at + 1) if mention.kind == "money" or is_said else None
    if part == "{D}":
        return day_at(tokens, at, slot, passage)
    if part == "{H}":
        if mention is not None and mention.kind == "time":
            return Value(mention.value, mention), at + 1
        return None
    if part == "{C}":
        return code_at(tokens, at, passage)
    if part == "{P}":
        return name_at(tokens, at, passage)
    return text_at(tokens, at, passage)


def day_at(tokens: Sequence[PassageToken], at: int, slot: Slot, passage: Passage) -> tuple[Any, int] | None:
    """A day, or one of the week where a text will do."""
    token, mention = tokens[at], tokens[at].mention
    if mention is not None and mention.kind in ("date", "datetime"):
        if "format" not in slot.node.schema and mention.value is None:
            return text_value(token.text.rstrip(".")), at + 1
        return Value(mention.value if mention.value is not None else mention.text, mention), at + 1
    if token.word in _WEEKDAYS and "format" not in slot.node.schema:
        return text_value(token.text), at + 1
    return None


def code_at(tokens: Sequence[PassageToken], at: int, passage: Passage) -> tuple[Any, int] | None:
    """A code: figures and letters without a blank, or one word with a capital."""
    token, end = tokens[at], at
    while end < len(tokens) and (
        end == at or is_glued(tokens, end) or tokens[end - 1].end == tokens[end].start
    ):
        if not tokens[end].text[:1].isalnum() and tokens[end].text not in "-_/.":
            break
        end += 1
    while end > at and not tokens[end - 1].text[-1:].isalnum():
        end -= 1
    written = passage.written(token, tokens[end - 1]) if end > at else ""
    is_code = any(map(str.isdecimal, written)) or (token.is_capital and end == at + 1)
    if (
        not is_code
        or (token.word in _NO_NAMES and len(token.text) > 1)
        or (token.mention is not None and token.mention.kind not in ("number", "code"))
    ):
        return None
    return text_value(written), end


def name_at(tokens: Sequence[PassageToken], at: int, passage: Passage) -> tuple[Any, int] | None:
    """A name with capitals."""
    first = end = at
    if tokens[at].word == "the" and at + 1 < len(tokens):
        first = end = at + 1
    while end < len(tokens) and end - first < _LONGEST_NAME + 2:
        token = tokens[end]
        is_join = (
            end > first and token.text in _NAME_JOINS and end + 1 < len(tokens) and tokens[end + 1].is_capital
        )
        is_of = (
            end > first
            and token.word in ("of", "and", "de", "van", "von")
            and end + 1 < len(tokens)
            and tokens[end + 1].is_capital
            and token.word != "and"
        )
        if token.text == "." and not _is_initial(tokens[end - 1] if end > first else token):
            is_join = False
        if not (is_join or is_of) and (not token.is_capital or token.word in _NO_NAMES or token.unsettles):
            break
        end += 1
    if end == first or tokens[first].word in _WEEKDAYS:
        return None
    return text_value(passage.written(tokens[first], tokens[end - 1])), end


def _is_initial(token: PassageToken) -> bool:
    return len(token.text) == 1 or token.word in ("dr", "mr", "mrs", "ms", "prof", "st")


def text_at(tokens: Sequence[PassageToken], at: int, passage: Passage) -> tuple[Any, int] | None:
    """A text up to a mark, a figure or a word that leads on."""
    first = end = at
    while first < len(tokens) and tokens[first].word in _ARTICLES:
        first = end = first + 1
    while end < len(tokens) and end - first < _LONGEST_TEXT:
        token = tokens[end]
        is_joined = token.text in "-/'&" and end > first and (is_glued(tokens, end) or token.text == "&")
        is_of = token.word == "of" and end > first and end + 1 < len(tokens) and tokens[end + 1].is_word
        if not (is_joined or is_of) and (not token.is_word or token.word in _STOPS or token.unsettles):
            break
        end += 1
    if end == first:
        return None
    return text_value(passage.written(tokens[first], tokens[end - 1])), end


def text_value(text: str) -> Value:
    """A text as a value that was written."""
    return Value(text, Mention("text", 0, 0, text))


def _choices(tokens: Sequence[PassageToken], at: int, slot: Slot) -> Iterator[tuple[Any, int]]:
    for value in slot.node.schema["enum"]:
        words = words_of(value) if isinstance(value, str) else []
        end = at + len(words)
        there = [token.word for token in tokens[at:end]]
        if not words or len(there) < len(words):
            continue
        if there == words or (there[:-1] == words[:-1] and there[-1] == f"{words[-1]}s"):
            yield value, end


def _truths(tokens: Sequence[PassageToken], at: int, slot: Slot) -> Iterator[tuple[Any, int]]:
    own = truth_words(slot)
    so, not_so = truths().get(slot.spoken, ((), ()))
    first = at
    denied = False
    while (
        first < len(tokens)
        and first - at < 3
        and tokens[first].word
        in ("is", "are", "was", "has", "have", "with", "a", "an", "it's", "also", *_DENY)
    ):
        denied = denied or tokens[first].word in _DENY
        first += 1
    if tokens[at].word in ("a", "an"):
        return
    for phrases, value in ((not_so, False), (so, True), ((own,), True)):
        for phrase in phrases:
            for begin in {at, first}:
                end = begin + len(phrase)
                there = tuple(token.word for token in tokens[begin:end])
                if there != tuple(phrase) and there != (*phrase[:-1], f"{phrase[-1]}s"):
                    continue
                is_denied = denied and begin == first
                if is_denied and not value:
                    continue
                yield value and not is_denied, end


def _spans(tokens: Sequence[PassageToken], at: int, slots: Slots, passage: Passage) -> Iterator[ToldMembers]:
    """«2016-2019», «from 9 to 12», «since 2020», for the two members that are a span."""
    starts = [slot for slot in slots.members.values() if slot.side == "start"]
    ends = [slot for slot in slots.members.values() if slot.side == "end"]
    if len(starts) != 1 or len(ends) != 1 or starts[0].sort != ends[0].sort:
        return
    start, end = starts[0], ends[0]
    joined = pattern(r"(\d{4})[-–—](\d{4})").fullmatch(tokens[at].text.rstrip("."))
    if joined is not None and start.sort in ("number", "text"):
        years = [int(year) if start.sort == "number" else text_value(year) for year in joined.groups()]
        yield ToldMembers(((start.name, _whole(years[0])), (end.name, _whole(years[1]))), at + 1)
    first = at + (tokens[at].word in ("from", "between", "("))
    if tokens[at].word in ("since", "from"):
        since = _bound(tokens, at + 1, start, passage)
        if since is not None:
            yield ToldMembers(((start.name, since[0]),), since[1])
    one = _bound(tokens, first, start, passage) if first < len(tokens) else None
    if (
        one is None
        or one[1] + 1 > len(tokens) - 1
        or tokens[one[1]].word not in ("-", "–", "—", "to", "until", "till", "and", "through")
    ):
        return
    behind = one[1] + 1
    if tokens[behind].word in ("present", "today", "now", "date"):
        yield ToldMembers(((start.name, one[0]),), behind + 1)
        return
    two = _bound(tokens, behind, end, passage)
    if two is not None:
        yield ToldMembers(((start.name, one[0]), (end.name, two[0])), two[1])


def _whole(year: Any) -> Value:
    return year if isinstance(year, Value) else Value(year)


def _routes(tokens: Sequence[PassageToken], at: int, slots: Slots, passage: Passage) -> Iterator[ToldMembers]:
    """«from Berlin to Prague», for the two members that are where a way begins and ends."""
    origin = [slot for slot in slots.members.values() if slot.sort == "text" and slot.spoken in _ORIGINS]
    target = [slot for slot in slots.members.values() if slot.sort == "text" and slot.spoken in _TARGETS]
    first = at + (tokens[at].word == "from")
    if len(origin) != 1 or len(target) != 1 or first >= len(tokens):
        return
    one = name_at(tokens, first, passage)
    if one is None or one[1] + 1 >= len(tokens) or tokens[one[1]].word not in ("to", "-", "–", "→"):
        return
    two = name_at(tokens, one[1] + 1, passage)
    if two is not None:
        yield ToldMembers(((origin[0].name, one[0]), (target[0].name, two[0])), two[1])


def _bound(tokens: Sequence[PassageToken], at: int, slot: Slot, passage: Passage) -> tuple[Any, int] | None:
    if at >= len(tokens):
        return None
    mention = tokens[at].mention
    if slot.sort == "day":
        return day_at(tokens, at, slot, passage)
    if slot.sort == "hour" and mention is not None and mention.kind == "time":
        return Value(mention.value, mention), at + 1
    number = number_of(tokens[at])
    is_year = isinstance(number, int) and _YEAR[0] < number < _YEAR[1]
    if slot.sort == "number" and is_year:
        return Value(number, mention), at + 1
    if slot.sort == "text" and (is_year or (mention is not None and mention.kind == "time")):
        return text_value(tokens[at].text), at + 1
    return None
