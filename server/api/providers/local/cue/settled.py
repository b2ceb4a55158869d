"""Whether what stands at a place of a sentence is simply so: nothing in its clause denies, doubts, compares, shares or takes it back."""

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.passage import Sentence
from server.api.providers.local.cue.turn import is_turned
from server.api.providers.local.cue.unsettling_words import words_by

CLAUSE_MARKS = frozenset(",;:()–—\n，、；：（）。،؛।")
"""Marks that part clauses."""
_TURNS = frozenset(
    {
        "but",
        "however",
        "though",
        "although",
        "aber",
        "sondern",
        "mais",
        "pero",
        "sino",
        "ma",
        "maar",
        "ale",
        "men",
        "но",
        "а",
        "але",
    }
)
"""Words that begin a clause which what was said before does not reach."""
_SET_AGAINST = frozenset(
    {("instead", "of"), ("rather", "than"), ("for", "my"), ("for", "our"), ("valid", "until")}
)
_REASONS = frozenset({"because", "who", "which", "weil", "porque", "perché", "omdat", "потому", "while"})
_CLOCK = frozenset({"half", "quarter", "minutes", "ten", "five", "twenty"})
_TURNED = frozenset({*["könnte", "abgelehnt", "zurückgezogen", "verschoben", "pourrait", "annulée", "refusé", "reporté", "podría", "cancelada", "aplazado", "rechazado", "potrebbe", "annullata", "rinviato", "rifiutato", "poderia", "adiado", "recusado", "geannuleerd", "uitgesteld", "zou", "inställt", "inställd", "uppskjutet"], "cancelled", "canceled", "postponed", "wrong", "withdrawn", "rejected", "refused", "declined", "abgesagt", "storniert", "annulé", "cancelado", "annullato"})  # fmt: skip
"""Words behind «but» with which what stands before it is so no more."""
_WISHED = frozenset({"like", "love", "prefer", "need", "appreciate", "want", "please", "you"})


_OF_A_LEAD = frozenset({"deny", "former", "others", "shown", "taken"})


def is_led_astray(before: Sentence) -> bool:
    """Whether the line before ends in a colon and says that what follows is an example, or not so."""
    tokens = [token for token in before.tokens if token.text.strip()]
    return (
        bool(tokens)
        and tokens[-1].text == ":"
        and not words_by(_OF_A_LEAD).isdisjoint(token.word for token in tokens)
    )


_CALLED_OFF = frozenset(
    {"取消", "取消了", "キャンセル", "取り消し", "취소", "취소했습니다", "취소되었습니다"}
)


def is_called_off(before: Sentence) -> bool:
    """Whether the sentence before says that what it speaks of will not be."""
    return any(token.word in _CALLED_OFF for token in before.tokens)


_OF_A_NUMBER = frozenset({"former", "others", "shown"})
_NO_NUMBER = frozenset({"mix", "mixed", "confuse", "confused", "somebody", "else", "wrong", "incorrect", "false", "invalid", "mistake", "mistaken", "mistakenly", "instead", "or", "either", "maybe", "perhaps"})  # fmt: skip
_DENIED_BEFORE = 2
"""Words before a number of a thing among which one denies it; what is denied of the thing leaves its number."""


def is_number_settled(
    sentence: Sentence, first: int, end: int, allowed: frozenset[str] = frozenset()
) -> bool:
    """Whether a number of a thing is this thing's, whatever is denied or asked of the thing: «order 5531 hasn't come»."""
    start, stop = clause_of(sentence, first, end)
    tokens = sentence.tokens
    words = {token.word for token in tokens[start:stop] if token.mention is None} - allowed
    before = {token.word for token in tokens[max(start, first - _DENIED_BEFORE) : first] if token.unsettles}
    return words.isdisjoint(_NO_NUMBER | words_by(_OF_A_NUMBER)) and before.isdisjoint(
        words_by(frozenset({"deny"}))
    )


_TAKEN_BY_OTHERS = frozenset(
    {"declined", "rejected", "refused", "denied", "failed", "lost", "missing", "withdrawn"}
)


def taking_back() -> frozenset[str]:
    """Words that tell what became of a thing, and take nothing back where this is what is asked."""
    return _TAKEN_BY_OTHERS


def is_settled(sentence: Sentence, first: int, end: int, allowed: frozenset[str] = frozenset()) -> bool:
    """Whether nothing unsettles the tokens from ``first`` to ``end``; words that the cue itself has are ``allowed``."""
    start, stop = clause_of(sentence, first, end)
    tokens = sentence.tokens
    if is_turned(sentence, first, end):
        return False
    if start > 1 and tokens[start - 1].text == ":":
        # «Not this one: color red»
        lead = tokens[clause_of(sentence, start - 1, start)[0] : start - 1]
        if not words_by(_OF_A_LEAD).isdisjoint(token.word for token in lead):
            return False
    turn = stop + (stop + 1 < len(tokens) and tokens[stop].text == ",")
    if turn < len(tokens) and tokens[turn].word in _TURNS:
        behind = tokens[turn + 1 : clause_of(sentence, turn + 1, turn + 1)[1]]
        if not _TURNED.isdisjoint(token.word for token in behind):
            return False
    return not any(
        token.unsettles
        and token.word not in allowed
        and token.word not in sentence.asked
        and not _is_polite(sentence, at)
        for at, token in enumerate(tokens[start:stop], start)
    )


def _is_polite(sentence: Sentence, at: int) -> bool:
    """Whether «would» or «could» is that of a wish or a request, and «half past» that of a clock."""
    tokens = sentence.tokens
    if tokens[at].word == "up":
        # «up to 20», but «pick up», «set up»
        return not any(token.word == "to" for token in tokens[at + 1 : at + 2])
    if tokens[at].word == "old" and at and tokens[at - 1].word in ("-", "year", "years", "months", "weeks"):
        # «a five-year-old beagle»
        return True
    if tokens[at].word == "under" and at + 1 < len(tokens):
        # «under OPS-884», «under the name of», but «under 20 euros»
        then = tokens[at + 1]
        is_code = then.mention is not None and then.mention.kind == "code"
        return is_code or then.word in ("the", "my", "ticket", "reference", "booking", "name")
    if tokens[at].word in ("past", "half"):
        return not {token.word for token in tokens[max(0, at - 1) : at + 2]}.isdisjoint(
            _CLOCK - {tokens[at].word}
        ) or any(token.word == "past" for token in tokens[at + 1 : at + 2])
    behind = {token.word for token in tokens[at + 1 : at + 3]}
    return tokens[at].word in ("would", "could") and not behind.isdisjoint(_WISHED)


def clause_of(sentence: Sentence, first: int, end: int) -> tuple[int, int]:
    """The tokens of the clause around some of them."""
    tokens = sentence.tokens
    start = first
    while start > 0 and not _parts(tokens[start - 1].text, tokens[start - 1].word):
        start -= 1
    stop = end
    while (
        stop < len(tokens)
        and not _parts(tokens[stop].text, tokens[stop].word)
        and not _is_set_against(sentence, stop)
    ):
        stop += 1
    return start, stop


def _is_set_against(sentence: Sentence, at: int) -> bool:
    """Whether a reason or «instead of» begins there, or for whose sake it is: what stands before it holds all the same."""
    words = tuple(token.word for token in sentence.tokens[at : at + 2])
    return words in _SET_AGAINST or words[0] in _REASONS


def _parts(text: str, word: str) -> bool:
    return text in CLAUSE_MARKS or word in _TURNS or text.startswith(BLANK)
