"""Numbers as PromQL writes and reads them: Go's formats, infinities and NaN included."""

import math
import re

_NUMBER = re.compile(
    r"(?P<hex>0[xX][0-9a-fA-F]+)|(?P<decimal>(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?)"
)


def match_number(text: str, start: int) -> tuple[float, int] | None:
    """The number that begins at ``start`` and the offset behind it, None where there is none."""
    found = _NUMBER.match(text, start)
    if found is None:
        return None
    word = found.group()
    if found.group("hex"):
        return float(int(word, 16)), found.end()
    octal = re.fullmatch(r"0[0-7]+", word)
    return float(int(word, 8) if octal else float(word)), found.end()


def parse_value(text: str) -> float:
    """A sample value of the exposition formats or of a URL: a Go float, ``+Inf``, ``-Inf`` or ``NaN``.

    Raises ``ValueError``.
    """
    if text != text.strip() or "_" in text:
        raise ValueError(f"{text!r} is not a number")
    if text.lower().lstrip("+-").startswith("0x"):
        return float.fromhex(text)
    return float(text)


def format_value(value: float) -> str:
    """The JSON string of a sample value: shortest decimal without an exponent (Go's ``FormatFloat(v, 'f', -1, 64)``)."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    word = repr(value)
    if "e" not in word:
        return word.removesuffix(".0")
    return _without_exponent(word)


def format_sample(value: float) -> str:
    """The JSON string of a vector's sample: as ``format_value``, with an exponent below 1e-6 and from 1e21 on."""
    if value != 0 and math.isfinite(value) and not 1e-6 <= abs(value) < 1e21:
        return format_scientific(value)
    return format_value(value)


def _without_exponent(word: str) -> str:
    mantissa, _, exponent = word.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    shift = int(exponent)
    if shift >= 0:
        return sign + whole + fraction.ljust(shift, "0")
    return f"{sign}0.{(whole + fraction).rjust(len(fraction) + abs(shift), '0')}"


def format_scientific(value: float) -> str:
    """Go's ``FormatFloat(v, 'e', -1, 64)``: ``1e+00``, ``2.5e-03``."""
    if not math.isfinite(value):
        return format_value(value)
    digits = next(n for n in range(18) if n == 17 or float(f"{value:.{n}e}") == value)
    mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].zfill(2)}"


def format_general(value: float) -> str:
    """Go's ``%v`` of a float: as ``format_value`` from 1e-4 to below 1e6, with an exponent outside."""
    if value == 0 or not math.isfinite(value):
        return format_value(value)
    word = format_scientific(value)
    return format_value(value) if -4 <= int(word.partition("e")[2]) < 6 else word
