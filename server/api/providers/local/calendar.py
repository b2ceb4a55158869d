"""Dates and times in a text, as people of many languages write them."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from server.api.providers.local.lexicon import months
from server.api.providers.local.mention import DIGIT, Mention, apart
from server.api.providers.local.numeral import Separators, value_of
from server.api.providers.local.pattern import Pattern, pattern

_RELATIVE = (
    r"(?:next |last |this |coming )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|today|tomorrow|tonight|yesterday|"
    r"day after tomorrow|(?:next|last|this) (?:week|month|year|weekend|quarter)|heute|morgen früh|übermorgen|gestern|demain|aujourd'hui|hier|"
    r"mañana|ayer|domani|ieri|oggi|amanhã|ontem|jutro|wczoraj|завтра|вчера|сегодня|yarın|dün|bugün|غدا|غداً|अगले|कल|明天|昨天|今天|明日|昨日|今日|내일|어제|오늘"
)

_DAY = rf"({DIGIT}{{1,2}})(?:st|nd|rd|th|er|º|ª|°|\.|-го|-е|го)?"

_LINK = r"(?:\s?,?\s?(?:of|de|di|do|del|den|da|d')?\s?)"


def dates_in(text: str) -> Iterator[Mention]:
    """Every date, with its ISO 8601 value where the text says it all."""
    zone = r"(?:Z|[+-]\d{2}:\d{2})"
    for match in pattern(
        rf"\d{{4}}-\d{{2}}-\d{{2}}[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?{zone}?"
    ).finditer(text):
        if apart(text, match.start(), match.end()):
            yield Mention(
                "datetime", match.start(), match.end(), match[0], _iso(*_ints(match[0][:10].split("-")))
            )
    for form, order in _date_forms():
        for match in form.finditer(text):
            start, end = match.start(), match.end()
            if apart(text, start, end):
                parts = dict(zip(order, match.groups(), strict=True))
                mention = _date_of(text, start, end, parts)
                if mention is not None:
                    yield mention
    yield from relative_dates_in(text)


def relative_dates_in(text: str) -> Iterator[Mention]:
    """Days that are named by today: their dates depend on when somebody reads them."""
    for match in pattern(_RELATIVE).finditer(text):
        if apart(text, match.start(), match.end()):
            yield Mention("date", match.start(), match.end(), match[0])


@cache
def _date_forms() -> tuple[tuple[Pattern, str], ...]:
    """Expressions, each with what its groups are: year, month, day, or n for the name of a month."""
    names = "|".join(sorted((name for name in months() if len(name) > 1), key=len, reverse=True)).replace(
        ".", r"\."
    )
    name = rf"{_DAY}{_LINK}(?:ב)?({names})\.?"
    year = rf"(?:{_LINK}({DIGIT}{{4}}))"
    forms = (
        (rf"({DIGIT}{{4}})\s?年\s?({DIGIT}{{1,2}})\s?月\s?({DIGIT}{{1,2}})\s?[日号號]", "ymd"),
        (rf"({DIGIT}{{4}})년\s?({DIGIT}{{1,2}})월\s?({DIGIT}{{1,2}})일", "ymd"),
        (rf"(?:ngày )?({DIGIT}{{1,2}}) tháng ({DIGIT}{{1,2}})(?:,? năm|,) ({DIGIT}{{4}})", "dmy"),
        (rf"({DIGIT}{{4}})[-/.]({DIGIT}{{1,2}})[-/.]({DIGIT}{{1,2}})", "ymd"),
        (rf"({DIGIT}{{4}})\.?\s({names})\s({DIGIT}{{1,2}})\.?", "ynd"),
        (rf"{name}{year}", "dny"),
        (rf"({names})\.?\s{_DAY},?\s({DIGIT}{{4}})", "ndy"),
        (rf"({DIGIT}{{1,2}})\.\s?({DIGIT}{{1,2}})\.\s?({DIGIT}{{4}})", "dmy"),
        (rf"({DIGIT}{{1,2}})([/.-])({DIGIT}{{1,2}})[/.-]({DIGIT}{{4}}|{DIGIT}{{2}})", "asby"),
        (rf"({DIGIT}{{1,2}})\s?月\s?({DIGIT}{{1,2}})\s?[日号號]", "md"),
        (rf"({DIGIT}{{1,2}})월\s?({DIGIT}{{1,2}})일", "md"),
        (rf"{name}", "dn"),
        (rf"({names})\.?\s{_DAY}", "nd"),
        (rf"({names})\.?{year}", "ny"),
    )
    return tuple((pattern(form), order) for form, order in forms)


def _date_of(text: str, start: int, end: int, parts: dict[str, str]) -> Mention | None:
    """A date of its parts; without a value where they leave the year, or which of two numbers is the month, open."""
    numbers = {key: _int(value) for key, value in parts.items() if key not in "ns" and value}
    name = parts.get("n")
    if name is not None:
        numbers["m"] = months()[name.lower()]
        # «may 3», «mar 5» and «set 2» are no dates unless they are written as ones.
        if "y" not in numbers and not (name[0].isupper() or not name.isascii() or len(name) > 4):
            return None
    shown = text[start:end]
    if "a" in numbers:
        return _slashed(shown, start, end, numbers, parts["s"], len(parts["y"]))
    day, month, year = numbers.get("d"), numbers["m"], numbers.get("y")
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    if year is not None and 2443 <= year <= 2700 and name is not None and "\u0e00" <= name[0] <= "\u0e7f":
        year -= 543
    return Mention("date", start, end, shown, _iso(year, month, day))


def _slashed(
    shown: str, start: int, end: int, numbers: dict[str, int], mark: str, digits: int
) -> Mention | None:
    """A date such as 3/4/2024: with points the day stands first; else only where one number cannot be a month."""
    first, second, year = numbers["a"], numbers["b"], numbers["y"]
    marks = {character for character in shown if character in "/.-"}
    if not (1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12) or len(marks) != 1:
        return None
    if digits == 2:
        return Mention("date", start, end, shown)
    if mark == "." or first > 12 or first == second:
        return Mention("date", start, end, shown, _iso(year, second, first))
    if second > 12:
        return Mention("date", start, end, shown, _iso(year, first, second))
    return Mention("date", start, end, shown, None, f"{year:04d}-{second:02d}-{first:02d}")


_NORDIC_CLOCK = (
    r"(?:^|[^\p{L}])(?:kl|klo|klockan|klokken|godz|o godzinie)\.?\s(\d{1,2})\.(\d{2})(?:$|[^\d.]|\.(?:\s|$))"
)
"""«kl. 19.00» and its like: elsewhere the point makes no time."""
_HOURS = 24
_MINUTES = 60


def times_in(text: str) -> Iterator[Mention]:
    """Every time of day, as HH:MM where the text says which half of the day."""
    half = r"(?:\s?(a\.m\.|p\.m\.|am|pm)(?:\b|$))"
    clock = (
        (r"(\d{1,2})(?:[:.](\d{2}))?\sUhr", "hm"),
        (rf"(\d{{1,2}}):(\d{{2}})(?::\d{{2}})?{half}?", "hma"),
        (rf"(\d{{1,2}}){half}", "ha"),
        (r"(\d{1,2})\s?h\s?(\d{2})?", "hm"),
        (
            r"(上午|早上|午前|下午|晚上|午後|오전|오후)?\s?(\d{1,2})\s?(?:時|时|点|點|시)(?:\s?(\d{1,2})\s?[分분])?",
            "ahm",
        ),
    )
    for form, order in clock:
        for match in pattern(form).finditer(text):
            parts = dict(zip(order, match.groups(), strict=True))
            hour, minute = int(parts["h"]), int(parts.get("m") or 0)
            if (
                apart(text, match.start(), match.end())
                and hour < 24
                and minute < 60
                and match.end() > match.start() + 1
            ):
                yield Mention(
                    "time", match.start(), match.end(), match[0], _clock(hour, minute, parts.get("a") or "")
                )
    for match in pattern(_NORDIC_CLOCK).finditer(text):
        if int(match[1]) < _HOURS and int(match[2]) < _MINUTES:
            clock_text = text[match.start(1) : match.end(2)]
            yield Mention("time", match.start(1), match.end(2), clock_text, f"{int(match[1]):02d}:{match[2]}")
    for match in pattern(r"noon|midnight").finditer(text):
        if apart(text, match.start(), match.end()):
            yield Mention(
                "time", match.start(), match.end(), match[0], "12:00" if match[0].lower() == "noon" else None
            )


def _clock(hour: int, minute: int, half: str) -> str:
    if half.lower().startswith("p") or half in ("下午", "晚上", "午後", "오후"):
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    return f"{hour:02d}:{minute:02d}"


def _iso(year: int | None, month: int, day: int | None) -> str | None:
    if year is None or day is None:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _int(text: str) -> int:
    value = value_of(text, Separators(comma_decimal=False))
    return int(value) if value is not None else 0


def _ints(parts: list[str]) -> tuple[int, int, int]:
    year, month, day = map(int, parts)
    return year, month, day
