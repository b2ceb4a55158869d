"""Words of one language out of a table of all of them, and where a sentence has them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.language import language_of

UNSPACED = frozenset({"zh", "ja", "ko"})
"""Languages in which a wording is looked for in the text and not word by word."""
_KIN = {"no": "sv", "da": "sv", "bg": "ru", "be": "ru", "sk": "cs", "gl": "pt", "ca": "es", "az": "tr", "et": "fi", "fa": "ar", "ur": "ar"}  # fmt: skip
_TONGUES = frozenset("de fr es it pt nl pl sv cs ru uk tr ar hi zh ja ko fi".split())  # noqa: SIM905  # one list, one line
_ARABIC_HEADS = ("و", "ف")
_ARABIC_JOINTS = ("ب", "ل", "ك")
_SHORTEST_STEM = 3
_MOST_SENTENCE = 600


class Wording(NamedTuple):
    """What stands for one thing in one language."""

    key: str
    """The first column of the row."""
    phrases: tuple[tuple[str, ...], ...]


class WordedPlace(NamedTuple):
    """Where a wording stands."""

    sentence: Sentence
    first: int
    end: int


def tongue_of(passage: Passage) -> str:
    """The language of a passage where the tables have it; nothing for English and others."""
    return _tongue(passage.text.replace("\0", " "))


@lru_cache(maxsize=8)
def _tongue(text: str) -> str:
    language = language_of(text)
    language = _KIN.get(language, language)
    if language == "zh" and any("\u3041" <= character <= "\u30ff" for character in text):
        language = "ja"
    return language if language in _TONGUES else ""


@lru_cache(maxsize=48)
def wordings_of(table: str, language: str) -> tuple[Wording, ...]:
    """The rows of a table in one language."""
    found = []
    for line in _lines(table):
        key, told = line.split("\t")
        _, mark, rest = f";{told}".partition(f";{language}=")
        if mark:
            phrases = (tuple(phrase.split()) for phrase in rest.partition(";")[0].split(","))
            found.append(Wording(key, tuple(phrase for phrase in phrases if phrase)))
    return tuple(found)


@cache
def _lines(table: str) -> tuple[str, ...]:
    text = (resources.files("server.api.providers.local.cue.tongue") / table).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@lru_cache(maxsize=48)
def words_of_row(table: str, language: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """The phrases of a table in one language by its first column."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for row in wordings_of(table, language):
        found[row.key] = (*found.get(row.key, ()), *row.phrases)
    return found


def places_in(phrases: Sequence[tuple[str, ...]], passage: Passage, language: str) -> Iterator[WordedPlace]:
    """Where some phrases stand in what a passage asserts."""
    for sentence in passage.sentences:
        if not sentence.is_taken_back and sentence.tokens:
            yield from (
                WordedPlace(sentence, first, end)
                for first, end in spans_in(phrases, sentence, passage, language)
            )


def spans_in(
    phrases: Sequence[tuple[str, ...]], sentence: Sentence, passage: Passage, language: str
) -> Iterator[tuple[int, int]]:
    """The tokens of a sentence in which phrases stand."""
    if language in UNSPACED:
        yield from _spans_in_text(phrases, sentence, passage)
        return
    words = tuple(token.word for token in sentence.tokens)
    for phrase in phrases:
        for at in range(len(words) - len(phrase) + 1):
            if all(is_word(words[at + place], part, language) for place, part in enumerate(phrase)):
                yield at, at + len(phrase)


def _spans_in_text(
    phrases: Sequence[tuple[str, ...]], sentence: Sentence, passage: Passage
) -> Iterator[tuple[int, int]]:
    tokens = sentence.tokens
    begin = tokens[0].start
    text = passage.text[begin : tokens[-1].end][:_MOST_SENTENCE].lower()
    for phrase in phrases:
        looked = " ".join(phrase)
        at = text.find(looked)
        while at >= 0:
            start, stop = begin + at, begin + at + len(looked)
            inside = [n for n, token in enumerate(tokens) if token.start < stop and token.end > start]
            if inside:
                yield inside[0], inside[-1] + 1
            at = text.find(looked, at + 1)


@lru_cache(maxsize=4_000)
def is_word(word: str, part: str, language: str) -> bool:
    """Whether a word is a part of a phrase: the whole word, one that begins so («kart*») or that ends so («*karte»)."""
    if language == "ar":
        return any(_is_form(bare, part) for bare in _arabic(word))
    return _is_form(word, part)


def _is_form(word: str, part: str) -> bool:
    if part[-1] == "*" and part[0] == "*":
        return part[1:-1] in word
    if part[-1] == "*":
        return word.startswith(part[:-1])
    return word.endswith(part[1:]) if part[0] == "*" else word == part


def _arabic(word: str) -> Iterator[str]:
    """An Arabic word without what is written onto it."""
    yield word
    forms = [word, *(word[1:] for head in _ARABIC_HEADS if word.startswith(head))]
    for form in forms:
        yield form
        if form.startswith("لل") and len(form) > _SHORTEST_STEM:
            yield form[2:]
        bare = [form, *(form[1:] for joint in _ARABIC_JOINTS if form.startswith(joint))]
        for one in bare:
            if len(one) >= _SHORTEST_STEM:
                yield one
            if one.startswith("ال") and len(one) > _SHORTEST_STEM:
                yield one[2:]
