"""The part of a sentence that says one thing: a clause without what is joined to it by «and» and said of it anew."""

from server.api.providers.local.cue.passage import Sentence
from server.api.providers.local.cue.settled import clause_of, is_settled

_JOINING = frozenset({"and", "und", "et", "y", "e", "en", "och", "og"})
_ANEW = frozenset(
    "is are was were has have had it he she they i we will can does do did no without with would comes includes takes pays costs ist sind wird hat haben kostet liegt est sont ont coûte sera es está son "  # noqa: SIM905  # as above
    "tiene cuesta será è ha hanno costa sarà é tem custa is heeft kost wordt är har kostar ohne sans sin senza sem zonder utan".split()  # one list, one line
)
"""Words behind «and» with which a new thing is said, which what was said before does not reach."""
_DETERMINERS = frozenset(
    {
        "my",
        "our",
        "the",
        "his",
        "her",
        "their",
        "mein",
        "meine",
        "unsere",
        "mon",
        "ma",
        "mi",
        "meu",
        "minha",
        "mijn",
        "onze",
        "min",
    }
)
_PARTIAL = frozenset(
    "practically virtually only some most half partly partially seems seem seemed appears appear looks look yet soon usually sometimes often almost nearly if whether supposed meant tries try trying first second third "  # noqa: SIM905  # as above
    "several many few yesterday once eventually next planned plans tomorrow complained complains".split()
)
"""Words with which a thing is so only by part, by looks, or at another time."""
_ELSEWHERE = frozenset({"none", "neither", "vice"})
_INSTEAD = (("rather", "than"), ("instead", "of"))


def narrowed(sentence: Sentence, first: int, end: int) -> tuple[int, int]:
    """The tokens of the clause around some of them, up to where something is said anew."""
    tokens = sentence.tokens
    start, stop = clause_of(sentence, first, end)
    for at in range(first - 1, start, -1):
        if tokens[at - 1].word in _JOINING and tokens[at].word in _ANEW:
            start = at
            break
    for at in range(end, stop):
        joined = tokens[at].word in _JOINING and at + 1 < stop and tokens[at + 1].word in _ANEW | _DETERMINERS
        if joined or tuple(token.word for token in tokens[at : at + 2]) in _INSTEAD:
            stop = at
            break
    return start, stop


def is_simply_so(
    sentence: Sentence,
    first: int,
    end: int,
    allowed: frozenset[str] = frozenset(),
    stop_at: int | None = None,
) -> bool:
    """Whether nothing unsettles some tokens in what their own clause says, and nothing elsewhere takes half of it."""
    start, stop = narrowed(sentence, first, end)
    stop = min(stop, stop_at) if stop_at is not None else stop
    tokens = sentence.tokens[start:stop]
    words = [token.word for token in tokens]
    partial = _PARTIAL - allowed
    if any(word in partial for word in words) or any(token.word in _ELSEWHERE for token in sentence.tokens):
        return False
    if any(token.word == "longer" and _is_end(sentence, at) for at, token in enumerate(sentence.tokens)):
        return False
    if any(token.word == "other" and _is_end(sentence, at + 1) for at, token in enumerate(sentence.tokens)):
        return False
    if any(words[at : at + 2] == ["to", "be"] for at in range(first - start)):
        return False
    if any(
        word == "of"
        and (tokens[at - 1].mention is not None or words[at - 1] in ("one", "two", "three"))
        and at <= 1
        for at, word in enumerate(words)
        if at
    ):
        return False
    if any(token.mention is not None and token.text.endswith(" of") for token in tokens):
        # «5 of our guests» are not all of them.
        return False
    asked_for = (
        {"asked", "asks"}
        if any(words[at : at + 2] in (["asked", "for"], ["asks", "for"]) for at in range(len(words)))
        else set()
    )
    return is_settled(
        sentence._replace(tokens=tokens), first - start, end - start, allowed | frozenset(asked_for)
    )


def _is_end(sentence: Sentence, at: int) -> bool:
    return at + 1 >= len(sentence.tokens) or not sentence.tokens[at + 1].is_word
