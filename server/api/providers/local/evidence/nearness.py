"""Whether a name stands beside a thing, and in which clause."""

from collections.abc import Iterable

from server.api.providers.local.label import before_mention, behind_mention, labels_in
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern

CLAUSES = r"[.!?;]\s|\n|,\s|\s(?:and|but|und|aber|et|mais|y|pero|e|ma|mas|en|maar|i|ale|och|men|и|но)\s"


def near(text: str, mention: Mention, phrases: Iterable[str]) -> bool:
    around = text[max(0, mention.start - 60) : mention.end + 40]
    shift = max(0, mention.start - 60)
    moved = mention._replace(start=mention.start - shift, end=mention.end - shift)
    for label in labels_in(around, tuple(phrases)):
        if before_mention(around, label, moved, ()) or behind_mention(around, label, moved):
            return True
    return False


def word_before(text: str, mention: Mention) -> str:
    head = text[max(0, mention.start - 24) : mention.start]
    words = [match[0] for match in pattern(r"[\p{L}\p{M}]+").finditer(head.lower())]
    if (
        words
        and words[-1] in words_named("determiners")
        and len(words) > 1
        and words[-1] not in words_named("from") | words_named("to")
    ):
        return str(words[-2])
    return str(words[-1]) if words and head[-1:] in " \u00a0" else ""


def first_of(text: str) -> str:
    """``text`` up to the end of its first sentence."""
    return str(pattern(r"[.!?]\s|\n").sub("\x00", text + " ")).partition("\x00")[0]


def sentences(text: str) -> list[tuple[int, int]]:
    ends = [match.end() for match in pattern(r"[.!?]\s|\n+|[。！？;]").finditer(text)]
    return list(zip([0, *ends], [*ends, len(text)], strict=True))
