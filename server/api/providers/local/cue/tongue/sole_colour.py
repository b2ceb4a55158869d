"""The only colour that a prompt in a western language names, as it writes it."""

from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.tongue.plain_said import is_plain
from server.api.providers.local.cue.tongue.wordings import WordedPlace, spans_in, words_of_row
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_NAMES = frozenset({"color", "colour", "farbe", "couleur", "color name", "colour name", "item color", "item colour", "product color", "product colour", "car color", "cor", "colore", "kleur", "kolor", "färg", "barva", "väri"})  # fmt: skip


def sole_colour(leaf: Leaf, passage: Passage, language: str) -> str | None:
    """The colour for a property that asks for one; None where no colour is named, or two are."""
    if " ".join(words_of(leaf.path[-1])) not in _NAMES:
        return None
    phrases = words_of_row("colours_west.tsv", language).get("colour", ())
    places = [
        WordedPlace(sentence, first, end)
        for sentence in passage.sentences
        for first, end in spans_in(phrases, sentence, passage, language)
        if not sentence.tokens[first].is_capital or first == 0
    ]
    if len(places) != 1 or places[0].sentence.is_taken_back or not is_plain(places[0], passage, language):
        return None
    tokens, first = places[0].sentence.tokens, places[0].first
    beside = (*tokens[max(0, first - 1) : first], *tokens[first + 1 : first + 2])
    return None if any(token.text in ("-", "/") for token in beside) else tokens[first].text
