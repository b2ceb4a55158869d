"""What leads up to a list, a table or a form: whether it leaves it what it is.

«Ingredients:» does; «Ingredients to avoid:», «The old list:» and «Use this template:» say that it is another, none, or only a form.
"""

from functools import cache

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.lexicon import plain_words, words_named
from server.api.providers.local.pattern import pattern

_WORD = r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*"
_LONGEST = 200
"""Characters before a thing that are looked at."""
_PLAIN_HERE = frozenset({"as", "own", "into", "out", "through", "share", "used", "via", "welcome", "grund", "reason", "reasons", "subject", "after", "will", "one", "private", "pending", "possible", "needed", "required", "requires", "allowed", "let", "quote", "quoted", "offer", "offers", "new", "initial", "estimated", "target", "max", "min", "maximum", "minimum", "tenant", "landlord", "seller", "buyer", "manager", "supervisor", "patient", "family", "credit", "check"})  # fmt: skip
"""Words that make a sentence doubtful, and a heading not."""


def leaves_it(lead: str) -> bool:
    """Whether nothing in what leads up to a thing says that it is another, an old one, or none."""
    lead = lead[-_LONGEST:].lower().replace("’", "'")
    if BLANK in lead or "?" in lead or "？" in lead:
        return False
    return not any(match[0] in _unsettling() for match in pattern(_WORD).finditer(lead))


def lead_of(text: str, start: int) -> str:
    """What stands before a place in its line and its sentence, or in the line above where nothing does."""
    line = text[:start].rpartition("\n")[2]
    before = pattern(r"[.!?]\s").sub("\x01", line).rpartition("\x01")[2]
    if any(map(str.isalnum, before)) or "\n" not in text[:start]:
        return before
    above = text[: start - len(line)].rstrip("\n").rpartition("\n")[2]
    return pattern(r"[.!?]\s").sub("\x01", above.rstrip()).rpartition("\x01")[2]


@cache
def _unsettling() -> frozenset[str]:
    return words_named("unsettling") | (plain_words("doubtful") - _PLAIN_HERE)
