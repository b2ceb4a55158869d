"""What was before and after a change, for two properties of which one asks for either: «rises from $39 to $45», «upgrade nginx from 1.24.0 to 1.26.2»."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from server.api.providers.local.cue.cue_row import Cued, CueRow, cued_by, text_of
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.values.leaf import Leaf

_PRICES = frozenset(
    [
        "price",
        "cost",
        "fee",
        "rent",
        "rate",
        "salary",
        "amount",
        "premium",
        "total",
        "budget",
        "wage",
        "tariff",
        "charge",
        "value",
    ]
)  # one list, one line
_DAYS = frozenset({"date", "datetime"})
_MEASURED = frozenset({"number", "integer"})
_RANGES = frozenset(
    "range ranges ranging ranged between depending varies vary varying anywhere depends if".split()  # noqa: SIM905  # one list, one line
)


def changed_pairs(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The properties of what was and what is to be, with both ends of the one change that a passage tells."""
    for old, new, slot in _pairs(leaves):
        told = [
            (was[0], now[0])
            for was_row, now_row in _ways(slot)
            if (was := _only(was_row, passage)) and (now := _only(now_row, passage))
        ]
        values = {(was.value.value, now.value.value) for was, now in told}
        if len(values) == 1 and told[0][0].value.value != told[0][1].value.value:
            yield old, told[0][0]
            yield new, told[0][1]


def _only(row: CueRow, passage: Passage) -> list[Cued]:
    """The one thing that a cue gives in a passage."""
    found = cued_by([row], passage)
    return found if len(found) == 1 and not _is_range(found[0], passage) else []


def _is_range(answer: Cued, passage: Passage) -> bool:
    """Whether the sentence tells of no change, but of two ends between which something is."""
    for sentence in passage.sentences:
        if sentence.tokens and sentence.tokens[0].start <= answer.start < sentence.tokens[-1].end:
            words = {token.word for token in sentence.tokens}
            return not words.isdisjoint(_RANGES) or words.isdisjoint(
                _words()["verb"] | {"instead", "now", "was", "were"}
            )
    return True


def _pairs(leaves: Sequence[Leaf]) -> Iterator[tuple[Leaf, Leaf, str]]:
    """Pairs of properties that are called alike, but for the word of what was and what is to be."""
    ends: dict[tuple[object, ...], dict[str, list[Leaf]]] = {}
    for leaf in leaves:
        for side in ("old", "new"):
            for base in _bases(leaf, side):
                ends.setdefault((leaf.path[:-1], base), {}).setdefault(side, []).append(leaf)
    for sides in ends.values():
        olds = [leaf for leaf in sides.get("old", ()) if leaf not in sides.get("new", ())] or sides.get(
            "old", []
        )
        news = [leaf for leaf in sides.get("new", ()) if leaf not in olds]
        olds = [leaf for leaf in olds if leaf not in news]
        if len(olds) == 1 and len(news) == 1:
            slot = _slot(olds[0])
            if slot and slot == _slot(news[0]):
                yield olds[0], news[0], slot


def _bases(leaf: Leaf, side: str) -> Iterator[tuple[str, ...]]:
    words = leaf.asked.words
    told = _words()[side]
    for at in {0, len(words) - 1}:
        base = (*words[:at], *words[at + 1 :])
        if words and words[at] in told and base:
            yield base


def _slot(leaf: Leaf) -> str:
    """The letter of the slot for what a property holds; empty where nothing tells it."""
    words, types = set(leaf.asked.words), set(leaf.node.types or ("string",))
    if leaf.asked.kind in _DAYS or leaf.node.schema.get("format") in ("date", "date-time"):
        return "D"
    if leaf.asked.kind == "time" or leaf.node.schema.get("format") == "time":
        return "T"
    if "version" in words:
        return "V" if "string" in types else ""
    if leaf.asked.kind == "money" or (words & _PRICES and types & _MEASURED):
        return "M"
    return "N" if types & _MEASURED and not leaf.asked.unit else ""


@cache
def _ways(slot: str) -> tuple[tuple[CueRow, CueRow], ...]:
    """Wordings of a change, each as the row of what was and the row of what is."""
    plain, taken = "{" + slot + "}", "{=" + slot + "}"
    ways = (
        (("from", taken, "to", plain), ("from", plain, "to", taken)),
        ((plain, "instead", "of", taken), (taken, "instead", "of", plain)),
        (
            ("was", taken, "*", ",|and|but", "*", "now", "*", plain),
            ("was", plain, "*", ",|and|but", "*", "now", "*", taken),
        ),
        (("now", plain, ",?", "*", "was", taken), ("now", taken, ",?", "*", "was", plain)),
    )
    return tuple((CueRow(frozenset(), was), CueRow(frozenset(), now)) for was, now in ways)


@cache
def _words() -> Mapping[str, frozenset[str]]:
    rows = (line.split("\t") for line in text_of("change_words.tsv"))
    return {kind: frozenset(words.split()) for kind, words in rows}
