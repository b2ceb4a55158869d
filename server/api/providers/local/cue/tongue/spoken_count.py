"""Numbers beside the noun that a property counts, in other languages: «deux adultes et un enfant», «大人2名»."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.tongue.plain_said import is_plain
from server.api.providers.local.cue.tongue.spoken_rows import number_at
from server.api.providers.local.cue.tongue.wordings import UNSPACED, is_word, wordings_of, words_of_row
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_TABLE = "counts.tsv"
_BETWEEN = 1
_COUNTERS = frozenset(
    [
        "名",
        "人",
        "位",
        "泊",
        "個",
        "个",
        "件",
        "枚",
        "名様",
        "명",
        "분",
        "박",
        "개",
        "장",
        "인",
        "마리",
        "晚",
        "夜",
        "间",
        "室",
        "部屋",
        "人前",
        "人分",
        "台",
        "页",
        "頁",
        "匹",
        "座",
    ]
)  # one list, one line
_PARTS = frozenset({"von", "of", "auf", "sur", "de los", "из", "z", "/", "-", "–", "nr", "no", "№", "#", "n", "č", "zimmer", "raum", "sala", "salle", "chambre", "комната", "кабинет", "oda", "kat", ".", ":"})  # fmt: skip
_EACH = frozenset({"je", "pro", "par", "por", "per", "cada", "chaque", "ogni", "elke", "każdy", "každý", "каждый", "каждые", "кожен", "varje", "每", "各", "/", "na osobę", "jede", "jeder", "weitere", "autres", "otros", "altri", "outros", "andere", "kolejne", "další", "ещё", "ще", "еще"})  # fmt: skip
_BOUNDS = frozenset(
    {"max", "min", "maximum", "minimum", "previous", "last", "total", "new", "old", "remaining", "available"}
)


def spoken_count(leaf: Leaf, passage: Passage, language: str) -> int | None:
    """How many there are; None where nothing tells it, or where two numbers do."""
    words = words_of(leaf.path[-1])
    name = " ".join(words)
    if not _BOUNDS.isdisjoint(words):
        return None
    phrases = tuple(
        phrase
        for table in (_TABLE, "counts_west.tsv")
        for row in wordings_of(table, language)
        if name in row.key.split(",")
        for phrase in row.phrases
    )
    found = {
        value for sentence in passage.sentences for value in _counted(phrases, sentence, passage, language)
    }
    value = found.pop() if len(found) == 1 else None
    return value if isinstance(value, int) else None


def _counted(
    phrases: Sequence[tuple[str, ...]], sentence: Sentence, passage: Passage, language: str
) -> Iterator[float | int | None]:
    tokens = sentence.tokens
    if sentence.is_taken_back or not phrases:
        return
    for at in range(len(tokens)):
        number = number_at(tokens, at, language)
        if number is None or (
            at and (tokens[at - 1].word in _PARTS | _EACH or number_at(tokens, at - 1, language) is not None)
        ):
            continue
        value, end = number
        span = (
            _span_beside(phrases, tokens, at, end)
            if language in UNSPACED
            else _span_behind(phrases, tokens, at, end, language)
        )
        if span is None:
            continue
        about = {phrase[0] for phrase in words_of_row("doubt.tsv", language).get("about", ())}
        if any(token.word in about for token in tokens[max(0, at - 2) : at]):
            yield None
            continue
        behind = [token.word for token in tokens[span[1] : span[1] + 2]]
        if is_plain((sentence, *span), passage, language) and _EACH.isdisjoint(behind):
            yield value
        else:
            yield None


def _span_behind(
    phrases: Sequence[tuple[str, ...]], tokens: Sequence[PassageToken], at: int, end: int, language: str
) -> tuple[int, int] | None:
    for skip in range(_BETWEEN + 1):
        first = end + skip
        for phrase in phrases:
            stop = first + len(phrase)
            if stop <= len(tokens) and all(
                is_word(tokens[first + n].word, part, language) for n, part in enumerate(phrase)
            ):
                return at, stop
        if first >= len(tokens) or not tokens[first].is_word or len(tokens[first].text) < 3:
            return None
    return None


def _span_beside(
    phrases: Sequence[tuple[str, ...]], tokens: Sequence[PassageToken], at: int, end: int
) -> tuple[int, int] | None:
    """The noun before a number with its counter, or the counter and the noun behind it."""
    nouns = [" ".join(phrase) for phrase in phrases]
    counter = tokens[end].text if end < len(tokens) and tokens[end].is_word else ""
    stop = end
    if counter and any(counter.startswith(one) for one in _COUNTERS):
        stop = end + 1
        if counter in nouns:
            before = tokens[at - 1].text if at else ""
            behind = tokens[stop].text if stop < len(tokens) else ""
            others = before.endswith(
                ("人", "供", "ども", "童", "孩", "인", "이", "生", "工", "員", "생", "원")
            ) or behind.startswith(("儿童", "小孩", "孩子", "大人", "成人", "学生", "员工", "工程", "护士"))
            return None if others else (at, stop)
        behind = tokens[stop].text if stop < len(tokens) else ""
        noun = next((noun for noun in nouns if behind.startswith(noun)), "")
        if noun:
            return at, stop + 1
    elif counter and any(counter.startswith(noun) for noun in nouns):
        return at, end + 1
    for back in (1, 2):
        if at >= back and any(
            tokens[at - back].text.endswith(noun)
            or (
                back == 2
                and tokens[at - 1].text in "はがをもの은는이가"
                and tokens[at - 2].text.endswith(noun)
            )
            for noun in nouns
            if len(noun) > 1
        ):
            return at - back, stop
        if at and tokens[at - 1].text not in (
            "は",
            "が",
            "を",
            "は",
            "은",
            "는",
            "이",
            "가",
            "만",
            ":",
            "：",
        ):
            break
    return None
