"""Things with their numbers, one behind the other: «500 g di mascarpone, 4 uova e 300 g di savoiardi», «砂糖60g、卵2個»."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from server.api.providers.local.coercion import NOTHING, coerced, fits
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.tongue.plain_said import is_plain
from server.api.providers.local.cue.tongue.wordings import UNSPACED, is_word, words_of_row
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import property_of, words_of
from server.api.providers.local.record import nullable_of, thing_of

_TABLE = "amounts.tsv"
_LONGEST = 4
_LEAST = 2
_MOST = 20
_TOPICS = frozenset({"は", "은", "는"})
_NO_COUNT = 1_000
"""A number from which on it is a year, a code of a town or a number of something."""
_JOINTS = frozenset({",", "，", "、", "\n", ";", "；", "•", "·", "-", "–", "&", "+", "،", "*", "・"})
_QUANTITIES = frozenset({"quantity", "qty", "count", "amount", "number", "menge", "anzahl", "quantité", "quantite", "cantidad", "quantità", "quantita", "quantidade", "aantal", "ilość", "ilosc", "antal", "množství", "mnozstvi", "количество", "кількість", "miktar", "adet", "数量", "수량", "määrä", "pieces", "units", "nombre", "número"})  # fmt: skip
_UNITS = frozenset({"unit", "units", "uom", "einheit", "unité", "unite", "unidad", "unità", "unita", "unidade", "eenheid", "jednostka", "enhet", "birim", "单位", "単位", "단위", "jednotka", "единица", "одиниця", "yksikkö"})  # fmt: skip
_MONEY = frozenset(
    {"price", "cost", "total", "unitprice", "preis", "prix", "precio", "prezzo", "preço", "prijs", "cena"}
)
_SIGNS = {
    "г": "g",
    "гр": "g",
    "кг": "kg",
    "л": "l",
    "мл": "ml",
    "gr": "g",
    "克": "g",
    "公斤": "kg",
    "千克": "kg",
    "升": "l",
    "毫升": "ml",
}
_ENUM_FORMS: Mapping[str, frozenset[str]] = {
    "piece": frozenset({"piece", "pieces", "pcs", "pc", "pce", "unit", "units", "each", "stk", "item"}),
    "pack": frozenset({"pack", "package", "packs", "packet", "bag"}),
    "box": frozenset({"box", "boxes", "case", "carton"}),
    "bottle": frozenset({"bottle", "bottles"}),
    "cup": frozenset({"cup", "cups", "glass", "can"}),
    "g": frozenset({"g", "gram", "grams"}),
    "kg": frozenset({"kg", "kilogram", "kilograms", "kilo"}),
    "l": frozenset({"l", "liter", "litre", "liters", "litres"}),
    "ml": frozenset({"ml", "milliliter", "milliliters", "millilitre"}),
    "dl": frozenset({"dl"}),
    "pair": frozenset({"pair", "pairs"}),
}


class Entry(NamedTuple):
    """One thing with its number."""

    value: float | int
    unit: str
    """As it is written."""
    sign: str
    """The sign of the unit in the table."""
    thing: str
    first: int
    end: int


def number_at(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[float | int, int] | None:
    """The number that begins at a token, in figures or as a word of the language, and the token behind it."""
    token = tokens[at]
    if token.mention is not None:
        value = token.mention.value
        is_number = token.mention.kind == "number" and isinstance(value, int | float)
        return (value, at + 1) if is_number else None
    if token.text.isdecimal() and len(token.text) <= _LONGEST:
        return int(token.text), at + 1
    value = _numerals(language).get(token.word)
    return (value, at + 1) if value is not None else None


@lru_cache(maxsize=18)
def _numerals(language: str) -> Mapping[str, float | int]:
    found: dict[str, float | int] = {}
    for key, phrases in words_of_row(_TABLE, language).items():
        if key[0].isdecimal():
            value = float(key)
            for phrase in phrases:
                found.setdefault(phrase[0], int(value) if value.is_integer() else value)
    return found


def unit_of(token: PassageToken, language: str) -> str:
    """The sign of the unit that a word is; nothing where it is none."""
    for key, phrases in words_of_row(_TABLE, language).items():
        if key.startswith("u ") and any(_is_unit(token.word, phrase[0], language) for phrase in phrases):
            return key[2:]
    return ""


def _is_unit(word: str, part: str, language: str) -> bool:
    if language == "ko":
        return word == part or (word.startswith(part) and word[len(part) :] in _KOREAN_ENDINGS)
    return is_word(word, part, language)


_KOREAN_ENDINGS = frozenset(
    {"이랑", "랑", "하고", "와", "과", "을", "를", "만", "씩", "의", "이요", "요", "은", "는", "이", "가"}
)


def _is_in(row: str, word: str, language: str) -> bool:
    return any(
        len(phrase) == 1 and is_word(word, phrase[0], language)
        for phrase in words_of_row(_TABLE, language).get(row, ())
    )


def figure_at(
    tokens: Sequence[PassageToken], at: int, language: str
) -> tuple[float | int, str, str, int] | None:
    """The number with its unit that begins at a token: value, unit, sign, end."""
    mention = tokens[at].mention
    if mention is not None and mention.kind == "quantity" and isinstance(mention.value, int | float):
        written = pattern(r"[\p{L}]+\.?$").search(tokens[at].text)
        unit = written[0] if written is not None else mention.unit
        sign = _SIGNS.get(unit.lower(), unit.lower())
        if sign not in _ENUM_FORMS:
            probe = PassageToken(unit, unit.lower(), 0, 0)
            sign = unit_of(probe, language)
        return (mention.value, unit, sign, at + 1) if sign else None
    number = number_at(tokens, at, language)
    if number is None:
        return None
    value, end = number
    if end < len(tokens) and tokens[end].text == "x":
        end += 1
    if end < len(tokens) and tokens[end].is_word and (sign := unit_of(tokens[end], language)):
        unit = _bare_unit(tokens[end], language)
        end += 1
        if end < len(tokens) and tokens[end].text == "." and end + 1 < len(tokens):
            end += 1
        if language == "tr" and end < len(tokens) and tokens[end].word == "kaşığı":
            end += 1
        return value, unit, sign, end
    return value, "", "", end


def _bare_unit(token: PassageToken, language: str) -> str:
    if language == "ko":
        return next(
            (
                token.text[: -len(ending)]
                for ending in sorted(_KOREAN_ENDINGS, key=len, reverse=True)
                if token.text.endswith(ending) and len(token.text) > len(ending)
            ),
            token.text,
        )
    return token.text


def _thing_end(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int]:
    """The first token and the end of what is counted; both the same where it is open where it ends."""
    first = at
    while first < len(tokens) and _is_in("of", tokens[first].word, language):
        first += 1
    end = first
    while end < len(tokens) and end - first <= _LONGEST:
        token = tokens[end]
        if (
            end > first
            and _is_in("with", token.word, language)
            and end + 1 < len(tokens)
            and tokens[end + 1].is_word
        ):
            if _is_in("stop", tokens[end + 1].word, language) and tokens[end + 1].word not in (
                "la",
                "le",
                "les",
            ):
                break
            end += 2
            continue
        if (
            not token.is_word
            or _is_in("and", token.word, language)
            or _is_in("stop", token.word, language)
            or _is_in("order", token.word, language)
            or (
                end > first
                and token.text[0].isupper()
                and language == "de"
                and tokens[end - 1].text[0].isupper()
                and end - first >= _LEAST
            )
        ):
            break
        if end > first and number_at(tokens, end, language) is not None:
            break
        end += 1
    return (first, end) if 0 < end - first <= _LONGEST and not _is_open(tokens, end) else (first, first)


def _is_open(tokens: Sequence[PassageToken], end: int) -> bool:
    return end < len(tokens) and tokens[end].text in ("-", "/", "(") and end + 1 < len(tokens)


def entry_at(tokens: Sequence[PassageToken], at: int, passage: Passage, language: str) -> Entry | None:
    """The thing with its number before it that begins at a token."""
    figure = figure_at(tokens, at, language)
    if figure is None:
        return None
    value, unit, sign, end = figure
    if not unit and value >= _NO_COUNT:
        return None
    first, stop = _thing_end(tokens, end, language)
    if stop == first:
        return None
    thing = passage.written(tokens[first], tokens[stop - 1])
    for joint in ("d'", "d’", "l'", "l’"):
        thing = thing.removeprefix(joint)
    return Entry(value, unit, sign, thing, at, stop)


def entry_behind(tokens: Sequence[PassageToken], at: int, passage: Passage, language: str) -> Entry | None:
    """The thing with its number behind it that begins at a token: «卵2個», «тыква 800 г»."""
    end = at
    while end < len(tokens) and end - at < _LONGEST and tokens[end].is_word:
        if number_at(tokens, end, language) is not None:
            break
        topic = tokens[end].word in _TOPICS and end > at and end + 1 < len(tokens)
        if topic and number_at(tokens, end + 1, language) is None and tokens[end + 1].mention is None:
            return None
        if _is_in("and", tokens[end].word, language) and end > at and language not in ("ko", "ja"):
            return None
        end += 1
    last = end
    while last > at + 1 and tokens[last - 1].word in (
        "を",
        "が",
        "は",
        "을",
        "를",
        "은",
        "는",
        "이",
        "가",
        "の",
    ):
        last -= 1
    if end == at or end >= len(tokens):
        return None
    figure = figure_at(tokens, end, language)
    if figure is None or (
        not figure[2] and tokens[end].word not in ("하나", "둘", "셋", "넷", "ひとつ", "ふたつ")
    ):
        return None
    value, unit, sign, stop = figure
    ends = stop >= len(tokens) or not tokens[stop].is_word or _is_in("and", tokens[stop].word, language)
    if not ends and language not in ("ko", "ja"):
        return None
    return Entry(value, unit, sign, passage.written(tokens[at], tokens[last - 1]), at, stop)


def entries_in(sentence: Sentence, passage: Passage, language: str) -> list[list[Entry]]:
    """The enumerations of a sentence; of one thing too."""
    tokens = sentence.tokens
    found: list[list[Entry]] = []
    at = 0
    while at < len(tokens):
        listed: list[Entry] = []
        place = at
        while place < len(tokens) and len(listed) < _MOST:
            entry = _entry(tokens, place, passage, language, is_first=not listed)
            if entry is None:
                break
            listed.append(entry)
            place = _joined(tokens, entry.end, language)
            if place == entry.end and language not in ("ko", "ja"):
                break
            if not _begins_line(tokens, at) and any(
                token.text == "\n" for token in tokens[entry.end : place]
            ):
                break
        if listed:
            found.append(listed)
        at = max(at + 1, listed[-1].end if listed else 0)
    return found


def _begins_line(tokens: Sequence[PassageToken], at: int) -> bool:
    return at == 0 or tokens[at - 1].text in ("\n", "-", "•", "*", "·", ":")


def _entry(
    tokens: Sequence[PassageToken], at: int, passage: Passage, language: str, *, is_first: bool
) -> Entry | None:
    if language not in ("ja", "ko"):
        entry = entry_at(tokens, at, passage, language)
        if entry is not None:
            return entry
    begins = (
        not is_first
        or at == 0
        or tokens[at - 1].text in ":：,，、\n。"
        or tokens[at - 1].word in ("は", "은", "는", "—")
    )
    if language in ("ko",) and is_first and at and tokens[at - 1].is_word:
        begins = False
    return entry_behind(tokens, at, passage, language) if begins else None


def _joined(tokens: Sequence[PassageToken], end: int, language: str) -> int:
    at = end
    while at < len(tokens) and (
        tokens[at].text in _JOINTS
        or (tokens[at].text == "." and at + 1 < len(tokens) and tokens[at + 1].text == "\n")
    ):
        at += 1
    if at < len(tokens) and _is_in("and", tokens[at].word, language):
        at += 1
    return at


def spoken_rows(
    items: Node, passage: Passage, root: dict[str, Any], language: str
) -> list[dict[str, Any]] | None:
    """The objects of the one enumeration of a passage; None where an object would have other members."""
    roles = _roles(items, root)
    if roles is None:
        return None
    lists = [
        (sentence, listed)
        for sentence in passage.sentences
        if not sentence.is_taken_back
        for listed in entries_in(sentence, passage, language)
    ]
    lines = [
        (s, listed)
        for s, listed in lists
        if len(listed) == 1 and listed[0].first == 0 and listed[0].end >= len(s.tokens) - 1
    ]
    long = [(s, listed) for s, listed in lists if len(listed) >= _LEAST]
    if len(long) == 1:
        sentence, entries = long[0]
        if not is_plain((sentence, entries[0].first, entries[-1].end), passage, language):
            return None
    elif not long and len(lines) >= _LEAST and len(lines) == len(lists):
        entries = [entry for _, listed in lines for entry in listed]
    else:
        return None
    if any(
        listed is not entries and len(listed) == 1 and _is_same(listed[0], entries[0])
        for s, listed in lists
        if len(long) == 1 and s is sentence
    ):
        return None
    rows = [_row(entry, items, roles, root) for entry in entries]
    return [row for row in rows if row] if all(rows) else None


def _is_same(one: Entry, other: Entry) -> bool:
    """Whether a number stands alone elsewhere in the sentence of which it is open whether it belongs to the enumeration."""
    return bool(one.sign) and one.sign == other.sign


def _roles(items: Node, root: dict[str, Any]) -> dict[str, str] | None:
    """Which members are the thing, its number and its unit."""
    thing = thing_of(items)
    if thing is None:
        return None
    found = {"thing": thing}
    for name, member in items.properties.items():
        words = words_of(name)
        types = set(node_of(root, member).types)
        if name == thing or not words:
            continue
        if types & {"integer", "number"} and words[-1] in _QUANTITIES and "quantity" not in found:
            found["quantity"] = name
        elif (
            words[-1] in _MONEY
            or words[0] in _MONEY
            or (property_of(name, {}).kind == "money" and words[-1] != "amount")
        ):
            return None
        elif words[-1] in _UNITS and "string" in types:
            found["unit"] = name
        elif types & {"integer", "number"} and words[-1] in _ENUM_FORMS and len(words) <= _LEAST:
            found["measure"] = name
    return found if "quantity" in found or "measure" in found else None


def _row(entry: Entry, items: Node, roles: Mapping[str, str], root: dict[str, Any]) -> dict[str, Any] | None:
    row: dict[str, Any] = {roles["thing"]: entry.thing}
    if "quantity" in roles:
        node = node_of(root, items.properties[roles["quantity"]])
        value = coerced(Value(entry.value), property_of(roles["quantity"], node.schema), node)
        if value is NOTHING:
            return None
        row[roles["quantity"]] = value
    if "measure" in roles:
        node = node_of(root, items.properties[roles["measure"]])
        if words_of(roles["measure"])[-1] == entry.sign and fits(entry.value, node):
            row[roles["measure"]] = entry.value
        elif "quantity" not in roles:
            return None
    if "unit" in roles and entry.unit:
        node = node_of(root, items.properties[roles["unit"]])
        listed = node.schema.get("enum")
        forms = _ENUM_FORMS.get(entry.sign, frozenset({entry.sign}))
        unit = (
            next((one for one in listed if str(one).lower() in forms), None)
            if isinstance(listed, list)
            else entry.unit
        )
        if unit is not None and fits(unit, node):
            row[roles["unit"]] = unit
    row = {**dict.fromkeys(nullable_of(root, items)), **row}
    return (
        None
        if set(items.required) - set(row)
        or not fits(row[roles["thing"]], node_of(root, items.properties[roles["thing"]]))
        else row
    )


def ordered_in(passage: Passage, language: str) -> Iterator[tuple[Sentence, Entry]]:
    """The things with a number in a sentence with a verb of ordering."""
    phrases = words_of_row(_TABLE, language).get("order", ())
    for sentence in passage.sentences:
        if sentence.is_taken_back or not sentence.tokens:
            continue
        words = [token.word for token in sentence.tokens]
        text = passage.text[sentence.tokens[0].start : sentence.tokens[-1].end].lower()
        says = (
            any(" ".join(phrase) in text for phrase in phrases)
            if language in UNSPACED
            else any(is_word(word, phrase[0], language) for phrase in phrases for word in words)
        )
        if says:
            for listed in entries_in(sentence, passage, language):
                for entry in listed:
                    yield sentence, entry


def mention_of(entry: Entry, passage: Passage, sentence: Sentence) -> Mention:
    """The place of the thing of an entry in the text."""
    start = passage.text.find(entry.thing, sentence.tokens[entry.first].start)
    return Mention("text", start, start + len(entry.thing), entry.thing)
