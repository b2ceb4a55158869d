"""Whether a thing is named as what is not so."""

from server.api.providers.local.evidence.exactness import COMPARED
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern

_ELLIPTIC = r"^.{0,24}\s(?:(?:does|do|did|is|are|was|were|has|have|had|will|can)(?: not|n't|n’t)|nicht|pas|niet|inte|нет)\s?\.$"
_NO_VERB = r"\bno (?:vin\p{L}+|son|es|hay|hubo|fue\p{L}*|cuesta\p{L}*|tien\p{L}+|pag\p{L}+|compr\p{L}+|lleg\p{L}+|ten\p{L}+|había|eran?|está\p{L}*|pid\p{L}+|quier\p{L}+)\s$"
_NOT_THERE = r"(?:^|[^\p{L}])(?:no|non|não|nie|не|ne|ei)\s(?:ya\s|più\s|mais\s)?(?:viv\p{L}+|resid\p{L}+|abit\p{L}+|mor\p{L}+|trabaj\p{L}+|lavor\p{L}+|trabalh\p{L}+|mieszka\p{L}*|pracuj\p{L}+|жив\p{L}+|работа\p{L}+|bydl\p{L}+)\s(?:en|a|em|no|na|w|we|в|во|у|v|ve)\s$|(?:不|没有|没|未)(?:住|生活|居住)?在\s?$"
_NOT_BEHIND = r"^\s?(?:değil|(?:岁|歳|세|살)?(?:ではあり|ではな|じゃあり|じゃな|(?:가|이|은) 아[니닙닌])|ではなく|でなく|이 아니라|가 아니라|नहीं)"
_NOT_CALLED = r"\b(?:no|non|não|ne)\s(?:me|mi|se|si|te|ti|m'|m’)\s?\p{L}+\s$"
_STILL_MEANT = frozenset({"forget", "hesitate", "only", "just", "mind", "vergessen", "vergiss", "nur", "oubliez", "oublier", "olvides", "dimenticare"})  # fmt: skip
"""Words behind a negation with which what follows is meant all the same: «don't forget to write to»."""


def denied(text: str, mention: Mention) -> bool:
    """Whether a thing is named as what is not so: «not $500 but $400»."""
    before = text[max(0, mention.start - 40) : mention.start].lower()
    if (
        pattern(_NO_VERB).search(before)
        or pattern(_NOT_CALLED).search(before)
        or pattern(_NOT_THERE).search(before)
        or pattern(_NOT_BEHIND).search(text[mention.end : mention.end + 12].lower())
    ):
        return True
    if pattern(_ELLIPTIC).search(rest(text, mention.end).lower()):
        return True
    if pattern(COMPARED).search(before):
        return False
    clause = pattern(r"[.!?;:]\s|\n").sub("\x00", before).rsplit("\x00", 1)[-1]
    clause = clause.replace(" but ", ",").rsplit(",", 1)[-1]
    words = [match[0] for match in pattern(r"[\p{L}'’]+").finditer(clause)][-4:]
    if _STILL_MEANT & set(words):
        return False
    near, far = words[-2:], words[:-2]
    return any(
        word in words_named("not") and word not in ("no", "ni", "ne", "ej", "ei") for word in near
    ) or any(word in words_named("never") for word in far)


def rest(text: str, at: int) -> str:
    """What stands behind a place up to the end of its clause."""
    return str(pattern(r"[.!?;,]\s|\n").sub("\x00", text[at : at + 60] + " ")).partition("\x00")[0] + "."
