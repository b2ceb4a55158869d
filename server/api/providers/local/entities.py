"""Things named in a prompt, by kind."""

import re

_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_NUMBER = r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?"
_LANGUAGE_NAMES = [
    "English",
    "French",
    "German",
    "Spanish",
    "Italian",
    "Portuguese",
    "Dutch",
    "Russian",
    "Chinese",
    "Mandarin",
    "Cantonese",
    "Japanese",
    "Korean",
    "Arabic",
    "Hindi",
    "Polish",
    "Turkish",
    "Swedish",
    "Danish",
    "Norwegian",
    "Finnish",
    "Greek",
    "Hebrew",
    "Latin",
    "Vietnamese",
    "Thai",
    "Ukrainian",
    "Czech",
    "Hungarian",
    "Romanian",
    "Indonesian",
    "Bengali",
    "Urdu",
    "Persian",
    "Farsi",
    "Swahili",
    "Bulgarian",
    "Serbian",
    "Croatian",
    "Slovak",
    "Catalan",
]
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("url", re.compile(r"\bhttps?://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+")),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")),
    ("phone", re.compile(r"(?<![\w.])(?:\+\d{1,3}[ -]?)?(?:\(\d{2,4}\)[ -]?)?\d{3,4}[ -]\d{3,4}(?:[ -]\d{2,4})?(?![\w.])")),
    ("date", re.compile(
        rf"\b(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
        rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?: \d{{4}})?|(?:next |last |this |on )?{_DAY}|today|tomorrow|tonight|yesterday"
        rf"|(?:next|last|this) (?:week|month|year|weekend)|(?:in )?{_MONTH} \d{{4}})\b", re.IGNORECASE)),
    ("time", re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?|\b(?:noon|midnight)\b", re.IGNORECASE)),
    ("money", re.compile(rf"[$€£¥₹]\s?(?:{_NUMBER})(?:\s?(?:million|billion|k|m|bn)\b)?|\b(?:{_NUMBER})\s?(?:dollars?|euros?|pounds?|usd|eur|gbp|yen|cents?)\b", re.IGNORECASE)),
    ("percentage", re.compile(rf"(?:{_NUMBER})\s?(?:%|percent\b)", re.IGNORECASE)),
    ("quantity", re.compile(
        rf"\b(?:{_NUMBER})(?:-|\s)?(?:km/hr?|mph|km|kg|mg|cm|mm|ml|ft|in|lb|oz|mi|meters?|metres?|miles?|inches|feet|pounds|ounces|grams?|"
        rf"liters?|calories|degrees|°\s?[cf]|[cf]\b|gb|mb|tb)\b", re.IGNORECASE)),
    ("duration", re.compile(rf"\b(?:{_NUMBER}|an?|one|two|three|four|five|six|seven|eight|nine|ten)(?:-|\s)(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|nights?)\b", re.IGNORECASE)),
    ("language", re.compile(rf"\b(?:{'|'.join(_LANGUAGE_NAMES)})\b(?! [A-Z])")),
    ("number", re.compile(rf"(?<![\w.,])(?:{_NUMBER})(?![\w%]|[.,]\d)")),
    ("name", re.compile(r"(?<![.!?:]\s)(?<!^)(?<!\n)(?<![\"“'])\b[A-Z][a-zà-öø-ÿ]+(?:[ -](?:of |de |van |von |da |the )?[A-Z][\w'à-öø-ÿ]+)*")),
)  # fmt: skip
_OVERLAPS = frozenset({"number", "name", "language", "quantity", "phone"})
"""Kinds that give way to one that was found at the same place before."""
_NO_NAMES = frozenset({"I", "I'm", "The", "A"})
_MOST = 20
_READ = 4_000
"""Characters that are looked at."""


def entities_of(prompt: str, quoted: tuple[str, ...], *, capitals_name: bool = True) -> dict[str, list[str]]:
    """Values by kind in the order in which they stand; kinds without a value are left out.

    ``capitals_name``: whether a capital inside a sentence makes a name (in German it makes a noun).
    """
    text = prompt[:_READ]
    taken: list[tuple[int, int]] = []
    found: dict[str, list[str]] = {}
    for kind, pattern in _KINDS:
        if kind == "name" and not capitals_name:
            continue
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind in _OVERLAPS and any(a < end and start < b for a, b in taken):
                continue
            value = match[0].strip().rstrip(".,;")
            if value and value not in _NO_NAMES:
                taken.append((start, end))
                _keep(found, kind, value)
    for value in quoted:
        _keep(found, "quoted", value[:300])
    return found


def _keep(found: dict[str, list[str]], kind: str, value: str) -> None:
    values = found.setdefault(kind, [])
    if value not in values and len(values) < _MOST:
        values.append(value)
