"""Things named in a prompt, by kind."""

from collections.abc import Sequence

from server.api.providers.local.inventory import mentions
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.name import names
from server.api.providers.local.numeral import separators_in
from server.api.providers.local.pattern import pattern

_LANGUAGES = (
    "English|French|German|Spanish|Italian|Portuguese|Dutch|Russian|Chinese|Mandarin|Cantonese|Japanese|Korean|Arabic|Hindi|Polish|"
    "Turkish|Swedish|Danish|Norwegian|Finnish|Greek|Hebrew|Latin|Vietnamese|Thai|Ukrainian|Czech|Hungarian|Romanian|Indonesian|Bengali|"
    "Urdu|Persian|Farsi|Swahili|Bulgarian|Serbian|Croatian|Slovak|Catalan"
)
_SHOWN = {"datetime": "date", "person": "name", "city": "name", "country": "name"}
"""Kinds that are shown under a wider one."""
_DAY_FIRST = words_named("day_first")
_MOST = 20
_LONGEST = 300


def named_in(text: str, language: str) -> list[Mention]:
    """Everything that ``text``, written in ``language``, names, in its order."""
    found = [_read_in(mention, language) for mention in mentions(text, separators_in(text, language))]
    taken = bytearray(len(text))
    for mention in found:
        taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
    for match in pattern(rf"\b(?:{_LANGUAGES})\b", ignore_case=False).finditer(text):
        follows = text[match.end() : match.end() + 2]
        if not any(taken[match.start() : match.end()]) and not (follows[:1] == " " and follows[1:].isupper()):
            found.append(Mention("language", match.start(), match.end(), match[0]))
    return sorted([*found, *names(text, language, found)], key=lambda mention: mention.start)


def _read_in(mention: Mention, language: str) -> Mention:
    """A date such as 04/03/2025 with the day first, where the language writes it only so; English writes both."""
    if mention.kind != "date" or mention.value is not None or not mention.unit or language not in _DAY_FIRST:
        return mention
    return mention._replace(value=mention.unit, unit="")


def entities_of(found: Sequence[Mention], quoted: Sequence[str]) -> dict[str, list[str]]:
    """Values by kind in the order in which they stand; kinds without a value are left out."""
    entities: dict[str, list[str]] = {}
    for mention in found:
        _keep(entities, _SHOWN.get(mention.kind, mention.kind), mention.text.strip())
    for value in quoted:
        _keep(entities, "quoted", value)
    return entities


def _keep(entities: dict[str, list[str]], kind: str, value: str) -> None:
    values = entities.setdefault(kind, [])
    if value[:_LONGEST] not in values and len(values) < _MOST:
        values.append(value[:_LONGEST])
