"""What Russian, Ukrainian, Turkish, Arabic, Hindi, Chinese, Japanese and Korean tell by a label or by particles and cases."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.cue.tongue.far_doubt import is_for_another, is_joined, is_unsettled
from server.api.providers.local.cue.tongue.far_rows import FarRow, far_rows, is_far
from server.api.providers.local.cue.tongue.far_slots import (
    is_no_place,
    is_unknown,
    masked,
    mention_at,
    number_in,
    slot_of,
    trimmed,
)
from server.api.providers.local.cue.tongue.far_units import is_other_unit, without_unit
from server.api.providers.local.cue.tongue.plain_said import is_plain
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_LABELS, _CUES = "labels_far.tsv", "cues_far.tsv"
_SPACED_START = r"(?:^|[\s(,.;:«\"—–])"
_START = {
    **dict.fromkeys(("ru", "uk", "tr", "hi", "ko"), _SPACED_START),
    "ar": _SPACED_START + r"(?:و|ال|وال|بال|ب)?",
    "zh": r"(?:^|[\s，。、；：,.;:（(的了其且但]|现在|目前|今天|今日)",
    "ja": r"(?:^|[\s、。，；：:（(「のはにでがを・]|現在)",
}
_COLON = r"\s*[:：]\s*"
_LOOSE = {
    "ru": r"(?:\s*[:：]\s*|\s+[—–-]\s+|\s+(?:составляет|составляют|составит|составила|составил|будет|равна|равен|это)\s+|\s+)",
    "uk": r"(?:\s*[:：]\s*|\s+[—–-]\s+|\s+(?:становить|складає|буде|дорівнює|це)\s+|\s+)",
    "tr": r"(?:\s*[:：]\s*|\s+(?:ise\s+)?(?:olarak\s+)?)",
    "ar": r"(?:\s*[:：]\s*|\s+(?:هو|هي|يبلغ|تبلغ|بلغ|بلغت)\s+|\s+)",
    "hi": r"(?:\s*[:：]\s*|\s+)",
    "zh": r"(?:\s*[:：]\s*|是|为|约定为|定为|共|\s?)",
    "ja": r"(?:\s*[:：]\s*|は、?|が|も|\s?)",
    "ko": r"(?:\s*[:：]\s*|(?:은|는|이|가)\s+|\s?)",
}
_STRONG = {
    "ru": r"(?:\s*[:：]\s*|\s+[—–-]\s+|\s+это\s+)",
    "uk": r"(?:\s*[:：]\s*|\s+[—–-]\s+|\s+це\s+)",
    "tr": _COLON,
    "ar": r"(?:\s*[:：]\s*|\s+(?:هو|هي)\s+)",
    "hi": _COLON,
    "zh": r"(?:\s*[:：]\s*|是|为|叫)",
    "ja": r"(?:\s*[:：]\s*|は、?)",
    "ko": r"(?:\s*[:：]\s*|(?:은|는)\s+)",
}
_SPACED_END = r"(?:[\s,.;:!?)»،؛।]|$)"
_MARK_END = r"(?:[,.;!?)،؛।\n。，；、！]|$)"
_END = {
    "person": {
        **dict.fromkeys(("ru", "uk"), _SPACED_END),
        "tr": r"(?: (?:Bey|Hanım))?(?:['’]\p{L}+)?" + _SPACED_END,
        "ar": _MARK_END,
        "hi": r"(?: जी)?(?: (?:है|हैं|होंगे|होंगी)|" + _MARK_END + ")",
        "zh": r"(?:先生|女士|老师|经理|医生)?" + _MARK_END,
        "ja": r"(?:さん|様|さま|氏|先生|部長|課長|係長)?(?:です|でございます|となります|になります|が|" + _MARK_END + ")",
        "ko": r"(?: ?(?:씨|님|과장|대리|주임|부장|팀장|사원|차장|이사|교수|선생님|선생님))?(?:님)?(?:입니다|이에요|예요|이고|" + _MARK_END + ")",
    },
    "place": {
        **dict.fromkeys(("ru", "uk", "ar"), _SPACED_END),
        "tr": r"(?:['’]\p{L}+)?" + _SPACED_END,
        "hi": r"(?: (?:है|में)|" + _MARK_END + ")",
        "zh": _MARK_END,
        "ja": r"(?:です|でお願いします|となります|になります|" + _MARK_END + ")",
        "ko": r"(?:입니다|이에요|예요|이고|" + _MARK_END + ")",
    },
    "text": {
        **dict.fromkeys(("ru", "uk", "tr", "ar", "zh"), _MARK_END),
        "hi": r"(?: (?:है|हैं))?" + _MARK_END,
        "ja": r"(?:です|でございます|となります|になります)?" + _MARK_END,
        "ko": r"(?:입니다|이에요|예요|이고요|이고)?" + _MARK_END,
    },
}  # fmt: skip
_OR = (
    r"^\s*(?:или|либо|або|чи|ya da|veya|yahut|أو|या|或|还是|または|もしくは|か[^らな]|또는|이나|아니면|혹은)"
)
_BEFORE_NUMBER = r"[0-9.,:/№#A-Za-z_\-–]$"
_AFTER_NUMBER = r"^(?: ?[0-9]|[-–—~～/:][0-9]|[0-9A-Za-z]*[0-9]|\s*(?:руб[а-я.]*|₽|грн|гривень|TL|lira|円|元|원|रुपये|ريال|درهم|万|만)?\s*(?:до|到|至|から|～|~|से|-|–|—|에서|إلى)\s*[0-9])"
_MORE_CODE = r"^(?: [A-Z]{1,4} ?[0-9]|[.:][0-9]|[A-Za-z])"
_BOUND_NAMES = frozenset({"min", "max", "minimum", "maximum", "from", "to", "lowest", "highest", "systolic"})
_NO_VALUES = frozenset(
    [
        "работу",
        "роботу",
        "это",
        "iş",
        "عمل",
        "काम",
        "工作",
        "仕事",
        "일",
        "그",
        "他",
        "她",
        "我",
        "彼",
        "彼女",
        "私",
        "हम",
        "आप",
        "वह",
        "هو",
        "هي",
        "это",
        "це",
        "bu",
        "товар",
        "заказ",
        "ürün",
        "商品",
        "상품",
        "제품",
        "产品",
        "製品",
        "المنتج",
        "उत्पाद",
        "सामान",
        "部屋",
        "もの",
        "것",
        "これ",
        "それ",
    ]
)  # one list, one line
_QUALIFIED = frozenset({"former", "previous", "previously", "old", "original", "not", "neighbour", "neighbor", "other", "another", "last", "next", "future", "planned", "expected"})  # fmt: skip
_LONGEST_TEXT = 60
_OWN_OF = frozenset({"name", "full name", "fullname", "id", "number", "no", "phone", "email", "title"})


class FarAnswer(NamedTuple):
    """A value and where it stands."""

    value: Any
    start: int


def told_afar(leaves: Sequence[Leaf], passage: Passage, language: str) -> dict[tuple[str, ...], Any]:
    """The values of ``leaves`` that labels and particles tell; two properties never share one place."""
    if not is_far(language):
        return {}
    text = masked(passage)
    found = {
        leaf.path: answer
        for leaf in leaves
        if _asks(leaf) and (answer := _answer(leaf, passage, text, language))
    }
    claims = Counter(answer.start for answer in found.values())
    return {path: answer.value for path, answer in found.items() if claims[answer.start] == 1}


def _asks(leaf: Leaf) -> bool:
    schema = leaf.node.schema
    description = schema.get("description")
    said = set(words_of(description)) if isinstance(description, str) else set()
    return not ("enum" in schema or "const" in schema or leaf.node.branches) and _QUALIFIED.isdisjoint(said)


def _names_of(leaf: Leaf) -> list[str]:
    words = words_of(leaf.path[-1])
    name = " ".join(words)
    names = [name, " ".join(without_unit(words))]
    if len(leaf.path) > 1 and name in _OWN_OF:
        above = " ".join(words_of(leaf.path[-2]))
        names = [f"{above} {name}", *([above] if name in ("name", "full name", "fullname") else [])]
    return list(dict.fromkeys(names))


def _answer(leaf: Leaf, passage: Passage, text: str, language: str) -> FarAnswer | None:
    found: dict[Any, FarAnswer] = {}
    for name in _names_of(leaf):
        for table, expressions in ((_CUES, _by_cues), (_LABELS, _by_labels)):
            for row in far_rows(table).get(name, ()):
                for expression in expressions(row, language):
                    for answer in _matches(expression, row.kind, leaf, passage, text, language):
                        found[answer.value] = answer
            if found:
                break
    return next(iter(found.values())) if len(found) == 1 else None


@lru_cache(maxsize=600)
def _by_cues(row: FarRow, language: str) -> tuple[str, ...]:
    slot = slot_of(row.kind, language)
    start = _START[language] if language not in ("zh", "ja", "ko") else ""
    return tuple(
        (start if one[0] not in "^{" else "") + one.replace("{}", slot)
        for one in row.of(language).split(" & ")
        if one.strip()
    )


@lru_cache(maxsize=600)
def _by_labels(row: FarRow, language: str) -> tuple[str, ...]:
    labels = row.of(language)
    if not labels:
        return ()
    kind = row.kind
    is_loose = kind in ("number", "date", "time", "code") or (
        kind == "place" and language in ("tr", "ru", "uk")
    )
    joint = (_LOOSE if is_loose else _STRONG)[language]
    end = "" if kind in ("number", "date", "time") else _SPACED_END
    if kind == "code" and language in ("zh", "ja", "ko"):
        end = ""
    end = _END.get({"firm": "text", "noun": "text"}.get(kind, kind), {}).get(language, end)
    return (rf"{_START[language]}(?:{labels}){joint}{slot_of(kind, language)}{end}",)


def _matches(
    expression: str, kind: str, leaf: Leaf, passage: Passage, text: str, language: str
) -> Iterator[FarAnswer]:
    compiled = pattern(expression, ignore_case=False)
    for sentence in passage.sentences:
        if sentence.is_taken_back or not sentence.tokens:
            continue
        begin = sentence.tokens[0].start
        said = text[begin : sentence.tokens[-1].end]
        for match in compiled.finditer(said):
            group = next((n for n in range(1, len(match.groups()) + 1) if match[n]), 0)
            if not group:
                continue
            first, last = match.start(group), match.end(group)
            if pattern(_OR).search(said[last : last + 12]) is not None or (
                kind == "person" and (is_joined(said[last:]) or is_for_another(text))
            ):
                continue
            if is_unsettled(said[: match.start()], said[last : match.end()], said[last:], language):
                continue
            if not _is_so(sentence, begin + match.start(), begin + last, passage, language):
                continue
            value = _value(
                kind, leaf, passage, (begin + first, begin + last), (said[:first], said[last:]), language
            )
            if value is not None:
                yield FarAnswer(value, begin + first)


def _is_so(sentence: Sentence, start: int, end: int, passage: Passage, language: str) -> bool:
    inside = [n for n, token in enumerate(sentence.tokens) if token.start < end and token.end > start]
    return bool(inside) and is_plain((sentence, inside[0], inside[-1] + 1), passage, language)


def _value(
    kind: str, leaf: Leaf, passage: Passage, span: tuple[int, int], around: tuple[str, str], language: str
) -> Any:
    types = set(leaf.node.types or ("string",))
    written = passage.text[span[0] : span[1]].strip()
    if kind == "number":
        return _figure(leaf, types, passage, span, around, language)
    if kind == "code" and "string" not in types:
        is_whole = (
            pattern(_MORE_CODE, ignore_case=False).search(around[1]) is None
            and written.isascii()
            and written.isdecimal()
            and bool({"integer", "number"} & types)
        )
        return int(written) if is_whole and len(written) <= 15 else None
    if "string" not in types or not written:
        return None
    form = leaf.node.schema.get("format")
    if kind == "date":
        mention = mention_at(passage, span[0], frozenset({"date", "datetime"}))
        is_day = mention is not None and isinstance(mention.value, str) and form in (None, "date")
        return mention.value[:10] if is_day and mention is not None else None
    if kind == "time":
        return None if form not in (None, "time") else written if form is None else None
    if form is not None or len(written) > _LONGEST_TEXT or is_unknown(written):
        return None
    if kind == "place" and is_no_place(written):
        return None
    if kind == "text" and _is_cut(around):
        return None
    if kind == "code":
        return None if pattern(_MORE_CODE, ignore_case=False).search(around[1]) is not None else written
    kept = written if kind == "firm" else trimmed(written, language)
    return kept if kept and kept not in _NO_VALUES else None


def _is_cut(around: tuple[str, str]) -> bool:
    """Whether what stands behind a colon goes on behind a mark, or a mark belongs to a shortened word."""
    before, after = around
    if before.rstrip()[-1:] in (":", "：") and pattern(r"^ ?[,،、，;(（]").search(after) is not None:
        return True
    return pattern(r"^\.[^\s]|^\. [0-9\p{Ll}]", ignore_case=False).search(after) is not None


def _figure(
    leaf: Leaf,
    types: set[str],
    passage: Passage,
    span: tuple[int, int],
    around: tuple[str, str],
    language: str,
) -> Any:
    written = passage.text[span[0] : span[1]].strip()
    before, after = around
    is_bound = not _BOUND_NAMES.isdisjoint(words_of(leaf.path[-1]))
    if (
        (not is_bound and pattern(_BEFORE_NUMBER, ignore_case=False).search(before) is not None)
        or (not is_bound and pattern(_AFTER_NUMBER, ignore_case=False).search(after) is not None)
        or is_other_unit(words_of(leaf.path[-1]), after)
    ):
        return None
    if not {"integer", "number"} & types:
        return written if "string" in types and leaf.node.schema.get("format") is None else None
    value = number_in(written, span[0], passage, language)
    if "number" not in types and isinstance(value, float):
        return None
    return value
