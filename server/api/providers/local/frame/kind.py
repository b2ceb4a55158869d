"""What a noun phrase names: a person, a firm, a place, a name of which nothing tells, a code, a thing, somebody, some place."""

from collections.abc import Sequence

from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.frame.phrase import Phrase
from server.api.providers.local.frame.unit import SentenceUnit
from server.api.providers.local.frame.word import words_of_kind
from server.api.providers.local.lexicon import company_forms, first_names, plain_words

PERSON, FIRM, PLACE, NAME, CODE, QUOTED, THING, HUMAN, SPOT, VAGUE, FIRST = "PFLNCQTHSVX"
"""Letters of the kinds, as the tables write them."""
SEVERAL = "&"
"""Several things, of which none is the only one."""
_MOST_OF_A_PERSON = 4
_FORMS = frozenset({"ltd", "inc", "gmbh", "llc", "plc", "ag", "co", "corp", "sons", "bros", "partners", "group", "holding", "holdings", "labs", "systems", "logistics", "studios", "bank", "solutions", "industries", "motors", "airlines", "consulting", "media", "foods", "energy", "insurance", "college", "university", "institute"})  # fmt: skip
_TOWNS = frozenset({"street", "road", "lane", "avenue", "square", "park", "beach", "bay", "hall", "castle", "airport", "station", "hut", "lake", "mount", "island", "bridge", "harbour", "valley", "pavilion", "arena", "stadium", "centre", "center", "museum", "theatre", "hotel", "inn", "guesthouse", "club", "close", "court", "room", "hub", "depot", "house", "library", "school", "hospital", "clinic"})  # fmt: skip


def kind_of(units: Sequence[SentenceUnit], phrase: Phrase, sentence: Sentence, passage: Passage) -> str:
    """The letter of the kind of what a phrase names."""
    body = units[phrase.first : phrase.end]
    last, first = body[-1], body[0]
    if last.is_quoted:
        return QUOTED
    named = {mention.start: mention.kind for mention in passage.named}
    kinds = {named.get(sentence.tokens[unit.first].start, "") for unit in body}
    if not all(
        unit.is_capital or unit.word in ("&", "of", "the", "de", "van", "von", "del", "du") or unit.is_number
        for unit in body
    ):
        return _of_noun(body)
    if last.is_code or (first.is_code and len(body) == 1):
        return CODE
    if (
        not company_forms("behind").isdisjoint(unit.text for unit in body)
        or last.word in _FORMS
        or any(u.word == "&" for u in body)
    ):
        return FIRM
    if first.word in words_of_kind("title") and len(body) > 1:
        return PERSON
    if last.word in _TOWNS:
        return PLACE if last.word not in ("hotel", "inn", "guesthouse", "club") else NAME
    if "organization" in kinds:
        return FIRM
    if kinds & {"city", "country"} and len(body) <= 2 and not (first.text in first_names() and len(body) > 1):
        return PLACE
    if (first.text in first_names() or "person" in kinds) and len(body) <= _MOST_OF_A_PERSON:
        return PERSON
    if phrase.start == 0 and len(body) == 1 and sentence.tokens and not phrase.determiner:
        # The first word of a sentence has a capital whatever it is.
        return (
            NAME
            if (not _is_noun(first.word) and not first.word.endswith("s")) or first.text.isupper()
            else FIRST
        )
    return NAME


def _is_noun(word: str) -> bool:
    return word in plain_words() or any(
        word in words_of_kind(kind) for kind in ("human", "spot", "vague", "container", "telegraphic")
    )


def _of_noun(body: Sequence[SentenceUnit]) -> str:
    last = body[-1]
    word = last.word
    if last.is_number and len(body) > 1 and body[-2].word in words_of_kind("spot"):
        return SPOT
    if word in words_of_kind("vague") and all(unit.word in words_of_kind("vague") for unit in body):
        return VAGUE
    if last.is_number:
        return CODE
    if last.is_code and len(body) == 1:
        return CODE
    if len(body) > 1 and last.is_capital and not body[0].is_capital:
        return THING
    if word in words_of_kind("human"):
        return HUMAN
    if word in words_of_kind("spot"):
        return SPOT
    return THING
