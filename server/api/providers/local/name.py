"""Names of persons, companies and places in a text, whole or not at all."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.lexicon import company_forms, first_names, places, words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.structure.self_wording import is_denied, self_wordings

_WORD = re.compile(r"&|[^\W_][^\s,;:!?()\[\]{}<>\"“”«»„…|/،؛、。，：；！？「」『』&]*")
"""Python's own engine is several times faster on every word of a text; one class after the other, it is linear."""
_LINKS = words_named("links")
_PARTICLES = words_named("particles")
_TITLES = words_named("titles")
_NO_NAMES = words_named("no_names")


_KOREAN_ENDINGS = (
    "에서",
    "에게",
    "에",
    "은",
    "는",
    "을",
    "를",
    "의",
    "와",
    "과",
    "로",
    "이",
    "가",
    "서",
    "게",
)
_GENERAL_NAMES = r"(?:科技|贸易|电子|网络|信息|技术|实业|投资|发展|本|贵|我|该|子|母|分|总|上市|这家|那家)*(?:有限责任公司|股份有限公司|有限公司|集团公司|集团|公司|銀行|银行)"
_SURNAMES = words_named("surnames")


class TextWord(NamedTuple):
    """One word of the text."""

    text: str
    start: int
    end: int
    leads: bool
    """Whether it begins a sentence or a line."""

    @property
    def capital(self) -> bool:
        """Whether the word is written as names are: with a capital somewhere before small letters, or all in capitals."""
        return any(map(str.isupper, self.text)) or (self.text.isascii() is False and _caseless(self.text))

    @property
    def known(self) -> bool:
        """Whether the text is a word of the language and no name."""
        return self.text.lower() in _NO_NAMES


def names(text: str, language: str, others: Sequence[Mention]) -> list[Mention]:
    """Persons, organizations, places and other names in the order of their places, none overlapping ``others``."""
    taken = bytearray(len(text))
    for other in others:
        taken[other.start : other.end] = b"\x01" * (other.end - other.start)
    words = _words(text)
    found: list[Mention] = []
    candidates = [
        *_introduced(text),
        *_booked(text),
        *_quoted_companies(text),
        *_unspaced_companies(text),
        *_companies(text, words),
        *_persons(text, words),
        *_places(text, words),
    ]
    if language != "de":
        candidates += _others(text, words)
    for candidate in candidates:
        if candidate.end > candidate.start and not any(taken[candidate.start : candidate.end]):
            taken[candidate.start : candidate.end] = b"\x01" * (candidate.end - candidate.start)
            found.append(candidate)
    return sorted(found, key=lambda mention: mention.start)


def _words(text: str) -> list[TextWord]:
    found: list[TextWord] = []
    before = 0
    for match in _WORD.finditer(text):
        between = text[before : match.start()]
        leads = before == 0 or any(mark in between for mark in ".!?\n:：。；;•")
        # The point of an abbreviation ends no sentence: «Dr. Meyer», «St. Gallen».
        if leads and found and between == ". " and len(found[-1].text) <= 3:
            leads = False
        word = match[0].rstrip(".'’-+*_")
        found.append(TextWord(word, match.start(), match.start() + len(word), leads))
        before = found[-1].end
    return found


def _together(text: str, left: TextWord, right: TextWord) -> bool:
    """Whether two words stand in one phrase: nothing but a blank between them."""
    return text[left.end : right.start] in (" ", "\u00a0") or (
        text[left.end : right.start] == ". " and left.text.lower() in _TITLES | {"st"}
    )


def _companies(text: str, words: Sequence[TextWord]) -> list[Mention]:
    """A legal form with the capitals before it, or behind it where it stands first."""
    found = []
    for place, word in enumerate(words):
        form = (
            word.text + "."
            if text[word.end : word.end + 1] == "." and word.text + "." in company_forms("behind")
            else word.text
        )
        if form in company_forms("behind"):
            if _is_institution(word) and (seat := _seat(text, words, place)) > place:
                found.append(_mention(text, "organization", word.start, words[seat].end))
                continue
            first = _left_end(text, words, place)
            if first < place:
                last, end = _right_end(text, words, place)
                found.append(_mention(text, "organization", words[first].start, end))
        elif word.text in company_forms("before") and place + 1 < len(words):
            last = place
            while (
                last + 1 < len(words)
                and _together(text, words[last], words[last + 1])
                and last - place < 4
                and words[last + 1].capital
                and not words[last + 1].known
            ):
                last += 1
                if not words[last].text[0].isupper() and last - place >= 2:
                    break
            if last > place:
                found.append(_mention(text, "organization", word.start, words[last].end))
    return found


def _left_end(text: str, words: Sequence[TextWord], place: int) -> int:
    """Where the name before a legal form begins."""
    first = place
    while first > 0 and place - first < 6:
        before = words[first - 1]
        comma = (
            first == place
            and text[before.end : words[first].start] == ", "
            and not _is_institution(words[place])
        )
        if not (comma or _together(text, before, words[first])):
            break
        link = (
            before.text.lower() in _LINKS
            and first > 1
            and words[first - 2].text not in first_names()
            and words[first - 2].capital
            and not words[first - 2].known
            and _together(text, words[first - 2], before)
        )
        if not (before.capital and not before.known) and not link:
            break
        first -= 1
        if words[first].leads:
            break
    if first + 1 < place and words[first].leads and words[first].text.lower() in _LINKS:
        # «Van de Berg B.V.» is a name, «Von Müller GmbH» may be from one: half a name is worse than none.
        return first if words[first + 1].text.lower() in _LINKS else place
    while first < place and (_links_only(words[first]) or words[first].known):
        first += 1
    return first


def _is_institution(word: TextWord) -> bool:
    return word.text in ("University", "Bank", "Institute", "Foundation")


def _seat(text: str, words: Sequence[TextWord], place: int) -> int:
    """The last word of «University of Oslo»; the institution's own where nothing of the kind follows."""
    last = place
    if (
        place + 2 < len(words)
        and words[place + 1].text == "of"
        and _together(text, words[place], words[place + 1])
    ):
        last = place + 1
        while (
            last + 1 < len(words)
            and _together(text, words[last], words[last + 1])
            and words[last + 1].text[0].isupper()
        ):
            last += 1
    return last if last > place + 1 else place


def _links_only(word: TextWord) -> bool:
    """Whether a word links names and is none: «De Vries» is one."""
    return word.text.lower() in _LINKS and (word.leads or not word.text[0].isupper())


def _right_end(text: str, words: Sequence[TextWord], place: int) -> tuple[int, int]:
    """Where a name ends whose legal form has several parts: «GmbH & Co. KG»."""
    last = place
    while last + 1 < len(words):
        between = text[words[last].end : words[last + 1].start]
        following = words[last + 1]
        if between not in (" ", ". ") or not (
            following.text == "&"
            or following.text in company_forms("behind")
            or following.text + "." in company_forms("behind")
        ):
            break
        last += 1
    while words[last].text == "&":
        last -= 1
    end = words[last].end
    for longer in (". z o.o.", ". z o. o.", "."):
        if text.startswith(longer, end) and (
            len(longer) > 1 or words[last].text + "." in company_forms("behind")
        ):
            return last, end + len(longer)
    return last, end


def _quoted_companies(text: str) -> list[Mention]:
    """ООО «Ромашка» and its like."""
    forms = "|".join(sorted(company_forms("before"), key=len, reverse=True))
    expression = rf'(?:{forms})\s?(?:«[^»\n]{{1,60}}»|"[^"\n]{{1,60}}"|„[^“”\n]{{1,60}}[“”])'
    return [
        _mention(text, "organization", match.start(), match.end())
        for match in pattern(expression, ignore_case=False).finditer(text)
    ]


def _unspaced_companies(text: str) -> list[Mention]:
    """Names in scripts without blanks, cut at the words that stand before names."""
    forms = "|".join(map(_escaped, sorted(company_forms("cjk"), key=len, reverse=True)))
    found = []
    stops = "由向与和给是在从的到及付请对将被把或于该本とのはがをにへや、。，：:；;（）()「」\\s"
    before = pattern(rf"[^{stops}A-Za-z0-9]{{2,14}}(?:{forms})|[A-Za-z0-9]{{2,20}}(?:{forms})")
    behind = pattern(
        r"(?:株式会社|有限会社|合同会社)[^とのはがをにへや、。，：:；;（）()「」\s株有]{2,14}|(?:주식회사 ?|\(주\) ?)[\p{Hangul}A-Za-z0-9]{2,14}"
    )
    for expression in (behind, before):
        for match in expression.finditer(text):
            start, end = match.start(), match.end()
            while end > start + 2 and text[start:end].endswith(_KOREAN_ENDINGS):
                end -= 1
            if text[start] == "为":
                start += 1
            if not pattern(_GENERAL_NAMES).fullmatch(text[start:end]):
                found.append(_mention(text, "organization", start, end))
    return found


def _introduced(text: str) -> list[Mention]:
    """Who says a name in a script without blanks: 我叫王伟, 私は田中太郎です, 제 이름은 김민준입니다."""
    forms = (
        r"(?:我叫|我的名字是|名字叫|姓名[:：是])\s?([\p{Han}]{2,4})(?:[，。,、；\s]|$)",
        r"(?:私は|私の名前は|名前は)\s?([\p{Han}\p{Hiragana}\p{Katakana}]{2,8}?)(?:です|と申します|といいます)",
        r"(?:제 이름은|이름은|저는)\s([\p{Hangul}]{2,4}?)(?:입니다|이에요|예요|이고|이라고)",
    )
    return [
        _mention(text, "person", match.start(1), match.end(1), "full")
        for form in forms
        for match in pattern(form).finditer(text)
    ]


def _booked(text: str) -> list[Mention]:
    """In whose name something is booked: «auf den Namen Brandt», «au nom de Lefèvre»; and what is for sale: «vendo Fiat Panda»."""
    wares = [
        _mention(text, "name", match.start(1), match.end(1))
        for wording in self_wordings("ware")
        for match in pattern(wording).finditer(text)
    ]
    return wares + [
        _mention(text, "person", match.start(1), match.end(1), "full")
        for wording in (*self_wordings("booked"), *self_wordings("introduced"))
        for match in pattern(wording).finditer(text)
        if not is_denied(text, match.start(), match.end(1))
    ]


def _persons(text: str, words: Sequence[TextWord]) -> list[Mention]:
    found = []
    for place, word in enumerate(words):
        titled = word.text.lower() in _TITLES and place + 1 < len(words) and word.text[0].isupper()
        first = place + 1 if titled else place
        if (
            not (titled and words[first].capital and _together(text, word, words[first]))
            and word.text not in first_names()
        ):
            continue
        if not titled and (place > 0 and words[place - 1].text.lower() in _TITLES):
            continue
        last = _last_of_person(text, words, first)
        unit = "full" if words[first].text in first_names() and last > first else "part"
        found.append(_mention(text, "person", words[first].start, words[last].end, unit))
    return found


def _last_of_person(text: str, words: Sequence[TextWord], first: int) -> int:
    last = first
    while last + 1 < len(words) and last - first < 4 and _together(text, words[last], words[last + 1]):
        following = words[last + 1]
        particle = following.text.lower() in _PARTICLES and last + 2 < len(words) and words[last + 2].capital
        initial = len(following.text) == 1 and following.text.isupper()
        caseless = (
            following.text in _SURNAMES
            or (following.text in first_names() and _caseless(following.text))
            or following.text.startswith("ال")
        )
        if not (particle or caseless or ((following.text[0].isupper() or initial) and not following.known)):
            break
        if following.text in company_forms("behind") or following.text in places():
            break
        last += 1
    return last


def _places(text: str, words: Sequence[TextWord]) -> list[Mention]:
    found = []
    for place, first in enumerate(words):
        if first.text not in _first_words_of_places():
            continue
        for count in (3, 2, 1):
            phrase = words[place : place + count]
            if len(phrase) < count:
                continue
            name = text[phrase[0].start : phrase[-1].end]
            if name in places():
                found.append(_mention(text, places()[name], phrase[0].start, phrase[-1].end))
                break
    for name, kind in places().items() if not text.isascii() else ():
        at = text.find(name) if "\u2e80" <= name[0] <= "\u9fff" else -1
        while at >= 0:
            found.append(_mention(text, kind, at, at + len(name)))
            at = text.find(name, at + 1)
    return found


@cache
def _first_words_of_places() -> frozenset[str]:
    return frozenset(name.split()[0] for name in places())


def _others(text: str, words: Sequence[TextWord]) -> list[Mention]:
    """Capitals inside a sentence, with what links them."""
    found = []
    place = 0
    while place < len(words):
        word = words[place]
        if not word.text[0].isupper() or word.known or (word.leads and not _inner_capital(word.text)):
            place += 1
            continue
        last = place
        while last + 1 < len(words) and _together(text, words[last], words[last + 1]):
            following = words[last + 1]
            link = (
                following.text.lower() in _PARTICLES | {"of", "the", "&"}
                and last + 2 < len(words)
                and words[last + 2].text[0].isupper()
                and _together(text, following, words[last + 2])
            )
            if not link and not (following.text[0].isupper() and not following.known):
                break
            last += 2 if link else 1
        found.append(_mention(text, "name", word.start, words[last].end))
        place = last + 1
    return found


def _inner_capital(word: str) -> bool:
    return any(map(str.isupper, word[1:])) and any(map(str.islower, word))


def _caseless(word: str) -> bool:
    return word.upper() == word.lower()


def _escaped(form: str) -> str:
    return form.replace("(", r"\(").replace(")", r"\)")


def _mention(text: str, kind: str, start: int, end: int, unit: str = "") -> Mention:
    return Mention(kind, start, end, text[start:end], None, unit)
