"""Where and when each part of a way or of an event is: «pick up in Lyon on 5 July, return it in Nice on 12 July», «ceremony at St Anne's, reception at Fern Barn»."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.cue.cue_row import Cued, slot_ends, text_of
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import is_settled
from server.api.providers.local.evidence.exactness import inexact
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_PLACES = frozenset(
    "place location venue city town station airport site where point spot depot branch office stop port".split()  # noqa: SIM905  # one list, one line
)
_DAYS = frozenset({"date", "day", "on"})
_TIMES = frozenset({"time", "at", "hour"})
_KINDS = {"day": frozenset({"date", "datetime"}), "time": frozenset({"time"})}
_BEFORE_PLACE = frozenset({"in", "at", "from"})
_STOPS = frozenset(";.!?\n")
_LEAST = 2
_LONGEST = 3
_CHANGES = frozenset("moved postponed changed rescheduled shifted or instead not if originally".split())  # noqa: SIM905


class _Part(NamedTuple):
    name: str
    sentence: Sentence
    first: int
    start: int
    """Where what is told of it begins."""
    end: int


def parts_told(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The properties of the places, days and hours of parts, each with the only one that the clause of its part has."""
    asking = [(leaf, *part) for leaf in leaves if (part := _asked(leaf)) is not None]
    if len({name for _, name, _ in asking}) < _LEAST:
        # Of one part alone what else a passage tells may be the whole's.
        return
    told = list(_parts(passage))
    for leaf, name, what in asking:
        mine = [part for part in told if part.name == name]
        same = [other for other, told_name, asked in asking if told_name == name and asked == what]
        if len(mine) != 1 or len(same) != 1:
            continue
        answer = _place(mine[0], passage) if what == "place" else _mention(mine[0], what, passage)
        if answer is not None:
            yield leaf, answer


def _asked(leaf: Leaf) -> tuple[str, str] | None:
    """The part of which a property asks something, and what."""
    words = [word for name in leaf.path[-2:] for word in words_of(name)]
    if "string" not in (leaf.node.types or ("string",)) or len(words) < _LEAST:
        return None
    last, name = words[-1], " ".join(words[:-1])
    if name not in _names() or ("format" in leaf.node.schema and last not in _DAYS | _TIMES):
        return None
    what = "place" if last in _PLACES else "day" if last in _DAYS else "time" if last in _TIMES else ""
    if leaf.node.schema.get("format") == "time":
        what = "time"
    return (_names()[name], what) if what else None


def _parts(passage: Passage) -> Iterator[_Part]:
    for sentence in passage.sentences:
        tokens = sentence.tokens
        if sentence.is_taken_back or not _CHANGES.isdisjoint(token.word for token in tokens):
            continue
        starts = [
            (at, at + length, name)
            for at in range(len(tokens))
            if (found := _verb_at(tokens, at)) is not None
            for length, name in (found,)
        ]
        for place, (at, behind, name) in enumerate(starts):
            end = starts[place + 1][0] if place + 1 < len(starts) else len(tokens)
            stop = next((i for i in range(behind, end) if tokens[i].text in _STOPS), end)
            yield _Part(name, sentence, at, behind, stop)


def _verb_at(tokens: Sequence[PassageToken], at: int) -> tuple[int, str] | None:
    """How many tokens the words of a part are that begin there, and of which part."""
    for length in range(_LONGEST, 0, -1):
        spoken = " ".join(token.word for token in tokens[at : at + length])
        name = _verbs().get(spoken)
        if name is not None and len(tokens[at : at + length]) == length:
            return length, name
    return None


def _mention(part: _Part, what: str, passage: Passage) -> Cued | None:
    found = [
        (at, token.mention)
        for at, token in enumerate(part.sentence.tokens[part.start : part.end], part.start)
        if token.mention is not None and token.mention.kind in _KINDS[what]
    ]
    if len(found) != 1 or found[0][1].start in inexact(passage.text, [found[0][1]]):
        return None
    at, mention = found[0]
    if not is_settled(part.sentence, at, at + 1) or not is_settled(part.sentence, part.first, part.start):
        return None
    value = mention.value if mention.value is not None else mention.text
    return Cued(Value(value, mention), mention.start, mention.end)


def _place(part: _Part, passage: Passage) -> Cued | None:
    tokens = part.sentence.tokens
    found = []
    for at in range(part.start, part.end):
        if tokens[at].word not in _BEFORE_PLACE:
            continue
        then = at + 1 + (tokens[at + 1].word == "the" if at + 1 < part.end else 0)
        ends = (
            [end for slot in ("C", "O") for end in slot_ends(slot, tokens, then, passage)]
            if then < part.end
            else []
        )
        if ends:
            found.append((at, then, max(ends)))
    if len(found) != 1:
        return None
    at, first, end = found[0]
    if not is_settled(part.sentence, at, end) or not is_settled(part.sentence, part.first, part.start):
        return None
    text = passage.written(tokens[first], tokens[end - 1])
    start = tokens[first].start
    return Cued(Value(text, Mention("text", start, start + len(text), text)), start, start + len(text))


@cache
def _rows() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    rows = (line.split("\t") for line in text_of("part_verbs.tsv"))
    return tuple(
        (tuple(names.split(",")), tuple(verb.replace("_", " ").replace("-", " - ") for verb in verbs.split()))
        for names, verbs in rows
    )


@cache
def _names() -> Mapping[str, str]:
    return {name: names[0] for names, _ in _rows() for name in names}


@cache
def _verbs() -> Mapping[str, str]:
    return {verb: names[0] for names, verbs in _rows() for verb in verbs}
