"""What elsewhere in its sentence turns a thing: that it is wrong, that it was so last time, that another has another figure."""

from collections.abc import Sequence

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.passage import PassageToken, Sentence, number_of

_LINKS = frozenset({"is", "are", "was", "were", "isn't", "seems"})
_UNSOUND = frozenset({"wrong", "incorrect", "outdated", "mistaken", "untrue", "void", "invalid", "false", "fake", "obsolete"})  # fmt: skip
_LAST = frozenset(
    {"time", "customer", "client", "guest", "tenant", "owner", "buyer", "year", "season", "edition"}
)
_COMPARED = frozenset({"comparison", "comparaison", "vergleich", "comparación", "confronto", "comparação"})
_THAT = frozenset({"dass", "daß"})
"""Words that begin what somebody thinks or says, behind a comma."""
_JOINS = frozenset({",", "and", "or", ";", "–", "—"})
_DOUBTS = frozenset({"or", "maybe", "perhaps", "possibly"})
_SPECIAL = frozenset({"the", "on", "for", "in"})
_PAST = frozenset({"was", "were", "had", "used"})
_THEY = frozenset({"it", "he", "she", "they", "we", "i", "you"})
_LONGEST = 5
"""Tokens of a part that leaves out its verb."""


def is_turned(sentence: Sentence, first: int, end: int) -> bool:
    """Whether something beside the tokens from ``first`` to ``end`` says that they are wrong, or were so last time."""
    tokens = sentence.tokens
    for at in range(len(tokens)):
        word = tokens[at].word
        if at < first and word in _COMPARED:
            return True
        if (
            1 < at < first
            and word in _THAT
            and any(token.unsettles or token.text.startswith(BLANK) for token in tokens[:at])
        ):
            # «Ich glaube nicht, dass der Preis …»
            return True
        if at >= end and word in _UNSOUND and tokens[at - 1].word in _LINKS:
            return True
        if word == "before" and at >= end and _was_so(tokens, at):
            # «it was red before it was painted»
            return True
        if word == "last" and at < first and at + 1 < len(tokens) and tokens[at + 1].word in _LAST:
            return True
        if at < first and word.startswith("last ") and word.removeprefix("last ") in _LAST:
            return True
    return False


def _was_so(tokens: Sequence[PassageToken], at: int) -> bool:
    before = {token.word for token in tokens[:at]}
    behind = {token.word for token in tokens[at + 1 : at + 4]}
    return not before.isdisjoint(_PAST) and not behind.isdisjoint(_PAST | _THEY)


def has_parallel(sentence: Sentence, figure: PassageToken, end: int) -> bool:
    """Whether a part without a verb gives another the same sort of figure: «Paul owes 40 euros, Anna 60», «three, or maybe four»."""
    tokens = sentence.tokens
    starts = [at + 1 for at in range(end, len(tokens)) if tokens[at].word in _JOINS]
    for start in starts:
        part = []
        for token in tokens[start:]:
            if token.word in _JOINS - _DOUBTS or token.text in ".!?\n":
                break
            part.append(token)
        if len(part) <= _LONGEST and _gives_another(part, tokens[start - 1], figure):
            return True
    return False


def _gives_another(part: Sequence[PassageToken], join: PassageToken, figure: PassageToken) -> bool:
    place = next((n for n, token in enumerate(part) if _is_alike(token, figure)), None)
    if place is None or len(part) - 1 > place:
        # Behind the figure stands what it counts: it is another thing's.
        return False
    head = part[:place]
    doubted = join.word in _DOUBTS or (bool(head) and head[0].word in _DOUBTS)
    of_another = bool(head) and (head[0].is_capital or head[0].word in _SPECIAL)
    return doubted or of_another


def _is_alike(token: PassageToken, figure: PassageToken) -> bool:
    kind = figure.mention.kind if figure.mention is not None else "number"
    if token.mention is not None and token.mention.kind == kind:
        return True
    return kind in ("money", "quantity", "duration", "number") and number_of(token) is not None
