"""What a property asks whether it is so: the thing of its name, what is said of it, and wordings of its own in ``truths.tsv``."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.cue.answers.truth_wordings import further_wordings
from server.api.providers.local.cue.cue_row import lines_of
from server.api.providers.local.cue.passage import PassageToken
from server.api.providers.local.values.leaf import Leaf

WISHED = frozenset({"needed", "required", "requested", "wanted", "necessary"})
ALLOWED = frozenset({"allowed", "permitted", "welcome", "accepted", "friendly", "ok", "okay", "fine"})
GIVEN = frozenset({"included", "available", "provided", "offered"})
_SHORT = 3
"""Letters of a word that names a thing."""
_FRONT = frozenset(
    "is has was are have had with includes include does do can should will be needs need wants want requires require allows allow accepts offers offer flag".split()  # noqa: SIM905  # one list, one line
)
_WISHING = frozenset({"needs", "need", "wants", "want", "requires", "require"})
_PARTICIPLES = frozenset("paid sent done sold broken built held lost made shown given".split())  # noqa: SIM905  # one list, one line
_MOST_WORDS = 3


class AskedTruth(NamedTuple):
    """What is asked."""

    thing: tuple[str, ...]
    said: str
    is_wish: bool


def names_of(leaf: Leaf) -> set[str]:
    """The names of a property without «is» and «has»."""
    words = list(leaf.asked.words)
    found = {" ".join(words)}
    while words and words[0] in ("is", "has", "was", "are", "have"):
        words = words[1:]
        found.add(" ".join(words))
    return found


@cache
def wordings() -> Mapping[str, tuple[tuple[bool, tuple[str, ...]], ...]]:
    """What wordings say, yes or no, by the names of properties."""
    found: dict[str, tuple[tuple[bool, tuple[str, ...]], ...]] = {}
    for line in lines_of("truths"):
        names, said, words = line.split("\t")
        for name in names.split(","):
            found[name.strip()] = (*found.get(name.strip(), ()), (said == "yes", tuple(words.split())))
    for name, yes, told in further_wordings():
        found[name] = (*found.get(name, ()), (yes, told))
    return found


def asked_of(leaf: Leaf) -> AskedTruth | None:
    """The thing of a name and what is asked of it: «breakfast», «included»."""
    words = list(leaf.asked.words)
    is_wish = False
    while len(words) > 1 and words[0] in _FRONT:
        is_wish |= words[0] in _WISHING
        words = words[1:]
    said = ""
    if len(words) > 1 and (
        words[-1] in ALLOWED | GIVEN | WISHED or words[-1].endswith("ed") or words[-1] in _PARTICIPLES
    ):
        said = words[-1]
        words = words[:-1]
    if said in WISHED:
        is_wish = True
    if not words or len(words) > _MOST_WORDS or len(words[0]) < _SHORT:
        return None
    return AskedTruth(tuple(words), said, is_wish)


def end_of(tokens: Sequence[PassageToken], first: int, shapes: set[tuple[str, ...]]) -> int:
    """The end of a thing that begins at a token; 0 where none does."""
    words: list[str] = []
    longest = max(map(len, shapes))
    for at in range(first, min(first + 2 * longest, len(tokens))):
        if tokens[at].text == "-" and words:
            continue
        words.append(tokens[at].word.replace("'", ""))
        if tuple(words) in shapes:
            return at + 1
        if len(words) >= longest:
            break
    return 0
