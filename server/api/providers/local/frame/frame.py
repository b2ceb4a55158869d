"""The values of properties whose roles clauses give: who ordered, what is broken, where to, on whose behalf."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.settled import is_called_off, is_led_astray
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.frame.argument import Argument, ReadSentence
from server.api.providers.local.frame.headline import headlines
from server.api.providers.local.frame.kind import SEVERAL, THING
from server.api.providers.local.frame.noun_clause import noun_clauses
from server.api.providers.local.frame.quality import without_parts, without_terms
from server.api.providers.local.frame.reminder import reminders
from server.api.providers.local.frame.role import asks_role, fits_role, roles_asked, told_of
from server.api.providers.local.frame.state_clause import state_clauses
from server.api.providers.local.frame.unit import units_of
from server.api.providers.local.frame.verb_clause import verb_clauses
from server.api.providers.local.frame.word import words_of_kind
from server.api.providers.local.language import language_of
from server.api.providers.local.mention import Mention
from server.api.providers.local.values.leaf import Leaf

_LEAVES = 60


def told_by_frames(
    leaves: Sequence[Leaf], passage: Passage, found: dict[tuple[str, ...], Any]
) -> dict[tuple[str, ...], Any]:
    """The values of those of ``leaves`` whose roles clauses give, beside those that are ``found``; where both differ, neither."""
    is_short = len(leaves) <= _LEAVES and bool(passage.sentences)
    asking = [
        (leaf, roles)
        for leaf in (leaves if is_short else ())
        if asks_role(leaf) and (roles := roles_asked(leaf.path, told_of(leaf)))
    ]
    if not asking or _language(passage.text) != "en":
        return {}
    arguments = list(_arguments(passage))
    parts = frozenset(leaf.asked.words[-1] for leaf in leaves if leaf.asked.words)
    taken: dict[tuple[str, ...], tuple[Any, int]] = {}
    for leaf, roles in asking:
        only = _only(arguments, roles, leaf, parts)
        if only is not None:
            taken[leaf.path] = only
    claims = Counter(start for _, start in taken.values())
    texts = {value for value in found.values() if isinstance(value, str)}
    return {
        path: value
        for path, (value, start) in taken.items()
        if claims[start] == 1 and path not in found and value not in texts
    }


def _arguments(passage: Passage) -> Iterator[Argument]:
    for place, sentence in enumerate(passage.sentences):
        before = passage.sentences[place - 1] if place else None
        after = passage.sentences[place + 1] if place + 1 < len(passage.sentences) else None
        if after is not None and after.tokens and after.tokens[0].word in words_of_kind("amending"):
            continue
        if sentence.is_taken_back or (
            before is not None and (is_led_astray(before) or is_called_off(before))
        ):
            continue
        reading = ReadSentence(units_of(sentence, passage), sentence, passage)
        yield from verb_clauses(reading)
        yield from noun_clauses(reading)
        yield from state_clauses(reading)
        yield from reminders(reading)
        yield from headlines(reading, place)


def _only(
    arguments: Sequence[Argument], roles: frozenset[str], leaf: Leaf, parts: frozenset[str]
) -> tuple[Any, int] | None:
    values: dict[str, int] = {}
    for argument in arguments:
        fitting = [
            role
            for role in argument.roles
            if role.partition("[")[0] in roles and fits_role(role, argument.kind, argument.text)
        ]
        if argument.kind == SEVERAL and any(role.partition("[")[0] in roles for role in argument.roles):
            return None
        if not fitting or BLANK in argument.text:
            continue
        text = without_parts(argument.text, parts) if argument.kind == THING else argument.text
        text = without_terms(text) if any("job" in role for role in fitting) else text
        values.setdefault(text, argument.start + len(argument.text) - len(text))
    longest = max(values, key=len, default="")
    if not values or not all(text in longest for text in values):
        return None
    start = values[longest]
    mention = Mention("text", start, start + len(longest), longest)
    value = coerced(Value(longest, mention), leaf.asked, leaf.node)
    return (value, start) if value is not NOTHING else None


@lru_cache(maxsize=8)
def _language(text: str) -> str:
    return language_of(text.replace(BLANK, " "))
