"""Which part a date plays: the beginning or the end of something, in whose clause, beside which other day."""

from server.api.providers.local.evidence.nearness import CLAUSES
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property, labels_of

_DAY = r"\b\p{Nd}{1,2}(?:st|nd|rd|th)\b|\b(?:am|vom|zum|den|le|el|il|dia|op) \p{Nd}{1,2}\.?(?:\s|$)"
_ENDS = frozenset(
    {
        "end",
        "expiry",
        "expiration",
        "until",
        "deadline",
        "return",
        "closing",
        "to",
        "ende",
        "fin",
        "fine",
        "einde",
    }
)
_BEGINS = frozenset(
    {
        "start",
        "begin",
        "from",
        "since",
        "opening",
        "beginning",
        "departure",
        "anfang",
        "beginn",
        "début",
        "inicio",
        "inizio",
    }
)
_FROM_DAY = r"(?:^|[^\p{L}])(?:from|since|starting|beginning|starts|begins|as of|effective|ab|seit|von|vom|depuis|à partir du|du|desde|dal|od|från|с|от)\s(?:on |the |dem |den |el |il )?$"
_TO_DAY = r"(?:^|[^\p{L}])(?:until|till|to|by|through|ends?|bis|bis zum|jusqu'au|au|hasta|fino al|al|até|tot|do|till|до|по)\s(?:on |the |dem |den |el |il )?$"


def is_in_another_clause(text: str, stem: str, mention: Mention, start: int, end: int) -> bool:
    """Whether between a date and what tells it from others another clause begins: «ordered on …, not yet delivered»."""
    for word in pattern(r"\p{L}+").finditer(text[start:end].lower()):
        place = start + word.start()
        if word[0].startswith(stem):
            between = (
                text[start + word.end() : mention.start]
                if place < mention.start
                else text[mention.end : place]
            )
            if pattern(CLAUSES).search(between.lower()) is None:
                return False
    return True


def has_other_days(text: str, mention: Mention, start: int, end: int) -> bool:
    """Whether the sentence of a date names another day in part: «on the 5th of May 2026 …, on the 9th …»."""
    rest = text[start : mention.start] + "\x00" + text[mention.end : end]
    return pattern(_DAY).search(rest.lower()) is not None


def is_other_end(text: str, asked: Property, mention: Mention) -> bool:
    """Whether a date begins what is asked for the end of, or ends what is asked for the beginning of."""
    before = text[max(0, mention.start - 24) : mention.start].lower()
    if _ENDS & set(asked.words):
        return pattern(_FROM_DAY).search(before) is not None
    return bool(_BEGINS & set(asked.words)) and pattern(_TO_DAY).search(before) is not None


def foreign_dates(asked: Property) -> list[str]:
    names = ("due_date", "birth_date", "start_date", "end_date", "delivery_date", "departure_date")
    return [
        label
        for name in names
        for label in labels_of(name)
        if label not in asked.labels and asked.words[0] not in name
    ]
