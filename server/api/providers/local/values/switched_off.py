"""Whether what a property names is switched off: «auto-renewal is disabled», «I opted out of the newsletter», «dark mode: off»."""

from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_AFFIXES = frozenset({"is", "has", "are", "enabled", "enable", "active", "activated", "on", "use", "wants", "turned", "switched", "status", "flag", "setting"})  # fmt: skip
_TURNED = frozenset({"disabled", "disable", "off", "inactive", "opt", "out", "no", "not", "without", "deactivated", "cancelled", "canceled", "suspended", "paused"})  # fmt: skip
_OFF = r"(?:disabled|deactivated|inactive|off|switched off|turned off|opted out|not (?:enabled|active|activated|switched on|turned on)|de-activated)"
_PUT_OFF = r"(?:disabled?|deactivated?|disabling|deactivating|turn(?:ed|ing)? off|switch(?:ed|ing)? off|opt(?:ed|ing)? out (?:of|from)|unsubscribed? from|unsubscribing from)"
_NOUN = r"(?: (?:mode|authentication|auth|feature|option|function|setting|access|support|service|emails?|e-mails?|messages?))?"
_LINK = r"(?:\s?:\s?| (?:is|are|was|were|has been|have been|remains?|stays?|must be|should be|to be|currently|now)(?: (?:now|currently|already|permanently|completely|still|all|set to|to be))? )"
_SIGN = r"\b(?:disabl|deactivat|inactive|off\b|opt|unsubscrib|not (?:enabl|activ|switch|turn)|no )"
_HEDGED = r"\b(?:if|whether|unless|when|until|would|could|might|maybe|perhaps|cannot be|can't be|can be|used to|never|can't|can’t|cannot|couldn't|unable to|how do i|how to|how can i|why)\b[^.!?\n]*$"
_TURNED_BACK = r"\bby mistake\b|\baccidentally\b|\b(?:back on|on again|re-?enable|turn (?:it|them) on|switch (?:it|them) on)\b|^ ?by default"
_ENDS = r"(?:[\s.,;!?)]|$)"
_SHORT = 3


def is_switched_off(leaf: Leaf, text: str) -> bool:
    """Whether ``text`` says that what the property names is off, and nothing unsettles that."""
    words = [word for word in words_of(leaf.path[-1]) if word not in _AFFIXES]
    if (
        not words
        or not _TURNED.isdisjoint(words)
        or not all(map(str.isalnum, words))
        or len("".join(words)) < _SHORT
    ):
        return False
    low = text.lower()
    if pattern(_SIGN).search(low) is None:
        return False
    name = r"[ -]?".join(_form(word, last=word is words[-1]) for word in words)
    found = False
    for expression in (
        rf"\b{name}{_NOUN}{_LINK}{_OFF}{_ENDS}",
        rf"\b{name}{_NOUN} (?:disabled|deactivated|inactive|switched off|turned off){_ENDS}",
        rf"\b{_PUT_OFF} (?:the |my |our |all |this |your |that )?{name}{_ENDS}",
        rf"\b(?:turn(?:ed)?|switch(?:ed)?) (?:the |my |our |all |your )?{name} off{_ENDS}",
        rf"\bno {name}{_ENDS}" if len(words) > 1 else "",
    ):
        match = pattern(expression).search(low) if expression else None
        if match is None:
            continue
        if (
            pattern(_HEDGED).search(low[max(0, match.start() - 60) : match.start()])
            or low[match.end() - 1 : match.end()] == "?"
            or pattern(_TURNED_BACK).search(low[match.end() - 1 : match.end() + 60])
        ):
            return False
        if pattern(r"\b(?:not|don't|don’t|never|didn't|didn’t) (?:\p{L}+ )?$").search(
            low[max(0, match.start() - 24) : match.start()]
        ):
            return False
        found = True
    return found


def _form(word: str, *, last: bool) -> str:
    """A word as it may stand in a sentence."""
    if word == "auto":
        return r"auto(?:matic(?:ally)?)?"
    ending = r"(?:s|es|al|als|ing|ed|ation)?" if last else ""
    base = word.removesuffix("al") if word.endswith("ewal") else word.removesuffix("s")
    return base + (ending or r"s?")
