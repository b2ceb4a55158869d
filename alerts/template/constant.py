"""Go's constants: string, character and number literals to their values."""

import re

from alerts.template.error import TemplateError
from alerts.template.syntax import NumberConstant

_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.?))", re.DOTALL
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_INTEGER = re.compile(
    r"[-+]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?\d)*)"
)
_DECIMAL = re.compile(r"[-+]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d(?:_?\d)*)?")
_HEX_FLOAT = re.compile(
    r"[-+]?0[xX]_?(?:[0-9a-fA-F](?:_?[0-9a-fA-F])*\.?(?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?|\.[0-9a-fA-F]+)[pP][-+]?\d+"
)
_MIN, _MAX = -(2**63), 2**64 - 1


def unquote(text: str) -> str:
    """The value of a string literal in ``"`` or backquotes. Raises ``TemplateError`` for an escape Go does not have."""
    if text.startswith("`"):
        return text[1:-1].replace("\r", "")
    return _unescaped(text[1:-1], quote='"', literal=text)


def _unescaped(body: str, *, quote: str, literal: str) -> str:
    """Bytes written as ``\\xff`` or in octal are put together as UTF-8, as Go would print them."""

    def value(found: re.Match[str]) -> bytes:
        plain, byte, short, long, octal, other = found.groups()
        if other is not None or (plain in ("'", '"') and plain != quote):
            raise TemplateError(f"invalid escape {found.group()} in {literal}")
        if plain:
            return _PLAIN.get(plain, plain).encode()
        if byte or octal:
            number = int(byte, 16) if byte else int(octal, 8)
            if number > 255:
                raise TemplateError(f"invalid escape {found.group()} in {literal}")
            return bytes([number])
        number = int(short or long, 16)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise TemplateError(f"invalid escape {found.group()} in {literal}")
        return chr(number).encode()

    if "\\" not in body:
        return body
    held, position = bytearray(), 0
    for found in _ESCAPE.finditer(body):
        held += body[position : found.start()].encode(errors="replace") + value(found)
        position = found.end()
    return (held + body[position:].encode(errors="replace")).decode(errors="replace")


def number(text: str) -> NumberConstant:
    """A number literal. Raises ``TemplateError`` where Go would not take it."""
    if text.endswith("i"):
        imaginary = number(text[:-1]).real
        return NumberConstant(text, None, None, complex(0, imaginary or 0.0))
    if _INTEGER.fullmatch(text):
        whole = _whole(text)
        if not _MIN <= whole <= _MAX:
            raise TemplateError(f"integer overflow: {text!r}")
        return NumberConstant(text, whole, float(whole))
    value = _float(text)
    fits = value.is_integer() and _MIN <= value < 2.0**63
    return NumberConstant(text, int(value) if fits else None, value)


def _float(text: str) -> float:
    plain = text.replace("_", "")
    if _DECIMAL.fullmatch(text):
        value = float(plain)
    elif _HEX_FLOAT.fullmatch(text):
        value = float.fromhex(plain)
    else:
        raise TemplateError(f"bad number syntax: {text!r}")
    if value in (float("inf"), float("-inf")):
        raise TemplateError(f"illegal number syntax: {text!r}")
    return value


def _whole(text: str) -> int:
    plain = text.replace("_", "")
    sign, digits = (-1 if plain[0] == "-" else 1), plain.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return sign * int(digits, 8)
    return sign * int(digits, 0)


def character(text: str) -> NumberConstant:
    """A character literal: the number of its character. Raises ``TemplateError``."""
    value = _unescaped(text[1:-1], quote="'", literal=text)
    if len(value) != 1:
        raise TemplateError(f"malformed character constant: {text}")
    return NumberConstant(text, ord(value), float(ord(value)))
