"""Lengths of time in several words or parts: «1 h 12 min», «five and a half hours», «an hour and a half», «2.5 h»."""

from collections.abc import Mapping, Sequence

from server.api.providers.local.cue.figure.number_words import figure_at
from server.api.providers.local.cue.passage import PassageToken

_HALF = ("and", "a", "half")
_QUARTER = ("and", "a", "quarter")
_PARTS: Mapping[tuple[str, ...], float] = {
    ("half", "an"): 0.5,
    ("half", "a"): 0.5,
    ("quarter", "of", "an"): 0.25,
    ("three", "quarters", "of", "an"): 0.75,
    ("three", "-", "quarters", "of", "an"): 0.75,
}
_MINUTES = frozenset({"min", "mins", "minutes", "minute", "m"})
_JOINS = frozenset({"and", ","})


def part_of_one(tokens: Sequence[PassageToken], at: int) -> tuple[float, int] | None:
    """How much of what stands behind begins at a token, and where that stands: «half an», «three quarters of an»."""
    for words, value in _PARTS.items():
        if _words(tokens, at, len(words)) == words:
            return value, at + len(words)
    return None


def with_half(tokens: Sequence[PassageToken], at: int) -> tuple[float, int] | None:
    """The number with a half or a quarter behind it that begins at a token, and where its unit stands: «five and a half hours»."""
    figure = figure_at(tokens, at)
    if figure is None:
        return None
    for words, part in ((_HALF, 0.5), (_QUARTER, 0.25)):
        if _words(tokens, figure.end, len(words)) == words:
            return figure.value + part, figure.end + len(words)
    return None


def one_and_a_half(tokens: Sequence[PassageToken], at: int) -> tuple[str, int] | None:
    """The unit of which one and a half begin at a token, and where that ends: «an hour and a half»."""
    is_one = tokens[at].word in ("a", "an", "one")
    return (tokens[at + 1].word, at + 5) if is_one and _words(tokens, at + 2, 3) == _HALF else None


def hours_and_minutes(tokens: Sequence[PassageToken], at: int) -> tuple[int, int] | None:
    """Minutes, and where they end, of hours and minutes that are read as a clock: «1 h 12 min»."""
    mention = tokens[at].mention
    if (
        mention is None
        or mention.kind != "time"
        or "h" not in mention.text
        or not _is_minutes(tokens, at + 1)
    ):
        return None
    hours, _, minutes = str(mention.value).partition(":")
    return (
        (int(hours) * 60 + int(minutes[:2]), at + 2)
        if hours.isdecimal() and minutes[:2].isdecimal()
        else None
    )


def hours_with_point(tokens: Sequence[PassageToken], at: int) -> tuple[float, int] | None:
    """Hours with a part behind a point, of which the part is read as a clock: «2.5 h»."""
    if at + 2 >= len(tokens) or tokens[at + 1].text != "." or not tokens[at].text.isdecimal():
        return None
    mention = tokens[at + 2].mention
    glued = tokens[at].end == tokens[at + 1].start and tokens[at + 1].end == tokens[at + 2].start
    part = mention.text.removesuffix("h").strip() if mention is not None and mention.kind == "time" else ""
    return (float(f"{tokens[at].text}.{part}"), at + 3) if glued and part.isdecimal() else None


def joined_at(tokens: Sequence[PassageToken], end: int) -> int:
    """Where the smaller part of a length of time may begin that another ended: «2 hours and 15 minutes»."""
    return end + (end < len(tokens) and tokens[end].word in _JOINS)


def _is_minutes(tokens: Sequence[PassageToken], at: int) -> bool:
    return at < len(tokens) and tokens[at].word in _MINUTES


def _words(tokens: Sequence[PassageToken], at: int, count: int) -> tuple[str, ...]:
    return tuple(token.word for token in tokens[at : at + count])
