"""What stands beside a cue and makes it another's, or its value one of several."""

from collections.abc import Sequence

from server.api.providers.local.cue.passage import PassageToken

_BEFORE_OWNERS = frozenset("in at of for from to near with by on like der in à de en von bei".split())  # noqa: SIM905  # as above


def is_others(tokens: Sequence[PassageToken], at: int, by_name: bool, says: bool) -> bool:
    """Whether a cue that begins at a token is somebody else's («Anna's number»), or begins within a name or behind one that is another's."""
    if at == 0:
        return False
    before = tokens[at - 1]
    if before.word.endswith("'s") and before.word not in _CONTRACTED:
        return True
    if says and at > 1 and before.word in ("the", "my", "our", "a") and tokens[at - 2].word == "of":
        return True
    return by_name and (
        before.word in _BEFORE_OWNERS
        or (before.word in ("and", "or") and at > 1 and tokens[at - 2].is_capital)
        or (before.is_capital and at > 1)
        or before.text in ("-", "&")
    )


_CONTRACTED = frozenset(
    {"it's", "that's", "here's", "what's", "let's", "there's", "he's", "she's", "today's", "name's"}
)


def is_joined(tokens: Sequence[PassageToken], at: int, end: int, is_labelled: bool = False) -> bool:
    """Whether another thing of the kind stands beside a day, a time or an address, in no word of the cue.

    Where cues are nouns (``is_labelled``), a noun behind the comma names the other: «příjezd 1. 7., odjezd 5. 7.».
    """
    last = tokens[at - 1].mention
    kind = last.kind if last is not None else ""
    if kind in _IN_ROWS and _goes_on(tokens, end, kind):
        return True
    if (
        at < end
        or at + 1 >= len(tokens)
        or tokens[at].word
        not in (
            "and",
            "or",
            "&",
            ",",
            "/",
            "und",
            "oder",
            "et",
            "ou",
            "y",
            "e",
            "ed",
            "en",
            "och",
            "eller",
            "oppure",
        )
    ):
        return False
    then = tokens[at + 1 : at + 1 + (3 if tokens[at].text == "," else 1)]
    if (
        is_labelled
        and then
        and then[0].is_word
        and (len(then[0].text) > _LONGEST_JOINT or then[0].text > _ABOVE_LATIN)
    ):
        return False
    if then and tokens[at].text == "," and then[0].word in _FURTHER:
        return False
    if any(token.word == "not" for token in then):
        return False
    return any(token.mention is not None and token.mention.kind == kind for token in then)


_IN_ROWS = frozenset({"date", "datetime", "time"})
_FURTHER = frozenset(
    {"expiring", "expires", "expiry", "exp", "valid", "cvv", "dated", "total", "totalling", "priced"}
)
"""Words behind a comma with which another sort of thing is told."""


_MOST_BETWEEN = 5
_LONGEST_JOINT = 3
_ABOVE_LATIN = "\u3040"


_SHORT = 3


def _goes_on(tokens: Sequence[PassageToken], end: int, kind: str) -> bool:
    """Whether what is said goes on for another thing without its verb: «…, the balance on 1 July»."""
    for at in range(end, len(tokens) - 2):
        then = tokens[at + 2].mention
        if (
            tokens[at].text == ","
            and tokens[at + 1].word in ("on", "at", "by")
            and then is not None
            and then.kind == kind
        ):
            return True
    if end >= len(tokens) or tokens[end].text not in (",", ";", "and"):
        return False
    behind = tokens[end + 1 : end + 2 + _MOST_BETWEEN]
    place = next(
        (i for i, token in enumerate(behind) if token.mention is not None and token.mention.kind == kind), 0
    )
    between = [token for token in behind[:place] if token.text != ","]
    return place > 1 and all(
        not (token.word.endswith(("s", "ed", "ing")) and len(token.word) > _SHORT)
        and token.word not in _VERBS
        for token in between
    )


_VERBS = frozenset(
    {"not", "is", "are", "will", "to", "by", "until", "till", "back", "return", "end", "due", "begin"}
)
