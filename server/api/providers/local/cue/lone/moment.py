"""The hour beside the only day of a message, and the only day of an event that it announces: «on Saturday at 11:30» for ``viewing_time``."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import clause_of, is_settled
from server.api.providers.local.cue.stems import stem_of
from server.api.providers.local.evidence.exactness import inexact
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf

_DAYS = frozenset({"date", "datetime"})
_FOR_TIME = frozenset(
    "appointment meeting viewing visit booking reservation event call interview session slot consultation scheduled requested preferred table lesson class tour game match party dinner lunch "  # noqa: SIM905
    "ceremony inspection demo".split()
)
_FOR_DAY = frozenset(
    "event wedding concert party meeting appointment session show conference workshop ceremony festival gig match game funeral exhibition webinar seminar training dinner interview hearing tour "  # noqa: SIM905
    "viewing race".split()
)
_TRAVEL = frozenset({"travel", "flight", "journey", "trip", "train", "outbound", "departure"})
_TRAVELLING = frozenset(
    [
        "flight",
        "train",
        "bus",
        "ferry",
        "fly",
        "flying",
        "travel",
        "travelling",
        "traveling",
        "journey",
        "trip",
        "sailing",
    ]
)
_INCIDENT = frozenset({"incident", "accident", "loss", "event", "collision", "damage", "occurrence"})
_LEADS = frozenset({"on", ",", ":", "-", "–", "for", "("})
_OTHER_TIMES = frozenset(
    "close closes closed closing until till deadline by expires ended ends due leaves leaving land lands landing arrive arrives arriving depart departs departing train flight bus open opens opening since delivery delivered deliver collection "  # noqa: SIM905
    "before after from between ready doors shift work works".split()
)
_OTHER_DAYS = frozenset(
    "born ordered order bought purchased invoice invoiced due deadline expires expire expired since until till by before after from valid issued signed registered released paid sold moved postponed cancelled "  # noqa: SIM905
    "canceled rescheduled last next closes close sent received delivered delivery booked updated founded return returning returns back arrive arriving arrives apply submit rsvp reply respond tickets sale sales"
    " birthday passport not or instead if made booking was were".split()
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
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "today",
        "tomorrow",
        "tonight",
    ]
)


def moments(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The one property that asks for an hour, and the one that asks for a day, with the only one that a message tells."""
    yield from _hour(leaves, passage)
    yield from _day(leaves, passage)


def _hour(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    asking = [
        leaf for leaf in leaves if leaf.asked.kind == "time" or leaf.node.schema.get("format") == "time"
    ]
    told = [mention for mention in passage.named if mention.kind == "time"]
    if len(asking) != 1 or len(told) != 1 or told[0].value is None:
        return
    words = [word for word in asking[0].asked.words if word not in ("time", "the", "of", "at")]
    if len(words) > 1 or (words and words[0] not in _FOR_TIME):
        return
    for sentence, at in _places(passage, told[0].start):
        tokens = sentence.tokens
        start, stop = clause_of(sentence, at, at + 1)
        before, behind = tokens[max(0, at - 3) : at], tokens[at + 1 : at + 4]
        led = at > 0 and tokens[at - 1].word in ("at", ",", "@", "for", "around")
        dated = any(map(_is_day, (*before, *behind)))
        said = {token.word for token in tokens[start:stop]}
        if (led or (before and _is_day(before[-1]))) and dated and said.isdisjoint(_OTHER_TIMES - {"around"}):
            answer = _answer(sentence, at, passage)
            if answer is not None:
                yield asking[0], answer


def _day(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    asking = [
        leaf
        for leaf in leaves
        if leaf.asked.kind in _DAYS or leaf.node.schema.get("format") in ("date", "date-time")
    ]
    told = [mention for mention in passage.named if mention.kind in _DAYS]
    words = {word for leaf in asking for word in leaf.asked.words} - {"date", "day", "the", "of"}
    if len(told) != 1 or told[0].value is None or len(words) > 1:
        return
    if len(asking) > 1 or not asking:
        return
    base = next(iter(words), "")
    for sentence, at in _places(passage, told[0].start):
        tokens = sentence.tokens
        said = {token.word for token in tokens}
        led = at > 0 and tokens[at - 1].word in _LEADS
        if not led or not said.isdisjoint(_OTHER_DAYS):
            continue
        opens = sentence is passage.sentences[0]
        held = opens and any(stem_of(base) == stem_of(token.word) for token in tokens[:3] if base)
        announced = (
            opens
            and base in _FOR_DAY
            and any(token.word in ("is", "takes", "at") for token in tokens[:at])
            and (tokens[0].is_capital and at > 1)
        )
        if (
            (held and base in _FOR_DAY)
            or (announced and base == "event")
            or (base in _TRAVEL and not said.isdisjoint(_TRAVELLING))
            or (base in _INCIDENT - {"event"} and at == 1 and tokens[0].word == "on")
        ):
            answer = _answer(sentence, at, passage)
            if answer is not None:
                yield asking[0], answer


def _places(passage: Passage, start: int) -> Iterator[tuple[Sentence, int]]:
    for sentence in passage.sentences:
        for at, token in enumerate(sentence.tokens):
            if token.start == start and token.mention is not None and not sentence.is_taken_back:
                yield sentence, at


def _is_day(token: PassageToken) -> bool:
    return (token.word in _WEEKDAYS and token.word != "sun") or (
        token.mention is not None and token.mention.kind in _DAYS
    )


def _answer(sentence: Sentence, at: int, passage: Passage) -> Cued | None:
    token = sentence.tokens[at]
    mention = token.mention
    if (
        mention is None
        or mention.start in inexact(passage.text, [mention])
        or not is_settled(sentence, at, at + 1)
    ):
        return None
    return Cued(Value(mention.value, mention), token.start, token.end)
