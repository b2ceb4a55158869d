"""Which things of a prompt are no exact value: ends of ranges, bounds, parts, choices left open, measures of several parts."""

from collections.abc import Sequence
from itertools import pairwise

from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern

_OR = r"\s?(?:/|,?\s(?:or|oder|ou|o|lub|или|або|veya|of|eller|tai|nebo)\s|或|か|또는 ?|أو )\s?(?:the |a |der |die |das |le |la |el )?"
_BOUND = (
    r"(?:at least|at most|up to|more than|less than|fewer than|over|under|above|below|between|minimum|maximum|max\.?|min\.?|mindestens|höchstens|bis zu|unter|"
    r"mehr als|weniger als|au moins|au plus|jusqu'à|plus de|moins de|al menos|como máximo|hasta|más de|menos de|almeno|più di|meno di|fino a|"
    r"pelo menos|mais de|até|minstens|meer dan|co najmniej|ponad|не менее|более|до|en az|en fazla)"
)
_BASE = r"(?:%|％|percent|prozent|pour cent|por ciento|per cento|por cento)\s(?:on|off|of|auf|von|vom|sur|de|sobre|su|di)\s(?:the |den |die |le |la |el |il )?$"
_OR_MORE = r"^\s?(?:\+|(?:or|and) (?:more|less|up|above|over|below|under)\b|oder mehr|ou plus|o más|o più|ou mais|[個个개名人本台件円元원]?\s?(?:以上|以下|以内|未満|未满|이상|이하|미만)|على الأقل|или более)"
_STARTING = r"\b(?:from|starting (?:at|from)|as low as|as much as|ab|à partir de|a partir de|a partire da|desde|od|от|vanaf)\s(?:only |just |nur )?$"
_WITHIN = r"\s?(?:(?:and|und|et|y|e|och|en|i|и) )?"
_RATIO = r"\p{Nd}:\x00|\x00:\p{Nd}"
_NEAR = r"\b(?:near|outside|outside of|close to|in der nähe von|bei|près de|cerca de|vicino a|perto de)\s$"
_PART_OF = r"\p{Nd}\s(?:out of|of|von|sur|de|di|из)\s(?:the |all |den |allen |les |los |las |i |le )?$"
_TIMES = r"\p{Nd}\s?[x×*]\s?$"
_BECAME = r"\b(?:now|jetzt|nun|maintenant|ahora|adesso|agora|nu|теперь|сейчас|teraz)\b"
_WAS = r"\b(?:was|were|war|était|era|byl|был|было|used to be|used to live in|used to work (?:at|for))\s$"
COMPARED = r"\b(?:\p{L}+er|more \p{L}+|less \p{L}+) than (?:the |a |an |in )?$"


def inexact(text: str, named: Sequence[Mention]) -> frozenset[int]:
    """Where the things begin that are named, but not as what something is."""
    starts = frozenset(mention.start for mention in named if mention.kind != "name")
    there = (mention.start for mention in named if _is_inexact(text, mention, starts))
    return frozenset(there) | _alternatives(text, named) | _composed(text, named)


def _is_inexact(text: str, mention: Mention, starts: frozenset[int]) -> bool:
    """Whether it is one of two («Anna or Ben», «was A, now it is B»), or a number that is an end of a range or a bound («10 to 20», «at least 5»)."""
    if _is_past(text, mention):
        return True
    if mention.kind in ("city", "country"):
        return _is_within_a_name(text, mention, starts)
    if mention.kind not in ("number", "money", "percentage", "quantity", "duration"):
        return False
    if mention.kind == "number" and pattern(_RATIO).search(
        text[max(0, mention.start - 2) : mention.start] + "\x00" + text[mention.end : mention.end + 2]
    ):
        return True
    before, after = (
        text[max(0, mention.start - 24) : mention.start].lower(),
        text[mention.end : mention.end + 12],
    )
    over = mention.kind != "money" and pattern(r"\büber\s?$").search(before) is not None
    bound = over or pattern(_BOUND + r"\s?[$€£]?$").search(before) is not None
    on = pattern(r"^\s?(?:[-–—]|to|bis|à|a|and|und|до|-)\s?[$€£]?\p{Nd}").search(after) is not None and (
        pattern(r"^\s?(?:[-–—]|to|bis|до)").search(after) is not None
        or "between" in before
        or "zwischen" in before
        or "entre" in before
    )
    ended = pattern(r"\p{Nd}\s?(?:[-–—]|to|bis|до|auf|a|à|na|til|tot)\s?[$€£]?$").search(before) is not None
    part = mention.kind != "money" and pattern(_PART_OF).search(before) is not None
    times = mention.kind == "money" and pattern(_TIMES).search(before) is not None
    open_end = pattern(_OR_MORE).search(after) is not None
    if mention.kind == "money" and pattern(_STARTING).search(before) is not None:
        return True
    return bound or on or ended or part or times or open_end


def _is_within_a_name(text: str, place: Mention, starts: frozenset[int]) -> bool:
    """Whether a place is only a part of another name («Paris Agreement»), or what something is near to."""
    if pattern(_NEAR).search(text[max(0, place.start - 16) : place.start].lower()):
        return True
    goes_on = pattern(r"^ \p{Lu}\p{Ll}+", ignore_case=False).search(text[place.end : place.end + 24])
    return goes_on is not None and place.end + 1 not in starts


def _is_past(text: str, mention: Mention) -> bool:
    """Whether it was so and is no longer, or is only what another is compared with."""
    before = text[max(0, mention.start - 40) : mention.start].lower()
    after = _first_sentence(text[mention.end : mention.end + 60].lower())
    past = pattern(_WAS).search(before) and pattern(_BECAME).search(after)
    return bool(past or pattern(COMPARED).search(before))


def ends_a_range(text: str, mention: Mention) -> bool:
    """Whether a date or time is the end of one: «from 3 to 10 August»."""
    before = text[max(0, mention.start - 12) : mention.start].lower()
    after = text[mention.end : mention.end + 8].lower()
    ranged = r"\s?(?:[-–—]|to|till|until|bis|au|à|al|a|até|tot|do|до|and|und|et|y|och|en|i|и|&)\s"
    return mention.kind in ("date", "time") and (
        pattern(rf"\p{{Nd}}(?:st|nd|rd|th|\.)?{ranged}?$").search(before) is not None
        or pattern(rf"^{ranged}\p{{Nd}}").search(after) is not None
    )


def ends_there(text: str, mention: Mention, end: int) -> bool:
    """Whether a number behind a colon is all that stands there, up to the next comma: 30-40 is none."""
    if mention.kind not in ("number", "money", "percentage", "quantity", "duration"):
        return True
    rest = text[mention.end : end].split(",")[0].split("(")[0].split(";")[0].split("，")[0].split("、")[0]
    return (
        pattern(
            r"[\p{L}\s./%€$]{0,30}|\s?(?:/|out of|von|sur|de|из)\s?(?:5|10|100)(?:\s\p{L}{1,20})?"
        ).fullmatch(rest)
        is not None
    )


def is_base(text: str, mention: Mention) -> bool:
    """Whether it is what a percentage is taken of: «15 % on $200»."""
    before = text[max(0, mention.start - 24) : mention.start].lower()
    return mention.kind == "money" and pattern(_BASE).search(before) is not None


def _alternatives(text: str, named: Sequence[Mention]) -> frozenset[int]:
    """Where the things begin between which «or» stands."""
    found: set[int] = set()
    last: dict[str, Mention] = {}
    for mention in named:
        before = last.get(mention.kind)
        if before is not None and mention.start - before.end <= 10:
            between = text[before.end : mention.start].lower()
            if pattern(_OR).fullmatch(between):
                found |= {before.start, mention.start}
        last[mention.kind] = mention
    return frozenset(found)


def _composed(text: str, named: Sequence[Mention]) -> frozenset[int]:
    """Where measures begin that together are one: «1 year 6 months», «2 million 500 thousand dollars»; neither is the whole."""
    found: set[int] = set()
    for first, second in pairwise(sorted(named, key=lambda mention: mention.start)):
        between = text[first.end : second.start].lower()
        if first.end > second.start or not pattern(_WITHIN).fullmatch(between):
            continue
        units = (
            first.kind == second.kind and first.kind in ("duration", "quantity") and first.unit != second.unit
        )
        large = (
            first.kind == "number"
            and first.text[-1:].isalpha()
            and second.kind in ("number", "money", "quantity")
        )
        if units or (large and not between.strip()):
            found |= {first.start, second.start}
    return frozenset(found)


def _first_sentence(text: str) -> str:
    return str(pattern(r"[.!?]\s|\n").sub("\x00", text)).partition("\x00")[0]
