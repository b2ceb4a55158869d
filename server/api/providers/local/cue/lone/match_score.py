"""The goals of both sides of a match, where a sentence tells who won and who played at home: «Arsenal beat Leeds 3-1 at home»."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence, number_of
from server.api.providers.local.cue.settled import is_settled
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf

_WON = frozenset(
    [
        "beat",
        "beats",
        "defeated",
        "defeats",
        "thrashed",
        "edged",
        "overcame",
        "trounced",
        "hammered",
        "won",
        "win",
        "outplayed",
    ]
)
_LOST = frozenset({"lost", "lose", "loses", "fell"})
_DREW = frozenset({"drew", "draw", "tied"})
_SIDES = frozenset(
    {"home", "away", "host", "guest", "visitor", "visiting", "winner", "winning", "loser", "losing"}
)
_HEADS = frozenset({"goals", "score", "points", "goal", "runs"})
_MOST = 200
_ROLES: Mapping[str, str] = {
    "home": "home", "host": "home", "away": "away", "guest": "away", "visitor": "away", "visiting": "away",
    "winner": "winner", "winning": "winner", "loser": "loser", "losing": "loser",
}  # fmt: skip


class _Score(NamedTuple):
    high: PassageToken
    low: PassageToken
    verb: int
    """Where the verb stands."""
    is_first_winner: bool
    first: int
    end: int


def match_goals(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The properties that ask for the goals of a side, with them."""
    asking = [(leaf, role) for leaf in leaves if (role := _role(leaf))]
    scores = [(sentence, score) for sentence in passage.sentences for score in _scores(sentence)]
    if not asking or len(scores) != 1:
        return
    sentence, score = scores[0]
    if sentence.is_taken_back or not is_settled(
        sentence, score.first, score.end, frozenset({"beat", "lost"})
    ):
        return
    home = _home(sentence.tokens, score)
    for leaf, role in asking:
        wins = {"winner": True, "loser": False, "home": home, "away": None if home is None else not home}[
            role
        ]
        if wins is not None:
            token = score.high if wins else score.low
            # Both goals of a draw are the same number; each has its own place.
            yield leaf, Cued(Value(number_of(token)), token.start, token.end)


def _role(leaf: Leaf) -> str:
    words = set(leaf.asked.words)
    sides = words & _SIDES
    asks = bool(words & _HEADS) and len(sides) == 1 and words <= _SIDES | _HEADS | {"team", "side", "final"}
    is_number = bool(set(leaf.node.types) & {"integer", "number"})
    return _ROLES[sides.pop()] if asks and is_number else ""


def _scores(sentence: Sentence) -> Iterator[_Score]:
    tokens = sentence.tokens
    verb = next((at for at, token in enumerate(tokens) if token.word in _WON | _LOST | _DREW), -1)
    for at in range(max(verb, 0), len(tokens) - 2) if verb > 0 else ():
        one, two = number_of(tokens[at]), number_of(tokens[at + 2])
        joins = tokens[at + 1].text in ("-", "–", ":") or tokens[at + 1].word in ("to", "nil")
        if one is None or two is None or not joins or max(one, two) > _MOST:
            continue
        if (one == two) != (tokens[verb].word in _DREW):
            return
        high, low = (tokens[at], tokens[at + 2]) if one >= two else (tokens[at + 2], tokens[at])
        yield _Score(high, low, verb, tokens[verb].word not in _LOST, verb, at + 3)


def _home(tokens: Sequence[PassageToken], score: _Score) -> bool | None:
    """Whether the side that won played at home; None where nothing tells."""
    words = [token.word for token in tokens]
    first_wins = score.is_first_winner
    behind = words[score.verb + 1 : score.verb + 3]
    if behind[:1] == ["visiting"] or "visitors" in behind or behind[:1] == ["guests"]:
        return first_wins
    if behind[:1] in (["hosts"], ["host"]) or "hosts" in behind:
        return not first_wins
    if "away" in words and "home" not in words:
        return not first_wins
    if "away" in words and words[words.index("away") : words.index("away") + 3] == ["away", "from", "home"]:
        return not first_wins
    if (
        "at" in words
        and words[words.index("at") + 1 : words.index("at") + 2] == ["home"]
        and "away" not in words
    ):
        return first_wins
    return None
