"""Texts without what is not theirs: quotation marks around them, case endings behind an apostrophe; and labels, which are no values."""

from collections.abc import Iterable

from server.api.providers.local.evidence.evidence import LONG_TEXTS
from server.api.providers.local.language import language_of
from server.api.providers.local.pattern import pattern
from server.api.providers.local.values.leaf import Leaf

_QUOTES = {"'": "'", '"': '"', "‘": "’", "“": "”", "„": "“", "«": "»", "「": "」", "『": "』"}
_COLONS = (":", "：", "﹕")
_SHORT = 40
"""Characters of a text that is a thing's name and no sentence."""
_ENDING = r"^(.{2,})['’](?:[ynsş]?[aeıiuü]|[dt][ae]n?|n?[ıiuü]n|[yn]?l[ae]|[ae]n|[ıiuü]m|[dt][ıiuü]r)$"
"""Cases of Turkish names: «Kaya'ya», «İzmir'den», «Ayşe'nin», «Ali'yle»."""
_REFUSED = r"말고|ではなく|じゃなく|而不是|不是|(?:^| )(?:değil|وليس|statt|anstatt|anstelle|instead of|rather than|au lieu de|plutôt que|en vez de|invece di|zamiast|вместо|ikke|inte|istället för|in plaats van)(?: |$)"
"""What tells that the thing before or behind it is the one that is not wanted."""
_POLITE = r"^(.+?)(?:でお願いします|です|でした|으로 ?해 ?주세요|로 ?해 ?주세요|으로요|이에요|예요|입니다)$"
"""What makes a sentence of a value in Japanese and Korean."""


def trimmed(value: str, text: str, leaf: Leaf) -> str | None:
    """``value`` as the thing that it names.

    None where it is none: the rest of a label («wanted» of «job wanted: clerk»), or with what is refused in it («red instead of blue»).
    """
    if _is_rest_of_label(value, text, leaf.asked.labels):
        return None
    if LONG_TEXTS.isdisjoint(leaf.path[-1:]) and len(value) <= _SHORT:
        if pattern(_REFUSED).search(value) is not None:
            return None
        polite = pattern(_POLITE).search(value)
        value = value if polite is None else str(polite[1])
    if len(value) > 2 and _QUOTES.get(value[0]) == value[-1] and value[0] not in value[1:-1]:
        value = value[1:-1].strip()
    if "'" in value or "’" in value:
        ending = pattern(_ENDING, ignore_case=False).search(value)
        if ending is not None and language_of(text) == "tr":
            return str(ending[1])
    return value


def _is_rest_of_label(value: str, text: str, labels: Iterable[str]) -> bool:
    """Whether wherever the value stands a label stands before it and a colon behind it."""
    if value != value.lower() or any(map(str.isdecimal, value)):
        # «Order 70455: it came broken», «Milo Brandt: 7b» are values all the same.
        return False
    at, places = text.find(value), 0
    while at >= 0:
        before, behind = text[:at].rstrip(), text[at + len(value) : at + len(value) + 2].lstrip(" ")
        if not behind.startswith(_COLONS) or behind[1:2].isdecimal():
            return False
        if not any(before[-len(label) :].lower() == label for label in labels):
            return False
        places += 1
        at = text.find(value, at + len(value))
    return places > 0
