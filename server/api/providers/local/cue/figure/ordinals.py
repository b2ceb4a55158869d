"""The places of things in their row: «on the third floor», «season 2», «finished second»."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.figure.counted_nouns import ORDERED
from server.api.providers.local.cue.figure.floor import floors_beside
from server.api.providers.local.cue.figure.number_words import ordinal_at
from server.api.providers.local.cue.passage import Passage, PassageToken
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf


def ordinals_beside(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The place of one thing in its row: «on the third floor», «season 2»."""
    words = leaf.asked.words
    noun = next((word for word in words if word in ORDERED), "")
    if noun == "floor" or words in _FLOORS:
        yield from floors_beside(passage)
    if not noun or noun in ("year", "age", "score", "rating") or len(words) > 2 or "total" in words:
        return
    for sentence in passage.sentences:
        tokens = sentence.tokens
        for at in range(len(tokens)):
            figure = ordinal_at(tokens, at)
            if figure is None or figure.end >= len(tokens) or sentence.is_taken_back:
                continue
            if (
                noun in _RANKS
                and at
                and tokens[at - 1].word in _RANKED
                and is_certain(sentence, at, figure.end)
            ):
                yield Cued(Value(figure.value, figure.mention), tokens[at].start, tokens[at].end)
                continue
            after = figure.end + (tokens[figure.end].text == "-")
            if (
                after < len(tokens)
                and (noun != "floor" or _is_of_a_home(tokens))
                and tokens[after].word == noun
                and is_certain(sentence, figure.first, after + 1)
            ):
                before = {token.word for token in tokens[max(0, at - 2) : at]}
                if before.isdisjoint({"every", "each", "to", "-", "–", "and"}):
                    yield Cued(Value(figure.value, figure.mention), tokens[at].start, tokens[after].end)


_FLOORS = (("etage",), ("étage",), ("piano",), ("planta",), ("andar",), ("stockwerk",))
_RANKS = frozenset({"position", "rank", "place"})
_RANKED = frozenset({"finished", "came", "placed", "ranked", "finishing", "coming"})


def _is_of_a_home(tokens: Sequence[PassageToken]) -> bool:
    words = {token.word for token in tokens}
    return not words.isdisjoint(_HOMES)


_HOMES = frozenset(
    "flat apartment studio condo loft office suite maisonette penthouse unit duplex i we our balcony terrace lift elevator sqm m2".split()  # noqa: SIM905  # one list, one line
)
