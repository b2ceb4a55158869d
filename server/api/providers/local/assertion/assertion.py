"""Which parts of a prompt are asserted: what is asked, supposed, doubted, reported, quoted, taken back or made up is not.

A value is taken from what a prompt asserts. ``asserted`` blanks the rest in its place, so that neither a label nor a value is found
there, and ``unasserted`` says why: the wordings and how far each reaches are rows of ``assertion.tsv``.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.assertion.payload import payloads
from server.api.providers.local.assertion.question import asked_part
from server.api.providers.local.lexicon import code_words, months, unasserted_wordings
from server.api.providers.local.pattern import Pattern, pattern

BLANK = "\x00"
"""Stands for a character that is not asserted; no pattern of a value or of a gap matches it."""
_EDGE = r"(?:^|[^\p{L}\p{M}\p{N}])"
_END = r"(?:[^\p{L}\p{M}\p{N}]|$)"
_COMMA = r",\s|[，،;；]|\s[-–—]\s"
_BUT = r"[,;，،；]?\s?(?:\b(?:but|aber|sondern|mais|pero|sino|however|though)\b|\s(?:ma|mas|maar|ale|men|ama|но|а|але)\s|但|可是|しかし|하지만|그러나)|;|；"
_STOPS = r"[.!?…](?:[\"'”»)\]]*\s)|\n|[。！？؟।]"
_TITLED = r"(?:^|[^\p{L}\p{Nd}°])(?:dr|mr|mrs|ms|prof|st|nr|no|vs|z|b|e|g|p|ex|ca|bzw|approx|np|tel|sig|sra|srta|hr|fr|mme|dhr|mevr|geb|kl|dra|dott|núm|inkl|zzgl|tfn|art|abs|dipl|ing|\p{L})$"
_IDIOM = r"^(?:if|wenn|falls|si|se|als|jeśli|если|om)\s(?:at all )?(?:possible|needed|necessary|available|applicable|required|möglich|nötig|vorhanden|verfügbar|possible|nécessaire|es posible|hace falta|possibile|necessario|possível|mogelijk|nodig|można|możliwe|возможно|möjligt|i (?:may|can|could|remember)|you (?:can|could|please|don't mind))|^s['’]il (?:vous|te) pla[iî]t|^se (?:vende|alquila|busca|ofrece|necesita)n? (?:(?-i:\p{Lu})|piso|coche|moto|bicicleta|bici|casa|apartamento|ordenador|portátil|mesa|sofá|cama|habitación|local|camarer[oa]|cociner[oa]|personal)"
_POLITE = r"^(?:would|\p{L}+['’]d) (?:give (?:it|this|them|him|her|the)|rate (?:it|this|them|the)|say \p{Nd}|score (?:it|this|them|the))\b|^\p{L}+['’]d (?:like|love|prefer|rather|appreciate|been|already|better|had)\b|^(?:would|hätten?|würden?|wären?|könnten?|skulle|zou(?:den)?|sollten?|vorrebbe|voudrait|może)(?:\s(?:you|like|love|prefer|appreciate|rather|gerne?|sie|du|ihr|ich gern|wir gern|graag|u|je|jullie|ni|vilja|gärna|pani?))"
_ASKING = r"^\W*(?:and |so |then |also )?(?:please|kindly|let|call|tell|contact|send|email|text|ask|write|book|ring|reply|bitte|ruf|schreib|appelez|llama|llame|chiama|ligue|bel|zadzwoń|ring|ara|позвони)"
_CONTACT = r"[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}|https?://\S+|(?:\+|\b0)\p{Nd}[\p{Nd} ()/-]{5,}\p{Nd}|\b\p{Nd}{3}[ -]\p{Nd}{3,4}(?:[ -]\p{Nd}{3,4})?\b"

_LONGEST = 1_000
"""Characters of a sentence; what goes on longer is read in parts, so that no text takes long."""
_OF_SOMETHING = frozenset({"doubt", "report", "refusal", "condition"})
"""Reasons with which a thing that has a number is there all the same, whatever is doubted of it."""
_SHORTEST = 4
"""Characters of a sentence that can ask something."""
_PARTICLE = 5
"""Characters of the longest word that begins questions in some languages, and parts of sentences in others."""


class Unasserted(NamedTuple):
    """A part of a prompt that its writer does not assert."""

    start: int
    end: int
    reason: str
    """What makes it so: condition, supposition, doubt, report, question, example, fiction, past, refusal, correction, payload."""


class _Wording(NamedTuple):
    reason: str
    scope: str
    pattern: Pattern


class _Sentence(NamedTuple):
    place: int
    """How many stand before it."""
    start: int
    end: int
    text: str
    breaks: Sequence[tuple[int, int]]
    """Where its clauses are parted, in the text."""


def asserted(text: str, intent: str = "other", keeping: str = "") -> str:
    """``text`` with what it does not assert blanked in its place; ``intent`` is what is to be done with a payload.

    What it does not assert for the reason ``keeping`` is left.
    """
    parts, at = [], 0
    for part in unasserted(text, intent):
        if part.end > at and part.reason != keeping:
            start = max(at, part.start)
            parts += [text[at:start], blanked(text[start : part.end])]
            at = part.end
    return "".join([*parts, text[at:]])


def unasserted(text: str, intent: str = "other") -> list[Unasserted]:
    """The parts of ``text`` that are not asserted, each with its reason, in their order."""
    found = [Unasserted(start, end, "payload") for start, end in payloads(text, intent)]
    sentences = sentences_of(text)
    starts = [sentence.start for sentence in sentences]
    for sentence in sentences:
        asked = asked_part(sentence.text) if len(sentence.text) >= _SHORTEST else None
        if asked is not None:
            found += _but_codes(
                text, Unasserted(sentence.start + asked[0], sentence.start + asked[1], "question")
            )
    for wording in _wordings():
        covered = 0
        for match in wording.pattern.finditer(text):
            place = match.start(1)
            if place < covered:
                continue
            sentence = sentences[bisect_right(starts, place) - 1]
            reached = [
                part
                for whole in _reach(sentences, sentence, wording, place, match.end(1))
                for part in (_but_codes(text, whole) if whole.reason in _OF_SOMETHING else (whole,))
            ]
            found += reached
            covered = max([covered, *(part.end for part in reached)])
    return sorted(part for part in found if part.end > part.start)


def sentences_of(text: str) -> list[_Sentence]:
    """The sentences of ``text``; a point behind a title, an initial or the number of a day ends none."""
    ends = [match.end() for match in pattern(_STOPS).finditer(text) if _ends(text, match.start())]
    found: list[_Sentence] = []
    start = 0
    for end in [*ends, len(text)]:
        while end > start:
            last = min(end, start + _LONGEST)
            found.append(_sentence(len(found), start, text[start:last]))
            start = last
    return found or [_sentence(0, 0, "")]


def _sentence(place: int, start: int, text: str) -> _Sentence:
    breaks = [
        (start + match.start(), start + match.end()) for match in pattern(f"{_COMMA}|{_BUT}").finditer(text)
    ]
    return _Sentence(place, start, start + len(text), text, breaks)


def _ends(text: str, at: int) -> bool:
    if text[at] != ".":
        return True
    behind = text[at + 1 : at + 24].lstrip()
    head = text[max(0, at - 8) : at]
    if behind[:1].islower() or pattern(_TITLED).search(head) is not None:
        return False
    word = pattern(r"^\p{L}+").search(behind)
    return not (head[-1:].isdecimal() and word is not None and word[0].lower() in months())


def _reach(
    sentences: Sequence[_Sentence], sentence: _Sentence, wording: _Wording, start: int, end: int
) -> Iterator[Unasserted]:
    """What a wording at a place makes unasserted."""
    behind = sentence.text[start - sentence.start :]
    if pattern(_IDIOM).search(behind) or pattern(_POLITE).search(behind):
        return
    first, last = _clause(sentence, start, end)
    if wording.reason == "question" and end - start <= _PARTICLE and not _text_before(sentence, first, start):
        # At the beginning it asks the whole sentence, which may be a request.
        return
    if wording.scope == "sentence":
        yield Unasserted(sentence.start, sentence.end, wording.reason)
    elif wording.scope == "clause":
        yield Unasserted(first, last, wording.reason)
    elif wording.scope == "onward":
        until = pattern(_BUT).search(sentence.text[end - sentence.start :])
        yield Unasserted(start, end + until.start() if until is not None else sentence.end, wording.reason)
    elif wording.scope == "correction":
        yield _taken_back(sentences, sentence, start, end)
    elif wording.scope == "condition" or not _text_before(sentence, first, start):
        yield from _condition(sentence, wording.reason, first, start, last)


def _text_before(sentence: _Sentence, first: int, start: int) -> str:
    """The words of its clause before a place, without those that join clauses."""
    head = sentence.text[first - sentence.start : start - sentence.start].strip().lower()
    return (
        ""
        if head
        in ("and", "but", "so", "then", "also", "y", "et", "e", "och", "en", "mais", "pero", "ma", "¿", "que")
        else head
    )


def _clause(sentence: _Sentence, start: int, end: int) -> tuple[int, int]:
    at = bisect_left(sentence.breaks, (start, 0))
    before = [there for _, there in sentence.breaks[max(0, at - 1) : at] if there <= start]
    behind = sentence.breaks[bisect_left(sentence.breaks, (end, 0)) :][:1]
    return before[0] if before else sentence.start, behind[0][0] if behind else sentence.end


def _condition(sentence: _Sentence, reason: str, first: int, start: int, last: int) -> Iterator[Unasserted]:
    """A condition with what hangs on it: the clause before it, or the rest of the sentence that it begins."""
    head = sentence.text[first - sentence.start : start - sentence.start]
    if first == sentence.start and not _text_before(sentence, first, start):
        yield Unasserted(start, last, reason)
        yield from _but_contacts(sentence, last, sentence.end, reason)
        return
    yield Unasserted(start, last, reason)
    if not pattern(_ASKING).search(head):
        yield from _but_contacts(sentence, first, start, reason)


def _taken_back(sentences: Sequence[_Sentence], sentence: _Sentence, start: int, end: int) -> Unasserted:
    """What a correction takes back: its sentence up to it, or the one before where it begins one."""
    head = sentence.text[: start - sentence.start]
    if any(map(str.isalnum, head)) or sentence.start == 0:
        return Unasserted(sentence.start, end, "correction")
    before = sentences[max(0, sentence.place - 1)]
    return Unasserted(before.start, end, "correction")


def _but_contacts(sentence: _Sentence, start: int, end: int, reason: str) -> Iterator[Unasserted]:
    """A place without the addresses and numbers in it: whom to call does not hang on the condition."""
    at = start
    for match in pattern(_CONTACT).finditer(sentence.text[start - sentence.start : end - sentence.start]):
        yield Unasserted(at, start + match.start(), reason)
        at = start + match.end()
    yield Unasserted(at, end, reason)


def _but_codes(text: str, part: Unasserted) -> Iterator[Unasserted]:
    """What is asked or doubted without the order, ticket or bill of which it is: «has order 5531 been sent?»."""
    at = part.start
    for match in _code(part.reason == "question").finditer(text[part.start : part.end + 1]):
        yield Unasserted(at, part.start + match.start(1), part.reason)
        at = part.start + match.end(1)
    yield Unasserted(at, part.end, part.reason)


@cache
def _code(asked: bool) -> Pattern:
    """A thing with its number; of what is ``asked`` only where the sentence goes on: «is the order 5531?» asks for the number."""
    labels = "|".join(sorted(code_words(), key=lambda word: (-len(word), word)))
    behind = r"\s\p{L}" if asked else r"(?:[\s.,:;!)]|$)"
    return pattern(
        rf"{_EDGE}((?:{labels})\s#?(?:\p{{L}}*[-/]?\p{{Nd}}{{4,}}[\p{{N}}\p{{L}}/-]*|\p{{L}}+-?\p{{Nd}}+[\p{{N}}\p{{L}}/-]*)){behind}"
    )


@cache
def _wordings() -> Sequence[_Wording]:
    return [
        _Wording(
            reason, scope, pattern(f"{_EDGE}({expression}){_END}" if edges == "word" else f"({expression})")
        )
        for reason, scope, edges, expression in unasserted_wordings()
    ]


def blanked(text: str) -> str:
    """So many blanks; the ends of lines and sentences stay."""
    return "".join(character if character in "\n.!?。！？" else BLANK for character in text)
