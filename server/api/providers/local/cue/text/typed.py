"""Names that say what they are («Northgate Dental Clinic»), words that are a property's value («navy»), addresses that stand alone."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from server.api.providers.local.cue.cue_row import Cued, text_of
from server.api.providers.local.cue.passage import Passage, PassageToken
from server.api.providers.local.cue.settled import is_settled
from server.api.providers.local.cue.text.names import ends_of, written
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.structure.postal_address import addresses_in

_ALONE = frozenset({"Auditorium", "Ballroom"})
"""Words that are a name without another."""
_ADDRESSES = {
    "address": "A",
    "street": "S",
    "street address": "A",
    "delivery address": "",
    "address street": "S",
}
_WITHIN = frozenset({"unit", "suite", "apt", "apartment", "flat", "floor", "room", "building"})
_IMITATED = frozenset({"vegan", "faux", "fake", "imitation", "synthetic"})
_STARTS = frozenset(
    [
        "the",
        "a",
        "an",
        "our",
        "my",
        "your",
        "this",
        "that",
        "these",
        "at",
        "in",
        "on",
        "to",
        "from",
        "for",
        "and",
        "or",
        "is",
        "are",
        "was",
        "please",
        "we",
        "i",
        "it",
        "its",
    ]
)  # one list, one line


def typed_names(names: frozenset[str], passage: Passage) -> Iterator[Cued]:
    """The names in a passage that end or begin with a word for what the property asks for."""
    kinds = [_types()[name] for name in names if name in _types()]
    for sentence in passage.sentences if kinds else ():
        tokens = sentence.tokens
        for at, token in enumerate(tokens):
            for kind in kinds:
                span = _typed(tokens, at, kind) if token.is_capital else None
                if span is not None and not sentence.is_taken_back and is_settled(sentence, *span):
                    yield _of(tokens, span, passage)


def _typed(tokens: Sequence[PassageToken], at: int, kind: frozenset[str]) -> tuple[int, int] | None:
    word = tokens[at].text
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    if (
        f"^{word}" in kind
        and behind is not None
        and (behind.text[:1].isupper() or behind.text[:1].isdecimal() or behind.text == "of")
    ):
        end = at + 2
        while (
            end < len(tokens)
            and tokens[end].is_capital
            and (tokens[at + 1].is_capital or behind.text == "of")
        ):
            end += 1
        return at, end
    if word not in kind or (behind is not None and (behind.is_capital or behind.text == "'s")):
        return None
    start = at
    while start > 0 and (
        (tokens[start - 1].is_capital and tokens[start - 1].word not in _STARTS)
        or (tokens[start - 1].text in ("&", "of") and start > 1 and tokens[start - 2].is_capital)
    ):
        start -= 1
    return (start, at + 1) if start < at or word in _ALONE else None


def _of(tokens: Sequence[PassageToken], span: tuple[int, int], passage: Passage) -> Cued:
    first, last = tokens[span[0]], tokens[span[1] - 1]
    text = passage.written(first, last)
    return Cued(Value(text, Mention("text", first.start, last.end, text)), first.start, last.end)


def words_told(names: frozenset[str], passage: Passage) -> Iterator[Cued]:
    """The words in a passage that are a value of the property: a colour with its shade, a material, a make with its model."""
    asked = next((name for name in _words() if name in names), "")
    if "colour" in names:
        asked = "color"
    is_model = "model" in names
    for sentence in passage.sentences if asked or is_model else ():
        tokens = sentence.tokens
        for at, token in enumerate(tokens):
            span = _model(tokens, at, passage) if is_model else _worded(tokens, at, asked, token)
            if span is not None and not sentence.is_taken_back and is_settled(sentence, *span):
                yield _of(tokens, span, passage)


def _worded(
    tokens: Sequence[PassageToken], at: int, asked: str, token: PassageToken
) -> tuple[int, int] | None:
    if token.text not in _words()[asked] or (at and tokens[at - 1].word in _IMITATED):
        return None
    start = at
    while (
        asked == "color"
        and start > 0
        and tokens[start - 1].text in _words()["shade"] | _words()["color"] | {"-"}
    ):
        start -= 1
    return start, at + 1


def _model(tokens: Sequence[PassageToken], at: int, passage: Passage) -> tuple[int, int] | None:
    if tokens[at].text not in _words()["make"] or at + 1 >= len(tokens):
        return None
    first = tokens[at + 1]
    ends = ends_of("O", tokens, at + 1, passage)
    if ends:
        return at + 1, ends[0]
    figure = (
        any(map(str.isdecimal, first.text)) and any(map(str.isalpha, first.text)) and first.text.isalnum()
    )
    return (at + 1, at + 2) if figure else None


def places_told(names: frozenset[str], passage: Passage) -> Iterator[Cued]:
    """The addresses of a passage, for a property that asks for no other than the one there is."""
    slots = {slot for name, slot in _ADDRESSES.items() if name in names and slot}
    if not (slots or "city" in names) or "delivery address" in names or addresses_in(passage.text):
        return
    for sentence in passage.sentences if slots or "city" in names else ():
        tokens = sentence.tokens
        for at in range(len(tokens)):
            for end in ends_of("S", tokens, at, passage) if "city" in names else ():
                town = (
                    ends_of("C", tokens, end + 1, passage)
                    if tokens[end : end + 1] and tokens[end].text == ","
                    else ()
                )
                if town and tokens[end + 1].word not in _WITHIN and is_settled(sentence, at, town[0]):
                    yield _of(tokens, (end + 1, town[0]), passage)
            for slot in slots:
                for end in ends_of(slot, tokens, at, passage):
                    if not sentence.is_taken_back and is_settled(sentence, at, end):
                        text = written(slot, tokens, at, end, passage)
                        first, last = tokens[at].start, tokens[end - 1].end
                        yield Cued(Value(text, Mention("text", first, last, text)), first, last)


_NOT_THEN = frozenset({"closes", "ends", "expires", "closed", "ended", "expired", "due", "deadline", "until", "launched", "born", "founded", "opened", "made", "issued", "broken", "broke", "started", "began"})  # fmt: skip
"""Words with which a day is not that of the event."""
_EVENTS = frozenset(
    "book booked reserve table meeting meet appointment event call held takes take place returns lunch dinner remind schedule scheduled interview concert conference workshop webinar "  # noqa: SIM905  # as above
    "receipt visit party wedding session class game match keynote talk festival fair flight fly flying stay ceremony lecture exhibition tour race seminar training".split()
)


def alone_told(names: frozenset[str], passage: Passage) -> Iterator[Cued]:
    """The only day in a passage that speaks of an event."""
    if "own date" in names:
        days = [m for m in passage.named if m.kind in ("date", "datetime") and m.value is not None]
        starts = {days[0].start} if len(days) == 1 else set()
        yield from _only(passage, starts, frozenset({"on", "for", ","}), _EVENTS)


def _only(
    passage: Passage,
    starts: set[int],
    lead: frozenset[str],
    needed: frozenset[str],
) -> Iterator[Cued]:
    for sentence in passage.sentences if starts else ():
        tokens = sentence.tokens
        words = {token.word for token in tokens}
        for at, token in enumerate(tokens):
            if token.start not in starts or at == 0 or sentence.is_taken_back:
                continue
            if not words.isdisjoint(_NOT_THEN):
                continue
            led = tokens[at - 1].word in lead and not needed.isdisjoint(words)
            if led and token.mention is not None and is_settled(sentence, at, at + 1):
                yield Cued(Value(token.mention.value, token.mention), token.start, token.end)


@cache
def _types() -> Mapping[str, frozenset[str]]:
    return {
        name.strip(): frozenset(words.split())
        for names, words in (line.split("\t") for line in text_of("typed.tsv"))
        for name in names.split(",")
    }


@cache
def _words() -> Mapping[str, frozenset[str]]:
    return {
        name: frozenset(words.split()) for name, words in (line.split("\t") for line in text_of("words.tsv"))
    }
