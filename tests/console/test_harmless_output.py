"""What the commands print gives a terminal no orders."""

import io

import msgspec
import pytest

from console.cli.options import say_json
from console.terminal.harmless_output import HarmlessOutput
from console.terminal.paint import When, is_wanted, painted, without_marks
from console.text.plain import harmless, one_row

ODD = "a\x1b]52;c;eA==\x07b\x9b31mc\u202ed\u200be\x7f"


def test_everything_written_is_harmless_and_counts_whole() -> None:
    inner = io.StringIO()
    out = HarmlessOutput(inner)
    assert out.write(ODD) == len(ODD)
    assert inner.getvalue() == "abcde".replace("c", "31mc")
    assert out.isatty() is False


def test_colour_of_our_own_passes_and_foreign_text_makes_none() -> None:
    inner = io.StringIO()
    out = HarmlessOutput(inner)
    ours = painted("down", "critical")
    out.write(f"{ours} \x1b[31mred\x1b[0m \ue0000123456789abcdef:critical\ue001x")
    assert inner.getvalue() == "\x1b[1;31mdown\x1b[0m red \ue0000123456789abcdef:critical\ue001x"
    assert without_marks(ours) == "down"


@pytest.mark.parametrize(
    ("when", "at_terminal", "env", "wanted"),
    [("auto", True, {"TERM": "xterm"}, True), ("auto", False, {"TERM": "xterm"}, False), ("auto", True, {"TERM": "dumb"}, False), ("auto", True, {}, False),
     ("auto", True, {"TERM": "xterm", "NO_COLOR": "1"}, False), ("auto", True, {"TERM": "xterm", "NO_COLOR": ""}, True), ("always", False, {"NO_COLOR": "1"}, True), ("never", True, {"TERM": "xterm"}, False)],
)  # fmt: skip
def test_colour_is_for_a_terminal_that_can(
    monkeypatch: pytest.MonkeyPatch, when: When, at_terminal: bool, env: dict[str, str], wanted: bool
) -> None:
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert is_wanted(when, at_terminal=at_terminal) is wanted


def test_bytes_are_refused_so_that_nobody_takes_it_for_a_binary_stream() -> None:
    with pytest.raises(TypeError):
        HarmlessOutput(io.StringIO()).write(b"")  # type: ignore[arg-type]  # on purpose


def test_a_json_document_has_controls_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"text": ODD})
    shown = capsys.readouterr().out
    assert msgspec.json.decode(shown) == {"text": ODD}
    assert harmless(shown) == shown


def test_a_row_has_no_line_breaks() -> None:
    assert one_row("a\nb\tc\x1b[2J") == "a b c"
