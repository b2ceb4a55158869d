"""The floor of a home in further languages: «2. Stock», «au 4e étage», «cuarta planta», «terzo piano», «3.º andar»."""

from collections.abc import Iterator

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.passage import Passage, PassageToken, number_of
from server.api.providers.local.evidence.measure import Value

_NOUNS = frozenset(
    [
        "stock",
        "stockwerk",
        "og",
        "obergeschoss",
        "etage",
        "étage",
        "planta",
        "piso",
        "piano",
        "andar",
        "verdieping",
        "våningen",
        "våning",
    ]
)  # one list, one line
_ORDINALS = {
    1: "ersten erste erster premier primera primer primo primeiro eerste första",
    2: "zweiten zweite zweiter deuxième second segunda segundo secondo tweede andra",
    3: "dritten dritte dritter troisième tercera tercer tercero terzo terceiro derde tredje",
    4: "vierten vierte vierter quatrième cuarta cuarto quarto vierde fjärde",
    5: "fünften fünfte fünfter cinquième quinta quinto vijfde femte",
    6: "sechsten sechste sixième sexta sexto sesto zesde sjätte",
    7: "siebten siebte septième séptima séptimo settimo sétimo zevende sjunde",
    8: "achten achte huitième octava octavo ottavo oitavo achtste åttonde",
}
_BY_WORD = {word: number for number, words in _ORDINALS.items() for word in words.split()}
_ENDINGS = ("er", "ème", "e", "ª", "º", "a", "o", "°", "de", "ste")
_JOINTS = frozenset({".", "º", "°", "ª", "e", ":"})
_MOST_FLOORS = 60


def floors_beside(passage: Passage) -> Iterator[Cued]:
    """The floors that a passage speaks of."""
    for sentence in passage.sentences:
        tokens = sentence.tokens
        for at, token in enumerate(tokens):
            if token.word not in _NOUNS or sentence.is_taken_back:
                continue
            first = at - 1
            while first > 0 and tokens[first].text in _JOINTS:
                first -= 1
            floor = _ordinal(tokens[first], first < at - 1) if first >= 0 else None
            if floor is not None and is_certain(sentence, first, at + 1):
                yield Cued(Value(floor), tokens[first].start, token.end)


def _ordinal(token: PassageToken, is_marked: bool) -> int | None:
    if token.word in _BY_WORD and token.mention is None:
        return _BY_WORD[token.word]
    ending = next((ending for ending in _ENDINGS if token.text.lower().endswith(ending)), "")
    figures = token.text[: len(token.text) - len(ending)].rstrip(".") if ending else ""
    if figures.isdecimal() and int(figures) <= _MOST_FLOORS:
        return int(figures)
    number = number_of(token) if is_marked else None
    return number if isinstance(number, int) and number <= _MOST_FLOORS else None
