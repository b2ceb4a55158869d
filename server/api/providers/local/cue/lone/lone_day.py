"""The day of which a clause says what is done on it, for the property that asks for that day: «execute on 28 April» for ``execution_date``."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.cue.beside import is_joined
from server.api.providers.local.cue.cue_row import Cued, lines_of
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import clause_of, is_settled
from server.api.providers.local.cue.stems import is_irregular
from server.api.providers.local.cue.turn import has_parallel
from server.api.providers.local.evidence.exactness import inexact
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.values.leaf import Leaf

_KINDS = frozenset({"date", "datetime"})
_FORMATS = ("date", "date-time")
_MOVED = frozenset(
    "moved postponed changed rescheduled extended shifted pushed brought delayed move postpone reschedule change extend instead originally".split()  # noqa: SIM905  # one list, one line
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
    ]
)


_BEFORE_ANY = frozenset({"valid", "born", "waiting", "passport", "visa", "known", "been"})
"""Words with which a day behind «until» or «from» is that of something else than what the passage is about."""


class DayRow(NamedTuple):
    """What is done on a day, and which properties ask for it."""

    names: frozenset[str]
    leads: frozenset[str]
    """Words that stand before the day."""
    words: frozenset[str]
    """Words of which the clause has one before the day."""


def lone_days(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The properties that ask for a day with the only day of a clause that says what is done on it."""
    asking = [leaf for leaf in leaves if _asks_day(leaf)]
    days = [mention for mention in passage.named if mention.kind in _KINDS]
    dated = [(leaf, rows) for leaf in asking if (rows := _rows_for(leaf))]
    if not dated or not days:
        return
    loose = inexact(passage.text, days)
    for sentence in passage.sentences:
        words = {token.word for token in sentence.tokens}
        if sentence.is_taken_back or not words.isdisjoint(_MOVED):
            continue
        for at, token in enumerate(sentence.tokens):
            mention = token.mention
            if (
                mention is None
                or mention.kind not in _KINDS
                or mention.value is None
                or mention.start in loose
            ):
                continue
            told = [leaf for leaf, rows in dated if any(_is_told(row, sentence, at, days) for row in rows)]
            is_shared = is_joined(sentence.tokens, at + 1, at + 1) or has_parallel(sentence, token, at + 1)
            if len(told) == 1 and not is_shared:
                yield told[0], Cued(Value(mention.value, mention), token.start, token.end)


def _asks_day(leaf: Leaf) -> bool:
    return "string" in (leaf.node.types or ("string",)) and (
        leaf.asked.kind in _KINDS
        or leaf.node.schema.get("format") in _FORMATS
        or leaf.asked.words[-1:] in (("on",), ("at",), ("by",), ("until",), ("from",))
    )


def _rows_for(leaf: Leaf) -> list[DayRow]:
    spoken = " ".join(leaf.asked.words)
    bare = " ".join(word for word in leaf.asked.words if word not in ("date", "day", "the", "at", "on"))
    return [row for row in _rows() if spoken in row.names or bare in row.names]


def _is_told(row: DayRow, sentence: Sentence, at: int, days: Sequence[Mention]) -> bool:
    tokens = sentence.tokens
    lead = at - 1
    while lead >= 0 and tokens[lead].word in _WEEKDAYS | {"the", ","} and lead > at - 4:
        lead -= 1
    before = tokens[lead].word if lead >= 0 else ""
    if before not in row.leads and not ("" in row.leads and lead < 0):
        return False
    start, stop = clause_of(sentence, lead, at + 1)
    others = [
        token for token in tokens[start:stop] if token.mention is not None and token.mention.kind in _KINDS
    ]
    if len(others) > 1:
        return False
    if "*" in row.words:
        settled = len(days) == 1 and _BEFORE_ANY.isdisjoint(token.word for token in tokens[start:lead])
        first = lead
    else:
        first = max(
            (place for place in range(start, lead + 1) if tokens[place].word in row.words), default=-1
        )
        settled = first >= 0 and not any(_says_other(token, row) for token in tokens[first + 1 : lead])
    return settled and is_settled(sentence, first, at + 1, row.words | row.leads)


def _says_other(token: PassageToken, row: DayRow) -> bool:
    """Whether a word is a verb of which the day may be."""
    done = token.word.endswith("ed") or is_irregular(token.word)
    return token.is_word and done and not token.is_capital and token.word not in row.words | _PLANNED


_PLANNED = frozenset("scheduled planned confirmed expected delivered fixed".split())  # noqa: SIM905


@cache
def _rows() -> tuple[DayRow, ...]:
    found = []
    for line in lines_of("day_words"):
        names, leads, words = line.split("\t")
        told = frozenset(names.strip() for names in names.split(","))
        found.append(DayRow(told, frozenset(leads.replace("-", "").split(" ")), frozenset(words.split())))
    return tuple(found)
