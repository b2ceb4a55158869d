"""Units in the names of properties, and whether a far text gives its number in another one."""

from collections.abc import Sequence

from server.api.providers.local.pattern import pattern

_UNITS = {
    "gb": r"ГБ|Гб|гигабайт|гігабайт|GB|جيجا|غيغا|जीबी|기가|ギガ|G(?:[^A-Za-z]|$)",
    "tb": r"ТБ|Тб|терабайт|TB|تيرا|टीबी|테라",
    "mb": r"МБ|Мб|мегабайт|MB|ميجا|एमबी|메가",
    "kg": r"кг|килограмм|кілограм|kg|kilo|كجم|كغ|كيلو|किलो|किग्रा|公斤|千克|キロ|킬로",
    "g": r"г(?:[^а-яё]|$)|грамм|грам|g(?:[^a-z]|$)|gram|غرام|جرام|ग्राम|克|グラム|그램",
    "km": r"км|километр|кілометр|km|كم|كيلومتر|किमी|किलोमीटर|公里|千米|キロ|킬로",
    "cm": r"см|сантиметр|cm|سم|सेमी|厘米|公分|センチ|센티",
    "mm": r"мм|миллиметр|міліметр|mm|مم|मिमी|毫米|ミリ|밀리",
    "m": r"м(?:[^а-яё²2]|$)|метр|m(?:[^a-z²2]|$)|metre|متر|मीटर|米|メートル|미터",
    "sqm": r"кв|м²|м2|m²|m2|㎡|metrekare|متر مربع|مترا مربعا|वर्ग|平米|平方米|平方|제곱|평방|平方メートル",
    "l": r"л(?:[^а-яё]|$)|литр|літр|l(?:[^a-z]|$)|lt|litre|لتر|लीटर|升|リットル|리터",
    "minute": r"мин|минут|хв|хвилин|dk|dakika|دقيقة|دقائق|मिनट|分|분",
    "hour": r"час|ч(?:[^а-яё]|$)|годин|saat|sa |ساع|घंट|घण्ट|小时|个小时|時間|시간",
    "day": r"дн|день|дня|дней|суток|дні|днів|gün|يوم|أيام|दिन|天|日間|日(?:[^本]|$)|일",
    "week": r"недел|тижн|тиждень|hafta|أسبوع|أسابيع|सप्ताह|हफ़्त|हफ्त|周|星期|個?週間|주",
    "month": r"месяц|мес|місяц|міс|ay(?:[^a-zçğıöşü]|$|lık)|شهر|أشهر|शهर|महीन|माह|个月|か月|ヶ月|ヵ月|カ月|개월|달",
    "year": r"лет|год|рок|літ|yıl|yaş|سن|عام|أعوام|साल|वर्ष|年|歳|岁|年間|년|세|살",
    "c": r"°|градус|derece|درجة|مئوية|डिग्री|度|도",
    "percent": r"%|٪|процент|відсот|yüzde|بالمئة|بالمائة|प्रतिशत|फीसदी|％|百分|パーセント|퍼센트|프로",
    "rub": r"руб|₽|р(?:[^а-яё]|$)", "uah": r"грн|гривен|гривн|₴", "try": r"TL|lira|₺", "inr": r"₹|रुपय|रुपए|रु", "cny": r"元|块|人民币|RMB",
    "yen": r"円|￥|¥", "krw": r"원|₩", "usd": r"\$|доллар|долар|dolar|دولار|डॉलर|美元|ドル|달러", "eur": r"€|евро|євро|euro|avro|يورو|यूरो|欧元|ユーロ|유로",
    "other": r"дирхам|درهم|دينار|ريال|جنيه|دراهم",
}  # fmt: skip
_NAMES = {
    "gb": "gb", "gigabytes": "gb", "tb": "tb", "mb": "mb", "kg": "kg", "kilograms": "kg", "grams": "g", "g": "g", "km": "km", "kilometers": "km", "cm": "cm", "mm": "mm", "m": "m", "meters": "m", "metres": "m",
    "sqm": "sqm", "m2": "sqm", "l": "l", "liters": "l", "litres": "l", "minutes": "minute", "minute": "minute", "min": "minute", "mins": "minute", "hours": "hour", "hour": "hour", "hrs": "hour",
    "days": "day", "day": "day", "weeks": "week", "months": "month", "years": "year", "celsius": "c", "c": "c", "percent": "percent", "pct": "percent", "percentage": "percent", "rub": "rub", "uah": "uah", "try": "try", "tl": "try",
    "inr": "inr", "cny": "cny", "rmb": "cny", "yuan": "cny", "yen": "yen", "jpy": "yen", "krw": "krw", "won": "krw", "usd": "usd", "eur": "eur", "rubles": "rub", "rupees": "inr",
}  # fmt: skip
_PERCENT = frozenset({"rate", "humidity", "discount", "vat", "tax", "battery", "share", "growth", "interest", "percent", "pct", "percentage", "commission", "occupancy", "progress", "completion"})  # fmt: skip
_MONEY = frozenset({"price", "cost", "rent", "total", "amount", "fee", "deposit", "salary", "budget", "wage", "sum", "charge", "revenue", "profit", "balance", "payment", "subtotal", "shipping", "commission"})  # fmt: skip
_NO_MONEY = (
    "kg",
    "g",
    "km",
    "cm",
    "sqm",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "c",
    "percent",
    "gb",
    "l",
)


def without_unit(words: Sequence[str]) -> Sequence[str]:
    """The words of a name without the unit at its end."""
    kept = list(words)
    while len(kept) > 1 and kept[-1] in _NAMES:
        kept = kept[:-1]
    if len(kept) > 1 and kept[-1] in ("in", "per"):
        kept = kept[:-1]
    return kept


def is_other_unit(words: Sequence[str], after: str) -> bool:
    """Whether what stands behind a number is a unit, and not the one that a name asks for."""
    behind = after.lstrip()[:14]
    units = {_NAMES[word] for word in words if word in _NAMES}
    if any(pattern(rf"^(?:{_UNITS[unit]})", ignore_case=False).search(behind) for unit in units):
        return False
    if not units and not _MONEY.isdisjoint(words):
        return any(
            pattern(rf"^(?:{_UNITS[unit]})", ignore_case=False).search(behind) is not None
            for unit in _NO_MONEY
        )
    if not units:
        return behind[:1] in "%٪％" and bool(behind) and _PERCENT.isdisjoint(words)
    return any(
        pattern(rf"^(?:{one})", ignore_case=False).search(behind) is not None for one in _UNITS.values()
    )
