"""Rows that are none: what names their things is a currency, a heading, a preposition's half or somebody."""

from typing import Any

from server.api.providers.local.pattern import pattern
from server.api.providers.local.values.left_out import names_in

_MONEY = frozenset("zł zl kč kc kr kr. eur euro euros usd gbp chf czk pln sek nok dkk rub руб руб. рублей рубля грн uah tl lira ₺ $ € £ ¥ dollar dollars pound pounds quid bucks yen 円 元 원 złotych korun kronor kroner".split())  # fmt: skip  # noqa: SIM905  # one list, one line
_HANGS = r" (?:po|at|à|a|per|za|zu|je|for|of|por|par|по|за|von|de|di|till|för|by|from|to|in|on)$"
_SOMEBODY = r"^(?:i|we|he|she|they|it|you)(?:['’](?:m|re|s|d|ll|ve)\b.*)?$"
_HEADING = (":", "：")


def are_odd(rows: Any, text: str) -> bool:
    """Whether something that these rows tell is the name of no thing."""
    if not isinstance(rows, list):
        return False
    names = list(dict.fromkeys(names_in(rows)))
    if any(map(_is_no_thing, names)):
        return True
    # «Order: 2 shirts at 40, trousers at 90» has a heading; «Lunges: 3 sets, planks: 2 sets» has none.
    headed = [name for name in names if text[text.find(name) + len(name) :].startswith(_HEADING)]
    return len(headed) == 1 and len(names) > 1 and headed[0] == names[0] and _begins(headed[0], text)


def _is_no_thing(name: str) -> bool:
    # «Product A» does not hang on an article.
    hangs = pattern(_HANGS, ignore_case=False).search(name) is not None
    return name.lower() in _MONEY or hangs or pattern(_SOMEBODY).search(name) is not None


def _begins(name: str, text: str) -> bool:
    """Whether a line or sentence begins with the name, and goes on with several things."""
    at = text.find(name)
    before, rest = text[:at].rstrip(" "), text[at + len(name) + 1 :].partition("\n")[0]
    return (not before or before.endswith((".", "\n", "!", "?", ";"))) and rest.count(",") > 0
