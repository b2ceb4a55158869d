"""Nothing that a terminal would obey gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.runner.control_sequences import strip_control


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b"plain text\tand tabs\n", b"plain text\tand tabs\n"),
        (b"\x1b[1;31mred\x1b[0m", b"red"),
        (b"\x1b[?1049h\x1b[2J\x1b[Hgone", b"gone"),
        (b"\x1b]0;title\x07text", b"text"),
        (b"\x1b]52;c;aGFjaw==\x1b\\text", b"text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", b"link"),
        (b"\x1bPq#0;2;0\x1b\\sixel", b"sixel"),
        (b"\x1b_apc\x1b\\x", b"x"),
        (b"\x1b]0;never ends\nnext", b"\nnext"),
        (b"\xc2\x9b31mred", b"red"),
        (b"\xc2\x9d0;title\xc2\x9ctext", b"text"),
        (b"a\x08b\x07c\x00d\x7fe", b"abcde"),
        (b"10%\r20%\r\n", b"10%\n20%\n"),
        (b"\x1bcreset", b"reset"),
        (b"end\x1b", b"end"),
        ("übung – 日本 🙂".encode(), "übung – 日本 🙂".encode()),
        ("a\u202egnp.exe".encode(), b"agnp.exe"),
    ],
)
def test_sequences_go_and_text_stays(written: bytes, shown: bytes) -> None:
    assert strip_control(written) == shown


@given(st.binary(max_size=200))
def test_no_control_character_survives(written: bytes) -> None:
    shown = strip_control(written)
    assert not set(shown) & (set(range(32)) - {9, 10} | {127})
    assert b"\xc2\x9b" not in shown


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_whole_lines_may_come_in_any_portions(lines: list[bytes]) -> None:
    whole = [line.replace(b"\n", b"").replace(b"\r", b"") + b"\n" for line in lines]
    assert b"".join(strip_control(line) for line in whole) == strip_control(b"".join(whole))
