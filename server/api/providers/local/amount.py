"""Numbers in a text with what belongs to them: sign, magnitude, currency, per cent, unit."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from server.api.providers.local.lexicon import currencies_before, currencies_behind
from server.api.providers.local.mention import DIGIT, Mention, joins
from server.api.providers.local.numeral import Separators, value_of
from server.api.providers.local.pattern import pattern

_NUMBER = rf"{DIGIT}{{1,3}}(?:[’' \x{{a0}}\x{{202f}}\x{{2009}}]{DIGIT}{{3}})+(?:[.,]{DIGIT}+)?|{DIGIT}+(?:[.,٬٫]{DIGIT}+)*"
_MYRIADS = rf"{DIGIT}{{1,6}}(?:[億亿억万萬만千천] ?{DIGIT}{{1,4}})+[万萬만千천]?"
_SMALL_CHANGE = r"^ (?:(?:and|und|et|y|e|con) )?([0-9]{2})(?: ?(?:cents?|ct|centimes?|céntimos|centesimi|centavos|pence|kopecks?)\b|\s*(?:$|[.,;!?](?:\s|$)))"

_MAGNITUDES = {
    100: "hundred",
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
_POWERS = ("²", "³", "^")


def amounts_in(text: str, separators: Separators, taken: bytearray) -> Iterator[Mention]:
    """Every number that no other mention has ``taken``, with its value and unit."""
    until = 0
    for match in pattern(_NUMBER).finditer(text):
        start, end = match.start(), match.end()
        if any(taken[start:end]) or start < until:
            continue
        composed = pattern(_MYRIADS).match(text[start : start + 40])
        if composed is not None:
            mention = _of_myriads(text, start, start + composed.end())
            until = mention.end
            yield mention
            continue
        shown = match[0]
        if text[end : end + 1].isdecimal():
            # The last group of three goes on: the blanks part numbers, not thousands.
            yield from _apart_numbers(shown, start, separators)
            continue
        if shown.count(",") > 1 and value_of(shown, separators) is None:
            # «1,2,3» is a list without blanks.
            yield from _apart_numbers(shown, start, separators)
        else:
            yield from _amount(text, start, end, separators)


def _of_myriads(text: str, start: int, end: int) -> Mention:
    """A number whose parts each have a magnitude of their own: 1億2000万."""
    total = 0
    for part in pattern(rf"({DIGIT}+)([億亿억万萬만千천]?)").finditer(text[start:end]):
        total += int(part[1]) * (_magnitudes()[part[2]] if part[2] else 1)
    code, behind = _currency_behind(text, end)
    before = _symbol_before(text, start)
    unit = code or (currencies_before()[before.strip()] if before else "")
    begin, stop = start - len(before), behind if code else end
    return Mention("money" if unit else "number", begin, stop, text[begin:stop], total, unit)


def _apart_numbers(shown: str, start: int, separators: Separators) -> Iterator[Mention]:
    for piece in pattern(rf"{DIGIT}+").finditer(shown):
        yield Mention(
            "number", start + piece.start(), start + piece.end(), piece[0], value_of(piece[0], separators)
        )


def _letter(character: str) -> bool:
    """Whether a number behind it belongs to its word."""
    return character.isalpha() and not joins(character)


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
        small = pattern(_SMALL_CHANGE).match(
            text[(behind if code else stop) : (behind if code else stop) + 24].lower()
        )
        if small is not None and value is not None:
            # «3 dollars 50», «3 dollars and 50 cents» are one amount; where that is not sure it is none.
            cents = int(small[1]) if small[1].isascii() else 0
            value = None if times != 1 or not float(value).is_integer() else value + cents / 100
            behind = (behind if code else stop) + small.end(1)
            yield Mention("money", start - len(before), behind, text[start - len(before) : behind], _product(value, 1), code or currencies_before()[before.strip()])  # fmt: skip
            return
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
        if following in _POWERS:
            # «95 m²» are no 95 million.
            continue
        if not word[-1].isalpha() or not following.isalpha() or joins(word[-1]):
            return word, start + length
    return "", end


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
