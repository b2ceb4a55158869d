"""The first day of two that share their month and year: «from 3 to 7 May 2025», «dal 3 al 7 maggio 2025»."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from server.api.providers.local.mention import Mention

if TYPE_CHECKING:
    from server.api.providers.local.cue.passage import PassageToken

_FROM = frozenset("from between vom von du de del dal van från entre tra zwischen tussen".split())  # noqa: SIM905  # one list, one line
_TO = frozenset("to and until till bis au al a à ao até hasta tot - – und et y e en och".split())  # noqa: SIM905  # as above
_ARTICLES = frozenset("the zum den der le el il o".split())  # noqa: SIM905  # as above
_DAYS_OF_MONTH = 31


def with_first_days(tokens: list["PassageToken"]) -> list["PassageToken"]:
    """The tokens, of which a number that is such a first day is one."""
    for at, token in enumerate(tokens[:-2]):
        last = at + 2 + (tokens[at + 2].word in _ARTICLES and at + 3 < len(tokens))
        value = _first_of(tokens, at, last)
        if value:
            mention = Mention("date", token.start, token.end, token.text, value)
            tokens[at] = token._replace(mention=mention)
    return tokens


def _first_of(tokens: Sequence["PassageToken"], at: int, last: int) -> str:
    before = {token.word for token in tokens[max(0, at - 2) : at]}
    mention, then = tokens[at].mention, tokens[last].mention
    day = mention.value if mention is not None and mention.kind == "number" else None
    if not isinstance(day, int) or not 1 <= day <= _DAYS_OF_MONTH or before.isdisjoint(_FROM):
        return ""
    if (
        tokens[at + 1].word not in _TO
        or then is None
        or then.kind != "date"
        or not isinstance(then.value, str)
    ):
        return ""
    end = int(then.value[-2:])
    begins = then.text.lstrip("0")[: len(str(end))] == str(end)
    return f"{then.value[:-2]}{day:02d}" if begins and day < end else ""
