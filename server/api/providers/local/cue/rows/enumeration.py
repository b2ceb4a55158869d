"""The things of an enumeration: «ramipril and metformin daily», «a heated pool, a sauna and free parking»."""

from collections.abc import Sequence
from typing import NamedTuple

from server.api.providers.local.cue.passage import Passage, PassageToken

_AND = frozenset({"and", "&", "und", "et", "y", "e", "och", "og", "en", "plus"})
_ARTICLES = frozenset("a an the some my our his her their your both".split())  # noqa: SIM905  # one list, one line
_PLAIN_ARTICLES = frozenset({"some", "both"})
_JOINS = frozenset("of de di von del der & - ' / + # . to in".split())  # noqa: SIM905  # as above
_STOPS = frozenset(
    "for at in on by to from with without as so while which who that when where because since until daily weekly regularly today yesterday tomorrow now please here there within via over under near every each per after before during "  # noqa: SIM905  # as above
    "is are was were has have had will would can could should may might must do does did he she they we i you it but or nor if this these those very well too also only again together then than into onto "
    "how what why not no about".split()
)
_FINITE = frozenset(
    "ships weighs lasts fits connects requires allows lets opens closes serves helps arrives departs exercises takes holds needs wants lives works has is was said says likes plays speaks uses keeps gets goes comes makes gives asks seems runs includes offers costs sits starts begins arrived arrives wrote left moved "  # noqa: SIM905  # as above
    "went came took gave got made became knows called told sent met plans hopes loves enjoys pays paid owns drives smokes drinks prefers joined".split()
)
_LONGEST = 4
"""Words of one thing."""
_MOST = 30


class Enumerated(NamedTuple):
    """The things of one enumeration and where it ends."""

    things: Sequence[str]
    end: int


def enumerated(
    tokens: Sequence[PassageToken], at: int, passage: Passage, *, names: bool = False
) -> Enumerated | None:
    """The things that are enumerated from a token on; None where it is open what belongs to them."""
    things: list[str] = []
    while at < len(tokens) and len(things) < _MOST:
        first, end = _thing(tokens, at, names=names)
        if end == first:
            return None
        things.append(passage.written(tokens[first], tokens[end - 1]))
        after = _joined(tokens, end)
        if after == end or _is_anew(tokens, after, names=names):
            return Enumerated(things, end) if _ends(tokens, end) else None
        at = after
    return None


def _thing(tokens: Sequence[PassageToken], at: int, *, names: bool) -> tuple[int, int]:
    """The first and the end of a thing, its article left out; both the same where none stands."""
    first = at
    while (
        first < len(tokens)
        and tokens[first].word in _ARTICLES
        and (not names or tokens[first].word in _PLAIN_ARTICLES)
    ):
        first += 1
    end, words = first, 0
    while end < len(tokens):
        token = tokens[end]
        if token.word in _JOINS and end > first and _goes_on(tokens, end, names=names):
            end += 1
            continue
        is_figure = (
            token.mention is not None and token.mention.kind in ("number", "code", "quantity") and not names
        )
        is_word = (
            token.is_word and token.word not in _STOPS and token.word not in _AND and not token.unsettles
        )
        if not (is_word or is_figure) or (names and not token.is_capital) or words >= _LONGEST:
            break
        if end > first and token.word in _FINITE:
            break
        end += 1
        words += 1
    return first, end


def _goes_on(tokens: Sequence[PassageToken], at: int, *, names: bool) -> bool:
    if at + 1 >= len(tokens):
        return False
    before, mark, behind = tokens[at - 1], tokens[at], tokens[at + 1]
    if mark.text in "-'/+#.&":
        glued = before.end == mark.start
        if mark.text in "+#":
            return glued
        return (glued and mark.end == behind.start) or mark.text == "&"
    if mark.word in ("to", "in"):
        return False
    return behind.is_word and (behind.is_capital or not names)


def _joined(tokens: Sequence[PassageToken], end: int) -> int:
    """Where the next thing begins behind a comma or an «and»."""
    at = end
    if at < len(tokens) and tokens[at].text in (",", "、", "，"):
        at += 1
    if at < len(tokens) and tokens[at].word in _AND:
        at += 1
        if (
            tokens[at : at + 2]
            and tokens[at].word == "a"
            and [token.word for token in tokens[at : at + 2]] == ["as", "well"]
        ):
            at += 2
    return at


def _is_anew(tokens: Sequence[PassageToken], at: int, *, names: bool) -> bool:
    """Whether behind a comma or an «and» something else is said."""
    if at >= len(tokens):
        return True
    token = tokens[at]
    if names and token.word in _PLAIN_ARTICLES:
        return False
    if token.word in _FINITE or token.word in _STOPS or token.unsettles:
        return True
    behind = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if token.word.endswith("s") and behind in ("a", "an", "the", "my", "our", "his", "her", "their"):
        # «… and costs a fortune»
        return True
    return names and not token.is_capital


def _ends(tokens: Sequence[PassageToken], end: int) -> bool:
    """Whether an enumeration is over: at the end of a clause, or at a word that goes on with something else."""
    if end >= len(tokens):
        return True
    token = tokens[end]
    return token.text in ".;!)(\n,–—:" or token.word in _AND or token.word in _STOPS
