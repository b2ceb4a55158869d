"""Texts without what is not theirs: quotation marks around them, case endings behind an apostrophe; and labels, which are no values."""

from collections.abc import Iterable

from server.api.providers.local.language import language_of
from server.api.providers.local.pattern import pattern

_QUOTES = {"'": "'", '"': '"', "‘": "’", "“": "”", "„": "“", "«": "»", "「": "」", "『": "』"}
_ENDING = r"^(.{2,})['’](?:[ynsş]?[aeıiuü]|[dt][ae]n?|n?[ıiuü]n|[yn]?l[ae]|[ae]n|[ıiuü]m|[dt][ıiuü]r)$"
"""Cases of Turkish names: «Kaya'ya», «İzmir'den», «Ayşe'nin», «Ali'yle»."""
_COLONS = (":", "：", "﹕")


def trimmed(value: str, text: str, labels: Iterable[str]) -> str | None:
    """``value`` as the thing that it names; None where it is only the rest of a label: «wanted» of «job wanted: clerk»."""
    if _is_rest_of_label(value, text, labels):
        return None
    if len(value) > 2 and _QUOTES.get(value[0]) == value[-1] and value[0] not in value[1:-1]:
        value = value[1:-1].strip()
    if "'" in value or "’" in value:
        ending = pattern(_ENDING, ignore_case=False).search(value)
        if ending is not None and language_of(text) == "tr":
            return str(ending[1])
    return value


def _is_rest_of_label(value: str, text: str, labels: Iterable[str]) -> bool:
    """Whether wherever the value stands a label stands before it and a colon behind it."""
    if value != value.lower() or any(map(str.isdigit, value)):
        # «Order 70455: it came broken», «Milo Brandt: 7b» are values all the same.
        return False
    at, places = text.find(value), 0
    while at >= 0:
        before, behind = text[:at].rstrip(), text[at + len(value) : at + len(value) + 2].lstrip(" ")
        if not behind.startswith(_COLONS) or behind[1:2].isdigit():
            return False
        if not any(before[-len(label) :].lower() == label for label in labels):
            return False
        places += 1
        at = text.find(value, at + len(value))
    return places > 0
