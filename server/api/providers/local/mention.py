"""What a text names, kind by kind and each whole, found by scanning it a fixed number of times."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from server.api.providers.local.lexicon import currencies_before, currencies_behind, months
from server.api.providers.local.numeral import Separators, value_of
from server.api.providers.local.pattern import Pattern, pattern

_D = "[0-9٠-٩۰-۹०-९０-９]"
_NUMBER = rf"{_D}{{1,3}}(?:[’' \x{{a0}}\x{{202f}}\x{{2009}}]{_D}{{3}})+(?:[.,]{_D}+)?|{_D}+(?:[.,٬٫]{_D}+)*"
_MAGNITUDES = {
    1_000: "k thousand tausend mille mil mila tysięcy tys tys. тыс тыс. тысяч тисяч bin ألف آلاف אלף हजार हज़ार 千 천",
    10_000: "万 萬 만",
    100_000: "lakh lakhs लाख",
    1_000_000: "m mn million millions mio mio. millionen milhões milhão millones millón milioni milione miljoen miljoner mln mln. млн млн. миллионов milyon مليون מיליון 百万 백만",
    10_000_000: "crore crores करोड़",
    100_000_000: "亿 億 억",
    1_000_000_000: "bn billion billions mrd mrd. milliarde milliarden milliards miliardi mld млрд млрд. miliardów milyar مليار",
}  # fmt: skip
_UNITS = (
    "km/h km/hr mph km kg mg cm mm ml ft lb lbs oz mi gb mb tb kwh kw mhz ghz m² m2 sqm hectares meters metres meter metros mètres "
    "miles inches feet pounds_of ounces grams gram gramm grammes gramos liters litres liter litros litri calories degrees °c °f ° "
    "kilometers kilometres kilometer kilómetros kilomètres kilos kilo kilograms км кг г м л 公斤 公里 千克 米 g l m t"
)
_DURATIONS = {
    "second": "second seconds sec secs sekunde sekunden seconde secondes segundo segundos secondi секунд saniye 秒 초",
    "minute": "minute minutes min mins minuten minuto minutos minuti minuut minuter minut минут минуты dakika دقيقة دقائق 分钟 分 분 मिनट",
    "hour": "hour hours hr hrs stunde stunden heure heures hora horas ora ore uur uren timme timmar time timer godziny godzin час часа часов saat ساعة ساعات 小时 時間 시간 घंटे",
    "day": "day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen dagar dni dzień день дня дней gün يوم أيام 天 日間 일간 दिन päivää",
    "week": "week weeks woche wochen semaine semaines semana semanas settimana settimane weken vecka veckor tygodni tygodnie неделя недели недель hafta أسبوع أسابيع 周 週間 주 सप्ताह",
    "month": "month months monat monate monaten mois mes meses mese mesi mês maand maanden månad månader miesiąc miesiące miesięcy месяц месяца месяцев ay شهر أشهر 个月 ヶ月 개월 महीने",
    "year": "year years jahr jahre jahren ans an année années año años anno anni ano anos jaar år lat lata rok год года лет yıl سنة سنوات 年間 साल",
    "night": "night nights nacht nächte nuits nuit noche noches notti notte noites",
}  # fmt: skip
_PERCENT = "% ％ ٪ percent per_cent prozent pour_cent por_ciento por_cento per_cento procent proc. процент процента процентов prosenttia ٪ بالمئة प्रतिशत 퍼센트 パーセント"
_RELATIVE = (
    r"(?:next |last |this |on |coming )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|today|tomorrow|tonight|yesterday|"
    r"day after tomorrow|(?:next|last|this) (?:week|month|year|weekend|quarter)|heute|morgen früh|übermorgen|gestern|demain|aujourd'hui|hier|"
    r"mañana|ayer|domani|ieri|oggi|amanhã|ontem|jutro|wczoraj|завтра|вчера|сегодня|yarın|dün|bugün|غدا|غداً|अगले|कल|明天|昨天|今天|明日|昨日|今日|내일|어제|오늘"
)
_DAY = rf"({_D}{{1,2}})(?:st|nd|rd|th|er|º|ª|°|\.|-го|-е|го)?"
_LINK = r"(?:\s?,?\s?(?:of|de|di|do|del|den|da|d')?\s?)"


_MOST = 200
"""Things of one kind that are looked for: past so many none is the only one."""
_CODE = re.compile(r"#?[A-Za-z0-9]+(?:[-_/.][A-Za-z0-9]+)*")
"""Python's own engine is several times faster on every word of a text; here nothing can match in two ways, and it is linear."""


class Mention(NamedTuple):
    """One thing that a text names."""

    kind: str
    start: int
    end: int
    text: str
    value: Any = None
    """A number, an ISO 8601 date or time; None where the text leaves it open."""
    unit: str = ""
    """Of money its ISO 4217 code, of a duration its unit, of a quantity its unit as written."""


def mentions(text: str, separators: Separators) -> list[Mention]:
    """Everything that ``text`` names but names, in its order; nothing is part of two."""
    taken = bytearray(len(text))
    found: list[Mention] = []
    digits = any(map(str.isdigit, text))
    scans = (
        (_addresses, _dates, _times, _phones, _lettered_codes) if digits else (_addresses, _relative_dates)
    )
    for scan in scans:
        for mention in islice(scan(text), _MOST):
            _keep(found, taken, mention)
    if digits:
        for mention in islice(_numbers(text, separators, taken), _MOST):
            _keep(found, taken, mention)
        for mention in islice(_codes(text), _MOST):
            _keep(found, taken, mention)
    return _without_weekdays(text, sorted(found, key=lambda mention: mention.start))


def _without_weekdays(text: str, found: list[Mention]) -> list[Mention]:
    """«Saturday 14 June 2025» names one day, and the date says which."""
    kept = []
    for place, mention in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        dated = following is not None and following.kind == "date" and following.value is not None
        if mention.kind == "date" and mention.value is None and dated and following is not None:
            between = text[mention.end : following.start]
            if between.strip(" ,") in ("", "the", "on") and len(between) <= 6:
                continue
        kept.append(mention)
    return kept


def _keep(found: list[Mention], taken: bytearray, mention: Mention) -> None:
    if mention.end > mention.start and not any(taken[mention.start : mention.end]):
        taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
        found.append(mention)


def _addresses(text: str) -> Iterator[Mention]:
    if "://" in text or "www." in text.lower():
        yield from _urls(text)
    if "@" in text:
        yield from _emails(text)
    if "-" in text or "." in text or any(map(str.isupper, text)):
        yield from _numbered_addresses(text)


def _urls(text: str) -> Iterator[Mention]:
    for match in pattern(r"(?:https?://|www\.)[^\s<>\"'()\[\]{}，。、»”]+").finditer(text):
        value = match[0].rstrip(".,;:!?")
        yield Mention("url", match.start(), match.start() + len(value), value)


def _emails(text: str) -> Iterator[Mention]:
    for match in pattern(r"[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").finditer(text):
        value = match[0].rstrip(".-")
        yield Mention("email", match.start(), match.start() + len(value), value)


def _numbered_addresses(text: str) -> Iterator[Mention]:
    for match in pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").finditer(text):
        if _apart(text, match.start(), match.end()):
            yield Mention("uuid", match.start(), match.end(), match[0])
    for match in pattern(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}").finditer(text):
        if _apart(text, match.start(), match.end()) and all(int(part) < 256 for part in match[0].split(".")):
            yield Mention("ipv4", match.start(), match.end(), match[0])
    for match in pattern(
        r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?", ignore_case=False
    ).finditer(text):
        if _apart(text, match.start(), match.end()):
            yield Mention("iban", match.start(), match.end(), match[0])


def _dates(text: str) -> Iterator[Mention]:
    zone = r"(?:Z|[+-]\d{2}:\d{2})"
    for match in pattern(
        rf"\d{{4}}-\d{{2}}-\d{{2}}[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?{zone}?"
    ).finditer(text):
        if _apart(text, match.start(), match.end()):
            yield Mention(
                "datetime", match.start(), match.end(), match[0], _iso(*_ints(match[0][:10].split("-")))
            )
    for form, order in _date_forms():
        for match in form.finditer(text):
            start, end = match.start(), match.end()
            if _apart(text, start, end):
                parts = dict(zip(order, match.groups(), strict=True))
                mention = _date_of(text, start, end, parts)
                if mention is not None:
                    yield mention
    yield from _relative_dates(text)


def _relative_dates(text: str) -> Iterator[Mention]:
    for match in pattern(_RELATIVE).finditer(text):
        if _apart(text, match.start(), match.end()):
            yield Mention("date", match.start(), match.end(), match[0])


@cache
def _date_forms() -> tuple[tuple[Pattern, str], ...]:
    """Expressions, each with what its groups are: year, month, day, or n for the name of a month."""
    names = "|".join(sorted((name for name in months() if len(name) > 1), key=len, reverse=True)).replace(
        ".", r"\."
    )
    name = rf"{_DAY}{_LINK}(?:ב)?({names})\.?"
    year = rf"(?:{_LINK}({_D}{{4}}))"
    forms = (
        (rf"({_D}{{4}})\s?年\s?({_D}{{1,2}})\s?月\s?({_D}{{1,2}})\s?[日号號]", "ymd"),
        (rf"({_D}{{4}})년\s?({_D}{{1,2}})월\s?({_D}{{1,2}})일", "ymd"),
        (rf"(?:ngày )?({_D}{{1,2}}) tháng ({_D}{{1,2}})(?:,? năm|,) ({_D}{{4}})", "dmy"),
        (rf"({_D}{{4}})[-/.]({_D}{{1,2}})[-/.]({_D}{{1,2}})", "ymd"),
        (rf"({_D}{{4}})\.?\s({names})\s({_D}{{1,2}})\.?", "ynd"),
        (rf"{name}{year}", "dny"),
        (rf"({names})\.?\s{_DAY},?\s({_D}{{4}})", "ndy"),
        (rf"({_D}{{1,2}})\.\s?({_D}{{1,2}})\.\s?({_D}{{4}})", "dmy"),
        (rf"({_D}{{1,2}})([/.-])({_D}{{1,2}})[/.-]({_D}{{4}}|{_D}{{2}})", "asby"),
        (rf"({_D}{{1,2}})\s?月\s?({_D}{{1,2}})\s?[日号號]", "md"),
        (rf"({_D}{{1,2}})월\s?({_D}{{1,2}})일", "md"),
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


def _times(text: str) -> Iterator[Mention]:
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
                _apart(text, match.start(), match.end())
                and hour < 24
                and minute < 60
                and match.end() > match.start() + 1
            ):
                yield Mention(
                    "time", match.start(), match.end(), match[0], _clock(hour, minute, parts.get("a") or "")
                )
    for match in pattern(r"noon|midnight").finditer(text):
        if _apart(text, match.start(), match.end()):
            yield Mention(
                "time", match.start(), match.end(), match[0], "12:00" if match[0].lower() == "noon" else None
            )


def _clock(hour: int, minute: int, half: str) -> str:
    if half.lower().startswith("p") or half in ("下午", "晚上", "午後", "오후"):
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    return f"{hour:02d}:{minute:02d}"


def _phones(text: str) -> Iterator[Mention]:
    for match in pattern(
        r"(?:\+\d{1,3}[ -]?|00)?(?:\(\d{1,5}\)[ -]?)?\d{2,5}(?:[ /.-]\(?\d{1,10}\)?){1,6}|\+\d{7,15}"
    ).finditer(text):
        shown = match[0]
        start, end = match.start(), match.start() + len(shown)
        digits = sum(map(str.isdigit, shown))
        if start > 1 and text[start - 1] in "-_/" and text[start - 2].isalnum():
            continue
        if (
            not 7 <= digits <= 15
            or not _apart(text, start, end)
            or text[start - 1 : start] in ("#", "$", "€", "£")
        ):
            continue
        marked = shown[0] in "+(" or shown.startswith("00")
        dashed = "-" in shown and " " not in shown and not pattern(r"\d{4}-\d{2}-\d{2}").search(shown)
        called = pattern(r"(?:phone|tel|telefon\w*|téléphone|teléfono|telefone|mobile|mobil|handy|cell|call|fax|電話|电话|전화|тел\w*|هاتف|טלפון|फ़ोन|फोन)\.?[^\d\n]{0,16}$").search(text[max(0, start - 40) : start])  # fmt: skip
        if marked or called or (dashed and digits <= 11 and shown.count(".") == 0):
            yield Mention("phone", start, end, shown)


def _numbers(text: str, separators: Separators, taken: bytearray) -> Iterator[Mention]:
    for match in pattern(_NUMBER).finditer(text):
        start, end = match.start(), match.end()
        if any(taken[start:end]):
            continue
        shown = match[0]
        if text[end : end + 1].isdigit():
            # The last group of three goes on: the blanks part numbers, not thousands.
            yield from _apart_numbers(shown, start, separators)
            continue
        if shown.count(",") > 1 and value_of(shown, separators) is None:
            # «1,2,3» is a list without blanks.
            yield from _apart_numbers(shown, start, separators)
        else:
            yield from _amount(text, start, end, separators)


def _apart_numbers(shown: str, start: int, separators: Separators) -> Iterator[Mention]:
    for piece in pattern(rf"{_D}+").finditer(shown):
        yield Mention(
            "number", start + piece.start(), start + piece.end(), piece[0], value_of(piece[0], separators)
        )


def _letter(character: str) -> bool:
    """Whether a number behind it belongs to its word."""
    return character.isalpha() and not _joins(character)


def _amount(text: str, start: int, end: int, separators: Separators) -> Iterator[Mention]:
    """The number at a place with what belongs to it: sign, magnitude, currency, per cent, unit."""
    shown = text[start:end]
    if (
        start > 0
        and (_letter(text[start - 1]) or text[start - 1] in "_#@")
        and not _symbol_before(text, start)
    ):
        return
    times, stop = _magnitude(text, end)
    before = _symbol_before(text, start)
    code, behind = _currency_behind(text, stop)
    if before or code:
        value = value_of(shown, separators, money=True)
        begin = start - len(before)
        if begin > 0 and text[begin - 1] in "-−" and not text[begin - 2 : begin - 1].isalnum():
            begin, value = begin - 1, None if value is None else -value
        yield Mention("money", begin, behind if code else stop, text[begin : behind if code else stop], _product(value, times), code or currencies_before()[before.strip()])  # fmt: skip
        return
    value = value_of(shown, separators)
    word, after = _behind(text, stop, _percent())
    if word:
        yield Mention("percentage", start, after, text[start:after], _product(value, times), "%")
        return
    if times == 1:
        word, after = _behind(text, end, _durations())
        if word:
            yield Mention("duration", start, after, text[start:after], value, _durations()[word])
            return
        word, after = _behind(text, end, _units())
        if word:
            yield Mention("quantity", start, after, text[start:after], value, text[end:after].strip(" -"))
            return
        if end < len(text) and text[end].isalpha() and text[end].isascii():
            return
    if (
        start > 0
        and text[start - 1] in "-−"
        and not text[max(0, start - 2) : start - 1].strip("([:=,;").strip()
    ):
        start, value = start - 1, None if value is None else -value
    yield Mention("number", start, stop, text[start:stop], _product(value, times))


def _product(value: float | int | None, times: int) -> float | int | None:
    if value is None:
        return None
    total = round(value * times, 6)
    return int(total) if float(total).is_integer() else total


def _symbol_before(text: str, start: int) -> str:
    """The currency that stands before a number, with the blank between."""
    head = text[max(0, start - 4) : start]
    blank = head[len(head.rstrip(" \u00a0")) :]
    head = head.rstrip(" \u00a0")
    for length in (3, 2, 1):
        symbol = head[-length:]
        if len(symbol) == length and len(blank) <= 1 and symbol in currencies_before():
            letter_before = text[max(0, start - len(blank) - length - 1) : start - len(blank) - length]
            if not (symbol[0].isalpha() and letter_before.isalpha()):
                return symbol + blank
    return ""


def _currency_behind(text: str, end: int) -> tuple[str, int]:
    word, after = _behind(text, end, currencies_behind())
    return (currencies_behind()[word], after) if word else ("", end)


def _magnitude(text: str, end: int) -> tuple[int, int]:
    word, after = _behind(text, end, _magnitudes())
    return (_magnitudes()[word], after) if word else (1, end)


def _behind(text: str, end: int, words: Any) -> tuple[str, int]:
    """The longest of ``words`` that stands behind a place, at most one blank or hyphen away, and where it ends."""
    start = end + (text[end : end + 1] in (" ", "\u00a0", "\u202f", "-"))
    tail = text[start : start + 16].lower()
    for length in range(min(len(tail), 16), 0, -1):
        word = tail[:length]
        if word not in words:
            continue
        following = text[start + length : start + length + 1]
        if not word[-1].isalpha() or not following.isalpha() or _joins(word[-1]):
            return word, start + length
    return "", end


def _joins(character: str) -> bool:
    """Whether words of its script are written without blanks between them."""
    return "\u0e00" <= character <= "\u0e7f" or "\u2e80" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" or "\u3040" <= character <= "\u30ff"  # fmt: skip


@cache
def _magnitudes() -> dict[str, int]:
    return {word.lower(): times for times, words in _MAGNITUDES.items() for word in words.split()}


@cache
def _percent() -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in _PERCENT.split())


@cache
def _durations() -> dict[str, str]:
    return {word: unit for unit, words in _DURATIONS.items() for word in words.split()}


@cache
def _units() -> frozenset[str]:
    return frozenset(_UNITS.replace("_", " ").split())


def _lettered_codes(text: str) -> Iterator[Mention]:
    """Numbers of things that begin with a letter, such as INV-2024-001: their digits are no numbers."""
    for mention in _codes(text):
        first = mention.text[0]
        letters = mention.text.rstrip("0123456789.,")
        if (first.isalpha() or first == "#") and letters.upper() not in currencies_before():
            yield mention


def _codes(text: str) -> Iterator[Mention]:
    """Numbers of things: letters and digits in one word."""
    for match in _CODE.finditer(text):
        shown = match[0]
        marked = any(map(str.isalpha, shown)) or shown[0] == "#" or "-" in shown
        if marked and any(map(str.isdigit, shown)) and _apart(text, match.start(), match.end()):
            yield Mention("code", match.start(), match.end(), shown)


def _apart(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit goes on at either end."""
    before, after = text[start - 1 : start], text[end : end + 1]
    first, last = text[start], text[end - 1]
    glued_before = (
        before.isalnum() and before.isascii() == first.isascii() and not (_joins(before) and first.isdigit())
    )
    glued_after = after.isalnum() and after.isascii() == last.isascii() and not _joins(last)
    return not (glued_before or glued_after)


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
