"""Texts that stand in frames of words: who ordered what, at which firm, for whom and why, in ten western languages."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.coercion import fits
from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.cue.tongue.frame_slots import SLOTS, written
from server.api.providers.local.cue.tongue.plain_said import clause_around, denied_at, is_doubted, is_unsure
from server.api.providers.local.cue.tongue.table_rows import table_rows
from server.api.providers.local.cue.tongue.wordings import is_word, wordings_of, words_of_row
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

WESTERN = frozenset({"de", "fr", "es", "it", "pt", "nl", "sv", "fi", "pl", "cs"})
_WORDS = "frame_words_west.tsv"
_MARKS = frozenset(",;:.!?()\n—–")
_ROLE_FRAMES = ("{} =P", "{} $is =P", "{} : =P", "{} ?$is $called =PP", "=P , {}", "{} , =P ,", "=P , $det {}", "=P $is ?$det {}")  # fmt: skip
_NAMED = frozenset({"name", "full name", "fullname"})
_LONGEST_SENTENCE = 120


class _Frame(NamedTuple):
    parts: tuple[str, ...]
    nouns: tuple[tuple[str, ...], ...] = ()
    """What {} stands for."""

    @property
    def has_person(self) -> bool:
        """Whether the frame says of whom it speaks."""
        return not {"P", "=P", "=PP"}.isdisjoint(self.parts)


class _Match(NamedTuple):
    first: int
    end: int
    value: tuple[int, int] | None
    own: tuple[tuple[int, int], ...]
    """Where the words of the frame stand."""


def told_by_frames(unfilled: Sequence[Leaf], passage: Passage, language: str) -> dict[tuple[str, ...], str]:
    """The texts of those properties that frames tell; of a text that two of them claim neither has it."""
    found: dict[tuple[str, ...], tuple[str, int]] = {}
    for leaf in unfilled:
        is_text = leaf.node.types in (("string",), ()) and not {"enum", "const", "format"} & set(
            leaf.node.schema
        )
        told = framed(leaf, passage, language) if is_text and not leaf.node.branches else None
        if told is not None and fits(told[0], leaf.node):
            found[leaf.path] = told
    claims = Counter(start for _, start in found.values())
    return {path: text for path, (text, start) in found.items() if claims[start] == 1}


def framed(leaf: Leaf, passage: Passage, language: str) -> tuple[str, int] | None:
    """The text for a property and where it begins; None where no frame holds one, or frames hold two."""
    found: dict[str, int] = {}
    for frame in _frames_for(_asked_name(leaf), language) if language in WESTERN else ():
        for sentence in passage.sentences:
            if sentence.is_taken_back or not sentence.tokens or len(sentence.tokens) > _LONGEST_SENTENCE:
                continue
            for match in _matches(frame, sentence, language):
                if match.value is None:
                    continue
                if not _is_so(match, match.value, sentence, passage, language, has_person=frame.has_person):
                    return None
                text = written(match.value, sentence.tokens, passage)
                if BLANK in text:
                    return None
                found.setdefault(text, sentence.tokens[match.value[0]].start)
    longest = max(found, key=len, default="")
    return (longest, found[longest]) if longest and all(text in longest for text in found) else None


def _is_so(
    match: _Match,
    value: tuple[int, int],
    sentence: Sentence,
    passage: Passage,
    language: str,
    *,
    has_person: bool,
) -> bool:
    """Whether nothing denies or doubts what a frame says, and it is not of somebody else or of another time."""
    own = (*match.own, *_posts(sentence, language))
    if is_unsure(sentence, *value, passage, language, own) or denied_at(
        sentence, *value, passage, language, own
    ):
        return False
    if not has_person and is_doubted(sentence, *value, passage, language, own):
        return False
    rows = words_of_row("frame_stops_west.tsv", language)
    before = sentence.tokens[max(0, value[0] - 4) : value[0]]
    start, stop = clause_around(sentence, *value, language)
    return not any(
        is_word(token.word, phrase[0], language)
        for row, tokens in (("unsettle", before), ("former", sentence.tokens[start:stop]))
        for phrase in rows.get(row, ())
        for token in tokens
    )


def _posts(sentence: Sentence, language: str) -> tuple[tuple[int, int], ...]:
    """Where «as» stands before a job: in some languages it is the word for «if» too."""
    words = [token.word for token in sentence.tokens]
    works = {phrase[0] for phrase in _phrases("work", language)}
    posts = {phrase[0] for phrase in _phrases("as", language)}
    return tuple(
        (at, at + 1)
        for at, word in enumerate(words)
        if word in posts and not works.isdisjoint(words[max(0, at - 4) : at])
    )


def _asked_name(leaf: Leaf) -> str:
    """The name of a property without «name», with the object in which it stands where it is only «name»."""
    name = " ".join(words_of(leaf.path[-1]))
    if name in _NAMED and len(leaf.path) > 1 and not leaf.path[-2].isdecimal():
        return " ".join(words_of(leaf.path[-2]))
    if name in ("pet name", "dog name", "cat name"):
        return name.removesuffix(" name")
    return name.removesuffix(" name") if not name.startswith(("first", "last", "user", "file")) else name


@lru_cache(maxsize=400)
def _frames_for(name: str, language: str) -> tuple[_Frame, ...]:
    found = []
    for names, told in table_rows("frames_west.tsv"):
        if name in names and _has_words(told.split(), language):
            found.append(_Frame(tuple(told.split())))
    for table, frames in (("frame_roles_west.tsv", _ROLE_FRAMES), ("frame_kin_west.tsv", ("$det {} =PP",))):
        for row in wordings_of(table, language):
            if name in row.key.split(","):
                found.extend(_Frame(tuple(frame.split()), row.phrases) for frame in frames)
    return tuple(found)


def _has_words(parts: Sequence[str], language: str) -> bool:
    return all(
        any(word in words_of_row(_WORDS, language) for word in part[1:].split("|"))
        for part in parts
        if part.startswith("$")
    )


def _matches(frame: _Frame, sentence: Sentence, language: str) -> Iterator[_Match]:
    hits = {
        part: _hits(frame, part, sentence, language)
        for part in frame.parts
        if part.startswith("{") or "$" in part
    }
    if any(not found for part, found in hits.items() if not part.startswith("?")):
        return
    for at in range(len(sentence.tokens)):
        for end, value in _walk(frame.parts, 0, at, sentence, language, hits):
            spans = (
                (first, last) for found in hits.values() for first, lasts in found.items() for last in lasts
            )
            own = tuple((first, last) for first, last in spans if at <= first and last <= end)
            yield _Match(at, end, value, own)


_Hits = Mapping[str, Mapping[int, Sequence[int]]]


def _hits(frame: _Frame, part: str, sentence: Sentence, language: str) -> dict[int, list[int]]:
    """Where words for a part begin, and where they end."""
    phrases = frame.nouns if part == "{}" else _phrases(part.lstrip("?$"), language)
    words = [token.word for token in sentence.tokens]
    found: dict[int, list[int]] = {}
    for phrase in phrases:
        for at in range(len(words) - len(phrase) + 1):
            if all(is_word(words[at + n], one, language) for n, one in enumerate(phrase)):
                found.setdefault(at, []).append(at + len(phrase))
    return found


@lru_cache(maxsize=400)
def _phrases(part: str, language: str) -> tuple[tuple[str, ...], ...]:
    row = words_of_row(_WORDS, language)
    return tuple(phrase for word in part.split("|") for phrase in row.get(word.lstrip("$"), ()))


def _walk(
    parts: Sequence[str], place: int, at: int, sentence: Sentence, language: str, hits: _Hits
) -> Iterator[tuple[int, tuple[int, int] | None]]:
    """The ends of what parts stand for from a token on, and the value among them."""
    if place == len(parts):
        yield at, None
        return
    part, tokens = parts[place], sentence.tokens
    if part.startswith("..."):
        for gap in range(int(part[3:]) + 1):
            if gap and (at + gap > len(tokens) or tokens[at + gap - 1].text in _MARKS):
                return
            rest = list(_walk(parts, place + 1, at + gap, sentence, language, hits))
            if rest:
                yield from rest
                return
        return
    if part == "^":
        if at == 0 or tokens[at - 1].text in _MARKS:
            yield from _walk(parts, place + 1, at, sentence, language, hits)
        return
    if part in hits:
        ends = sorted(hits[part].get(at, ()), reverse=True)
        for end in ends:
            yield from _walk(parts, place + 1, end, sentence, language, hits)
        if part.startswith("?") and not ends:
            yield from _walk(parts, place + 1, at, sentence, language, hits)
        return
    slot = SLOTS.get(part.lstrip("="))
    if slot is None:
        if at < len(tokens) and tokens[at].text == part:
            yield from _walk(parts, place + 1, at + 1, sentence, language, hits)
        return
    if at >= len(tokens) or (at and part.lstrip("=") in "PPN" and _is_within(sentence, at)):
        return
    span = slot(tokens, at, language)
    if span is None:
        return
    for end, value in _walk(parts, place + 1, span[1], sentence, language, hits):
        yield end, span if part.startswith("=") else value


def _is_within(sentence: Sentence, at: int) -> bool:
    """Whether a capital stands before that may be part of the name."""
    before = sentence.tokens[at - 1]
    return before.text in ("-", "&") and before.end == sentence.tokens[at].start
