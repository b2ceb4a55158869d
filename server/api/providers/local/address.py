"""What reaches somebody or tells a thing from others: addresses, telephone numbers, numbers of things."""

import re
from collections.abc import Iterator

from server.api.providers.local.lexicon import currencies_before
from server.api.providers.local.mention import Mention, apart
from server.api.providers.local.pattern import pattern

_CODE = re.compile(r"#?[A-Za-z0-9]+(?:[-_/.][A-Za-z0-9]+)*")
"""Python's own engine is several times faster on every word of a text; here nothing can match in two ways, and it is linear."""


def addresses_in(text: str) -> Iterator[Mention]:
    """URLs, e-mail addresses, UUIDs, IPv4 addresses and IBANs."""
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
        if apart(text, match.start(), match.end()):
            yield Mention("uuid", match.start(), match.end(), match[0])
    for match in pattern(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}").finditer(text):
        if apart(text, match.start(), match.end()) and all(int(part) < 256 for part in match[0].split(".")):
            yield Mention("ipv4", match.start(), match.end(), match[0])
    for match in pattern(
        r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?", ignore_case=False
    ).finditer(text):
        if apart(text, match.start(), match.end()):
            yield Mention("iban", match.start(), match.end(), match[0])


def phones_in(text: str) -> Iterator[Mention]:
    """Telephone numbers: marked by a plus or brackets, by hyphens, or called so."""
    for match in pattern(
        r"\+\d{1,3}[ -]\d(?:[ /.-]\(?\d{1,10}\)?){2,6}|(?:\+\d{1,3}[ -]?|00)?(?:\(\d{1,5}\)[ -]?)?\d{2,5}(?:[ /.-]\(?\d{1,10}\)?){1,6}|\+\d{7,15}"
    ).finditer(text):
        shown = match[0]
        start, end = match.start(), match.start() + len(shown)
        digits = sum(map(str.isdecimal, shown))
        if start > 1 and text[start - 1] in "-_/" and text[start - 2].isalnum():
            continue
        if (
            not 7 <= digits <= 15
            or not apart(text, start, end)
            or text[start - 1 : start] in ("#", "$", "€", "£")
        ):
            continue
        marked = shown[0] in "+(" or shown.startswith("00")
        dashed = "-" in shown and " " not in shown and not pattern(r"\d{4}-\d{2}-\d{2}").search(shown)
        called = pattern(r"(?:phone|tel|telefon\w*|téléphone|teléfono|telefone|mobile|mobil|handy|cell|call|fax|電話|电话|전화|тел\w*|هاتف|טלפון|फ़ोन|फोन)\.?[^\d\n]{0,16}$").search(text[max(0, start - 40) : start])  # fmt: skip
        if marked or called or (dashed and digits <= 11 and shown.count(".") == 0):
            yield Mention("phone", start, end, shown)


def lettered_codes_in(text: str) -> Iterator[Mention]:
    """Numbers of things that begin with a letter, such as INV-2024-001: their digits are no numbers."""
    for mention in codes_in(text):
        first = mention.text[0]
        letters = mention.text.rstrip("0123456789.,")
        if (first.isalpha() or first == "#") and letters.upper() not in currencies_before():
            yield mention


def codes_in(text: str) -> Iterator[Mention]:
    """Numbers of things: letters and digits in one word."""
    for match in _CODE.finditer(text):
        shown = match[0]
        marked = any(map(str.isalpha, shown)) or shown[0] == "#" or "-" in shown
        if marked and any(map(str.isdecimal, shown)) and apart(text, match.start(), match.end()):
            yield Mention("code", match.start(), match.end(), shown)
