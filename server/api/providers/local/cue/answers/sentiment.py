"""What a writer feels, by words that say so beyond doubt: «very disappointed», «absolutely love it»."""

from collections.abc import Sequence

from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.passage import Passage

_GLAD = frozenset(
    "love loved loving excellent amazing fantastic wonderful brilliant superb delighted thrilled perfect outstanding awesome happy pleased great delicious impressed beautiful flawless terrific lovely "  # noqa: SIM905  # one list, one line
    "incredible magnificent satisfied grateful".split()
)
_CROSS = frozenset(
    "disappointed disappointing terrible awful horrible worst dreadful disgusting furious angry unacceptable useless rubbish garbage unhappy frustrated frustrating annoyed annoying appalling rude "  # noqa: SIM905  # as above
    "dissatisfied regret hate hated poor disaster upset".split()
)
_OTHERS = frozenset({"he", "she", "they", "his", "her", "their"})


def sentiment_of(listed: Sequence[str], passage: Passage) -> str | None:
    """The one of ``listed`` that all words of feeling say; None where there are none, or of both kinds, or unsettled."""
    found: set[str | None] = set()
    for sentence in passage.sentences:
        for at, token in enumerate(sentence.tokens):
            kind = "positive" if token.word in _GLAD else "negative" if token.word in _CROSS else None
            if kind is None or not token.is_word:
                continue
            others = not _OTHERS.isdisjoint(other.word for other in sentence.tokens)
            settled = not sentence.is_taken_back and not others and is_simply_so(sentence, at, at + 1)
            found.add(kind if settled else None)
    values = [value for value in listed if value.lower() in found]
    return values[0] if len(found) == 1 == len(values) else None
