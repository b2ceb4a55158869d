"""Names and things in scripts without capitals: they end where a word stands that is part of none."""

from collections.abc import Sequence

from server.api.providers.local.cue.passage import Passage, PassageToken
from server.api.providers.local.cue.unspaced import (
    is_hangul,
    is_unspaced,
    joints,
    particles,
    stops,
    titles,
    unspaced_words,
)
from server.api.providers.local.mention import Mention

_LONGEST = 24
"""Characters of a name or a thing without blanks."""
_MOST_WORDS = 5
_LONGEST_PERSON = 4
_LONGEST_TOWN = 4
_MARKS = frozenset('，、；：（）。！？,;:()!?.\n،؛।؟「」『』《》“”"/')


def _is_plain(token: PassageToken) -> bool:
    """Whether a token is a word of a script without capitals."""
    return token.mention is None and (
        token.text[:1].isalpha() and not token.text[:1].isupper() and not token.text[:1].islower()
    )


def thing_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of what stands between a cue and the next word that is part of no name."""
    return _thing_ends(tokens, at, passage, frozenset())


def _thing_ends(
    tokens: Sequence[PassageToken], at: int, passage: Passage, before: frozenset[str]
) -> Sequence[int]:
    if not _begins(tokens, at):
        return ()
    end = at
    while end < len(tokens) and tokens[end].word not in before and not _ends(tokens, end, at):
        end += 1
    size = tokens[end - 1].end - tokens[at].start if end > at else 0
    if size < 2 or end - at > _MOST_WORDS * 2 or (size > _LONGEST and is_unspaced(tokens[at].text[0])):
        return ()
    if end < len(tokens) and tokens[end].word in joints():
        return ()
    if not any(map(str.isalpha, passage.written(tokens[at], tokens[end - 1]))):
        return ()
    return (end,)


def _begins(tokens: Sequence[PassageToken], at: int) -> bool:
    token = tokens[at]
    if token.word in stops() | joints() or token.text in _MARKS or not token.text[:1].isalnum():
        return False
    if token.mention is not None and token.mention.kind != "code":
        return False
    before = tokens[at - 1] if at else None
    return (
        before is None
        or before.text in _MARKS
        or before.word in stops()
        or before.word in unspaced_words()
        or before.mention is not None
        or not is_unspaced(token.text[0])
    )


def _ends(tokens: Sequence[PassageToken], end: int, at: int) -> bool:
    token = tokens[end]
    if token.text in _MARKS or token.word in stops() or token.word in joints():
        return True
    if token.mention is not None:
        return token.mention.kind not in ("number", "code", "quantity")
    if (
        is_hangul(token.text[0])
        and token.word in particles()
        and end > at
        and tokens[end - 1].end == token.start
    ):
        return True
    return not (token.text[0].isalnum() or token.text in "-・·&+")


def person_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of one person's name."""
    found = _named(tokens, at, passage)
    if found is not None and found.kind == "person":
        end = next((end for end in range(at, len(tokens)) if tokens[end].end == found.end), -1) + 1
        goes_on = end < len(tokens) and _is_plain(tokens[end]) and not _ends(tokens, end, at)
        if end and not _is_joined(tokens, end) and not (goes_on and tokens[end].word not in titles()):
            return (end,)
    if (found is not None and found.kind != "person") or _is_within(tokens, at):
        return ()
    for end in _thing_ends(tokens, at, passage, titles()):
        text = passage.written(tokens[at], tokens[end - 1])
        if is_unspaced(text[0]):
            kana = any("\u3041" <= character <= "\u3096" for character in text)
            titled = end < len(tokens) and tokens[end].word in titles()
            least = 1 if titled else 2
            if (
                least <= len(text.replace(" ", "")) <= _LONGEST_PERSON
                and all(map(is_unspaced, text.replace(" ", "")))
                and not kana
            ):
                return (end,)
        elif 1 < end - at <= _LONGEST_PERSON and all(map(_is_plain, tokens[at:end])):
            return (end,)
    return ()


def _is_within(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a sign stands before that may be part of the name: «山本健一»."""
    before = tokens[at - 1] if at else None
    return (
        before is not None
        and before.end == tokens[at].start
        and len(before.text) == 1
        and "\u3400" <= before.text <= "\u9fff"
        and before.text not in _BEFORE_NAMES
    )


_BEFORE_NAMES = frozenset("是为叫由找名")


def _is_joined(tokens: Sequence[PassageToken], end: int) -> bool:
    return end < len(tokens) and tokens[end].word in joints()


def town_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the name of one town."""
    found = _named(tokens, at, passage)
    for end in thing_ends(tokens, at, passage):
        text = passage.written(tokens[at], tokens[end - 1])
        if found is not None and found.kind in ("city", "country") and found.text.strip() == text:
            return (end,)
        if found is None and len(text) <= _LONGEST_TOWN and is_unspaced(text[0]):
            return (end,)
        if found is None and end - at == 1 and _is_plain(tokens[at]) and not is_unspaced(text[0]):
            return (end,)
    return ()


def firm_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the name of a firm: no person's, no town's."""
    found = _named(tokens, at, passage)
    return (
        ()
        if found is not None and found.kind in ("person", "city", "country")
        else thing_ends(tokens, at, passage)
    )


def firm_with_form_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a firm that begins with the word for one."""
    return firm_ends(tokens, at, passage) if tokens[at].word in _FORMS else ()


_FORMS = frozenset({"شركة", "مؤسسة", "مصنع"})


def _named(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Mention | None:
    return next((mention for mention in passage.named if mention.start == tokens[at].start), None)
