"""What a prompt asks to be done, by the verb with which its request begins: «Please cancel my subscription», «can you move my 2pm»."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from server.api.providers.local.cue.cue_row import lines_of
from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.property import words_of

_LEADS: Sequence[tuple[str, ...]] = tuple(
    tuple(lead.split())
    for lead in (
        "please", "kindly", "hi", "hello", "hey", "thanks", ",", "!", "can you", "could you", "would you", "will you", "can you please", "could you please", "i want to", "i'd like to", "i would like to",
        "i need to", "we need to", "we want to", "we'd like to", "we would like to", "i want you to", "help me", "you can", "let's", "i have to", "just", "also", "now", "ok", "okay", "and", "then", "go ahead and",
        "i wish to", "wants to", "would like to", "want to", "team", "there", "all",
    )
)  # fmt: skip
_LONGEST_LEAD = 8
_GREETINGS = frozenset({"hi", "hello", "hey", "dear", "thanks"})
_NOT = frozenset({"not", "don't", "never", "no"})


def action_asked(listed: Sequence[str], passage: Passage) -> Any:
    """The one of some actions that all requests of a passage ask for; None where none does, or they ask for several."""
    told: set[str | None] = set()
    shaped = _shaped(listed)
    for sentence in passage.sentences:
        verb = _verb(sentence)
        if not verb:
            continue
        found = {value for words, value in shaped.items() if verb[: len(words)] == words}
        longest = max((words for words in shaped if verb[: len(words)] == words), key=len, default=())
        if found:
            told.add(shaped[longest] if not sentence.is_taken_back else None)
        elif verb[0] in _every_verb():
            told.add(None)
    return told.pop() if len(told) == 1 else None


def is_action(word: str) -> bool:
    """Whether a request may begin with a word."""
    return word in _every_verb()


def _verb(sentence: Sentence) -> tuple[str, ...]:
    """The words with which what a sentence asks begins; empty where it asks nothing."""
    words = [token.word for token in sentence.tokens if token.text.strip()]
    at, is_led = 0, True
    if words[:1] and sentence.tokens[0].is_capital and words[1:2] == [","]:
        at = 2
    if words[:1] and words[0] in _GREETINGS and len(sentence.tokens) > 1 and sentence.tokens[1].is_capital:
        at = 2
    while is_led and at < _LONGEST_LEAD:
        lead = max(
            (lead for lead in _LEADS if tuple(words[at : at + len(lead)]) == lead), key=len, default=()
        )
        is_led, at = bool(lead), at + len(lead)
    if not words[at:] or words[at] in _NOT or (at and not _NOT.isdisjoint(words[:at])):
        return ()
    return tuple(words[at : at + 3])


def _shaped(listed: Sequence[str]) -> Mapping[tuple[str, ...], str]:
    """The values by the verbs that ask for them; verbs that two values have are neither's."""
    found: dict[tuple[str, ...], set[str]] = {}
    own = {tuple(words_of(value)): value for value in listed}
    for words, value in own.items():
        found.setdefault(words, set()).add(value)
        if len(words) > 1:
            found.setdefault(words[:1], set()).add(value)
        for verb in _verbs().get(" ".join(words), ()):
            found.setdefault(verb, set()).add(value)
    return {
        words: own.get(words) or values.copy().pop()
        for words, values in found.items()
        if words and (words in own or len(values) == 1)
    }


@cache
def _verbs() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for line in lines_of("action_words"):
        names, verbs = line.split("\t")
        told = tuple(tuple(verb.strip().split()) for verb in verbs.split(","))
        for name in names.split(","):
            found[name.strip()] = (*found.get(name.strip(), ()), *told)
    return found


@cache
def _every_verb() -> frozenset[str]:
    """The first words of all verbs: a request for something else than what is listed."""
    return frozenset(verb[0] for verbs in _verbs().values() for verb in verbs)
