"""What the commands print gives a terminal no orders."""

import io

import msgspec
import pytest

from console.cli.options import say_json
from console.terminal.harmless_output import HarmlessOutput
from console.text.plain import harmless, one_row

ODD = "a\x1b]52;c;eA==\x07b\x9b31mc\u202ed\u200be\x7f"


def test_everything_written_is_harmless_and_counts_whole() -> None:
    inner = io.StringIO()
    out = HarmlessOutput(inner)
    assert out.write(ODD) == len(ODD)
    assert inner.getvalue() == "abcde".replace("c", "31mc")
    assert out.isatty() is False


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
