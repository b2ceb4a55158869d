"""Whether a wording is simply so in its own language: nothing in its clause denies it, nothing before it doubts it."""

from functools import lru_cache

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.cue_row import is_czech_denial
from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.cue.settled import CLAUSE_MARKS
from server.api.providers.local.cue.tongue.wordings import UNSPACED, is_word, words_of_row

_TABLE = "doubt.tsv"
_VERB_LAST = frozenset({"ja", "ko"})
"""Languages whose denial stands at the end of a sentence."""
_NEAR = 3


def clause_around(sentence: Sentence, first: int, end: int, language: str) -> tuple[int, int]:
    """The tokens of the clause in which a wording stands."""
    tokens = sentence.tokens
    start, stop = first, end
    while start and not _parts(tokens[start - 1].text, tokens[start - 1].word, language):
        start -= 1
    while stop < len(tokens) and not _parts(tokens[stop].text, tokens[stop].word, language):
        stop += 1
    return start, stop


def _parts(text: str, word: str, language: str) -> bool:
    return text in CLAUSE_MARKS or text.startswith(BLANK) or word in _mends(language)


@lru_cache(maxsize=18)
def _mends(language: str) -> frozenset[str]:
    return frozenset(phrase[0] for phrase in words_of_row(_TABLE, language).get("mend", ()))


def is_plain(
    place: tuple[Sentence, int, int], passage: Passage, language: str, own: tuple[tuple[int, int], ...] = ()
) -> bool:
    """Whether what stands at a place is simply so; the words of ``own`` spans unsettle nothing."""
    sentence, first, end = place
    return not is_doubted(sentence, first, end, passage, language, own) and not denied_at(
        sentence, first, end, passage, language, own
    )


def is_doubted(
    sentence: Sentence,
    first: int,
    end: int,
    passage: Passage,
    language: str,
    own: tuple[tuple[int, int], ...] = (),
) -> bool:
    """Whether what stands at a place is only possible, another's, or was so once."""
    start, stop = clause_around(sentence, first, end, language)
    if language in _VERB_LAST:
        stop = len(sentence.tokens)
    return is_unsure(sentence, first, end, passage, language, own) or bool(
        _found("other", sentence, start, stop, passage, language, ((first, end), *own))
    )


def is_unsure(
    sentence: Sentence,
    first: int,
    end: int,
    passage: Passage,
    language: str,
    own: tuple[tuple[int, int], ...] = (),
) -> bool:
    """Whether what stands at a place is only possible, or asked."""
    _, stop = clause_around(sentence, first, end, language)
    if any(token.text in "?？؟" for token in sentence.tokens):
        return True
    if language in _VERB_LAST:
        stop = len(sentence.tokens)
    return bool(_found("doubt", sentence, 0, stop, passage, language, ((first, end), *own)))


def denied_at(
    sentence: Sentence,
    first: int,
    end: int,
    passage: Passage,
    language: str,
    own: tuple[tuple[int, int], ...] = (),
) -> list[int]:
    """Where in its clause words of denial stand."""
    start, stop = clause_around(sentence, first, end, language)
    if language in _VERB_LAST:
        stop = len(sentence.tokens)
    return _found("deny", sentence, start, stop, passage, language, ((first, end), *own))


def is_denied_beside(sentence: Sentence, first: int, end: int, passage: Passage, language: str) -> bool:
    """Whether the one denial of a clause stands right beside a wording: «keine Haustiere», «sin mascotas»."""
    denials = denied_at(sentence, first, end, passage, language)
    mended = {phrase[0] for phrase in words_of_row(_TABLE, language).get("mended", ())}
    if any(token.word in mended for token in sentence.tokens[end:]):
        # «Nicht einen, sondern zwei.»
        return False
    return len(denials) == 1 and (first - _NEAR <= denials[0] < end + _NEAR)


def _found(
    kind: str,
    sentence: Sentence,
    start: int,
    stop: int,
    passage: Passage,
    language: str,
    own: tuple[tuple[int, int], ...],
) -> list[int]:
    tokens = sentence.tokens
    phrases = words_of_row(_TABLE, language).get(kind, ())
    found: list[int] = []
    if language in UNSPACED:
        if stop <= start:
            return []
        text, begin = passage.text, tokens[start].start
        said = list(text[begin : tokens[stop - 1].end].lower())
        for one, last in own:
            if one < last <= len(tokens):
                for at in range(
                    max(tokens[one].start - begin, 0), min(tokens[last - 1].end - begin, len(said))
                ):
                    said[at] = "\n"
        whole = "".join(said) + " "
        for phrase in phrases:
            at = whole.find(" ".join(phrase))
            if at >= 0:
                found.append(next((n for n in range(start, stop) if tokens[n].end > begin + at), start))
        return sorted(set(found))
    for at in range(start, stop):
        if any(one <= at < last for one, last in own) or tokens[at].mention is not None:
            continue
        if kind == "deny" and language == "cs" and is_czech_denial(tokens[at].word):
            found.append(at)
            continue
        for phrase in phrases:
            if at + len(phrase) <= len(tokens) and all(
                is_word(tokens[at + n].word, part, language) for n, part in enumerate(phrase)
            ):
                found.append(at)
                break
    return found
