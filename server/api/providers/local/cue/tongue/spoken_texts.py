"""Texts that a prompt in another language tells by where they stand: the one town, the thing that is ordered, who writes."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.text.nouns import is_job
from server.api.providers.local.cue.tongue.plain_said import is_doubted, is_plain
from server.api.providers.local.cue.tongue.sole_colour import sole_colour
from server.api.providers.local.cue.tongue.spoken_rows import ordered_in
from server.api.providers.local.cue.tongue.wordings import UNSPACED, is_word, spans_in, words_of_row
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_TOWNS = frozenset({"city", "town", "location"})
_PLACES = frozenset({"city", "town", "location", "origin", "destination", "departure", "arrival", "from", "to", "place", "address", "venue", "district", "region", "headquarters", "birthplace", "pickup", "delivery"})  # fmt: skip
_THINGS = frozenset({"item", "product", "product name", "item name", "article", "dish", "menu item", "ordered item", "article name", "goods", "drink", "product title", "ordered product"})  # fmt: skip
_NUMBERS = frozenset({"quantity", "qty", "count", "amount", "item count", "number of items", "pieces", "units", "menge", "anzahl", "quantité", "quantite", "cantidad", "quantità", "quantita", "quantidade", "aantal", "ilość", "antal", "ordered quantity", "order quantity"})  # fmt: skip
_WRITERS = frozenset({"name", "full name", "your name", "customer", "customer name", "client", "client name", "contact", "contact name", "contact person", "guest", "guest name", "passenger", "passenger name", "patient", "patient name", "sender", "sender name", "requester", "requester name", "reporter", "reported by", "complainant", "applicant", "applicant name", "candidate", "candidate name", "employee", "employee name", "parent", "parent name", "tenant", "tenant name", "author", "caller", "buyer", "user name", "fullname", "requested by", "submitted by", "booked by"})  # fmt: skip
_LONGEST = 3
_JAPANESE_SELF = r"(?:^|[。\n！、の])([\p{Han}々]{2,6}|[\p{Katakana}ー]{2,8})(?:です|と申します)[。\n]"
_KOREAN_SELF = r"(?:^|[ ,.!\n])(?:저는 )?([\p{Hangul}]{3})(?:입니다|이라고 합니다|이에요|예요)"
_CHINESE_SELF = r"(?:我叫|我是|我的名字是|本人)([\p{Han}]{2,4})(?:[，。,！!\n]|$)"
_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모"
)
_CHINESE_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def spoken_text(leaf: Leaf, leaves: Sequence[Leaf], passage: Passage, language: str) -> str | None:
    """The text for a property by its name; None where nothing tells it, or where two texts do."""
    name = _name_of(leaf)
    if name in _TOWNS or name.split(" ")[-1] in ("city", "town"):
        return _town(leaf, leaves, passage, language)
    if name in _THINGS and _is_only(leaf, leaves, _THINGS):
        found = {entry.thing for entry in _ordered(passage, language)}
        is_cut = language != "fi" or not any(map(_has_name_behind, found))
        return found.pop() if len(found) == 1 and is_cut else None
    colour = sole_colour(leaf, passage, language)
    if colour is not None:
        return colour
    if name in _WRITERS and _is_only(leaf, leaves, _WRITERS):
        if name not in _OWN_SENDERS and is_on_behalf(passage, language):
            return None
        found = set(_written_by(passage, language))
        return found.pop() if len(found) == 1 else None
    return None


def _has_name_behind(thing: str) -> bool:
    """Whether a name follows small words: an address has run into the thing («koiranruokaa osoitteeseen Mäntytie»)."""
    words = thing.split()
    return len(words) > _TWO and words[0][:1].islower() and words[-1][:1].isupper()


_TWO = 2
_OWN_SENDERS = frozenset({"sender", "sender name", "contact", "contact name", "contact person", "parent", "parent name", "caller", "your name", "submitted by", "reported by", "reporter"})  # fmt: skip
"""Who writes even where the letter is about somebody else."""


def is_on_behalf(passage: Passage, language: str) -> bool:
    """Whether a letter is written for, or about, somebody else than its writer."""
    phrases = words_of_row("frame_stops_west.tsv", language).get("behalf", ())
    return any(True for sentence in passage.sentences for _ in spans_in(phrases, sentence, passage, language))


def spoken_quantity(
    leaf: Leaf, leaves: Sequence[Leaf], passage: Passage, language: str
) -> float | int | None:
    """How many are ordered of the one thing that is."""
    name = " ".join(words_of(leaf.path[-1]))
    if name not in _NUMBERS or sum(" ".join(words_of(one.path[-1])) in _NUMBERS for one in leaves) > 1:
        return None
    if not any(
        _name_of(one) in _THINGS | {"name", "description", "title"} or _name_of(one).endswith("name")
        for one in leaves
    ):
        return None
    found = {entry.value for entry in _ordered(passage, language)}
    return found.pop() if len(found) == 1 else None


def _name_of(leaf: Leaf) -> str:
    name = " ".join(words_of(leaf.path[-1]))
    if name in ("name", "full name") and len(leaf.path) > 1:
        return " ".join(words_of(leaf.path[-2]))
    return name


def _is_only(leaf: Leaf, leaves: Sequence[Leaf], names: frozenset[str]) -> bool:
    return sum(_name_of(one) in names and "enum" not in one.node.schema for one in leaves) == 1


def _ordered(passage: Passage, language: str) -> Iterator:  # type: ignore[type-arg]
    every = list(ordered_in(passage, language))
    for sentence, entry in every:
        if not is_plain((sentence, entry.first, entry.end), passage, language):
            yield entry._replace(thing="\0", value=-1)
        yield entry


def _town(leaf: Leaf, leaves: Sequence[Leaf], passage: Passage, language: str) -> str | None:
    """The only town of a passage, for the only property that asks for a place."""
    asking = [
        one
        for one in leaves
        if _PLACES & set(words_of(one.path[-1])) and "string" in (one.node.types or ("string",))
    ]
    towns = sorted(_towns(language))
    places = [
        (sentence, at, end, text)
        for sentence in passage.sentences
        for at, end, text in _town_places(towns, sentence, passage, language)
    ]
    if (
        len(asking) != 1
        or len({text for *_, text in places}) != 1
        or len({m.text for m in passage.named if m.kind == "city"}) > 1
    ):
        return None
    sentence, at, end, text = places[0]
    if sentence.is_taken_back or not is_plain((sentence, at, end), passage, language):
        return None
    return text


@lru_cache(maxsize=18)
def _towns(language: str) -> frozenset[str]:
    return frozenset(" ".join(phrase) for phrase in words_of_row("cities.tsv", language).get("city", ()))


def _town_places(
    towns: Sequence[str], sentence: Sentence, passage: Passage, language: str
) -> Iterator[tuple[int, int, str]]:
    tokens = sentence.tokens
    if not tokens:
        return
    known = frozenset(towns)
    before = {phrase[0] for phrase in words_of_row("cities.tsv", language).get("in", ())}
    for at, token in enumerate(tokens):
        if language in ("zh", "ja", "ko"):
            name = next((town for town in towns if token.text == town), "")
            if name and _is_where(tokens, at, language):
                yield at, at + 1, name
            continue
        for size in (3, 2, 1):
            text = passage.written(token, tokens[min(at + size, len(tokens)) - 1])
            bare = text.removeprefix("ب").removeprefix("و") if language == "ar" else text
            if (text in known or bare in known) and _stands_in(tokens, at, at + size, before, language, text):
                yield at, at + size, _named(text if text in known else bare, language)
                break


def _named(text: str, language: str) -> str:
    return text.split("'")[0] if language == "tr" else text


def _is_where(tokens: Sequence[PassageToken], at: int, language: str) -> bool:
    behind = tokens[at + 1].text if at + 1 < len(tokens) else ""
    before = tokens[at - 1].text if at else ""
    if language == "zh":
        return before.endswith("在") or behind.startswith(("分公司", "市", "天气", "今天"))
    return (
        behind.startswith(("で", "の天気", "にある", "市"))
        if language == "ja"
        else behind in ("에서", "에", "의")
    )


def _stands_in(
    tokens: Sequence[PassageToken], at: int, end: int, before: set[str], language: str, text: str
) -> bool:
    last = tokens[at - 1].word if at else ""
    behind = tokens[end] if end < len(tokens) else None
    if behind is not None and (behind.is_capital or behind.text in ("-", "/")):
        return False
    if language == "hi":
        return behind is not None and behind.word in before
    if language == "ar":
        return last in ("في", "مدينة") or text.startswith("ب")
    return language in ("tr", "fi") or last in before


def _written_by(passage: Passage, language: str) -> Iterator[str]:
    """The names of who writes: in a sentence that says so, and at the end of a letter."""
    text = passage.text.replace(BLANK, " ")
    if language in UNSPACED:
        yield from _self_in(text, language)
        return
    for sentence in passage.sentences:
        tokens = sentence.tokens
        for kind in ("says", "greets"):
            for phrase in words_of_row("writers.tsv", language).get(kind, ()):
                for at in range(len(tokens) - len(phrase)):
                    end = at + len(phrase)
                    if not all(is_word(tokens[at + n].word, part, language) for n, part in enumerate(phrase)):
                        continue
                    while end < len(tokens) and tokens[end].text in (",", "\n", "!", "."):
                        end += 1
                    name = _name_at(sentence, end, passage, language)
                    last = end + len(name.split())
                    closes = (
                        not any(token.is_word for token in tokens[last + 2 :])
                        and sentence is passage.sentences[-1]
                    )
                    if (
                        name
                        and (kind == "says" or closes)
                        and not is_doubted(sentence, at, last, passage, language)
                    ):
                        yield name
    if passage.sentences:
        yield from _below(passage, language)


def _below(passage: Passage, language: str) -> Iterator[str]:
    """A name that is the whole of the last sentence behind a greeting."""
    if len(passage.sentences) < 2:
        return
    before, last = passage.sentences[-2:]
    greets = {phrase[-1] for phrase in words_of_row("writers.tsv", language).get("greets", ())}
    tokens = [token for token in before.tokens if token.text.strip() and token.text not in ",.!"]
    if tokens and any(is_word(tokens[-1].word, word, language) for word in greets):
        name = _name_at(last, 0, passage, language)
        if name and not any(token.is_word for token in last.tokens[len(name.split()) + 3 :]):
            yield name


def _name_at(sentence: Sentence, at: int, passage: Passage, language: str) -> str:
    """Two or three words with capitals that begin at a token, and behind which a mark or a verb stands."""
    tokens = sentence.tokens
    if language in ("ar", "hi"):
        end = at
        while (
            end < len(tokens)
            and end - at < _LONGEST
            and tokens[end].is_word
            and tokens[end].word not in ("है", "और", "बोल", "و", "من", "أريد", "في", "वर्ष")
        ):
            end += 1
        ends = end < len(tokens) and tokens[end].word in ("है", "و", "،", ",", ".", "و", "बोल", "،")
        return passage.written(tokens[at], tokens[end - 1]) if end - at == 2 and ends else ""
    end = at
    while (
        end < len(tokens)
        and end - at < _LONGEST
        and (tokens[end].is_capital or tokens[end].word in ("de", "van", "von", "da", "der"))
    ):
        end += 1
    if end - at < 2 or not tokens[at].is_capital or not tokens[end - 1].is_capital:
        return ""
    behind = tokens[end] if end < len(tokens) else None
    if behind is not None and (behind.text in ("-", "&", "/") or behind.is_capital):
        return ""
    words = {token.word for token in tokens[at:end]}
    is_post = is_job(passage.written(tokens[at], tokens[end - 1]))
    return "" if is_post or not words.isdisjoint(_NO_NAMES) else passage.written(tokens[at], tokens[end - 1])


_NO_NAMES = frozenset(
    [
        *[
            "director",
            "directora",
            "directeur",
            "directrice",
            "general",
            "gerente",
            "jefe",
            "jefa",
            "manager",
            "leiter",
        ],
        *[
            "leiterin",
            "responsable",
            "responsabile",
            "ingénieur",
            "ingeniero",
            "ingegnere",
            "kierownik",
            "dyrektor",
        ],
        *["prezes", "vd", "chef", "менеджер", "директор", "инженер", "müdür", "müdürü"],
        "gmbh",
        "ag",
        "team",
        "support",
        "ltd",
        "inc",
        "srl",
        "sa",
        "bv",
        "ab",
        "kundenservice",
        "service",
        "firma",
        "office",
        "kundin",
        "kunde",
        "student",
        "studentin",
        "lehrer",
        "lehrerin",
        "mutter",
        "vater",
        "vollzeit",
        "inhaber",
        "geschäftsführer",
        "geschäftsführerin",
    ]
)  # one list, one line


def _self_in(text: str, language: str) -> Iterator[str]:
    expression = {"ja": _JAPANESE_SELF, "ko": _KOREAN_SELF, "zh": _CHINESE_SELF}[language]
    for match in pattern(expression, ignore_case=False).finditer(text):
        name = match[1]
        if language == "ko" and name[0] not in _SURNAMES:
            continue
        if language == "zh" and (name[0] not in _CHINESE_SURNAMES or len(name) > _LONGEST):
            continue
        if language == "ja" and (
            len(name) not in (4, 5)
            or not pattern(r"^[\p{Han}々]+$").fullmatch(name)
            or name.endswith(
                (
                    "予定",
                    "希望",
                    "確認",
                    "会社",
                    "商事",
                    "可能",
                    "担当",
                    "必要",
                    "以上",
                    "注文",
                    "予約",
                    "商品",
                    "学生",
                    "会員",
                    "社員",
                    "不可",
                )
            )
        ):
            continue
        yield name
