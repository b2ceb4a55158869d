"""Names that languages bend, where their form tells the name for certain: «в Москве», «z Krakowa», «İstanbul'dan», «в компании „Вектор“»."""

from collections.abc import Mapping, Sequence
from functools import cache

from server.api.providers.local.cue.passage import Passage, PassageToken
from server.api.providers.local.lexicon import bent_cities

_CASES: Mapping[str, frozenset[str]] = {
    "CF": frozenset({"dan", "den", "tan", "ten"}),
    "CD": frozenset({"a", "e", "ya", "ye"}),
    "CL": frozenset({"da", "de", "ta", "te", "daki", "deki", "taki", "teki"}),
}
"""Turkish endings behind an apostrophe by the slot: from, to and in a place."""
_FORMS = frozenset({"ооо", "оао", "зао", "ао", "пао", "ип", "тов", "тзов", "фоп"})
"""Forms of companies that stand before a name."""
_OPENING = {"«": "»", "„": "“”", "“": "”", '"': '"'}
_LONGEST_QUOTED = 10
_FURTHER: Mapping[str, str] = {
    "Krakowa": "Kraków", "Warszawy": "Warszawa", "Wrocławia": "Wrocław", "Poznania": "Poznań", "Gdańska": "Gdańsk", "Łodzi": "Łódź", "Lublina": "Lublin",
    "Szczecina": "Szczecin", "Katowic": "Katowice", "Gdyni": "Gdynia", "Warszawę": "Warszawa", "Białegostoku": "Białystok", "Bydgoszczy": "Bydgoszcz", "Rzeszowa": "Rzeszów",
    "Berlina": "Berlin", "Londynu": "Londyn", "Paryża": "Paryż", "Prahy": "Praha", "Prahu": "Praha", "Brna": "Brno", "Ostravy": "Ostrava", "Plzně": "Plzeň",
    "Olomouce": "Olomouc", "Liberce": "Liberec", "Києва": "Київ", "Львова": "Львів", "Одеси": "Одеса", "Одесу": "Одеса", "Харкова": "Харків", "Дніпра": "Дніпро",
    "Москвы": "Москва", "Москву": "Москва", "Санкт-Петербурга": "Санкт-Петербург", "Казани": "Казань", "Сочи": "Сочи", "Самары": "Самара", "Самару": "Самара",
    "Новосибирска": "Новосибирск", "Екатеринбурга": "Екатеринбург", "Минска": "Минск", "Уфы": "Уфа", "Перми": "Пермь", "Полтави": "Полтава", "Вінниці": "Вінниця",
    "Києві": "Київ", "Мурманска": "Мурманск", "Владивостока": "Владивосток", "Владивостоке": "Владивосток", "Калининграда": "Калининград", "Калининграде": "Калининград",
}  # fmt: skip
"""Further forms of cities."""


def city_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a city whose name its form tells."""
    for end in (at + 3, at + 1):
        if end <= len(tokens) and city_of(
            passage.written(tokens[at], tokens[end - 1]), passage, tokens[at].start
        ):
            return (end,)
    return ()


def city_of(text: str, passage: Passage, start: int) -> str:
    """The name of the city that a form is of; empty where it is of none."""
    if text in _FURTHER:
        return _FURTHER[text]
    if text in bent_cities():
        return bent_cities()[text]
    return text if text in _named() else ""


@cache
def _named() -> frozenset[str]:
    return frozenset(bent_cities().values()) | frozenset(_FURTHER.values())


def case_ends(slot: str, tokens: Sequence[PassageToken], at: int) -> Sequence[int]:
    """The end of a name with a Turkish ending behind its apostrophe."""
    text = tokens[at].text.replace("’", "'")
    name, mark, ending = text.partition("'")
    return (at + 1,) if mark and name[:1].isupper() and ending in _CASES[slot] else ()


def without_case(text: str) -> str:
    """A name without its Turkish ending."""
    return text.replace("’", "'").partition("'")[0]


def quoted_firm_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the name of a firm or a house in quotation marks, with the form of a company before it."""
    start = at + (tokens[at].word in _FORMS)
    closing = _OPENING.get(tokens[start].text, "") if start < len(tokens) else ""
    for end in range(start + 1, min(start + _LONGEST_QUOTED, len(tokens))) if closing else ():
        if tokens[end].text in closing and end > start + 1:
            return (end + 1,)
    return ()


def firm_with_form_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the name of a firm in quotation marks behind the form of a company: «ООО „Ромашка“»."""
    return quoted_firm_ends(tokens, at, passage) if tokens[at].word in _FORMS else ()


def quoted_firm(text: str) -> str:
    """The name of a firm as it is given: with its form, or what the quotation marks hold."""
    return text.strip('«»„“”"') if text[:1] in _OPENING else text


def turkish_firm_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a firm's name whose last word has the ending for «in»."""
    end = at
    while end < len(tokens) and end - at < 4 and tokens[end].is_capital:
        if case_ends("CL", tokens, end):
            return (end + 1,)
        end += 1
    return ()
