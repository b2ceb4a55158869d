"""The one day of a passage, and its one range of days or times, for the properties that ask for them."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.beside import is_joined
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import is_settled
from server.api.providers.local.cue.stems import is_irregular, stem_of
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf

DAYS = frozenset({"date", "datetime"})
_FIRST = frozenset(
    [
        "start",
        "starts",
        "started",
        "begin",
        "begins",
        "from",
        "pickup",
        "pick",
        "arrival",
        "arrive",
        "checkin",
        "since",
        "opening",
        "opens",
        "first",
        "outbound",
        "departure",
        "depart",
        "collection",
        "in",
    ]
)
_LAST = frozenset(
    [
        "end",
        "ends",
        "ended",
        "to",
        "until",
        "till",
        "return",
        "dropoff",
        "drop",
        "checkout",
        "through",
        "last",
        "closing",
        "closes",
        "finish",
        "out",
    ]
)
_JOINING = frozenset("to until till through - – —".split())  # noqa: SIM905
_MOVED = frozenset(
    [
        "moved",
        "postponed",
        "changed",
        "rescheduled",
        "extended",
        "shifted",
        "pushed",
        "brought",
        "instead",
        "delayed",
        "move",
        "postpone",
        "reschedule",
        "change",
        "extend",
        "shift",
    ]
)
_NO_STEM = frozenset(
    [
        "date",
        "day",
        "on",
        "at",
        "time",
        "by",
        "timestamp",
        "the",
        "is",
        "was",
        "datetime",
        "for",
        "of",
        "scheduled",
        "planned",
        "event",
    ]
)
_OTHER_DAYS = frozenset(
    [
        "start",
        "end",
        "due",
        "deadline",
        "expiry",
        "expiration",
        "birth",
        "valid",
        "until",
        "order",
        "invoice",
        "opening",
        "closing",
        "begin",
        "from",
        "to",
        "last",
        "first",
        "next",
        "previous",
        "original",
        "new",
        "old",
    ]
)
_AUXILIARIES = frozenset(
    [
        "is",
        "was",
        "are",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "will",
        "shall",
        "we",
        "i",
        "he",
        "she",
        "they",
        "it",
        "you",
        "and",
        "also",
        "then",
        "now",
        "all",
    ]
)
_DONE = frozenset(
    "scheduled planned set fixed held done performed carried conducted completed taken drawn collected due took takes taking place happened happens occurred out".split()  # noqa: SIM905
)
_BEFORE_DAY = frozenset({"on", "for", "dated", ","})
_BEFORE_TIME = frozenset({"at"})
_SMALL = frozenset(
    "the a an our your my this that his her their in at of by for with from to on please here there online off up down into next last week , : by direct".split()  # noqa: SIM905
)


def sole_range(
    leaves: Sequence[Leaf], passage: Passage, kinds: frozenset[str]
) -> Iterator[tuple[Leaf, Cued]]:
    """The two ends of the only range, for the only property that asks for its beginning and the only one that asks for its end."""
    first = [leaf for leaf in leaves if _end_of(leaf) == "first"]
    last = [leaf for leaf in leaves if _end_of(leaf) == "last"]
    if len(first) > 1 or len(last) > 1 or not (first and last):
        return
    mentions = [mention for mention in passage.named if mention.kind in kinds and mention.value is not None]
    if len(mentions) != 2:
        return
    for sentence in passage.sentences:
        words = {token.word for token in sentence.tokens}
        if sentence.is_taken_back or not words.isdisjoint(_MOVED):
            continue
        for at, end in _ranges(sentence, kinds):
            if is_settled(sentence, at, end + 1, _JOINING | {"up"}) and not is_joined(
                sentence.tokens, end + 1, end + 1
            ):
                yield first[0], _of(sentence.tokens[at])
                yield last[0], _of(sentence.tokens[end])


def _end_of(leaf: Leaf) -> str:
    words = set(leaf.asked.words)
    is_first, is_last = bool(words & _FIRST), bool(words & _LAST)
    return "" if is_first == is_last else "first" if is_first else "last"


def _ranges(sentence: Sentence, kinds: frozenset[str]) -> Iterator[tuple[int, int]]:
    tokens = sentence.tokens
    for at in range(1, len(tokens) - 2):
        if not _is_of(tokens[at], kinds):
            continue
        end = at + 2
        joint, before = tokens[at + 1].word, tokens[at - 1].word
        joins = joint == "and" if before == "between" else joint in _JOINING
        if joins and _is_of(tokens[end], kinds):
            yield at, end


def _is_of(token: PassageToken, kinds: frozenset[str]) -> bool:
    return token.mention is not None and token.mention.kind in kinds and token.mention.value is not None


def sole_day(leaves: Sequence[Leaf], passage: Passage, kinds: frozenset[str]) -> Iterator[tuple[Leaf, Cued]]:
    """The only day or time, for the only property whose own word is what the sentence says was done on it."""
    days = [mention for mention in passage.named if mention.kind in kinds]
    if len(days) != 1 or days[0].value is None:
        return
    for sentence in passage.sentences:
        at = next((at for at, token in enumerate(sentence.tokens) if token.start == days[0].start), -1)
        if at < 0 or sentence.is_taken_back or sentence.tokens[at].mention is None:
            continue
        leads = at > 0 and sentence.tokens[at - 1].word in (_BEFORE_DAY if kinds is DAYS else _BEFORE_TIME)
        said = [leaf for leaf in leaves if leads and _is_said(leaf, sentence, at)]
        if len(said) == 1 and is_settled(sentence, at, at + 1, frozenset(said[0].asked.words)):
            yield said[0], _of(sentence.tokens[at])


def _is_said(leaf: Leaf, sentence: Sentence, at: int) -> bool:
    words = [word for word in leaf.asked.words if word not in _NO_STEM]
    if not words or not _OTHER_DAYS.isdisjoint(leaf.asked.words) or len(words) > 2:
        return False
    tokens = sentence.tokens
    stem = stem_of(words[-1])
    for place, token in enumerate(tokens):
        if not token.is_word or stem_of(token.word) != stem or not _is_verbal(tokens, place):
            continue
        low, high = sorted((place, at))
        between = tokens[low + 1 : high]
        if high - low < _FAR and not any(_says_other(token) for token in between):
            return len(words) == 1 or words[0] in {
                token.word for token in tokens[max(0, place - 4) : place + 4]
            }
    return False


_FAR = 12
_PREPOSITIONS = frozenset("of for about to from before after with at in until by".split())  # noqa: SIM905


def _is_verbal(tokens: Sequence[PassageToken], place: int) -> bool:
    """Whether a word is a verb, or a noun that stands for itself and not before another."""
    behind = tokens[place + 1] if place + 1 < len(tokens) else None
    led = any(token.word in _PREPOSITIONS for token in tokens[max(0, place - 2) : place])
    if led and not (behind is not None and behind.word in _DONE):
        # «The train to the meeting leaves at 9:00.»
        return False
    if behind is None or not behind.is_word or tokens[place].word.endswith(("ed", "ing")):
        return True
    return behind.word in _AUXILIARIES | _DONE | _SMALL or behind.is_capital


def _says_other(token: PassageToken) -> bool:
    """Whether a word begins what is said of something else."""
    if token.word in _AUXILIARIES | _DONE | _SMALL:
        return token.word == ","
    if token.text in (",", ";", ":", "."):
        return True
    return (
        token.is_word
        and not token.is_capital
        and (token.word.endswith(("ed", "ing")) or is_irregular(token.word))
    )


def _of(token: PassageToken) -> Cued:
    assert token.mention is not None
    return Cued(Value(token.mention.value, token.mention), token.start, token.end)
