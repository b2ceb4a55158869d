"""Go's ``fmt.Sprintf``, ``Sprint`` and ``Sprintln`` over values of templates: format and arguments are data."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.promql.number import format_general
from alerts.template.value import Sample, Value, shown, type_name
from alerts.whole_number import parse_whole_number

_VERB = re.compile(
    r"%(?P<flags>[-+ #0]*)(?:\[(?P<width_of>\d+)\](?=\*))?(?P<width>\*|\d+)?"
    r"(?:\.(?:\[(?P<precision_of>\d+)\](?=\*))?(?P<precision>\*|\d*))?(?:\[(?P<which>[^\]]{0,64})\])?(?P<verb>.)?",
    re.DOTALL,
)
_LARGEST = 4_096
"""Of a width or precision; Go takes a million."""
_BASES = {
    "b": ("b", "0b"),
    "o": ("o", "0"),
    "O": ("o", "0o"),
    "x": ("x", "0x"),
    "X": ("X", "0X"),
    "d": ("d", ""),
}


@dataclass(frozen=True, slots=True)
class _Form:
    """The flags, width and precision of one verb."""

    flags: str
    width: int
    precision: int | None

    def padded(self, text: str, *, zeros: bool = False) -> str:
        """The text at its width; zeros go behind a sign."""
        if "-" in self.flags:
            return text.ljust(self.width)
        if not (zeros and "0" in self.flags):
            return text.rjust(self.width)
        sign = text[:1] if text[:1] in ("+", "-", " ") else ""
        return sign + text[len(sign) :].rjust(self.width - len(sign), "0")


class _Arguments:
    """The arguments of one call and which comes next."""

    def __init__(self, values: Sequence[Value]) -> None:
        self._values = values
        self._next = 0
        self.reordered = False

    def point(self, which: str | None) -> bool:
        """Goes to an argument by its number from 1; False where there is none."""
        if which is None:
            return True
        self.reordered = True
        number = parse_whole_number(which)
        if number is None or not 1 <= number <= len(self._values):
            return False
        self._next = number - 1
        return True

    def take(self) -> tuple[Value, bool]:
        """The next argument, and whether there is one."""
        if self._next >= len(self._values):
            return None, False
        self._next += 1
        return self._values[self._next - 1], True

    def rest(self) -> Sequence[Value]:
        """Those that no verb asked for."""
        return () if self.reordered else self._values[self._next :]


def sprintf(form: str, values: Sequence[Value]) -> str:
    """The text with every verb replaced; a verb that does not fit says so in the text, as in Go."""
    arguments = _Arguments(values)
    text = _VERB.sub(lambda found: _replaced(found, arguments), form)
    rest = arguments.rest()
    if rest:
        named = ("<nil>" if one is None else f"{type_name(one)}={shown(one)}" for one in rest)
        text += f"%!(EXTRA {', '.join(named)})"
    return text


def _replaced(found: re.Match[str], arguments: _Arguments) -> str:
    verb, faults = found.group("verb"), ""
    pointed = arguments.point(found.group("width_of"))
    width, bad = _size(found.group("width"), arguments)
    faults += "%!(BADWIDTH)" if bad else ""
    pointed = arguments.point(found.group("precision_of")) and pointed
    precision, bad = _size(found.group("precision"), arguments)
    faults += "%!(BADPREC)" if bad else ""
    pointed = arguments.point(found.group("which")) and pointed
    flags = found.group("flags")
    if verb == "v":
        # Here + asks for the names of fields, not for a sign.
        flags = flags.replace("+", "")
    if width is not None and width < 0:
        flags, width = flags + "-", -width
    form = _Form(flags, width or 0, None if precision is not None and precision < 0 else precision)
    if verb is None:
        return faults + "%!(NOVERB)"
    if verb == "%":
        return faults + "%"
    if not pointed:
        return f"{faults}%!{verb}(BADINDEX)"
    value, there = arguments.take()
    return faults + (_formatted(value, verb, form) if there else f"%!{verb}(MISSING)")


def _size(text: str | None, arguments: _Arguments) -> tuple[int | None, bool]:
    """A width or precision, and whether it was asked of an argument that gives none."""
    if text is None:
        return None, False
    if text != "*":
        return (min(int(text), _LARGEST) if len(text) < 8 else _LARGEST) if text else 0, False
    value, there = arguments.take()
    fits = there and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return (value if fits and isinstance(value, int) else None), not fits


def _formatted(value: Value, verb: str, form: _Form) -> str:
    if verb == "T":
        return _text(type_name(value), "s", form) or ""
    if verb == "p" or value is None:
        return form.padded("<nil>") if verb == "v" else _misfit(value, verb, form)
    match value:
        case bool():
            text = form.padded(shown(value), zeros=True) if verb in "tv" else None
        case int():
            text = _integer(value, verb, form)
        case float():
            text = _float(value, verb, form)
        case str():
            text = _text(value, verb, form)
        case _:
            return _whole(value, verb, form)
    return _misfit(value, verb, form) if text is None else text


def _misfit(value: Value, verb: str, form: _Form) -> str:
    """What stands in the place of a verb that does not fit its value."""
    named = "<nil>" if value is None else f"{type_name(value)}={_formatted(value, 'v', form)}"
    return f"%!{verb}({named})"


def _whole(value: Value, verb: str, form: _Form) -> str:
    """A map, a list or a sample: the verb goes to its members."""
    match value:
        case Mapping():
            members = " ".join(
                f"{_formatted(key, verb, form)}:{_formatted(value[key], verb, form)}" for key in sorted(value)
            )
            return f"map[{members}]"
        case Sample():
            return f"&{{{_formatted(value.labels, verb, form)} {_formatted(value.value, verb, form)}}}"
        case Sequence():
            return f"[{' '.join(_formatted(one, verb, form) for one in value)}]"
    return form.padded(shown(value)) if verb in "vs" else _misfit(value, verb, form)


def _signed(text: str, form: _Form) -> str:
    if text.startswith("-"):
        return text
    return "+" + text if "+" in form.flags else " " + text if " " in form.flags else text


def _integer(value: int, verb: str, form: _Form) -> str | None:
    if verb in "cqU":
        return _rune(value, verb, form)
    base = _BASES.get("d" if verb == "v" else verb)
    if base is None:
        return None
    digits = format(abs(value), base[0])
    if form.precision is not None:
        digits = "" if form.precision == 0 and value == 0 else digits.rjust(form.precision, "0")
    prefix = base[1] if "#" in form.flags or verb == "O" else ""
    sign = "-" if value < 0 else "+" if "+" in form.flags else " " if " " in form.flags else ""
    zeros = "0" in form.flags and "-" not in form.flags and form.precision is None
    if zeros:
        digits = digits.rjust(form.width - len(sign), "0")
    return form.padded(sign + prefix + digits)


def _rune(value: int, verb: str, form: _Form) -> str:
    if verb == "U":
        return form.padded(f"U+{value:04X}")
    valid = 0 <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000
    character = chr(value) if valid else "\ufffd"
    return form.padded(character if verb == "c" else f"'{character}'")


def _float(value: float, verb: str, form: _Form) -> str | None:
    if verb not in "veEfFgGxXb":
        return None
    if not math.isfinite(value):
        text = "NaN" if value != value else "Inf" if value > 0 else "-Inf"
        if value == math.inf and "+" not in form.flags and " " not in form.flags:
            text = "+Inf"
        return form.padded(_signed(text, form))
    return form.padded(_signed(_digits(value, verb, form), form), zeros=True)


def _digits(value: float, verb: str, form: _Form) -> str:
    precision = form.precision
    if verb in "xX":
        text = _hex_float(value)
        return text.upper() if verb == "X" else text
    if verb == "b":
        mantissa, exponent = math.frexp(value)
        return f"{int(mantissa * 2**53)}p{exponent - 53:+d}"
    if verb in "eEfF":
        letter = "f" if verb == "F" else verb
        return f"{value:{'#' if '#' in form.flags else ''}.{6 if precision is None else precision}{letter}}"
    letter = "G" if verb == "G" else "g"
    if precision is None and "#" not in form.flags:
        text = format_general(value)
        return text.upper() if verb == "G" else text
    return f"{value:{'#' if '#' in form.flags else ''}.{6 if precision is None else precision}{letter}}"


def _hex_float(value: float) -> str:
    mantissa, _, exponent = value.hex().partition("p")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}{'.' if fraction else ''}{fraction}p{exponent[0]}{exponent[1:].zfill(2)}"


def _text(value: str, verb: str, form: _Form) -> str | None:
    cut = value if form.precision is None else value[: form.precision]
    if verb in "sv":
        if verb == "v" and "#" in form.flags:
            return form.padded(quoted(cut))
        return form.padded(cut, zeros=True) if not cut.startswith(("+", "-", " ")) else _zero_text(cut, form)
    if verb == "q":
        backquoted = "#" in form.flags and "`" not in cut and cut.isprintable()
        return form.padded(f"`{cut}`" if backquoted else quoted(cut))
    if verb in "xX":
        held = value.encode(errors="replace")[: form.precision]
        separator = " " if " " in form.flags else ""
        lead = "0x" if "#" in form.flags and held else ""
        text = lead + (held.hex(separator + lead) if separator and not lead else held.hex())
        return form.padded(text.upper() if verb == "X" else text)
    return None


def _zero_text(text: str, form: _Form) -> str:
    """A text that begins like a sign is padded as any other."""
    return text.rjust(form.width, "0") if "0" in form.flags and "-" not in form.flags else form.padded(text)


def quoted(text: str) -> str:
    """Go's ``strconv.Quote``."""
    return '"' + "".join(map(_quoted_one, text)) + '"'


def _quoted_one(character: str) -> str:
    known = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    known |= {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
    if character in known:
        return known[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def sprint(values: Sequence[Value]) -> str:
    """The values one after the other, with a space between two that are no texts."""
    parts: list[str] = []
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            parts.append(" ")
        parts.append(shown(value))
    return "".join(parts)


def sprintln(values: Sequence[Value]) -> str:
    """The values with spaces between them and a newline behind."""
    return " ".join(map(shown, values)) + "\n"
