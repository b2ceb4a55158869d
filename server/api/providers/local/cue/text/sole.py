"""Values of which a passage has only one that a property may mean: its one range of days, its one day, its one number of a thing, its one town."""

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.cue_row import Cued, code_end
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import is_number_settled, is_settled
from server.api.providers.local.cue.text.sole_day import DAYS, sole_day, sole_range
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.values.leaf import Leaf

_TIME = frozenset({"time"})
_CODES = frozenset({"code", ""})
_CODE_HEADS = frozenset({"number", "id", "code", "no", "ref", "reference", "key", "nr", "num"})
_LEAST_CODE = 5
_TOWNS = frozenset({"city", "town", "location", "place"})
_OTHER_PLACES = frozenset(
    "origin destination from to departure arrival pickup dropoff venue address headquarters birth birthplace previous target source venue_city".split()  # noqa: SIM905  # as above
)
_Only = tuple[Leaf, Cued]


def sole_told(
    unfilled: Sequence[Leaf], leaves: Sequence[Leaf], passage: Passage, taken: frozenset[int]
) -> dict[tuple[str, ...], Any]:
    """The values of those ``unfilled`` of ``leaves`` for which a passage has one thing; none that stands at a place that is ``taken``."""
    found: dict[tuple[str, ...], Any] = {}
    paths = {leaf.path for leaf in unfilled}
    for leaf, answer in _every(leaves, passage):
        is_open = leaf.path in paths and answer.start not in taken
        value = coerced(answer.value, leaf.asked, leaf.node) if is_open else NOTHING
        if value is not NOTHING:
            found.setdefault(leaf.path, value)
    return found


def _every(leaves: Sequence[Leaf], passage: Passage) -> Iterator[_Only]:
    texts = [leaf for leaf in leaves if _is_scalar(leaf)]
    days = [
        leaf
        for leaf in texts
        if leaf.asked.kind in DAYS or leaf.node.schema.get("format") in ("date", "date-time")
    ]
    times = [leaf for leaf in texts if leaf.asked.kind == "time" or leaf.node.schema.get("format") == "time"]
    yield from sole_range(days, passage, DAYS)
    yield from sole_range(times, passage, _TIME)
    yield from sole_day(days, passage, DAYS)
    yield from sole_day(times, passage, _TIME)
    finders: Sequence[Callable[[Sequence[Leaf], Passage], Iterator[_Only]]] = (_code, _town)
    for finder in finders:
        yield from finder(texts, passage)


def _is_scalar(leaf: Leaf) -> bool:
    return not ("enum" in leaf.node.schema or "const" in leaf.node.schema or leaf.node.branches)


def _code(leaves: Sequence[Leaf], passage: Passage) -> Iterator[_Only]:
    """The only number of letters and figures whose letters are those of the thing that it is the number of: CHG-3098 of a change."""
    asking = [leaf for leaf in leaves if _asks_code(leaf)]
    found = [
        (sentence, at, end)
        for sentence in passage.sentences
        for at, token in enumerate(sentence.tokens)
        if _letters_of(token).isupper() and (end := code_end(sentence.tokens, at))
    ]
    if len(found) != 1:
        return
    sentence, at, end = found[0]
    text = passage.written(sentence.tokens[at], sentence.tokens[end - 1])
    named = [
        leaf
        for leaf in asking
        if any(_abbreviates(_letters_of(sentence.tokens[at]).lower(), word) for word in leaf.asked.words)
    ]
    leads = (
        sentence.tokens[at].start == 0
        and sentence.tokens[end : end + 1]
        and sentence.tokens[end].text in ":-–"
    )
    chosen = named if len(named) == 1 else asking if len(asking) == 1 and leads else []
    if len(text) >= _LEAST_CODE and chosen and is_number_settled(sentence, at, end):
        first, last = sentence.tokens[at].start, sentence.tokens[end - 1].end
        yield chosen[0], Cued(Value(text, Mention("text", first, last, text)), first, last)


def _letters_of(token: PassageToken) -> str:
    """The letters with which a token begins."""
    return (
        "".join(takewhile(str.isalpha, token.text))
        if token.mention is None or token.mention.kind == "code"
        else ""
    )


def _asks_code(leaf: Leaf) -> bool:
    words = leaf.asked.words
    return (
        "string" in (leaf.node.types or ("string",))
        and len(words) > 0
        and (leaf.asked.kind == "code" or (words[-1] in _CODE_HEADS and leaf.asked.kind in _CODES))
    )


def _abbreviates(letters: str, word: str) -> bool:
    """Whether some letters are the first and others of a word, in its order."""
    if len(letters) < 2 or len(word) <= len(letters) or word[0] != letters[0] or word in _CODE_HEADS:
        return False
    rest = iter(word)
    return all(letter in rest for letter in letters)


def _town(leaves: Sequence[Leaf], passage: Passage) -> Iterator[_Only]:
    """The only town, behind «in», for a property that asks for the place of what is told."""
    asking = [leaf for leaf in leaves if set(leaf.asked.words) & _TOWNS and leaf.asked.words[-1] in _TOWNS]
    others = [leaf for leaf in leaves if set(leaf.asked.words) & _OTHER_PLACES]
    towns = {mention.text: mention for mention in passage.named if mention.kind == "city"}
    if len(asking) != 1 or others or len(towns) != 1 or len(asking[0].asked.words) > 1:
        return
    mention = next(iter(towns.values()))
    for sentence, at in _places(passage, mention):
        tokens = sentence.tokens
        before = tokens[at - 1].word if at else ""
        end = at + len(mention.text.split())
        behind = tokens[end] if end < len(tokens) else None
        glued = behind is not None and (behind.is_capital or behind.text in ("-", "'s", "/"))
        if (
            before == "in"
            and not glued
            and _is_of_subject(tokens, at - 1)
            and _is_present(sentence)
            and is_settled(sentence, at, end)
        ):
            yield asking[0], _of(tokens[at], mention)
            return


_HEADS = frozenset({"the", "our", "tomorrow", "today", "tonight", "weather"})
_FARTHEST = 5


def _is_of_subject(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether what is said of it is said of what a sentence begins with: «The passport office in Leeds will be closed»."""
    begins = tokens[0].word in _HEADS and at <= _FARTHEST
    return begins and all(
        token.is_word and token.word not in ("is", "are", "of", "ceo") for token in tokens[:at]
    )


_PAST = frozenset(
    {
        "met",
        "bought",
        "trained",
        "studied",
        "grew",
        "born",
        "was",
        "were",
        "raised",
        "used",
        "made",
        "lived",
        "worked",
    }
)


def _is_present(sentence: Sentence) -> bool:
    return not any(token.word in _PAST for token in sentence.tokens)


def _places(passage: Passage, mention: Mention) -> Iterator[tuple[Sentence, int]]:
    for sentence in passage.sentences:
        for at, token in enumerate(sentence.tokens):
            if token.start == mention.start and not sentence.is_taken_back:
                yield sentence, at


def _of(token: PassageToken, mention: Mention) -> Cued:
    value = mention.value if mention.value is not None else mention.text
    return Cued(Value(value, mention), token.start, mention.end)
