"""The fixed words in which writers tell of themselves, as expressions: the rows of ``self_account.tsv`` with their parts written out."""

from functools import cache

from server.api.providers.local.lexicon import self_accounts
from server.api.providers.local.pattern import pattern

_CAPITAL = r"\p{Lu}[\p{L}\p{M}]*(?:['’-][\p{L}\p{M}]+)*"
_LINK = r"(?:de la|van de|van der|van den|von der|de|da|do|dos|di|del|van|von|den|der|la)"
_GO_ON = r"(?:[.,;!]|$|\s(?:und|et|y|e|en|i|a|og|och|ja|in|im|bei|seit|depuis|desde|da|dal|sinds|od|sedan|siden|à|chez|para|per|em|na|no|bij|voor|w|v|u|på|för|hos|dans|presso|y)\s)"
_PARTS = {
    "name": rf"((?-i:{_CAPITAL}(?:\s(?:{_LINK}\s)?{_CAPITAL}){{1,3}}))(?:[.,;!]|$|\s(?:y|e|et|en|i|a|og|och|ja|и|і|та)\s)",
    "one": rf"((?-i:(?:{_LINK}\s)?{_CAPITAL}(?:\s(?:{_LINK}\s)?{_CAPITAL}){{0,3}}))",
    "job": rf"((?:\p{{L}}+-)*\p{{L}}+(?:\s(?:de|di|des|du)?\s?\p{{L}}+){{0,2}}?){_GO_ON}",
    "place": rf"((?-i:{_CAPITAL}(?:\s{_CAPITAL})?))",
    "n": r"(\d{1,3})",
    "han": r"\p{Han}{2,4}",
    "han1": r"[^人员生师手者客户，。,！\s]{1,2}",
    "han2": r"\p{Han}{2,8}",
    "han4": r"\p{Han}{2,4}",
    "family": "[王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾魏薛叶阎余潘杜戴钟汪田姜范姚谭廖邹陆郝崔邱秦侯邵孟钱汤尹黎贺赖龚]",
    "kanji": r"(?:\p{Han}|\p{Katakana}|ー){2,8}",
    "japanese": r"(?:\p{Han}|\p{Katakana}|ー){2,12}",
    "japanese4": r"\p{Han}{2,4}",
    "hangul": r"\p{Hangul}{2,4}?",
    "hangul2": r"\p{Hangul}{2,8}?",
}  # fmt: skip

_DENIALS = frozenset(
    {
        "no",
        "non",
        "não",
        "nie",
        "не",
        "ne",
        "nunca",
        "nicht",
        "niet",
        "ei",
        "nem",
        "inte",
        "ikke",
        "pas",
        "not",
    }
)
_BEFORE = 16
"""Characters before a wording in which it may be denied."""

_ALTERED = r"^[^.!?]*(?:cancel|anul|annul|storn|отмен|скасов|zruš|avbok|ändern|cambi|changer|cambiar|wijzig|zmien|измен)"
"""What takes back or alters a booking behind the name in which it is."""


@cache
def self_wordings(what: str) -> tuple[str, ...]:
    """The expressions of one kind, group 1 of each the value."""
    return tuple(
        rf"(?:^|[^\p{{L}}\p{{M}}]){expression}"
        if expression[:1].isascii() or expression[0].isalpha()
        else expression
        for row, written in self_accounts()
        if row == what
        for expression in (_with_parts(written),)
    )


def _with_parts(written: str) -> str:
    for name, part in _PARTS.items():
        written = written.replace("{" + name + "}", part)
    return written


def is_denied(text: str, start: int, end: int) -> bool:
    """Whether the word before a wording denies it, or what is behind its value takes it back: «nicht auf den Namen Brandt», «a nombre de Castillo cancelada»."""
    if pattern(_ALTERED).match(text[end : end + 40]):
        return True
    before = text[max(0, start - _BEFORE) : start + 1].lower().split()
    return bool({*before[-1:]} & _DENIALS)
