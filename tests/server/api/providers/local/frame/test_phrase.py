"""Noun phrases are cut whole."""

import pytest

from server.api.providers.local.cue.passage import passage_of
from server.api.providers.local.entities import named_in
from server.api.providers.local.frame.phrase import phrase_at
from server.api.providers.local.frame.unit import units_of
from server.api.providers.local.numeral import separators_in


@pytest.mark.parametrize(
    ("prompt", "whole"),
    [
        ("3 roll-up banners at the door", "roll-up banners"),
        ("Corvid Print Ltd from Leeds", "Corvid Print Ltd"),
        ("the Wexford suite for Anna", "Wexford suite"),
        ("nitrile gloves which fit", "nitrile gloves"),
        ("fourteen pallets of copy paper from us", "copy paper"),
        ("Marsh & Dale in Leeds", "Marsh & Dale"),
        ("University of Ghent in Belgium", "University of Ghent"),
        ("sales.orders on db-02", "sales.orders"),
        ("Orbit AG came late", "Orbit AG"),
        ("my old camera made in Japan", "old camera"),
        ("greenhouse 2 measured 20 degrees", "greenhouse 2"),
        ('the book "Salt and Wind" by Ida', 'book "Salt and Wind"'),
    ],
)
def test_a_phrase_ends_where_its_noun_or_name_does(prompt: str, whole: str) -> None:
    passage = passage_of(prompt, prompt, named_in(prompt, "en"), separators_in(prompt, "en"), "en")
    sentence = passage.sentences[0]
    units = units_of(sentence, passage)
    phrase = phrase_at(units, 0)
    assert phrase is not None
    first, last = sentence.tokens[units[phrase.first].first], sentence.tokens[units[phrase.end - 1].end - 1]
    assert whole == passage.written(first, last)
