"""Foreign text with everything in it that a terminal or a reader's eye would obey written out instead."""

from collections.abc import Mapping
from functools import cache

OBEYED = (
    *range(0x20), *range(0x7F, 0xA0), 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F),
    *range(0x2060, 0x206A), 0xFEFF, *range(0xD800, 0xE000), *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080),
)  # fmt: skip
"""C0, DEL and C1 (ECMA-48); marks of direction, of joining and of no width; halves of surrogate pairs; tags."""
_KEPT = frozenset("\t\n")


def _written_out(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_TABLE: Mapping[int, str] = {code: _written_out(code) for code in OBEYED if chr(code) not in _KEPT}


@cache
def _in_json() -> Mapping[int, str]:
    """Made when a document holds such a character, which most never do: it takes as long as a short command."""
    return {
        code: "".join(
            f"\\u{int.from_bytes(pair, 'big'):04x}"
            for pair in zip(*[iter(chr(code).encode("utf-16-be", errors="surrogatepass"))] * 2, strict=True)
        )
        for code in OBEYED
        if code >= 0x7F
    }


def visible_text(text: str) -> str:
    """The text with controls and invisible marks written out (``\\x1b``, ``\\u202e``); tabs and line breaks stay."""
    return text if text.isprintable() else text.translate(_TABLE)


def visible_json(text: str) -> str:
    """A JSON document in which such characters stand as ``\\uXXXX``: it means the same, and no terminal obeys it."""
    return text if text.isascii() and "\x7f" not in text else text.translate(_in_json())
