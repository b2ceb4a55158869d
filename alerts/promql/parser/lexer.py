"""PromQL text to tokens, each with its place."""

import re
from dataclasses import dataclass
from math import isinf
from typing import Literal

from alerts.promql.error import PromQLError
from alerts.promql.number import match_number

Kind = Literal["number", "duration", "string", "word", "op", "end"]

_SPACE = re.compile(r"(?:\s|#[^\n]*)+")
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_PLAIN_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DURATION = re.compile(
    r"(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?(?![A-Za-z0-9_])"
)
_OPERATOR = re.compile(r"==|!=|>=|<=|=~|!~|[-+*/%^=<>(){}\[\],@:]")
_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression."""

    kind: Kind
    text: str
    position: int
    number: float = 0.0


def tokens(text: str) -> list[Token]:
    """All tokens of ``text``, an ``end`` token last. Raises ``PromQLError``."""
    found: list[Token] = []
    position, brackets, braces = 0, 0, 0
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if position >= len(text):
            return [*found, Token("end", "", len(text))]
        # Between brackets a colon separates a subquery's range from its step; in braces names have no colon.
        token, position = _next(text, position, _PLAIN_WORD if brackets or braces else _WORD)
        brackets += {"[": 1, "]": -1}.get(token.text, 0) if token.kind == "op" else 0
        braces += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "op" else 0
        found.append(token)


def _next(text: str, start: int, word: re.Pattern[str]) -> tuple[Token, int]:
    char = text[start]
    if char in "\"'`":
        value, end = _string(text, start)
        return Token("string", value, start), end
    if char.isdigit() or (char == "." and text[start + 1 : start + 2].isdigit()):
        return _numeric(text, start)
    named = word.match(text, start)
    if named is not None:
        return Token("word", named.group(), start), named.end()
    operator = _OPERATOR.match(text, start)
    if operator is not None:
        return Token("op", operator.group(), start), operator.end()
    raise PromQLError(f"unexpected character: {char!r}", start, text)


def _numeric(text: str, start: int) -> tuple[Token, int]:
    duration = _DURATION.match(text, start)
    if duration is not None and duration.end() > start:
        return Token("duration", duration.group(), start), duration.end()
    number = match_number(text, start)
    if number is None or isinf(number[0]) or re.match(r"[A-Za-z0-9_.]", text[number[1] : number[1] + 1]):
        raise PromQLError(f"bad number or duration syntax: {text[start : start + 12]!r}", start, text)
    return Token("number", text[start : number[1]], start, number[0]), number[1]


def _string(text: str, start: int) -> tuple[str, int]:
    quote = text[start]
    if quote == "`":
        end = text.find("`", start + 1)
        if end < 0:
            raise PromQLError("unterminated raw string", start, text)
        return text[start + 1 : end], end + 1
    position = start + 1
    while position < len(text) and text[position] not in (quote, "\n"):
        position += 2 if text[position] == "\\" else 1
    if position >= len(text) or text[position] == "\n":
        raise PromQLError("unterminated quoted string", start, text)
    return _unescape(text, start + 1, position), position + 1


def _unescape(text: str, start: int, end: int) -> str:
    body = text[start:end]
    if "\\" not in body:
        return body
    data = b""
    position = 0
    for escape in _ESCAPE.finditer(body):
        data += body[position : escape.start()].encode()
        data += _escaped(escape, text, start)
        position = escape.end()
    return (data + body[position:].encode()).decode("utf-8", "surrogateescape")


def _escaped(escape: re.Match[str], text: str, start: int) -> bytes:
    byte, short, long, octal, char = escape.groups()
    if byte or (octal and int(octal, 8) < 256):
        return bytes([int(byte, 16) if byte else int(octal, 8)])
    point = int(short or long or "0", 16)
    if (short or long) and point <= 0x10FFFF and not 0xD800 <= point < 0xE000:
        return chr(point).encode()
    if char not in _ESCAPES:
        raise PromQLError(f"unknown escape sequence {escape.group()!r}", start + escape.start(), text)
    return _ESCAPES[char].encode()
